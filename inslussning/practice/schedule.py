"""The client's schedule, day by day: "måndag frivård, tisdag socialen".

The first days after release are the riskiest, and a day without a line reads as a forgotten day. So every weekday of
the first week is shown, and one without a time says so; a holiday says that nobody is there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from inslussning.i18n import N_
from inslussning.practice.release import release_day
from meetings.holidays import DayKind, DayMark, mark

LONGEST_DAYS = 60
_WEDNESDAY, _FRIDAY = 2, 4
_HOLIDAYS = frozenset({DayKind.PUBLIC, DayKind.EVE})


class ScheduleDayKind(StrEnum):
    """What a day holds, seen by the client."""

    RELEASE = "release"
    BOOKED = "booked"
    HOLIDAY = "holiday"
    EMPTY = "empty"

    @property
    def line(self) -> str:
        """Return the line a day of this kind needs besides its times; empty when the times say it all."""
        return _LINES[self]


_LINES = {
    ScheduleDayKind.RELEASE: N_("Du friges."),
    ScheduleDayKind.BOOKED: "",
    ScheduleDayKind.HOLIDAY: N_("Helgdag – inga tider."),
    ScheduleDayKind.EMPTY: N_("Inga tider."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """One booked time: instants in UTC, and texts in words the client knows."""

    starts: datetime
    ends: datetime
    what: str
    whom: str
    where: str = ""
    getting_there: str = ""
    bring: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the schedule. `release_time` is wall time and set on the release day alone, midnight when not known."""

    day: date
    mark: DayMark
    release_time: time | None
    entries: tuple[Booked, ...]
    kind: ScheduleDayKind


def days(
    booked: Iterable[Booked], *, release_at: datetime | None, zone: str, today: date, until: date | None = None
) -> tuple[Day, ...]:
    """Return the days of the schedule in order, at most 60 from its first.

    It starts on the release day, or with this week once the first days have passed. It ends on the Friday of its first
    week (of the week after when it starts on a Thursday or later) or on the last booked day, whichever is later;
    `until` overrides that. Weekends are shown only when something happens, and so is every day without a release date.
    """
    local = ZoneInfo(zone)
    entries: dict[date, list[Booked]] = {}
    for one in sorted(booked, key=lambda one: (one.starts, one.ends, one.what)):
        entries.setdefault(one.starts.astimezone(local).date(), []).append(one)
    release = release_day(release_at, zone) if release_at else None
    first, friday = _first_week(release, today)
    last = until or max(friday, *entries, friday)
    shown = []
    for day in _span(first, min(last, first + timedelta(days=LONGEST_DAYS - 1))):
        times = tuple(entries.get(day, ()))
        if release_at and day == release:
            shown.append(Day(day, mark(day), release_at.astimezone(local).time(), times, ScheduleDayKind.RELEASE))
        elif times or (release_at and day.weekday() <= _FRIDAY):
            shown.append(_day(day, times))
    return tuple(shown)


def _first_week(release: date | None, today: date) -> tuple[date, date]:
    """Return the first day and the Friday that is shown even when nothing is booked."""
    first = release or today
    friday = _friday(first)
    if today > friday or release is None:
        first = today - timedelta(days=today.weekday())
        friday = _friday(today)
    return first, friday


def _friday(day: date) -> date:
    """Return the week's Friday, or the next week's when Thursday has come: one day is no week."""
    ahead = _FRIDAY - day.weekday()
    return day + timedelta(days=ahead if day.weekday() <= _WEDNESDAY else ahead + 7)


def _span(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))


def _day(day: date, entries: tuple[Booked, ...]) -> Day:
    marked = mark(day)
    empty = ScheduleDayKind.HOLIDAY if marked.kind in _HOLIDAYS else ScheduleDayKind.EMPTY
    return Day(day, marked, None, entries, ScheduleDayKind.BOOKED if entries else empty)
