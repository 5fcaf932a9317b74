from datetime import UTC, date, datetime, time

import pytest

from inslussning.practice import date_reading, dates
from inslussning.practice.dates import DateUnclear, TimeUnclear, read_date, read_time

SATURDAY = date(2026, 11, 21)  # week 47
RELEASE = date(2027, 1, 4)
NEXT_MEETING = date(2026, 11, 26)


def read(text: str, today: date = SATURDAY) -> date:
    return read_date(text, today=today, release=RELEASE, next_meeting=NEXT_MEETING)


class TestReadingADate:
    @pytest.mark.parametrize(
        "text",
        [
            *("2027-01-14", "20270114", "2027/1/14", "2027.01.14", "14/1", "14/1-27", "14/1 27", "14/1 2027", "14 / 1"),
            *("14.1.2027", "14.1", "14. 1. 2027", "14-1-2027", "14 jan", "14jan", "14 JAN.", "14 januari 2027"),
            *(
                "14-jan-2027",
                "14:e januari",
                "14e jan",
                "den 14 januari",
                "jan 14",
                "jan. 14 2027",
                "January 14th 2027",
            ),
            *(
                "tors 14 jan",
                "torsdag den 14 januari 2027",
                "torsdagen den 14:e januari",
                "Thu 14 Jan",
                "14 januari, 2027",
            ),
        ],
    )
    def test_the_same_day_may_be_written_in_many_ways(self, text: str) -> None:
        assert read(text) == date(2027, 1, 14)

    @pytest.mark.parametrize(
        ("text", "day"),
        [
            ("21/11", SATURDAY),
            ("22/11", date(2026, 11, 22)),
            ("20/11", date(2027, 11, 20)),
            ("1 jan", date(2027, 1, 1)),
        ],
    )
    def test_a_date_without_a_year_is_the_coming_one_and_today_counts(self, text: str, day: date) -> None:
        assert read(text) == day

    @pytest.mark.parametrize(
        "text", ["fre", "fredag", "Fredag", "på fredag", "nu på fredag", "fr", "friday", "senast fre"]
    )
    def test_a_weekday_is_the_next_such_day(self, text: str) -> None:
        assert read(text) == date(2026, 11, 27)

    def test_todays_weekday_means_next_week(self) -> None:
        assert read("lördag") == date(2026, 11, 28)

    def test_next_friday_is_the_friday_of_next_week_even_when_a_friday_comes_before(self) -> None:
        monday = date(2026, 11, 23)
        assert read("fredag", monday) == date(2026, 11, 27)
        assert read("nästa fredag", monday) == date(2026, 12, 4)

    @pytest.mark.parametrize(
        ("text", "day"),
        [
            ("idag", SATURDAY),
            ("i dag", SATURDAY),
            ("imorgon", date(2026, 11, 22)),
            ("i morgon", date(2026, 11, 22)),
            ("senast i morgon", date(2026, 11, 22)),
            ("övermorgon", date(2026, 11, 23)),
            ("igår", date(2026, 11, 20)),
            ("i förrgår", date(2026, 11, 19)),
            ("tomorrow", date(2026, 11, 22)),
            ("om 3 dagar", date(2026, 11, 24)),
            ("3 dagar", date(2026, 11, 24)),
            ("om två veckor", date(2026, 12, 5)),
            ("om ett par veckor", date(2026, 12, 5)),
            ("om en månad", date(2026, 12, 21)),
            ("om 1 år", date(2027, 11, 21)),
            ("in two weeks", date(2026, 12, 5)),
            ("för 3 dagar sedan", date(2026, 11, 18)),
            ("2 weeks ago", date(2026, 11, 7)),
        ],
    )
    def test_words_count_from_today(self, text: str, day: date) -> None:
        assert read(text) == day

    @pytest.mark.parametrize(
        ("text", "day"),
        [
            ("v 48", date(2026, 11, 27)),
            ("vecka 48", date(2026, 11, 27)),
            ("v.48", date(2026, 11, 27)),
            ("mån v 49", date(2026, 11, 30)),
            ("lör v 47", SATURDAY),
            ("v 47", date(2027, 11, 26)),
            ("v 1", date(2027, 1, 8)),
            ("v 1 2028", date(2028, 1, 7)),
            ("nästa vecka", date(2026, 11, 27)),
            ("tisdag nästa vecka", date(2026, 11, 24)),
            ("ons i nästa vecka", date(2026, 11, 25)),
        ],
    )
    def test_a_week_is_a_deadline_on_its_friday_unless_a_day_is_named(self, text: str, day: date) -> None:
        assert read(text) == day

    @pytest.mark.parametrize(
        ("text", "day"),
        [
            ("VF", RELEASE),
            ("vf-14", date(2026, 12, 21)),
            ("VF – 14", date(2026, 12, 21)),
            ("VF\u221214", date(2026, 12, 21)),
            ("VF+7", date(2027, 1, 11)),
            ("VF-2 veckor", date(2026, 12, 21)),
            ("VF-1 mån", date(2026, 12, 4)),
            ("14 dagar före VF", date(2026, 12, 21)),
            ("två veckor efter frigivningen", date(2027, 1, 18)),
            ("nästa möte", NEXT_MEETING),
            ("till nästa möte", NEXT_MEETING),
        ],
    )
    def test_a_date_may_hang_on_the_release_or_the_next_meeting(self, text: str, day: date) -> None:
        assert read(text) == day

    @pytest.mark.parametrize(
        "text", ["14\u00a0jan", " 14  jan ", "１４/１", "\u0967\u096a/\u0967", "14\u200b jan", "14 JAN", "2027‑01‑14"]
    )
    def test_odd_spaces_digits_and_dashes_do_not_matter(self, text: str) -> None:
        assert read(text) == date(2027, 1, 14)

    def test_letters_may_lack_their_dots_and_rings(self) -> None:
        assert read("mandag") == read("måndag") == read("ma\u030andag") == date(2026, 11, 23)

    def test_a_month_later_in_a_shorter_month_is_its_last_day(self) -> None:
        assert read("om en månad", date(2027, 1, 31)) == date(2027, 2, 28)


class TestRefusingADate:
    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", date_reading.NO_DATE),
            (" \u00a0\t", date_reading.NO_DATE),
            ("\u200b", date_reading.NO_DATE),
            *(
                (text, DateUnclear.message)
                for text in ("kladd", "?", "om", "13:00", "1/2/3", "850101-1234", "9 bananer")
            ),
            *(
                (text, DateUnclear.message)
                for text in ("om många dagar", "tjugo veckor före VF", "14 kladd 2027", "zz 14 jan")
            ),
            *((text, DateUnclear.message) for text in ("zz v 48", "zz nästa vecka", "VF-3 bananer", "1" * 61)),
            *((text, date_reading.NO_SUCH_DAY) for text in ("30 feb", "29 feb", "32/1", "14/13", "2027-02-29", "v 54")),
            *((text, date_reading.NO_SUCH_DAY) for text in ("0000-01-01", "om 9999 år", "ons 30 feb", "v 53 2027")),
            *(
                (text, date_reading.WHICH_DAY)
                for text in ("14", "den 14", "14:e", "jan", "jan 2027", "2027", "2027-01")
            ),
            *((text, date_reading.WHICH_DAY) for text in ("270114", "27-01-14", "3-4", "vf 14")),
            ("ons 14 jan", date_reading.WRONG_WEEKDAY),
            *((text, date_reading.ODD_YEAR) for text in ("1027-01-14", "2927-01-14", "om 9999 veckor")),
        ],
    )
    def test_what_is_not_one_certain_day_is_refused_with_what_to_write(self, text: str, message: str) -> None:
        with pytest.raises(DateUnclear) as refusal:
            read(text)
        assert refusal.value.message == message
        assert refusal.value.status == 422

    def test_a_date_that_hangs_on_nothing_says_what_is_missing(self) -> None:
        with pytest.raises(DateUnclear) as no_release:
            read_date("VF-14", today=SATURDAY)
        with pytest.raises(DateUnclear) as no_meeting:
            read_date("nästa möte", today=SATURDAY)
        assert no_release.value.message == date_reading.NO_RELEASE
        assert no_meeting.value.message == date_reading.NO_NEXT_MEETING

    def test_the_last_day_of_the_calendar_has_no_tomorrow(self) -> None:
        with pytest.raises(DateUnclear):
            read("i morgon", date.max)


class TestReadingATime:
    @pytest.mark.parametrize(
        ("text", "clock"),
        [
            ("9", time(9)),
            ("09", time(9)),
            ("9.30", time(9, 30)),
            ("09:30", time(9, 30)),
            ("0930", time(9, 30)),
            ("930", time(9, 30)),
            ("9 30", time(9, 30)),
            ("9,30", time(9, 30)),
            ("kl 9", time(9)),
            ("kl. 13.00", time(13)),
            ("Klockan 13", time(13)),
            ("kl13", time(13)),
            ("08:30:00", time(8, 30)),
            ("0.00", time(0)),
            ("１３.００", time(13)),
        ],
    )
    def test_a_time_may_be_written_in_many_ways(self, text: str, clock: time) -> None:
        assert read_time(text) == clock

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("  ", dates.NO_TIME),
            ("lunch", TimeUnclear.message),
            ("12345", TimeUnclear.message),
            ("13-14", TimeUnclear.message),
            ("24.00", dates.NO_SUCH_TIME),
            ("9.61", dates.NO_SUCH_TIME),
        ],
    )
    def test_what_is_no_time_is_refused_with_what_to_write(self, text: str, message: str) -> None:
        with pytest.raises(TimeUnclear) as refusal:
            read_time(text)
        assert refusal.value.message == message


class TestWriting:
    THURSDAY = date(2027, 1, 7)
    STARTS, ENDS = datetime(2027, 1, 7, 12, tzinfo=UTC), datetime(2027, 1, 7, 13, tzinfo=UTC)

    def test_a_day_in_a_list_is_short(self) -> None:
        assert dates.day_text(self.THURSDAY) == "tors 7 jan"
        assert dates.day_text(self.THURSDAY, lang="en") == "Thu 7 Jan"
        assert dates.weekday_short(self.THURSDAY) == "tors"
        assert dates.month_short(self.THURSDAY) == "jan"

    def test_the_year_stands_there_when_it_is_another_than_todays(self) -> None:
        assert dates.day_text(self.THURSDAY, date(2027, 12, 31)) == "tors 7 jan"
        assert dates.day_text(self.THURSDAY, SATURDAY) == "tors 7 jan 2027"

    def test_a_day_in_full_has_everything(self) -> None:
        assert dates.day_long(self.THURSDAY) == "torsdag 7 januari 2027"
        assert dates.day_long(self.THURSDAY, lang="en") == "Thursday 7 January 2027"

    def test_times_have_a_full_stop_in_swedish_and_a_colon_in_english(self) -> None:
        assert dates.time_text(time(9, 5)) == "09.05"
        assert dates.time_text(time(9, 5), lang="en") == "09:05"
        assert dates.span_text(time(13), time(14)) == "13.00–14.00"

    def test_an_instant_is_written_as_the_wall_clock_shows_it(self) -> None:
        zone = "Europe/Stockholm"
        assert dates.moment_text(self.STARTS, zone, self.THURSDAY) == "tors 7 jan kl. 13.00"
        assert dates.moment_text(self.STARTS, zone, SATURDAY, lang="en") == "Thu 7 Jan 2027 at 13:00"
        assert dates.moment_span_text(self.STARTS, self.ENDS, zone) == "tors 7 jan kl. 13.00–14.00"
        assert dates.moment_text(datetime(2027, 7, 1, 12, tzinfo=UTC), zone) == "tors 1 juli kl. 14.00"

    def test_the_first_days_of_january_may_belong_to_week_53(self) -> None:
        assert dates.week_number(date(2027, 1, 1)) == 53

    @pytest.mark.parametrize(
        ("days", "text"),
        [
            (0, "i dag"),
            (1, "i morgon"),
            (-1, "i går"),
            (3, "om 3 dagar"),
            (-2, "för 2 dagar sedan"),
            (13, "om 13 dagar"),
            (14, "om 2 veckor"),
            (35, "om 5 veckor"),
            (60, "om 2 månader"),
            (61, "om 2 månader"),
            (120, "om 4 månader"),
            (-365, "för 12 månader sedan"),
            (729, "om 24 månader"),
            (730, "om 2 år"),
        ],
    )
    def test_the_distance_is_told_in_the_unit_people_would_use(self, days: int, text: str) -> None:
        assert dates.countdown(date.fromordinal(SATURDAY.toordinal() + days), SATURDAY) == text

    def test_the_distance_is_told_in_english_too(self) -> None:
        assert dates.countdown(RELEASE, SATURDAY, lang="en") == "in 6 weeks"
        assert dates.countdown(SATURDAY, RELEASE, lang="en") == "6 weeks ago"
        assert dates.countdown(SATURDAY, SATURDAY, lang="en") == "today"


def test_a_month_after_the_last_of_january_is_the_last_of_february() -> None:
    assert dates.months_from(date(2028, 1, 31), 1) == date(2028, 2, 29)
    assert dates.months_from(date(2027, 1, 4), 1) == date(2027, 2, 4)
    assert dates.months_from(date(2027, 1, 4), -6) == date(2026, 7, 4)
