from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from inslussning.practice.schedule import LONGEST_DAYS, Booked, Day, ScheduleDayKind, days
from meetings.holidays import DayKind

ZONE = "Europe/Stockholm"
BEFORE = date(2026, 12, 21)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).astimezone(UTC)


def booked(text: str, what: str = "Möte", whom: str = "frivården") -> Booked:
    return Booked(starts=at(text), ends=at(text) + timedelta(hours=1), what=what, whom=whom)


def schedule(*times: Booked, release: str | None, today: date = BEFORE, until: date | None = None) -> tuple[Day, ...]:
    return days(times, release_at=at(release) if release else None, zone=ZONE, today=today, until=until)


def dates(shown: tuple[Day, ...]) -> list[str]:
    return [f"{day.day:%a %d %b}" for day in shown]


class TestScenarioS1:
    """Released on Monday 4 January 2027; Epiphany is the Wednesday."""

    SHOWN = schedule(
        booked("2027-01-08 13:00", whom="Arbetsförmedlingen"),
        booked("2027-01-05 10:00", whom="frivården"),
        booked("2027-01-07 13:00", whom="socialtjänsten"),
        release="2027-01-04 08:30",
    )

    def test_the_first_week_has_five_days(self) -> None:
        assert [day.kind for day in self.SHOWN] == [
            ScheduleDayKind.RELEASE,
            ScheduleDayKind.BOOKED,
            ScheduleDayKind.HOLIDAY,
            ScheduleDayKind.BOOKED,
            ScheduleDayKind.BOOKED,
        ]

    def test_the_wednesday_says_that_it_is_a_holiday_without_times(self) -> None:
        wednesday = self.SHOWN[2]
        assert wednesday.kind.line == "Helgdag – inga tider."
        assert wednesday.mark.name == "Trettondedag jul"
        assert wednesday.entries == ()

    def test_the_release_day_has_the_hour_and_no_other_day_has(self) -> None:
        assert [day.release_time for day in self.SHOWN] == [time(8, 30), None, None, None, None]

    def test_the_day_before_the_holiday_is_marked(self) -> None:
        assert self.SHOWN[1].mark.kind is DayKind.DAY_BEFORE

    def test_every_booked_time_is_on_its_day(self) -> None:
        assert [[one.whom for one in day.entries] for day in self.SHOWN] == [
            [],
            ["frivården"],
            [],
            ["socialtjänsten"],
            ["Arbetsförmedlingen"],
        ]


class TestWhichDaysAreShown:
    @pytest.mark.parametrize(
        ("release", "first", "last", "count"),
        [
            ("2027-02-01 08:00", "Mon 01 Feb", "Fri 05 Feb", 5),
            ("2027-02-03 08:00", "Wed 03 Feb", "Fri 05 Feb", 3),
            ("2027-02-04 08:00", "Thu 04 Feb", "Fri 12 Feb", 7),
            ("2027-02-05 08:00", "Fri 05 Feb", "Fri 12 Feb", 6),
            ("2027-02-06 08:00", "Sat 06 Feb", "Fri 12 Feb", 6),
            ("2027-02-07 08:00", "Sun 07 Feb", "Fri 12 Feb", 6),
        ],
    )
    def test_the_first_week_is_never_a_mere_day_or_two(self, release: str, first: str, last: str, count: int) -> None:
        shown = dates(schedule(release=release))
        assert (shown[0], shown[-1], len(shown)) == (first, last, count)

    def test_it_goes_on_to_the_last_booked_day(self) -> None:
        shown = schedule(booked("2027-02-10 10:00"), release="2027-02-01 08:00")
        assert dates(shown)[-1] == "Wed 10 Feb"
        assert shown[-2].kind is ScheduleDayKind.EMPTY
        assert shown[-2].kind.line == "Inga tider."

    def test_a_weekend_is_shown_only_when_something_is_booked(self) -> None:
        shown = dates(schedule(booked("2027-02-06 10:00"), booked("2027-02-08 10:00"), release="2027-02-01 08:00"))
        assert shown[4:] == ["Fri 05 Feb", "Sat 06 Feb", "Mon 08 Feb"]

    def test_a_holiday_with_a_booked_time_is_a_booked_day(self) -> None:
        (day,) = [day for day in schedule(booked("2027-01-06 10:00"), release="2027-01-04 08:30") if day.entries]
        assert day.kind is ScheduleDayKind.BOOKED
        assert day.kind.line == ""
        assert day.mark.kind is DayKind.PUBLIC

    def test_an_eve_without_times_is_a_holiday_too(self) -> None:
        shown = schedule(release="2027-06-21 08:00")
        assert shown[-1].kind is ScheduleDayKind.HOLIDAY

    def test_a_given_last_day_is_the_last_whatever_is_booked(self) -> None:
        shown = schedule(booked("2027-02-10 10:00"), release="2027-02-01 08:00", until=date(2027, 2, 2))
        assert dates(shown) == ["Mon 01 Feb", "Tue 02 Feb"]

    def test_a_time_before_the_release_is_left_out(self) -> None:
        shown = schedule(booked("2027-01-29 10:00"), release="2027-02-01 08:00")
        assert dates(shown)[0] == "Mon 01 Feb"

    def test_it_is_never_longer_than_the_cap(self) -> None:
        shown = schedule(booked("2028-02-01 10:00"), release="2027-02-01 08:00")
        assert shown[-1].day <= date(2027, 2, 1) + timedelta(days=LONGEST_DAYS - 1)

    def test_once_the_first_days_have_passed_it_starts_with_this_week(self) -> None:
        times = (booked("2027-02-02 10:00"), booked("2027-02-17 10:00"), booked("2027-02-22 10:00"))
        shown = schedule(*times, release="2027-02-01 08:00", today=date(2027, 2, 17))
        assert dates(shown) == [
            *(f"{day} {15 + place} Feb" for place, day in enumerate(("Mon", "Tue", "Wed", "Thu", "Fri"))),
            "Mon 22 Feb",
        ]

    def test_during_the_first_week_it_still_starts_on_the_release_day(self) -> None:
        assert dates(schedule(release="2027-02-01 08:00", today=date(2027, 2, 5)))[0] == "Mon 01 Feb"

    def test_without_a_release_date_only_days_with_times_are_shown(self) -> None:
        shown = schedule(booked("2027-01-12 10:00"), booked("2027-01-16 10:00"), release=None)
        assert dates(shown) == ["Tue 12 Jan", "Sat 16 Jan"]

    def test_without_anything_there_is_nothing(self) -> None:
        assert schedule(release=None) == ()


class TestEntries:
    def test_they_stand_in_the_order_of_the_day(self) -> None:
        times = [booked("2027-02-02 13:00", "b"), booked("2027-02-02 09:00", "c"), booked("2027-02-02 13:00", "a")]
        tuesday = schedule(*times, release="2027-02-01 08:00")[1]
        assert [one.what for one in tuesday.entries] == ["c", "a", "b"]

    def test_the_day_is_the_one_on_the_wall(self) -> None:
        late = Booked(
            starts=datetime(2027, 2, 1, 23, 30, tzinfo=UTC),
            ends=datetime(2027, 2, 2, 0, 30, tzinfo=UTC),
            what="",
            whom="",
        )
        shown = schedule(late, release="2027-02-01 08:00")
        assert shown[1].entries == (late,)

    def test_the_release_day_is_shown_while_its_hour_is_not_known(self) -> None:
        monday = schedule(release="2027-02-01 00:00")[0]
        assert (monday.kind, monday.release_time) == (ScheduleDayKind.RELEASE, time(0))

    def test_the_release_day_may_have_times_of_its_own(self) -> None:
        shown = schedule(booked("2027-02-01 13:00"), release="2027-02-01 08:00")
        assert shown[0].kind is ScheduleDayKind.RELEASE
        assert shown[0].kind.line == "Du friges."
        assert len(shown[0].entries) == 1
