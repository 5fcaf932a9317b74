"""What to think of before a time is booked for a client after release, and which times would do instead.

A booked time that meets a locked door is the first broken promise after release. So a date is held against holidays,
the client's other times, the other side's calendar and the office's weekly slot before it is kept; what must be chosen
on purpose is told from what is only worth knowing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from inslussning.errors import Invalid
from inslussning.i18n import N_
from inslussning.practice.dates import day_text, moment_text, span_text
from inslussning.practice.release import release_clock, release_day
from meetings.holidays import DayKind, is_closed, mark

OPENS, CLOSES = time(8), time(17)
TRAVEL = timedelta(minutes=30)
_HOURS = range(9, 17)
_LUNCH_STARTS, _LUNCH_ENDS = time(12), time(13)
_DAYS_TO_LOOK = 28


class BookingImpossible(Invalid):
    """The time cannot be booked at all."""

    message = N_("Tiden slutar innan den börjar. Ändra start eller slut.")


class BusyWith(StrEnum):
    """Who is busy, and why."""

    CLIENT = "client"
    ACTOR = "actor"
    WEEKLY_SLOT = "weekly_slot"


class WarningKind(StrEnum):
    """What is wrong with a time, most serious first."""

    BEFORE_RELEASE = "before_release"
    CLIENT_BUSY = "client_busy"
    ACTOR_BUSY = "actor_busy"
    WEEKLY_SLOT = "weekly_slot"
    PUBLIC_HOLIDAY = "public_holiday"
    EVE = "eve"
    WEEKEND = "weekend"
    SHORT_TRAVEL = "short_travel"
    OUTSIDE_HOURS = "outside_hours"
    DAY_BEFORE = "day_before"
    BRIDGE = "bridge"


class Severity(StrEnum):
    """Whether a person must say yes, or only ought to know."""

    CONFIRM = "confirm"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Proposed:
    """A time somebody wants to book: instants in UTC, shown in `zone`; the place as written, empty when unknown."""

    starts: datetime
    ends: datetime
    zone: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Busy:
    """A time already taken, for the same client or the same actor. `label` is what it is called in the warning."""

    starts: datetime
    ends: datetime
    what: BusyWith
    label: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class BookingWarning:
    """One thing to consider, with the text that says it."""

    kind: WarningKind
    severity: Severity
    message: str
    params: dict[str, object]


_SAYS: dict[WarningKind, tuple[Severity, str]] = {
    WarningKind.BEFORE_RELEASE: (Severity.CONFIRM, N_("Tiden ligger före frigivningen %(release)s.")),
    WarningKind.CLIENT_BUSY: (Severity.CONFIRM, N_("Klienten har redan en tid då: %(label)s %(span)s.")),
    WarningKind.ACTOR_BUSY: (Severity.CONFIRM, N_("Aktören är upptagen då: %(label)s %(span)s.")),
    WarningKind.WEEKLY_SLOT: (Severity.CONFIRM, N_("Aktören är upptagen av veckotiden då: %(label)s %(span)s.")),
    WarningKind.PUBLIC_HOLIDAY: (Severity.CONFIRM, N_("Dagen är helgdag (%(name)s). Räkna med att det är stängt.")),
    WarningKind.EVE: (Severity.CONFIRM, N_("Dagen är en afton (%(name)s). Räkna med att det är stängt.")),
    WarningKind.WEEKEND: (Severity.CONFIRM, N_("Dagen är en lördag eller söndag. Räkna med att det är stängt.")),
    WarningKind.SHORT_TRAVEL: (
        Severity.NOTE,
        N_("Det är %(minutes)s minuter mellan den här tiden och %(label)s %(span)s, som är på en annan plats."),
    ),
    WarningKind.OUTSIDE_HOURS: (Severity.NOTE, N_("Tiden ligger utanför kontorstid, %(span)s.")),
    WarningKind.DAY_BEFORE: (Severity.NOTE, N_("Dagen är före en helgdag (%(name)s). Öppettiderna kan vara kortare.")),
    WarningKind.BRIDGE: (Severity.NOTE, N_("Dagen är en klämdag (%(name)s). Många kan vara lediga.")),
}
_OVERLAPS = {
    BusyWith.CLIENT: WarningKind.CLIENT_BUSY,
    BusyWith.ACTOR: WarningKind.ACTOR_BUSY,
    BusyWith.WEEKLY_SLOT: WarningKind.WEEKLY_SLOT,
}
_DAYS = {
    DayKind.PUBLIC: WarningKind.PUBLIC_HOLIDAY,
    DayKind.EVE: WarningKind.EVE,
    DayKind.WEEKEND: WarningKind.WEEKEND,
    DayKind.DAY_BEFORE: WarningKind.DAY_BEFORE,
    DayKind.BRIDGE: WarningKind.BRIDGE,
}
_SERIOUSNESS = {kind: place for place, kind in enumerate(WarningKind)}


def warnings_for(
    proposed: Proposed, *, busy: Sequence[Busy], release_at: datetime | None, lang: str = "sv"
) -> tuple[BookingWarning, ...]:
    """Return what to consider before booking, most serious first; raise BookingImpossible when it ends too early."""
    if proposed.ends <= proposed.starts:
        raise BookingImpossible(field="ends")
    found = [*_about_the_day(proposed, release_at, lang), *_about_others(proposed, busy, lang)]
    return tuple(sorted(found, key=lambda warning: _SERIOUSNESS[warning.kind]))


def suggest(
    proposed: Proposed, *, busy: Sequence[Busy], release_at: datetime | None, count: int = 3
) -> tuple[datetime, ...]:
    """Return up to `count` later starts in UTC that need no confirmation, at most one a day, within four weeks.

    Days without another time for the client come first. The clock time is kept when it can be, otherwise it is a whole
    hour in office hours, not over lunch. The release day itself is left for the journey home.
    """
    zone = ZoneInfo(proposed.zone)
    first = proposed.starts.astimezone(zone).date()
    released_on = release_day(release_at, proposed.zone) if release_at else first
    first = max(first, released_on)
    taken = {one.starts.astimezone(zone).date() for one in busy if one.what is BusyWith.CLIENT}
    days = [first + timedelta(days=ahead) for ahead in range(_DAYS_TO_LOOK)]
    found: list[datetime] = []
    for day in sorted(days, key=taken.__contains__):
        if len(found) < count and (release_at is None or day != released_on) and not is_closed(day):
            fitting = (one.starts for one in _tries(proposed, day) if _fits(one, busy, release_at))
            found += [start for start in fitting if start > proposed.starts][:1]
    return tuple(found)


def _warning(kind: WarningKind, **params: object) -> BookingWarning:
    severity, message = _SAYS[kind]
    return BookingWarning(kind, severity, message, params)


def _about_the_day(proposed: Proposed, release_at: datetime | None, lang: str) -> Iterator[BookingWarning]:
    zone = ZoneInfo(proposed.zone)
    starts, ends = proposed.starts.astimezone(zone), proposed.ends.astimezone(zone)
    if release_at and proposed.starts < release_at:
        yield _warning(WarningKind.BEFORE_RELEASE, release=_release(release_at, proposed.zone, starts.date(), lang))
    day = mark(starts.date())
    if day.kind in _DAYS:
        yield _warning(_DAYS[day.kind], name=day.name)
    if starts.date() != ends.date() or starts.time() < OPENS or ends.time() > CLOSES:
        yield _warning(WarningKind.OUTSIDE_HOURS, span=span_text(OPENS, CLOSES, lang))


def _release(release_at: datetime, zone: str, today: date, lang: str) -> str:
    """Return the release as day and time, or as the day alone while the hour is not known."""
    if release_clock(release_at, zone) is None:
        return day_text(release_day(release_at, zone), today, lang)
    return moment_text(release_at, zone, today, lang)


def _about_others(proposed: Proposed, busy: Sequence[Busy], lang: str) -> Iterator[BookingWarning]:
    zone = ZoneInfo(proposed.zone)
    for other in sorted(busy, key=lambda one: (one.starts, one.ends, one.label)):
        span = span_text(other.starts.astimezone(zone).time(), other.ends.astimezone(zone).time(), lang)
        apart = _apart(proposed, other)
        if apart < timedelta(0):
            yield _warning(_OVERLAPS[other.what], label=other.label, span=span)
        elif apart < TRAVEL and other.what is BusyWith.CLIENT and _is_elsewhere(proposed, other):
            minutes = int(apart.total_seconds() // 60)
            yield _warning(WarningKind.SHORT_TRAVEL, minutes=minutes, label=other.label, span=span)


def _apart(proposed: Proposed, other: Busy) -> timedelta:
    """Return the time between the two; negative when they overlap."""
    return max(other.starts - proposed.ends, proposed.starts - other.ends)


def _is_elsewhere(proposed: Proposed, other: Busy) -> bool:
    """Tell whether the places are known and differ."""
    here, there = (" ".join(place.casefold().split()) for place in (proposed.place, other.place))
    return bool(here and there and here != there)


def _tries(proposed: Proposed, day: date) -> Iterator[Proposed]:
    """Yield the same clock time on the day, then the whole hours after it, then those before it."""
    zone = ZoneInfo(proposed.zone)
    clock = proposed.starts.astimezone(zone).time()
    length = proposed.ends - proposed.starts
    hours = [time(hour) for hour in _HOURS]
    for wall in (clock, *(one for one in hours if one > clock), *(one for one in hours if one < clock)):
        starts = datetime.combine(day, wall, zone)
        ends = starts + length
        over_lunch = starts.time() < _LUNCH_ENDS and ends.time() > _LUNCH_STARTS
        if wall == clock or not over_lunch:
            yield replace(proposed, starts=starts.astimezone(UTC), ends=ends.astimezone(UTC))


def _fits(proposed: Proposed, busy: Sequence[Busy], release_at: datetime | None) -> bool:
    """Tell whether nobody has to confirm it, and it leaves time to travel between the client's times and the slot."""
    for one in busy:
        if _apart(proposed, one) < (timedelta(0) if one.what is BusyWith.ACTOR else TRAVEL):
            return False
    warnings = warnings_for(proposed, busy=(), release_at=release_at)
    return not any(one.severity is Severity.CONFIRM or one.kind is WarningKind.OUTSIDE_HOURS for one in warnings)
