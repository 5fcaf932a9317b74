"""What closes a case, what may be told of a protected client, and what slows a guesser down."""

import datetime as dt
from uuid import uuid4

import pytest

from inslussning.practice.protection import (
    ASK_YOUR_OFFICER,
    BOOKED_TIME,
    MOST_TRIES,
    CasePersonKind,
    OpeningKind,
    Openness,
    Protection,
    Refusal,
    ReleaseKind,
    masked,
    may_try,
    opened_until,
    why_not_close,
    why_not_exclude,
    why_not_remove,
)
from inslussning.practice.schedule import Booked
from inslussning.practice.sheet import Entry, Fact, Sheet, SheetDay, masked_sheet

NOW = dt.datetime(2026, 11, 24, 8, 0, tzinfo=dt.UTC)
ANNA, BO = uuid4(), uuid4()


def a_time(**texts: str) -> Booked:
    told = {"what": "Samtal", "whom": "Sara, socialtjänsten", "where": "Storgatan 4", "bring": "Legitimation"} | texts
    return Booked(starts=NOW, ends=NOW + dt.timedelta(hours=1), **told)


class TestMasking:
    def test_the_place_the_way_and_the_telephone_are_never_told(self) -> None:
        told = masked(a_time(getting_there="Buss 4", contact="Sara 070-1"), ["Storgatan 4"])
        assert (told.where, told.getting_there, told.contact) == (ASK_YOUR_OFFICER, "", "")
        assert (told.what, told.whom, told.bring) == ("Samtal", "Sara, socialtjänsten", "Legitimation")

    def test_words_that_name_a_secret_give_way_however_they_are_cased(self) -> None:
        told = masked(
            a_time(what="Möte i BJÖRKSTAD", whom="Björkstads stöd", bring="Karta över björkstad"), ["Björkstad"]
        )
        assert (told.what, told.whom, told.bring) == (BOOKED_TIME, "", "")

    def test_an_empty_secret_hides_nothing(self) -> None:
        assert masked(a_time(), ["", " "]).what == "Samtal"

    def test_a_time_stays_when_it_is(self) -> None:
        assert masked(a_time(), []).starts == NOW


class TestAnOldSheet:
    def sheet(self) -> Sheet:
        told = Entry(
            "13.00–14.00",
            "Möte på Storgatan 4",
            (Fact("Vem", "Sara"), Fact("Var", "Storgatan 4"), Fact("Hitta dit", "Buss"), Fact("Kontakt", "070-1")),
        )
        release = Entry("08.30", "Du friges.")
        day = SheetDay(on="2027-01-07", name="Torsdag", date="7 januari", line="", entries=(release, told))
        return Sheet(
            language="sv",
            heading="Ditt schema",
            call="",
            phone="",
            days=(day,),
            later="",
            if_not="",
            if_not_call="",
            code="K-101",
        )

    def test_says_whom_to_ask_instead_of_where(self) -> None:
        (day,) = masked_sheet(self.sheet(), ["Storgatan 4", ""]).days
        release, told = day.entries
        assert release == Entry("08.30", "Du friges.")
        assert told.what == BOOKED_TIME
        assert [(fact.label, fact.text) for fact in told.facts] == [("Vem", "Sara"), ("Var", ASK_YOUR_OFFICER)]

    def test_keeps_words_that_tell_nothing(self) -> None:
        (day,) = masked_sheet(self.sheet(), ["Annanstans"]).days
        assert day.entries[1].what == "Möte på Storgatan 4"


class TestWhoMayBeKeptOut:
    def test_nobody_keeps_oneself_out(self) -> None:
        assert why_not_exclude(Openness(restricted=False), ANNA, by=ANNA) is Refusal.ONESELF

    def test_the_last_one_named_in_a_restricted_case_stays(self) -> None:
        case = Openness(restricted=True, named=frozenset({ANNA}))
        assert why_not_exclude(case, ANNA, by=BO) is Refusal.LAST_NAMED
        assert why_not_remove(case, ANNA) is Refusal.LAST_NAMED
        assert why_not_remove(case, BO) is None

    def test_an_open_case_needs_nobody_named(self) -> None:
        assert why_not_remove(Openness(restricted=False, named=frozenset({ANNA})), ANNA) is None

    def test_one_of_two_named_may_go(self) -> None:
        assert why_not_remove(Openness(restricted=True, named=frozenset({ANNA, BO})), ANNA) is None

    def test_a_case_is_closed_to_all_but_somebody(self) -> None:
        assert why_not_close([]) is Refusal.NOBODY_NAMED
        assert why_not_close([ANNA]) is None


@pytest.mark.parametrize(("failed", "may"), [(0, True), (MOST_TRIES - 1, True), (MOST_TRIES, False)])
def test_a_guesser_is_slowed_down(failed: int, may: bool) -> None:
    assert may_try(failed) is may


def test_an_opening_lasts_the_hours_it_is_given() -> None:
    assert opened_until(NOW, 2) == NOW + dt.timedelta(hours=2)


@pytest.mark.parametrize("kind", [*Protection, *CasePersonKind, *OpeningKind, *ReleaseKind])
def test_every_kind_has_a_word(kind: Protection | CasePersonKind | OpeningKind | ReleaseKind) -> None:
    assert kind.label


@pytest.mark.parametrize("refusal", Refusal)
def test_every_refusal_says_what_to_do(refusal: Refusal) -> None:
    assert refusal.message.endswith(".")
