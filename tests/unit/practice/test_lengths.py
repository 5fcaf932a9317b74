"""When a time ends: a clock time or a length, as people write them."""

import datetime as dt

import pytest

from inslussning.errors import Invalid
from inslussning.practice.lengths import LengthUnclear, read_end


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("45 min", 45),
        ("45min", 45),
        ("90 minuter", 90),
        ("1 tim", 60),
        ("1 h", 60),
        ("2 timmar", 120),
        ("1,5 tim", 90),
        ("1.5 h", 90),
        ("1 tim 30 min", 90),
        ("1 timme och 15 minuter", 75),
        ("En halvtimme", 30),
        ("en kvart", 15),
        ("en och en halv timme", 90),
        ("två timmar", 120),
        ("12 h", 720),
    ],
)
def test_a_length_is_read_as_people_say_it(text: str, minutes: int) -> None:
    assert read_end(text) == dt.timedelta(minutes=minutes)


@pytest.mark.parametrize(("text", "clock"), [("14.00", dt.time(14)), ("14", dt.time(14)), ("kl 9.30", dt.time(9, 30))])
def test_a_clock_time_is_read_as_one(text: str, clock: dt.time) -> None:
    assert read_end(text) == clock


@pytest.mark.parametrize("text", ["", "   ", "0 min", "0 tim"])
def test_nothing_is_no_length(text: str) -> None:
    with pytest.raises(LengthUnclear):
        read_end(text)


@pytest.mark.parametrize("text", ["13 h", "999 min"])
def test_more_than_half_a_day_is_refused(text: str) -> None:
    with pytest.raises(LengthUnclear) as refused:
        read_end(text)
    assert "12" in str(refused.value)


@pytest.mark.parametrize("text", ["snart", "25.00", "-5 min", "1" * 5000, "h", "min", "1,,5 h", "\x00"])
def test_what_means_nothing_is_refused_by_name(text: str) -> None:
    with pytest.raises(Invalid):
        read_end(text)
