"""When something shall be erased, and what a receipt calls it."""

import datetime as dt
from uuid import uuid4

import pytest

from inslussning.practice.disposal import Retention, due_on, part_clock, rule_in_force, summed

REGION = uuid4()
TODAY = dt.date(2027, 3, 15)


def rule(months: int, valid_from: dt.date, *, region: bool = False) -> Retention:
    return Retention(REGION if region else None, months, valid_from, "Lokal rutin")


def test_the_newest_rule_that_holds_counts() -> None:
    rules = [rule(24, dt.date(2020, 1, 1)), rule(12, dt.date(2027, 3, 15)), rule(6, dt.date(2027, 3, 16))]
    found = rule_in_force(rules, None, TODAY)
    assert found is not None
    assert found.months == 12


def test_a_rule_for_an_organisation_says_nothing_of_whole_cases() -> None:
    assert rule_in_force([rule(6, dt.date(2020, 1, 1), region=True)], None, TODAY) is None


def test_without_a_rule_nothing_is_erased() -> None:
    assert rule_in_force([], None, TODAY) is None


@pytest.mark.parametrize(
    ("closed_on", "left_on", "starts"),
    [
        (None, [dt.date(2027, 1, 10)], dt.date(2027, 1, 10)),
        (dt.date(2027, 2, 1), [dt.date(2027, 1, 10)], dt.date(2027, 1, 10)),
        (dt.date(2027, 2, 1), [None], dt.date(2027, 2, 1)),
        (dt.date(2027, 2, 1), [dt.date(2027, 1, 10), None], dt.date(2027, 2, 1)),
        (None, [dt.date(2027, 1, 10), None], None),
        (None, [None], None),
        (dt.date(2027, 2, 1), [], None),
    ],
)
def test_an_organisations_clock_starts_when_its_last_function_is_out(
    closed_on: dt.date | None, left_on: list[dt.date | None], starts: dt.date | None
) -> None:
    assert part_clock(closed_on, left_on) == starts


def test_months_end_within_the_month() -> None:
    assert due_on(dt.date(2027, 1, 31), rule(1, dt.date(2020, 1, 1))) == dt.date(2027, 2, 28)


def test_a_receipt_names_what_people_know_and_counts_the_rest_together() -> None:
    assert summed({"action_events": 4, "actions": 2, "case_actors": 3, "needs": 0}) == [
        ("åtgärder", 2),
        ("övriga uppgifter", 7),
    ]


def test_a_receipt_without_a_rest_says_nothing_of_it() -> None:
    assert summed({"needs": 1}) == [("behov", 1)]
