"""Which days offices are shut, or likely to shut early, in Sweden.

A plan that puts a first visit on Epiphany sends someone to a locked door on the second day of freedom, so every date is
looked up here before it is proposed. Public holidays follow the act 1989:253; the three eves count as Sundays by the
annual leave act 1977:480 §7. Working days next to them are marked too, since hours are often cut then.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from holidays import country_holidays

from meetings.vocabulary import Weekday

_KNOWN_YEARS = range(1953, 2101)  # the library's own span; outside it only weekends are known
_ONE_DAY = timedelta(days=1)


class DayKind(StrEnum):
    """What a date means for opening hours, from fully open to shut."""

    ORDINARY = "ordinary"
    DAY_BEFORE = "day_before"
    BRIDGE = "bridge"
    WEEKEND = "weekend"
    EVE = "eve"
    PUBLIC = "public"


_CLOSED = frozenset({DayKind.WEEKEND, DayKind.EVE, DayKind.PUBLIC})


@dataclass(frozen=True, slots=True)
class DayMark:
    """The kind of a date and the Swedish name of the holiday that gives it that kind, empty when none does."""

    kind: DayKind
    name: str = ""


def mark(day: date) -> DayMark:
    """Say what `day` is in Sweden; a day before or beside a holiday carries that holiday's name.

    A red day wins over a weekend, and a bridge over a day before, because the stronger warning is the useful one.
    """
    shut = _shut(day)
    if shut is not None:
        return shut
    if day.year not in _KNOWN_YEARS:
        return DayMark(DayKind.ORDINARY)
    before, after = _shut(day - _ONE_DAY), _shut(day + _ONE_DAY)
    if before is not None and after is not None:
        return DayMark(DayKind.BRIDGE, before.name or after.name)
    if after is not None and after.kind is not DayKind.WEEKEND:
        return DayMark(DayKind.DAY_BEFORE, after.name)
    return DayMark(DayKind.ORDINARY)


def marks(first: date, last: date) -> tuple[DayMark, ...]:
    """Mark every day from `first` to `last`, both included, in order; none when `last` is the earlier one."""
    return tuple(mark(date.fromordinal(number)) for number in range(first.toordinal(), last.toordinal() + 1))


def is_closed(day: date) -> bool:
    """Tell whether public offices are shut on `day`: weekend, public holiday or one of the three eves."""
    return mark(day).kind in _CLOSED


def _shut(day: date) -> DayMark | None:
    named = _named_days(day.year).get(day)
    if named is None and day.weekday() >= Weekday.SATURDAY:
        return DayMark(DayKind.WEEKEND)
    return named


@lru_cache(maxsize=64)
def _named_days(year: int) -> dict[date, DayMark]:
    if year not in _KNOWN_YEARS:
        return {}
    named: dict[date, DayMark] = {}
    for kind, category in ((DayKind.EVE, "de_facto"), (DayKind.PUBLIC, "public")):
        calendar = country_holidays("SE", years=year, language="sv", categories=(category,))
        named |= {day: DayMark(kind, name[:1].upper() + name[1:]) for day, name in calendar.items()}
    return named
