from contextlib import suppress
from datetime import date, time

from hypothesis import example, given
from hypothesis import strategies as st

from inslussning.practice.dates import (
    DateUnclear,
    TimeUnclear,
    countdown,
    day_long,
    day_text,
    read_date,
    read_time,
    time_text,
)

ANY_TEXT = st.text(st.characters())  # half surrogate pairs as well
NEARLY_A_DATE = st.text(st.sampled_from("0123456789/-. vfjanomredkluckt+−–:e\u00a0\ud800"), max_size=70)
ANY_DAY = st.dates()
COMMON_DAY = st.dates(date(1900, 1, 1), date(2199, 12, 31))


@given(text=ANY_TEXT | NEARLY_A_DATE | st.integers().map(str), today=ANY_DAY, release=st.none() | ANY_DAY)
@example(text="9" * 10_000, today=date(2026, 11, 21), release=None)
@example(text="om 9999 år", today=date.max, release=None)
@example(text="VF-9999 v", today=date.min, release=date.min)
@example(text="i går", today=date.min, release=None)
@example(text="1/1", today=date.max, release=None)
def test_any_text_is_a_day_or_a_refusal_and_never_another_error(text: str, today: date, release: date | None) -> None:
    with suppress(DateUnclear):
        assert read_date(text, today=today, release=release, next_meeting=release).year in range(1900, 2200)


@given(text=ANY_TEXT | NEARLY_A_DATE)
@example(text="9" * 10_000)
def test_any_text_is_a_time_or_a_refusal_and_never_another_error(text: str) -> None:
    with suppress(TimeUnclear):
        assert read_time(text) <= time.max


@given(day=COMMON_DAY, today=COMMON_DAY)
def test_a_day_written_in_full_is_read_back_as_the_same_day(day: date, today: date) -> None:
    for text in (day.isoformat(), day_long(day), day_long(day, lang="en"), f"{day.day}/{day.month} {day.year}"):
        assert read_date(text, today=today) == day


@given(today=st.dates(date(1900, 1, 1), date(2190, 12, 31)), ahead=st.integers(0, 364))
def test_a_coming_day_written_as_in_our_lists_is_read_back_as_the_same_day(today: date, ahead: int) -> None:
    day = date.fromordinal(today.toordinal() + ahead)
    for lang in ("sv", "en"):
        assert read_date(day_text(day, today, lang), today=today) == day


@given(clock=st.times())
def test_a_time_is_read_back_to_the_minute(clock: time) -> None:
    for text in (time_text(clock), time_text(clock, lang="en"), f"kl. {time_text(clock)}", clock.strftime("%H%M")):
        assert read_time(text) == clock.replace(second=0, microsecond=0)


@given(today=COMMON_DAY, days=st.integers(1, 40_000))
def test_a_later_day_is_never_told_as_nearer(today: date, days: int) -> None:
    def rough_days(text: str) -> float:
        words = text.split()
        return (
            1
            if "morgon" in words
            else int(words[1]) * {"dagar": 1, "veckor": 7, "månader": 30.44, "år": 365.28}[words[2]]
        )

    near, far = (date.fromordinal(today.toordinal() + count) for count in (days, days + 1))
    assert rough_days(countdown(near, today)) <= rough_days(countdown(far, today)) + 0.5
