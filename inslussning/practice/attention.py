"""What needs the coordinator, most urgent first, and what stands ready before each release.

Everything is decided from small facts a service has collected and from the numbers the office has set, so the front
page can explain itself and each rule can be tried without a database.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum, StrEnum
from uuid import UUID

from inslussning.i18n import N_
from inslussning.practice.dates import countdown, day_text, months_from
from inslussning.practice.phases import Phase
from meetings.holidays import is_closed, mark

_SOON = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The numbers of one office that decide what is late; it edits them itself, so none has a value here."""

    planning_starts_months: int
    video_before_days: int
    schedule_before_days: int
    holiday_notice_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """What the rules need to know of an open case."""

    key: UUID
    code: str
    phase: Phase
    release_on: date | None
    actors: int
    needs: int
    needs_without_action: int
    has_video_meeting: bool
    has_appointment_first_week: bool
    has_schedule_handed_over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionFacts:
    """An open action; `actor` is whoever has taken it on, as the page calls them."""

    key: UUID
    case: UUID
    code: str
    what: str
    actor: str
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingFacts:
    """A meeting that is not cancelled, with how many invitations nobody has answered."""

    key: UUID
    name: str
    on: date
    unanswered: int
    minutes_finalised: bool
    case: UUID | None = None
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailFacts:
    """A mail that was given up."""

    key: UUID
    recipient: str
    case: UUID | None = None
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotFacts:
    """A weekly slot with its coming dates, less those already moved or cancelled."""

    key: UUID
    name: str
    dates: tuple[date, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VacancyFacts:
    """A function that takes part in a case and that nobody staffs; `since` is a day to come when it will be so."""

    key: UUID
    actor: str
    since: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskFacts:
    """A day to ask a client again after a no, that nobody has ticked off."""

    key: UUID
    case: UUID
    code: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentFacts:
    """A consent that holds, with nothing that takes over when it ends."""

    case: UUID
    code: str
    actor: str
    last_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything the front page knows of the office."""

    cases: tuple[CaseFacts, ...] = ()
    actions: tuple[ActionFacts, ...] = ()
    meetings: tuple[MeetingFacts, ...] = ()
    mails: tuple[MailFacts, ...] = ()
    slots: tuple[SlotFacts, ...] = ()
    vacancies: tuple[VacancyFacts, ...] = ()
    asks: tuple[AskFacts, ...] = ()
    consents: tuple[ConsentFacts, ...] = ()


class Urgency(IntEnum):
    """How soon somebody has to act: it is late already, it is due within a week, or it can wait."""

    LATE = 0
    SOON = 1
    LATER = 2


class AttentionKind(StrEnum):
    """What it is about, the closest to the client first."""

    RELEASE_PASSED = "release_passed"
    TIMES_MISSING = "times_missing"
    SCHEDULE_MISSING = "schedule_missing"
    MAIL_FAILED = "mail_failed"
    VACANCY = "vacancy"
    VIDEO_MISSING = "video_missing"
    NEEDS_MISSING = "needs_missing"
    ACTORS_MISSING = "actors_missing"
    ASK_AGAIN = "ask_again"
    CONSENT_ENDING = "consent_ending"
    PLANNING_NOT_STARTED = "planning_not_started"
    SLOT_ON_HOLIDAY = "slot_on_holiday"
    UNANSWERED = "unanswered"
    ACTION_OVERDUE = "action_overdue"
    MINUTES_OPEN = "minutes_open"


@dataclass(frozen=True, slots=True)
class Attention:
    """One thing that needs the coordinator; `about` is the row it concerns, in the table its kind tells."""

    kind: AttentionKind
    urgency: Urgency
    due_on: date
    about: UUID
    case: UUID | None
    code: str
    message: str
    params: dict[str, object]


class PartKind(StrEnum):
    """What should stand ready before a release, in the order it is usually done."""

    VIDEO_MEETING = "video_meeting"
    NEEDS = "needs"
    FIRST_WEEK = "first_week"
    SCHEDULE = "schedule"

    @property
    def label(self) -> str:
        """Return the word people use."""
        return _PART_LABELS[self]


_PART_LABELS = {
    PartKind.VIDEO_MEETING: N_("Videomöte"),
    PartKind.NEEDS: N_("Behov"),
    PartKind.FIRST_WEEK: N_("Första veckan"),
    PartKind.SCHEDULE: N_("Schema"),
}


class PartState(StrEnum):
    """Ready, still missing, or missing past its day."""

    READY = "ready"
    MISSING = "missing"
    LATE = "late"

    @property
    def label(self) -> str:
        """Return the word people use."""
        return _STATE_LABELS[self]


_STATE_LABELS = {
    PartState.READY: N_("klart"),
    PartState.MISSING: N_("saknas"),
    PartState.LATE: N_("försenat"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of what should stand ready, and its last day; no day without a release date."""

    kind: PartKind
    state: PartState
    due_on: date | None


def readiness(case: CaseFacts, *, rules: Rules, today: date) -> tuple[Part, ...]:
    """Return what stands ready before the release, what is missing and what is late, in the usual order."""
    before = {
        PartKind.VIDEO_MEETING: (case.has_video_meeting, rules.video_before_days),
        PartKind.NEEDS: (case.needs > 0 and case.needs_without_action == 0, rules.video_before_days),
        PartKind.FIRST_WEEK: (case.has_appointment_first_week, rules.schedule_before_days),
        PartKind.SCHEDULE: (case.has_schedule_handed_over, rules.schedule_before_days),
    }
    parts = []
    for kind, (is_ready, days) in before.items():
        due_on = case.release_on - timedelta(days=days) if case.release_on else None
        missing = PartState.LATE if due_on and due_on < today else PartState.MISSING
        parts.append(Part(kind, PartState.READY if is_ready else missing, due_on))
    return tuple(parts)


def attention(facts: Facts, *, rules: Rules, today: date, lang: str = "sv") -> tuple[Attention, ...]:
    """Return what needs the coordinator: late before soon before later, then by kind, day and case code."""
    found = [
        *(one for case in facts.cases for one in _about_case(case, rules, today, lang)),
        *(_overdue(action, today, lang) for action in facts.actions if action.due_on < today),
        *(one for meeting in facts.meetings for one in _about_meeting(meeting, today, lang)),
        *(one for slot in facts.slots for one in _about_slot(slot, rules, today, lang)),
        *(_failed(mail, today) for mail in facts.mails),
        *(_vacant(vacancy, today, lang) for vacancy in facts.vacancies),
        *(_ask_again(one, today, lang) for one in facts.asks if one.on <= today + _SOON),
        *(_ending(one, today, lang) for one in facts.consents),
    ]
    return tuple(sorted(found, key=lambda one: (one.urgency, _ORDER[one.kind], one.due_on, one.code)))


_ORDER = {kind: place for place, kind in enumerate(AttentionKind)}
_SOON_VACANT = N_("%(actor)s är vakant från %(day)s.")
_NO_NEEDS = N_("Inga behov är inskrivna. Frigivningen är %(when)s.")
_SAYS = {
    AttentionKind.RELEASE_PASSED: N_("Frigivningsdagen %(day)s har passerat, men ärendet har inte bytt fas."),
    AttentionKind.TIMES_MISSING: N_("Inga tider är bokade första veckan. Frigivningen är %(when)s."),
    AttentionKind.SCHEDULE_MISSING: N_("Schemat är inte överlämnat. Frigivningen är %(when)s."),
    AttentionKind.MAIL_FAILED: N_("Ett mejl till %(recipient)s gick inte att skicka."),
    AttentionKind.VACANCY: N_("Ingen bemannar %(actor)s."),
    AttentionKind.VIDEO_MISSING: N_("Inget videomöte är bokat. Frigivningen är %(when)s."),
    AttentionKind.NEEDS_MISSING: N_("%(count)s behov saknar åtgärd. Frigivningen är %(when)s."),
    AttentionKind.ACTORS_MISSING: N_("Inga aktörer deltar. Frigivningen är %(when)s."),
    AttentionKind.ASK_AGAIN: N_("Klienten har sagt nej. Fråga igen %(day)s."),
    AttentionKind.CONSENT_ENDING: N_("Samtycket för %(actor)s går ut %(when)s. Förnya det om klienten vill."),
    AttentionKind.PLANNING_NOT_STARTED: N_("Planeringen har inte börjat. Frigivningen är %(when)s."),
    AttentionKind.SLOT_ON_HOLIDAY: N_("%(slot)s %(day)s infaller på en helgdag (%(holiday)s)."),
    AttentionKind.UNANSWERED: N_("%(count)s har inte svarat på kallelsen till %(meeting)s %(day)s."),
    AttentionKind.ACTION_OVERDUE: N_("Skulle vara klar %(when)s: %(what)s (%(actor)s)"),
    AttentionKind.MINUTES_OPEN: N_("Minnesanteckningarna från %(meeting)s %(day)s är inte slutförda."),
}
_OF_PART = {
    PartKind.VIDEO_MEETING: AttentionKind.VIDEO_MISSING,
    PartKind.NEEDS: AttentionKind.NEEDS_MISSING,
    PartKind.FIRST_WEEK: AttentionKind.TIMES_MISSING,
    PartKind.SCHEDULE: AttentionKind.SCHEDULE_MISSING,
}


def _urgency(due_on: date, today: date) -> Urgency:
    if due_on < today:
        return Urgency.LATE
    return Urgency.SOON if due_on <= today + _SOON else Urgency.LATER


def _about_case(case: CaseFacts, rules: Rules, today: date, lang: str) -> Iterator[Attention]:
    if case.release_on is None or case.phase is Phase.CLOSED:
        return
    params: dict[str, object] = {
        "day": day_text(case.release_on, today, lang),
        "when": countdown(case.release_on, today, lang),
        "count": case.needs_without_action,
    }
    for kind, due_on in _due(case, case.release_on, rules, today):
        says = _NO_NEEDS if kind is AttentionKind.NEEDS_MISSING and not case.needs else _SAYS[kind]
        yield Attention(kind, _urgency(due_on, today), due_on, case.key, case.key, case.code, says, params)


def _due(case: CaseFacts, release_on: date, rules: Rules, today: date) -> Iterator[tuple[AttentionKind, date]]:
    """Yield what is missing once planning should have begun, or that the release day has passed unnoticed."""
    if release_on < today:
        if case.phase.is_before_release:
            yield AttentionKind.RELEASE_PASSED, release_on
        return
    starts_on = months_from(release_on, -rules.planning_starts_months)
    if today < starts_on:
        return
    if case.phase is Phase.VSP:
        yield AttentionKind.PLANNING_NOT_STARTED, starts_on
    if not case.actors:
        yield AttentionKind.ACTORS_MISSING, release_on - timedelta(days=rules.video_before_days)
    for part in readiness(case, rules=rules, today=today):
        if part.state is not PartState.READY:
            yield _OF_PART[part.kind], part.due_on or release_on


def _overdue(action: ActionFacts, today: date, lang: str) -> Attention:
    params: dict[str, object] = {
        "when": countdown(action.due_on, today, lang),
        "days": (today - action.due_on).days,
        "what": action.what,
        "actor": action.actor,
    }
    kind = AttentionKind.ACTION_OVERDUE
    return Attention(kind, Urgency.LATE, action.due_on, action.key, action.case, action.code, _SAYS[kind], params)


def _about_meeting(meeting: MeetingFacts, today: date, lang: str) -> Iterator[Attention]:
    """Yield the answers a coming meeting waits for, or the minutes a past one left open."""
    if meeting.on < today and not meeting.minutes_finalised:
        kind = AttentionKind.MINUTES_OPEN
    elif meeting.on >= today and meeting.unanswered:
        kind = AttentionKind.UNANSWERED
    else:
        return
    params: dict[str, object] = {
        "meeting": meeting.name,
        "day": day_text(meeting.on, today, lang),
        "count": meeting.unanswered,
    }
    urgency = _urgency(meeting.on, today)
    yield Attention(kind, urgency, meeting.on, meeting.key, meeting.case, meeting.code, _SAYS[kind], params)


def _about_slot(slot: SlotFacts, rules: Rules, today: date, lang: str) -> Iterator[Attention]:
    """Yield the coming dates on a named holiday; a slot that meets on Saturdays does so on purpose."""
    kind = AttentionKind.SLOT_ON_HOLIDAY
    for day in slot.dates:
        near = today <= day <= today + timedelta(days=rules.holiday_notice_days)
        holiday = mark(day).name
        if near and holiday and is_closed(day):
            params: dict[str, object] = {"slot": slot.name, "day": day_text(day, today, lang), "holiday": holiday}
            yield Attention(kind, _urgency(day, today), day, slot.key, None, "", _SAYS[kind], params)


def _failed(mail: MailFacts, today: date) -> Attention:
    kind = AttentionKind.MAIL_FAILED
    params: dict[str, object] = {"recipient": mail.recipient}
    return Attention(kind, Urgency.LATE, today, mail.key, mail.case, mail.code, _SAYS[kind], params)


def _vacant(vacancy: VacancyFacts, today: date, lang: str) -> Attention:
    kind = AttentionKind.VACANCY
    if vacancy.since is not None:
        params: dict[str, object] = {"actor": vacancy.actor, "day": day_text(vacancy.since, today, lang)}
        return Attention(
            kind, _urgency(vacancy.since, today), vacancy.since, vacancy.key, None, "", _SOON_VACANT, params
        )
    return Attention(kind, Urgency.LATE, today, vacancy.key, None, "", _SAYS[kind], {"actor": vacancy.actor})


def _ask_again(one: AskFacts, today: date, lang: str) -> Attention:
    kind = AttentionKind.ASK_AGAIN
    params: dict[str, object] = {"day": day_text(one.on, today, lang)}
    return Attention(kind, _urgency(one.on, today), one.on, one.key, one.case, one.code, _SAYS[kind], params)


def _ending(one: ConsentFacts, today: date, lang: str) -> Attention:
    kind = AttentionKind.CONSENT_ENDING
    params: dict[str, object] = {"actor": one.actor, "when": countdown(one.last_on, today, lang)}
    return Attention(kind, _urgency(one.last_on, today), one.last_on, one.case, one.case, one.code, _SAYS[kind], params)
