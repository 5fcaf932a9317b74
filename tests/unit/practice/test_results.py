"""Numbers that tell of nobody: what is said instead of a small one, and that nothing gives it away."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inslussning.practice.results import (
    FEWEST,
    HalfYear,
    Number,
    Portion,
    half_year,
    last_half_years,
    number,
    portion,
    total,
    typical,
)


@pytest.mark.parametrize(("count", "said"), [(0, None), (1, None), (4, None), (5, 5), (12, 12)])
def test_a_number_under_five_is_not_said(count: int, said: int | None) -> None:
    assert number(count) == Number(said)


def test_a_total_stands_only_where_all_its_parts_do() -> None:
    assert total([5, 7]) == Number(12)
    assert total([5, 7, 4]) is None
    assert total([]) is None


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (0, 3, Portion(None, None)),
        (5, 5, Portion(None, None)),
        (2, 12, Portion(None, 12)),
        (7, 12, Portion(7, 12)),
        (10, 12, Portion(8, 12, at_least=True)),
        (12, 12, Portion(8, 12, at_least=True)),
        (5, 6, Portion(5, 6, at_least=True)),
    ],
)
def test_how_many_of_how_many(part: int, whole: int, said: Portion) -> None:
    assert portion(part, whole) == said


@given(st.integers(0, 40), st.integers(0, 40))
def test_neither_part_nor_what_is_left_can_be_told_when_it_is_under_five(part: int, rest: int) -> None:
    """Whoever reads the answer must find at least two numbers possible for a part or a rest that is small and not none."""
    said = portion(part, part + rest)
    possible = {other for other in range(part + rest + 1) if portion(other, part + rest) == said}
    if min(part, rest) < FEWEST:
        assert len(possible) > 1 or part + rest == 0


def test_the_middle_of_few_values_is_not_said() -> None:
    assert typical([1, 2, 3, 4]) is None
    assert typical([1, 2, 3, 40, 50]) == 3


def test_half_years_follow_each_other_backwards() -> None:
    assert half_year(dt.date(2026, 6, 30)) == HalfYear(2026, 1)
    assert half_year(dt.date(2026, 7, 1)) == HalfYear(2026, 2)
    assert last_half_years(dt.date(2027, 2, 1), 3) == (HalfYear(2027, 1), HalfYear(2026, 2), HalfYear(2026, 1))
    assert (HalfYear(2026, 1).first, HalfYear(2026, 2).first) == (dt.date(2026, 1, 1), dt.date(2026, 7, 1))
