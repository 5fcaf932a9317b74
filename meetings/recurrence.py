"""When a weekly slot happens.

People agree on a wall-clock time ("Thursdays at nine"), so the instants in UTC shift by an hour when summer time begins
and ends while the clock on the wall does not. A wall time the spring change skips is moved forward and one the autumn
change repeats is the first of the two, as RFC 5545 §3.3.5 asks.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from meetings.vocabulary import Occurrence, Refusal, Series

MOST_OCCURRENCES = 160  # three years of weeks: what one planning horizon can need
LONGEST = timedelta(hours=12)
_WEEK = timedelta(weeks=1)


class UnknownZone(Refusal):
    """The name is not in the IANA time zone database."""


class NotWallTime(Refusal):
    """A wall-clock time carries a time zone of its own, which would contradict the series' zone."""


class SeriesEndsBeforeItStarts(Refusal):
    """The last day is earlier than the first."""


class SeriesHasNoOccurrence(Refusal):
    """The weekday does not occur between the first and the last day."""


class SeriesTooLong(Refusal):
    """The series has more occurrences than the caller allows."""


class DurationOutOfRange(Refusal):
    """A meeting lasts nothing, less than nothing, or more than half a day."""


def time_zone(name: str) -> ZoneInfo:
    """Return the IANA zone `name`; raise UnknownZone for anything else."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # OSError: a folder of the database, or an overlong name
        raise UnknownZone(name) from error


def at(day: date, wall: time, zone: str) -> datetime:
    """Return the instant, in UTC, when clocks in `zone` show `wall` on `day`; raise NotWallTime or UnknownZone."""
    if wall.tzinfo is not None:
        raise NotWallTime(wall)
    return datetime.combine(day, wall.replace(fold=0), time_zone(zone)).astimezone(UTC)


def local_start(series: Series, day: date) -> datetime:
    """Return the start the series would have on `day`, in its own zone."""
    return at(day, series.starts_at, series.zone).astimezone(time_zone(series.zone))


def validate(series: Series) -> None:
    """Raise the named refusal of the first rule the series breaks, none if it can be held."""
    if not timedelta(0) < series.duration <= LONGEST:
        raise DurationOutOfRange(series.duration)
    if series.last < series.first:
        raise SeriesEndsBeforeItStarts(series.first, series.last)
    if _first_date(series) > series.last:
        raise SeriesHasNoOccurrence(series.weekday, series.first, series.last)
    local_start(series, series.first)  # refuses an unknown zone and a time that is not wall time


def occurrences(series: Series, *, limit: int = MOST_OCCURRENCES) -> tuple[Occurrence, ...]:
    """Return every occurrence in order; raise SeriesTooLong above `limit`, or what `validate` raises."""
    validate(series)
    first = _first_date(series)
    count = (series.last - first) // _WEEK + 1
    if count > limit:
        raise SeriesTooLong(count, limit)
    return tuple(_occurrence(series, first + number * _WEEK) for number in range(count))


def _first_date(series: Series) -> date:
    return series.first + timedelta(days=(series.weekday - series.first.weekday()) % 7)


def _occurrence(series: Series, day: date) -> Occurrence:
    starts = at(day, series.starts_at, series.zone)
    return Occurrence(day, starts, starts + series.duration)
