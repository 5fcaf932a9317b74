"""What lies wrong around a release."""

import datetime as dt

from inslussning.practice import release
from inslussning.practice.release import Planned, Surroundings, misplaced

ZONE = "Europe/Stockholm"
TODAY = dt.date(2026, 11, 24)


def at(day: str, clock: str = "09:00") -> dt.datetime:
    return release.release_moment(dt.date.fromisoformat(day), dt.time.fromisoformat(clock), ZONE)


def around(
    release_at: dt.datetime | None, *, videos: tuple[Planned, ...] = (), times: tuple[Planned, ...] = ()
) -> list[str]:
    found = misplaced(
        Surroundings(
            release_at=release_at,
            zone=ZONE,
            today=TODAY,
            videos=videos,
            times=times,
            video_before_days=21,
            first_week_days=7,
        )
    )
    return [message % params for message, params in found]


class TestClockTime:
    def test_a_clock_time_is_wall_time_in_the_office(self) -> None:
        assert at("2027-01-04", "08:30") == dt.datetime(2027, 1, 4, 7, 30, tzinfo=dt.UTC)
        assert at("2027-07-05", "08:30") == dt.datetime(2027, 7, 5, 6, 30, tzinfo=dt.UTC)

    def test_an_unknown_clock_time_comes_back_as_unknown(self) -> None:
        kept = release.release_moment(dt.date(2027, 1, 4), None, ZONE)
        assert release.release_clock(kept, ZONE) is None
        assert release.release_day(kept, ZONE) == dt.date(2027, 1, 4)

    def test_a_known_clock_time_comes_back(self) -> None:
        assert release.release_clock(at("2027-01-04", "08:30"), ZONE) == dt.time(8, 30)


class TestMisplaced:
    def test_nothing_is_said_when_all_lies_right(self) -> None:
        said = around(
            at("2027-01-04"), videos=(Planned(at("2026-12-10")),), times=(Planned(at("2027-01-05"), "Frivården"),)
        )
        assert said == []

    def test_a_time_before_the_release_is_said_with_whom(self) -> None:
        said = around(at("2027-03-18"), times=(Planned(at("2027-01-05", "13:00"), "Frivården"),))
        assert said == ["Tiden tis 5 jan 2027 kl. 13.00 hos Frivården ligger före frigivningen."]

    def test_a_time_earlier_on_the_release_day_lies_before_it(self) -> None:
        assert around(at("2027-01-04", "08:30"), times=(Planned(at("2027-01-04", "08:00"), "F"),))

    def test_no_time_on_the_release_day_lies_before_an_unknown_hour(self) -> None:
        unknown = release.release_moment(dt.date(2027, 1, 4), None, ZONE)
        assert around(unknown, times=(Planned(at("2027-01-04", "08:00"), "F"),)) == []

    def test_a_first_time_later_than_the_first_week_is_said(self) -> None:
        said = around(at("2027-01-04"), times=(Planned(at("2027-01-14"), "F"), Planned(at("2027-02-14"), "F")))
        assert said == [
            "Den första bokade tiden är tors 14 jan 2027, 10 dagar efter frigivningen. Kontoret räknar med högst 7."
        ]

    def test_a_late_first_time_is_past_mending_once_the_release_has_been(self) -> None:
        assert around(at("2026-11-02"), times=(Planned(at("2026-12-14"), "F"),)) == []

    def test_a_video_meeting_after_the_release_is_said(self) -> None:
        assert around(at("2027-03-08"), videos=(Planned(at("2027-03-11", "10:00")),)) == [
            "Videomötet tors 11 mars 2027 kl. 10.00 ligger efter frigivningen."
        ]

    def test_a_video_meeting_too_close_to_the_release_is_said(self) -> None:
        (said,) = around(at("2027-01-04"), videos=(Planned(at("2026-12-17", "10:00")),))
        assert "18 dagar före" in said
        assert "minst 21" in said

    def test_times_without_a_release_are_said_once(self) -> None:
        said = around(None, times=(Planned(at("2027-01-05"), "F"), Planned(at("2027-01-07"), "F")))
        assert len(said) == 1

    def test_nothing_planned_and_no_release_is_nothing_wrong(self) -> None:
        assert around(None, videos=(Planned(at("2027-01-05")),)) == []
