from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from meetings.recurrence import LONGEST, MOST_OCCURRENCES, at, occurrences, time_zone
from meetings.vocabulary import Series, Weekday

ZONES = st.sampled_from(
    [
        *("Europe/Stockholm", "Europe/London", "Europe/Dublin", "Atlantic/Azores", "America/New_York"),
        *("America/St_Johns", "Australia/Lord_Howe", "America/Nuuk", "Africa/Casablanca", "Asia/Kolkata"),
    ]
)
DAYS = st.dates(date(2025, 1, 1), date(2040, 12, 31))
TIMES = st.times().map(lambda wall: wall.replace(second=0, microsecond=0))
DAYTIME = st.builds(time, st.integers(6, 20), st.sampled_from([0, 15, 30, 45]))
ALL_SERIES = st.builds(
    lambda uid, weekday, wall, duration, zone, first, weeks: Series(
        uid, weekday, wall, duration, zone, first, first + timedelta(weeks=weeks)
    ),
    st.just("x@inslussning.example"),
    st.sampled_from(Weekday),
    TIMES,
    st.timedeltas(timedelta(minutes=1), LONGEST),
    ZONES,
    DAYS,
    st.integers(1, MOST_OCCURRENCES - 1),
)
examples = settings(max_examples=40, deadline=None)


def skipped(day: date, wall: time, zone: str) -> bool:
    """Whether the clocks in `zone` never show this time on that day."""
    table = time_zone(zone)
    local = datetime.combine(day, wall, table)
    return local.astimezone(UTC).astimezone(table).replace(tzinfo=None) != local.replace(tzinfo=None)


@examples
@given(ALL_SERIES)
def test_every_occurrence_shows_the_agreed_time_on_the_wall(series: Series) -> None:
    for found in occurrences(series):
        local = found.starts.astimezone(time_zone(series.zone))
        if not skipped(found.original, series.starts_at, series.zone):
            assert (local.date(), local.time()) == (found.original, series.starts_at)


@examples
@given(DAYS, DAYTIME, ZONES)
def test_a_time_in_office_hours_is_the_same_on_the_wall_every_day(day: date, wall: time, zone: str) -> None:
    local = at(day, wall, zone).astimezone(time_zone(zone))
    assert (local.date(), local.time(), local.fold) == (day, wall, 0)


@examples
@given(DAYS, TIMES, ZONES)
def test_no_time_is_moved_by_more_than_the_clocks_are(day: date, wall: time, zone: str) -> None:
    shown = at(day, wall, zone).astimezone(time_zone(zone)).replace(tzinfo=None)
    assert timedelta(0) <= shown - datetime.combine(day, wall) <= timedelta(hours=1)


@examples
@given(ALL_SERIES)
def test_occurrences_are_a_week_apart_on_their_weekday_within_the_span(series: Series) -> None:
    days = [found.original for found in occurrences(series)]
    assert {day.weekday() for day in days} == {series.weekday}
    assert all(later - earlier == timedelta(weeks=1) for earlier, later in pairwise(days))
    assert series.first <= days[0] < series.first + timedelta(weeks=1)
    assert series.last - timedelta(weeks=1) < days[-1] <= series.last


@examples
@given(ALL_SERIES)
def test_occurrences_last_as_agreed_and_never_overlap(series: Series) -> None:
    found = occurrences(series)
    assert {one.ends - one.starts for one in found} == {series.duration}
    assert all(earlier.ends <= later.starts for earlier, later in pairwise(found))
