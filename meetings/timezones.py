"""VTIMEZONE components that every calendar reads the same way.

The calendar library can write zones itself, but as long lists of dates, and Thunderbird and others then show summer
meetings one hour wrong. So each zone is written here as RFC 5545 §3.6.5 means it and Microsoft's [MS-OXCICAL] demands
it: one STANDARD and one DAYLIGHT that return every year on a weekday. The rule comes from the POSIX footer that ends a
TZif file (RFC 9636 §3.3), found where `zoneinfo` finds its tables, and is checked against those tables.
"""

import re
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from pathlib import Path

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

from meetings.recurrence import time_zone
from meetings.vocabulary import Refusal

_FIRST_YEAR = 1970
_CHECKED_YEARS = range(2027, 2038)
_PROBE = timedelta(days=10)
_DAY = timedelta(days=1)
_WEEK = timedelta(weeks=1)
_LAST = 5  # POSIX counts the weeks 1-4 and says 5 for the last one
_TWO_O_CLOCK = "2"  # POSIX leaves out the usual hour of a change
_BYDAY = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")  # in the order POSIX numbers them
_NAME = r"[A-Za-z]{3,}|<[A-Za-z0-9+-]+>"
_HOURS = r"[+-]?\d{1,2}(?::\d{2}){0,2}"
_FOOTER = re.compile(
    rf"(?P<name>{_NAME})(?P<west>{_HOURS})"
    rf"(?:(?P<other_name>{_NAME})(?P<other_west>{_HOURS})?,(?P<begins>[^,]+),(?P<ends>[^,]+))?"
)
_YEARLY = re.compile(rf"M(?P<month>\d{{1,2}})\.(?P<week>[1-5])\.(?P<day>[0-6])(?:/(?P<clock>{_HOURS}))?")


class ZoneNotExpressible(Refusal):
    """The zone's years to come do not fit one yearly change to summer time and one back."""


@dataclass(frozen=True, slots=True)
class _Yearly:
    """When clocks change: the nth (5: last) weekday of a month, at the wall time shown just before."""

    month: int
    week: int
    day: int
    clock: timedelta

    def onset(self, year: int) -> datetime:
        """Return the wall time, without zone, that clocks show when they are changed."""
        first = datetime(year, self.month, 1)  # noqa: DTZ001 - wall time before the change, by definition
        found = first + timedelta(days=(self.day - first.isoweekday()) % 7) + (self.week - 1) * _WEEK
        return (found if found.month == self.month else found - _WEEK) + self.clock

    def rule(self) -> dict[str, object]:
        """Return the RRULE that repeats it."""
        nth = -1 if self.week == _LAST else self.week
        return {"FREQ": "YEARLY", "BYMONTH": self.month, "BYDAY": f"{nth}{_BYDAY[self.day]}"}


@dataclass(frozen=True, slots=True)
class _Observance:
    """A time of the year: its name, the offset before it and in it, and when it begins (never changed: None)."""

    name: str
    before: timedelta
    offset: timedelta
    begins: _Yearly | None = None


@lru_cache(maxsize=32)
def vtimezone(zone: str) -> Timezone:
    """Return the VTIMEZONE of an IANA zone; it is shared between callers, who must not change it.

    Raise UnknownZone, or ZoneNotExpressible when one rule for summer and one for winter would state a wrong time.
    """
    table = time_zone(zone)
    observances = _observances(_footer(zone))
    if not observances or not all(_agrees(table, *span) for span in _spans(observances)):
        raise ZoneNotExpressible(zone)
    component = Timezone()
    component.add("tzid", zone)
    for observance in observances:
        component.add_component(_subcomponent(observance))
    return component


def _footer(zone: str) -> str:
    """Return the POSIX rule of the zone, empty when its file is of the first version, which had none."""
    files = (Path(root, *zone.split("/")) for root in zoneinfo.TZPATH)
    found = next((file for file in files if file.is_file()), None)
    data = (found or resources.files("tzdata").joinpath("zoneinfo", *zone.split("/"))).read_bytes()
    if data[4:5] < b"2":
        return ""
    return data.rsplit(b"\n", 2)[1].decode("ascii")


def _observances(footer: str) -> tuple[_Observance, ...]:
    """Return winter and summer, in that order, or the only time there is; nothing for a rule that does not fit."""
    match = _FOOTER.fullmatch(footer)
    if match is None:
        return ()
    name, offset = match["name"].strip("<>"), -_hours(match["west"])
    if match["other_name"] is None:
        return (_Observance(name, offset, offset),)
    other = -_hours(match["other_west"]) if match["other_west"] else offset + timedelta(hours=1)
    begins, ends = _yearly(match["begins"]), _yearly(match["ends"])
    if begins is None or ends is None:
        return ()
    pair = (_Observance(name, other, offset, ends), _Observance(match["other_name"].strip("<>"), offset, other, begins))
    return pair if offset < other else pair[::-1]  # Irish law calls summer the standard time; calendars cannot


def _yearly(text: str) -> _Yearly | None:
    match = _YEARLY.fullmatch(text)
    if match is None:
        return None
    clock = _hours(match["clock"] or _TWO_O_CLOCK)
    if not timedelta(0) <= clock < _DAY:
        return None  # the day before or after the weekday: no BYDAY can say that
    return _Yearly(int(match["month"]), int(match["week"]), int(match["day"]), clock)


def _hours(text: str) -> timedelta:
    hours, minutes, seconds = ([int(part) for part in text.lstrip("+-").split(":")] + [0, 0])[:3]
    size = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return -size if text.startswith("-") else size


def _spans(observances: tuple[_Observance, ...]) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """Yield from, to and offset of each unbroken time in the years the rule is checked for."""
    changes = sorted(
        ((seen.begins.onset(year) - seen.before).replace(tzinfo=UTC), seen.offset)
        for seen in observances
        if seen.begins is not None
        for year in _CHECKED_YEARS
    )
    if not changes:
        edges = (datetime(year, 1, 1, tzinfo=UTC) for year in (_CHECKED_YEARS.start, _CHECKED_YEARS.stop))
        changes = [(edge, observances[0].offset) for edge in edges]
    for (begins, offset), (ends, _) in pairwise(changes):
        yield begins, ends, offset


def _agrees(table: zoneinfo.ZoneInfo, begins: datetime, ends: datetime, offset: timedelta) -> bool:
    last = ends - timedelta(seconds=1)
    probes = [begins + step * _PROBE for step in range((last - begins) // _PROBE + 1)]
    return all(probe.astimezone(table).utcoffset() == offset for probe in (*probes, last))


def _subcomponent(observance: _Observance) -> TimezoneStandard | TimezoneDaylight:
    component = TimezoneDaylight() if observance.offset > observance.before else TimezoneStandard()
    component.add("tzname", observance.name)
    component.add("tzoffsetfrom", observance.before)
    component.add("tzoffsetto", observance.offset)
    if observance.begins is None:
        component.add("dtstart", datetime(_FIRST_YEAR, 1, 1))  # noqa: DTZ001 - a zone's own DTSTART is wall time
    else:
        component.add("dtstart", observance.begins.onset(_FIRST_YEAR))
        component.add("rrule", observance.begins.rule())
    return component
