"""Numbers about the work that tell of nobody: what managers see.

A number under five could be somebody, so it is said as "färre än 5"; and a number that leaves fewer than five of a known whole is said
as "minst", since the rest would follow by subtraction. A total stands only where all of its parts do.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from statistics import median
from typing import NamedTuple

FEWEST = 5
_FIRST, _SECOND = 1, 2
_JUNE = 6


class HalfYear(NamedTuple):
    """One half of a calendar year."""

    year: int
    half: int

    @property
    def first(self) -> dt.date:
        """Return its first day."""
        return dt.date(self.year, 1 if self.half == _FIRST else _JUNE + 1, 1)

    def before(self) -> "HalfYear":
        """Return the one before."""
        return HalfYear(self.year, _FIRST) if self.half == _SECOND else HalfYear(self.year - 1, _SECOND)


def half_year(day: dt.date) -> HalfYear:
    """Return the half-year a day is in."""
    return HalfYear(day.year, _FIRST if day.month <= _JUNE else _SECOND)


def last_half_years(today: dt.date, count: int) -> tuple[HalfYear, ...]:
    """Return the half-years up to and with today's, the last first."""
    found = [half_year(today)]
    while len(found) < count:
        found.append(found[-1].before())
    return tuple(found)


class Number(NamedTuple):
    """A number that may be said: `value` is None when it is under five."""

    value: int | None


class Portion(NamedTuple):
    """How many of how many. `whole` None: too few in all. `part` None: under five. `at_least`: fewer than five are left of the whole."""

    part: int | None
    whole: int | None
    at_least: bool = False


def number(count: int) -> Number:
    """Return a number as it may be said."""
    return Number(count if count >= FEWEST else None)


def total(counts: Iterable[int]) -> Number | None:
    """Return the total, or None when one of its parts is under five: with the others it would tell that part."""
    counts = list(counts)
    return Number(sum(counts)) if counts and min(counts) >= FEWEST else None


def portion(part: int, whole: int) -> Portion:
    """Return how many of how many, so that neither they nor those left can be told when they are under five."""
    if whole <= FEWEST:  # of five there is no way to say how many without telling how many were left
        return Portion(None, None)
    if part < FEWEST:
        return Portion(None, whole)
    if whole - part < FEWEST:
        return Portion(max(whole - FEWEST + 1, FEWEST), whole, at_least=True)
    return Portion(part, whole)


def typical(days: Sequence[int]) -> int | None:
    """Return the middle number of days, or None when it would be of fewer than five."""
    return round(median(days)) if len(days) >= FEWEST else None
