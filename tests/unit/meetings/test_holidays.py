from datetime import date, timedelta

import pytest

from meetings.holidays import DayKind, DayMark, is_closed, mark, marks

YEAR_2027 = marks(date(2027, 1, 1), date(2027, 12, 31))


@pytest.mark.parametrize(
    ("day", "kind", "name"),
    [
        (date(2027, 1, 4), DayKind.ORDINARY, ""),
        (date(2027, 1, 5), DayKind.DAY_BEFORE, "Trettondedag jul"),
        (date(2027, 1, 6), DayKind.PUBLIC, "Trettondedag jul"),
        (date(2027, 1, 7), DayKind.ORDINARY, ""),
        (date(2027, 5, 5), DayKind.DAY_BEFORE, "Kristi himmelsfärdsdag"),
        (date(2027, 5, 6), DayKind.PUBLIC, "Kristi himmelsfärdsdag"),
        (date(2027, 5, 7), DayKind.BRIDGE, "Kristi himmelsfärdsdag"),
        (date(2027, 5, 8), DayKind.WEEKEND, ""),
        (date(2026, 12, 24), DayKind.EVE, "Julafton"),
        (date(2026, 12, 31), DayKind.EVE, "Nyårsafton"),
        (date(2026, 6, 19), DayKind.EVE, "Midsommarafton"),
    ],
)
def test_the_dates_of_the_release_plans_carry_their_holiday(day: date, kind: DayKind, name: str) -> None:
    assert mark(day) == DayMark(kind, name)


def test_the_working_day_between_a_weekend_and_a_tuesday_holiday_is_a_bridge() -> None:
    assert mark(date(2026, 1, 5)) == DayMark(DayKind.BRIDGE, "Trettondedag jul")


def test_a_bridge_across_the_new_year_is_named_after_the_day_on_the_other_side() -> None:
    assert mark(date(2026, 1, 2)) == DayMark(DayKind.BRIDGE, "Nyårsdagen")


def test_a_bridge_between_two_red_days_is_named_after_the_first() -> None:
    assert mark(date(2028, 6, 5)) == DayMark(DayKind.BRIDGE, "Pingstdagen")


def test_a_friday_before_a_holiday_on_saturday_is_a_day_before() -> None:
    assert mark(date(2026, 10, 30)) == DayMark(DayKind.DAY_BEFORE, "Alla helgons dag")


def test_an_ordinary_friday_is_not_a_day_before_the_weekend() -> None:
    assert mark(date(2027, 1, 15)).kind is DayKind.ORDINARY


def test_a_red_day_on_a_sunday_is_shown_as_the_holiday_it_is() -> None:
    assert mark(date(2027, 6, 6)) == DayMark(DayKind.PUBLIC, "Nationaldagen")


def test_two_holidays_on_one_day_are_both_named() -> None:
    assert mark(date(2008, 5, 1)).name == "Första maj; Kristi himmelsfärdsdag"


def test_a_whole_year_has_every_public_holiday_and_the_three_eves() -> None:
    named = {found.name for found in YEAR_2027 if found.kind in {DayKind.PUBLIC, DayKind.EVE}}
    assert named == {
        *("Nyårsdagen", "Trettondedag jul", "Långfredagen", "Påskdagen", "Annandag påsk", "Första maj"),
        *("Kristi himmelsfärdsdag", "Pingstdagen", "Nationaldagen", "Midsommarafton", "Midsommardagen"),
        *("Alla helgons dag", "Julafton", "Juldagen", "Annandag jul", "Nyårsafton"),
    }


def test_every_name_begins_with_a_capital() -> None:
    assert all(found.name == found.name[:1].upper() + found.name[1:] for found in YEAR_2027)


def test_days_are_marked_in_order_with_both_ends() -> None:
    week = marks(date(2027, 5, 3), date(2027, 5, 9))
    assert [found.kind.value for found in week] == [
        *("ordinary", "ordinary", "day_before", "public", "bridge", "weekend", "weekend")
    ]


def test_no_day_is_marked_when_the_last_is_the_earlier() -> None:
    assert marks(date(2027, 5, 9), date(2027, 5, 3)) == ()


@pytest.mark.parametrize("day", [date(2027, 1, 6), date(2026, 12, 24), date(2027, 1, 9), date(2027, 1, 10)])
def test_offices_are_shut_on_red_days_eves_and_weekends(day: date) -> None:
    assert is_closed(day)


@pytest.mark.parametrize("day", [date(2027, 1, 5), date(2027, 5, 7), date(2027, 1, 7)])
def test_offices_are_open_on_bridges_days_before_and_ordinary_days(day: date) -> None:
    assert not is_closed(day)


@pytest.mark.parametrize("day", [date.min, date.min + timedelta(days=5), date.max - timedelta(days=5), date.max])
def test_years_nobody_plans_for_know_only_weekends(day: date) -> None:
    expected = DayKind.WEEKEND if day.isoweekday() > 5 else DayKind.ORDINARY
    assert mark(day) == DayMark(expected)
