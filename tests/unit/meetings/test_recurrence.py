from datetime import UTC, date, datetime, time, timedelta

import pytest

from meetings.recurrence import (
    DurationOutOfRange,
    NotWallTime,
    SeriesEndsBeforeItStarts,
    SeriesHasNoOccurrence,
    SeriesTooLong,
    UnknownZone,
    at,
    local_start,
    occurrences,
    time_zone,
    validate,
)
from meetings.vocabulary import Occurrence, Refusal, Weekday
from tests.factories.events import STOCKHOLM, a_series


class TestOccurrences:
    def test_the_slot_stays_at_nine_when_summer_time_begins(self) -> None:
        before, after = occurrences(a_series(first=date(2027, 3, 25), last=date(2027, 4, 1)))
        assert before.starts == datetime(2027, 3, 25, 8, tzinfo=UTC)
        assert after.starts == datetime(2027, 4, 1, 7, tzinfo=UTC)

    def test_each_lasts_as_long_as_the_series_says(self) -> None:
        (only,) = occurrences(a_series(last=date(2027, 1, 7), duration=timedelta(minutes=45)))
        assert only == Occurrence(
            date(2027, 1, 7), datetime(2027, 1, 7, 8, tzinfo=UTC), datetime(2027, 1, 7, 8, 45, tzinfo=UTC)
        )

    def test_a_red_day_is_still_an_occurrence(self) -> None:
        assert date(2027, 5, 6) in {found.original for found in occurrences(a_series())}

    def test_a_series_may_begin_on_another_weekday_than_its_own(self) -> None:
        found = occurrences(a_series(weekday=Weekday.MONDAY, first=date(2027, 1, 5), last=date(2027, 1, 18)))
        assert [one.original for one in found] == [date(2027, 1, 11), date(2027, 1, 18)]

    def test_instants_are_in_utc(self) -> None:
        assert {one.starts.tzinfo for one in occurrences(a_series())} == {UTC}

    def test_exactly_the_limit_is_allowed(self) -> None:
        assert len(occurrences(a_series(), limit=25)) == 25

    def test_one_above_the_limit_is_refused(self) -> None:
        with pytest.raises(SeriesTooLong):
            occurrences(a_series(), limit=24)

    def test_four_years_are_refused_without_being_asked(self) -> None:
        with pytest.raises(SeriesTooLong):
            occurrences(a_series(last=date(2031, 1, 7)))

    def test_a_series_that_breaks_a_rule_has_no_occurrences_to_give(self) -> None:
        with pytest.raises(DurationOutOfRange):
            occurrences(a_series(duration=timedelta(0)))


class TestWallTime:
    def test_a_time_the_spring_change_skips_moves_forward(self) -> None:
        skipped = at(date(2027, 3, 28), time(2, 30), STOCKHOLM)
        assert skipped.astimezone(time_zone(STOCKHOLM)).time() == time(3, 30)

    def test_a_time_the_autumn_change_repeats_is_the_first(self) -> None:
        assert at(date(2027, 10, 31), time(2, 30), STOCKHOLM) == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)

    def test_a_repeated_time_is_the_first_even_if_the_second_is_asked_for(self) -> None:
        assert at(date(2027, 10, 31), time(2, 30, fold=1), STOCKHOLM) == at(date(2027, 10, 31), time(2, 30), STOCKHOLM)

    def test_a_time_with_a_zone_of_its_own_is_refused(self) -> None:
        with pytest.raises(NotWallTime):
            at(date(2027, 1, 7), time(9, tzinfo=UTC), STOCKHOLM)

    def test_the_local_start_is_shown_in_the_zone_of_the_series(self) -> None:
        assert local_start(a_series(), date(2027, 7, 1)).isoformat() == "2027-07-01T09:00:00+02:00"

    @pytest.mark.parametrize(
        "name", ["", "Europe", "Europe/Nowhere", "/etc/passwd", "../UTC", "Europe/Stockholm\n", "a\0b", "x" * 5000]
    )
    def test_a_name_outside_the_time_zone_database_is_refused(self, name: str) -> None:
        with pytest.raises(UnknownZone):
            time_zone(name)


class TestValidate:
    def test_a_sound_series_passes(self) -> None:
        validate(a_series())

    @pytest.mark.parametrize("duration", [timedelta(0), timedelta(minutes=-30), timedelta(hours=12, seconds=1)])
    def test_no_time_negative_time_and_more_than_half_a_day_are_refused(self, duration: timedelta) -> None:
        with pytest.raises(DurationOutOfRange):
            validate(a_series(duration=duration))

    def test_half_a_day_is_allowed(self) -> None:
        validate(a_series(duration=timedelta(hours=12)))

    def test_an_end_before_the_start_is_refused(self) -> None:
        with pytest.raises(SeriesEndsBeforeItStarts):
            validate(a_series(first=date(2027, 1, 7), last=date(2027, 1, 6)))

    def test_a_span_without_the_weekday_is_refused(self) -> None:
        with pytest.raises(SeriesHasNoOccurrence):
            validate(a_series(first=date(2027, 1, 8), last=date(2027, 1, 13)))

    def test_an_unknown_zone_is_refused(self) -> None:
        with pytest.raises(UnknownZone):
            validate(a_series(zone="Europe/Bjorkstad"))

    def test_a_start_with_a_zone_of_its_own_is_refused(self) -> None:
        with pytest.raises(NotWallTime):
            validate(a_series(starts_at=time(9, tzinfo=UTC)))

    def test_one_class_catches_every_refusal(self) -> None:
        with pytest.raises(Refusal):
            validate(a_series(zone="Europe/Bjorkstad"))
