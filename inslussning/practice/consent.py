"""Consent as the group talks of it: how it was given, how it stands today, when to renew it, and when to ask again after a no.

Whether information may reach an actor is decided by `practice.access` alone; here the same facts are put in words. No number is ours:
days and months come from the office's own rules.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from inslussning.i18n import N_
from inslussning.practice.access import Basis
from inslussning.practice.dates import day_text, months_from
from meetings.holidays import is_closed


class Form(StrEnum):
    """How the client said it."""

    WRITTEN = "written"
    ORAL = "oral"

    @property
    def label(self) -> str:
        """Return the word people use."""
        return {Form.WRITTEN: N_("Skriftligt"), Form.ORAL: N_("Muntligt")}[self]


class Answer(StrEnum):
    """What the client answered when asked to take part."""

    YES = "yes"
    NO = "no"
    LATER = "later"

    @property
    def label(self) -> str:
        """Return the word people use."""
        return {Answer.YES: N_("Ja"), Answer.NO: N_("Nej"), Answer.LATER: N_("Vill tänka på saken")}[self]


class ReasonCode(StrEnum):
    """Why the client does not want to, as far as it was said. Codes, so that they can be counted without a client."""

    NOT_SAID = "not_said"
    MANAGES_ALONE = "manages_alone"
    WANTS_FEWER = "wants_fewer"
    FEARS_SPREAD = "fears_spread"
    BAD_EXPERIENCE = "bad_experience"
    HAS_OTHER_HELP = "has_other_help"
    NOT_NOW = "not_now"
    OTHER = "other"

    @property
    def label(self) -> str:
        """Return the words people use."""
        return _REASONS[self]


_REASONS = {
    ReasonCode.NOT_SAID: N_("Vill inte säga varför"),
    ReasonCode.MANAGES_ALONE: N_("Vill klara sig själv"),
    ReasonCode.WANTS_FEWER: N_("Vill inte träffa så många"),
    ReasonCode.FEARS_SPREAD: N_("Är orolig för att uppgifter sprids"),
    ReasonCode.BAD_EXPERIENCE: N_("Har dålig erfarenhet av någon aktör"),
    ReasonCode.HAS_OTHER_HELP: N_("Har redan den hjälp som behövs"),
    ReasonCode.NOT_NOW: N_("Inte just nu"),
    ReasonCode.OTHER: N_("Annat"),
}


class StateKind(StrEnum):
    """How an actor's consent stands, the best first."""

    NOT_NEEDED = "not_needed"
    HOLDS = "holds"
    ENDS_SOON = "ends_soon"
    STARTS = "starts"
    REVOKED = "revoked"
    LAPSED = "lapsed"
    MISSING = "missing"

    @property
    def is_open(self) -> bool:
        """Tell whether information may reach the actor now."""
        return self in {StateKind.NOT_NEEDED, StateKind.HOLDS, StateKind.ENDS_SOON}


@dataclass(frozen=True, slots=True)
class ConsentState:
    """How it stands, and the day that is about: the last one, the first one, or the one it ended on."""

    kind: StateKind
    on: date | None = None
    message: str = ""
    params: dict[str, object] | None = None

    @property
    def said(self) -> tuple[str, dict[str, object]]:
        """Return the words as a message and its parameters."""
        return self.message, self.params or {}


_SAYS = {
    StateKind.NOT_NEEDED: N_("behövs inte"),
    StateKind.HOLDS: N_("gäller t.o.m. %(day)s"),
    StateKind.ENDS_SOON: N_("går ut om %(days)s dagar, %(day)s"),
    StateKind.STARTS: N_("börjar gälla %(day)s"),
    StateKind.REVOKED: N_("återkallat %(day)s"),
    StateKind.LAPSED: N_("gick ut %(day)s"),
    StateKind.MISSING: N_("saknas"),
}
_LAST_DAY = N_("sista dagen är i dag")
_TOMORROW = N_("går ut i morgon, %(day)s")


@dataclass(frozen=True, slots=True)
class Clock:
    """The moment in the office's own zone, its day and language, and how many days before its end a consent is reminded of."""

    now: datetime
    today: date
    remind_days: int
    lang: str = "sv"


def consent_state(consents: Iterable[Basis], clock: Clock, *, needed: bool = True) -> ConsentState:
    """Return how an actor's consents stand together: the one that holds longest, else the one to come, else how the last ended."""
    if not needed:
        return ConsentState(StateKind.NOT_NEEDED, None, _SAYS[StateKind.NOT_NEEDED])
    known = list(consents)
    held = [one.last_on for one in known if one.last_on is not None and one.holds(clock.now, clock.today)]
    if held:
        return _holding(max(held), clock)
    coming = [one.first_on for one in known if one.ended_at is None and one.first_on > clock.today]
    if coming:
        return _said(StateKind.STARTS, min(coming), clock)
    ended = [_end_of(one, clock) for one in known]
    if ended:
        on, kind = max(ended)
        return _said(kind, on, clock)
    return ConsentState(StateKind.MISSING, None, _SAYS[StateKind.MISSING])


def _end_of(one: Basis, clock: Clock) -> tuple[date, StateKind]:
    """Return how a consent that no longer holds ended: by itself, or because the client took it back before that."""
    last = one.last_on or clock.today
    if one.ended_at is None:
        return last, StateKind.LAPSED
    revoked = one.ended_at.astimezone(clock.now.tzinfo).date()
    return (revoked, StateKind.REVOKED) if revoked <= last else (last, StateKind.LAPSED)


def _holding(last: date, clock: Clock) -> ConsentState:
    days = (last - clock.today).days
    if days > clock.remind_days:
        return _said(StateKind.HOLDS, last, clock)
    says = {0: _LAST_DAY, 1: _TOMORROW}.get(days, _SAYS[StateKind.ENDS_SOON])
    params: dict[str, object] = {"day": day_text(last, clock.today, clock.lang), "days": days}
    return ConsentState(StateKind.ENDS_SOON, last, says, params)


def _said(kind: StateKind, on: date, clock: Clock) -> ConsentState:
    return ConsentState(kind, on, _SAYS[kind], {"day": day_text(on, clock.today, clock.lang)})


def usual_end(release_on: date | None, today: date, *, months: int) -> date:
    """Return until when a new consent is proposed to hold: so many months after the release, or from today when that is later."""
    return months_from(max(release_on or today, today), months)


@dataclass(frozen=True, slots=True)
class AskingAgain:
    """When to ask again after a no, as the office has decided: so many months after the question, and before the release."""

    after_months: int
    before_months: int


def ask_again_days(asked_on: date, release_on: date | None, rules: AskingAgain) -> tuple[date, ...]:
    """Return the days to propose, each moved on to a working day; none that is not after the question and before the release."""
    wanted = [months_from(asked_on, rules.after_months)]
    if release_on is not None:
        wanted.append(months_from(release_on, -rules.before_months))
    days = {_working(day) for day in wanted}
    return tuple(sorted(day for day in days if day > asked_on and (release_on is None or day < release_on)))


def _working(day: date) -> date:
    while is_closed(day):
        day += timedelta(days=1)
    return day
