from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inslussning.practice.bookings import (
    BookingImpossible,
    BookingWarning,
    Busy,
    BusyWith,
    Proposed,
    Severity,
    WarningKind,
    suggest,
    warnings_for,
)
from meetings.holidays import is_closed

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def at(text: str) -> datetime:
    """Return the wall time in Stockholm as an instant: "2027-01-07 13:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM).astimezone(UTC)


def proposed(text: str, minutes: int = 60, place: str = "") -> Proposed:
    return Proposed(at(text), at(text) + timedelta(minutes=minutes), "Europe/Stockholm", place)


def busy(what: BusyWith, text: str, minutes: int = 60, label: str = "frivården", place: str = "") -> Busy:
    return Busy(at(text), at(text) + timedelta(minutes=minutes), what, label, place)


def warnings(time: Proposed, *others: Busy, release: str | None = None) -> tuple[BookingWarning, ...]:
    return warnings_for(time, busy=others, release_at=at(release) if release else None)


def kinds(time: Proposed, *others: Busy, release: str | None = None) -> list[WarningKind]:
    return [one.kind for one in warnings(time, *others, release=release)]


def said(warning: BookingWarning) -> str:
    return warning.message % warning.params


class TestWarnings:
    def test_an_ordinary_free_hour_needs_no_warning(self) -> None:
        assert kinds(proposed("2027-01-14 13:00"), release="2027-01-04 08:30") == []

    @pytest.mark.parametrize("minutes", [0, -30])
    def test_a_time_that_ends_before_it_starts_is_impossible(self, minutes: int) -> None:
        with pytest.raises(BookingImpossible) as refusal:
            kinds(proposed("2027-01-14 13:00", minutes))
        assert refusal.value.field == "ends"

    def test_a_time_before_the_release_says_when_that_is(self) -> None:
        (warning,) = warnings(proposed("2026-12-21 13:00"), release="2027-01-04 08:30")
        assert (warning.kind, warning.severity) == (WarningKind.BEFORE_RELEASE, Severity.CONFIRM)
        assert said(warning) == "Tiden ligger före frigivningen mån 4 jan 2027 kl. 08.30."

    def test_a_release_without_an_hour_is_told_as_a_day_and_leaves_that_day_open(self) -> None:
        (warning,) = warnings(proposed("2026-12-21 13:00"), release="2027-01-04 00:00")
        assert said(warning) == "Tiden ligger före frigivningen mån 4 jan 2027."
        assert kinds(proposed("2027-01-04 13:00"), release="2027-01-04 00:00") == []

    @pytest.mark.parametrize(
        ("what", "kind", "text"),
        [
            (BusyWith.CLIENT, WarningKind.CLIENT_BUSY, "Klienten har redan en tid då: frivården 13.30–14.30."),
            (BusyWith.ACTOR, WarningKind.ACTOR_BUSY, "Aktören är upptagen då: frivården 13.30–14.30."),
            (
                BusyWith.WEEKLY_SLOT,
                WarningKind.WEEKLY_SLOT,
                "Aktören är upptagen av veckotiden då: frivården 13.30–14.30.",
            ),
        ],
    )
    def test_an_overlap_says_with_what(self, what: BusyWith, kind: WarningKind, text: str) -> None:
        (warning,) = warnings(proposed("2027-01-14 13:00"), busy(what, "2027-01-14 13:30"))
        assert (warning.kind, warning.severity) == (kind, Severity.CONFIRM)
        assert said(warning) == text

    def test_times_that_only_touch_do_not_overlap(self) -> None:
        before, after = (busy(BusyWith.ACTOR, f"2027-01-14 {hour}:00") for hour in (12, 14))
        assert kinds(proposed("2027-01-14 13:00"), before, after) == []

    @pytest.mark.parametrize(
        ("day", "kind", "severity"),
        [
            ("2027-01-06", WarningKind.PUBLIC_HOLIDAY, Severity.CONFIRM),
            ("2027-06-25", WarningKind.EVE, Severity.CONFIRM),
            ("2027-01-09", WarningKind.WEEKEND, Severity.CONFIRM),
            ("2027-01-05", WarningKind.DAY_BEFORE, Severity.NOTE),
            ("2027-05-07", WarningKind.BRIDGE, Severity.NOTE),
        ],
    )
    def test_a_day_when_doors_may_be_locked_says_so(self, day: str, kind: WarningKind, severity: Severity) -> None:
        (warning,) = warnings(proposed(f"{day} 13:00"))
        assert (warning.kind, warning.severity) == (kind, severity)

    def test_a_holiday_is_named(self) -> None:
        (warning,) = warnings(proposed("2027-01-06 13:00"))
        assert said(warning) == "Dagen är helgdag (Trettondedag jul). Räkna med att det är stängt."

    @pytest.mark.parametrize(
        ("text", "minutes"), [("2027-01-14 07:30", 60), ("2027-01-14 16:30", 60), ("2027-01-14 09:00", 24 * 60)]
    )
    def test_a_time_outside_office_hours_is_worth_a_note(self, text: str, minutes: int) -> None:
        (warning,) = warnings(proposed(text, minutes))
        assert (warning.kind, warning.severity) == (WarningKind.OUTSIDE_HOURS, Severity.NOTE)
        assert said(warning) == "Tiden ligger utanför kontorstid, 08.00–17.00."

    @pytest.mark.parametrize("text", ["2027-01-14 08:00", "2027-07-01 08:00", "2027-01-14 16:00"])
    def test_office_hours_follow_the_wall_clock_winter_and_summer(self, text: str) -> None:
        assert kinds(proposed(text)) == []

    @pytest.mark.parametrize("text", ["2027-01-14 11:45", "2027-01-14 14:15"])
    def test_a_quarter_between_two_places_is_too_short(self, text: str) -> None:
        (warning,) = warnings(
            proposed("2027-01-14 13:00", place="Storgatan 1"), busy(BusyWith.CLIENT, text, place="Kyrkogatan 2")
        )
        assert (warning.kind, warning.severity) == (WarningKind.SHORT_TRAVEL, Severity.NOTE)
        assert said(warning).startswith("Det är 15 minuter mellan den här tiden och frivården")

    @pytest.mark.parametrize(
        ("other", "place"),
        [
            (busy(BusyWith.CLIENT, "2027-01-14 14:30", place="Kyrkogatan 2"), "Storgatan 1"),
            (busy(BusyWith.CLIENT, "2027-01-14 14:15", place=" storgatan  1 "), "Storgatan 1"),
            (busy(BusyWith.CLIENT, "2027-01-14 14:15"), "Storgatan 1"),
            (busy(BusyWith.CLIENT, "2027-01-14 14:15", place="Kyrkogatan 2"), ""),
            (busy(BusyWith.ACTOR, "2027-01-14 14:15", place="Kyrkogatan 2"), "Storgatan 1"),
        ],
    )
    def test_time_to_travel_is_no_matter_in_the_same_or_an_unknown_place(self, other: Busy, place: str) -> None:
        assert kinds(proposed("2027-01-14 13:00", place=place), other) == []

    def test_the_most_serious_comes_first(self) -> None:
        found = kinds(
            proposed("2027-01-06 07:00"),
            busy(BusyWith.ACTOR, "2027-01-06 07:00"),
            busy(BusyWith.CLIENT, "2027-01-06 07:30"),
            release="2027-01-06 08:30",
        )
        assert found == [
            WarningKind.BEFORE_RELEASE,
            WarningKind.CLIENT_BUSY,
            WarningKind.ACTOR_BUSY,
            WarningKind.PUBLIC_HOLIDAY,
            WarningKind.OUTSIDE_HOURS,
        ]

    def test_times_are_written_in_the_readers_language(self) -> None:
        (warning,) = warnings_for(proposed("2027-01-14 07:00"), busy=(), release_at=None, lang="en")
        assert warning.params == {"span": "08:00–17:00"}


class TestSuggesting:
    """Scenario S1: release on Monday 4 January 2027, Epiphany on the Wednesday, the weekly slot on Thursdays 9–11."""

    RELEASE = at("2027-01-04 08:30")
    SLOT = busy(BusyWith.WEEKLY_SLOT, "2027-01-07 09:00", 120, "Veckotiden")

    @pytest.mark.parametrize("clock", ["10:00", "11:00", "13:00"])
    def test_social_services_on_epiphany_are_moved_to_thursday_after_the_weekly_slot(self, clock: str) -> None:
        found = suggest(proposed(f"2027-01-06 {clock}"), busy=[self.SLOT], release_at=self.RELEASE)
        assert found[0] == at("2027-01-07 13:00")
        assert len(found) == 3

    def test_the_employment_service_that_meant_that_thursday_is_moved_to_friday(self) -> None:
        social_services = busy(BusyWith.CLIENT, "2027-01-07 13:00", 60, "socialtjänsten")
        found = suggest(proposed("2027-01-07 13:00"), busy=[self.SLOT, social_services], release_at=self.RELEASE)
        assert found == (at("2027-01-08 13:00"), at("2027-01-11 13:00"), at("2027-01-12 13:00"))

    def test_a_day_the_client_already_has_a_time_comes_after_every_free_day(self) -> None:
        every_day = [busy(BusyWith.CLIENT, f"2027-01-{day:02} 09:00") for day in range(1, 32)]
        found = suggest(proposed("2027-01-06 13:00"), busy=every_day, release_at=None)
        assert found == (at("2027-02-01 13:00"), at("2027-02-02 13:00"), at("2027-01-07 13:00"))

    def test_a_later_hour_the_same_day_will_do(self) -> None:
        found = suggest(proposed("2027-01-14 10:00"), busy=[busy(BusyWith.ACTOR, "2027-01-14 10:00")], release_at=None)
        assert found[0] == at("2027-01-14 11:00")

    def test_an_earlier_hour_another_day_will_do_when_the_afternoon_is_taken(self) -> None:
        afternoon = busy(BusyWith.ACTOR, "2027-01-15 13:00", 240)
        found = suggest(
            proposed("2027-01-14 15:00"),
            busy=[afternoon, busy(BusyWith.ACTOR, "2027-01-14 08:00", 540)],
            release_at=None,
        )
        assert found[0] == at("2027-01-15 09:00")

    def test_before_the_release_the_first_suggestion_is_the_day_after_it(self) -> None:
        found = suggest(proposed("2026-12-21 10:00"), busy=[], release_at=self.RELEASE, count=1)
        assert found == (at("2027-01-05 10:00"),)

    def test_an_odd_hour_becomes_a_usual_one(self) -> None:
        assert suggest(proposed("2027-01-14 18:00"), busy=[], release_at=None, count=1) == (at("2027-01-15 09:00"),)

    def test_the_clock_time_is_kept_over_the_change_to_summer_time(self) -> None:
        found = suggest(
            proposed("2027-03-25 13:15"), busy=[busy(BusyWith.ACTOR, "2027-03-25 08:00", 540)], release_at=None
        )
        assert found[0] == at("2027-03-30 13:15")  # after Easter, with two hours to UTC instead of one

    def test_nothing_is_suggested_when_four_weeks_are_full(self) -> None:
        assert (
            suggest(
                proposed("2027-01-14 13:00"),
                busy=[busy(BusyWith.ACTOR, "2027-01-14 00:00", 40 * 1440)],
                release_at=None,
            )
            == ()
        )

    @given(
        hours=st.integers(0, 24 * 60),
        minutes=st.integers(15, 240),
        taken=st.lists(
            st.tuples(st.sampled_from(BusyWith), st.integers(0, 24 * 60), st.integers(15, 300)), max_size=20
        ),
        released=st.none() | st.integers(0, 24 * 30),
    )
    @settings(max_examples=60, deadline=None)
    def test_a_suggestion_is_later_open_and_needs_no_confirmation(
        self, hours: int, minutes: int, taken: list[tuple[BusyWith, int, int]], released: int | None
    ) -> None:
        start = datetime(2027, 3, 1, tzinfo=UTC)
        wanted = Proposed(
            start + timedelta(hours=hours), start + timedelta(hours=hours, minutes=minutes), "Europe/Stockholm"
        )
        others = [
            Busy(start + timedelta(hours=hour), start + timedelta(hours=hour, minutes=length), what, "x")
            for what, hour, length in taken
        ]
        release_at = None if released is None else start + timedelta(hours=released)
        found = suggest(wanted, busy=others, release_at=release_at)
        assert len(found) <= 3
        assert len({one.astimezone(STOCKHOLM).date() for one in found}) == len(found)
        for one in found:
            again = Proposed(one, one + timedelta(minutes=minutes), "Europe/Stockholm")
            assert one > wanted.starts
            assert not is_closed(one.astimezone(STOCKHOLM).date())
            notes = warnings_for(again, busy=others, release_at=release_at)
            assert all(note.severity is Severity.NOTE for note in notes)


def test_kinds_are_told_apart_by_their_texts() -> None:
    days = ("2027-01-06", "2027-06-25", "2027-01-09", "2027-01-05", "2027-05-07")
    texts = {warnings(proposed(f"{day} 13:00"))[0].message for day in days}
    assert len(texts) == len(days)
