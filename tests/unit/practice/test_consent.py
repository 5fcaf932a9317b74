"""Consent in words, and the days the office's own numbers give."""

import datetime as dt
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from inslussning.practice.access import Basis
from inslussning.practice.consent import (
    Answer,
    AskingAgain,
    Clock,
    ConsentState,
    Form,
    ReasonCode,
    StateKind,
    ask_again_days,
    consent_state,
    usual_end,
)

TODAY = dt.date(2026, 11, 24)
NOW = dt.datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo("Europe/Stockholm"))
CLOCK = Clock(NOW, TODAY, remind_days=30)
RULES = AskingAgain(after_months=1, before_months=2)


def a_basis(first: str = "2026-09-01", last: str = "2027-06-30", ended_at: dt.datetime | None = None) -> Basis:
    return Basis(frozenset({uuid4()}), dt.date.fromisoformat(first), dt.date.fromisoformat(last), ended_at)


def said(*consents: Basis, needed: bool = True) -> str:
    message, params = consent_state(consents, CLOCK, needed=needed).said
    return message % params


class TestState:
    def test_an_actor_of_the_own_agency_needs_none(self) -> None:
        assert said(needed=False) == "behövs inte"

    def test_none_at_all_is_missing(self) -> None:
        assert said() == "saknas"
        assert ConsentState(StateKind.MISSING).said == ("", {})

    def test_one_in_force_holds_until_its_last_day(self) -> None:
        assert said(a_basis()) == "gäller t.o.m. ons 30 juni 2027"

    def test_the_one_that_holds_longest_counts(self) -> None:
        assert said(a_basis(last="2026-11-25"), a_basis(last="2027-01-31")) == "gäller t.o.m. sön 31 jan 2027"

    @pytest.mark.parametrize(
        ("last", "words"),
        [
            ("2026-12-24", "går ut om 30 dagar, tors 24 dec"),
            ("2026-11-26", "går ut om 2 dagar, tors 26 nov"),
            ("2026-11-25", "går ut i morgon, ons 25 nov"),
            ("2026-11-24", "sista dagen är i dag"),
        ],
    )
    def test_one_that_ends_soon_says_how_soon(self, last: str, words: str) -> None:
        assert said(a_basis(last=last)) == words

    def test_one_day_more_than_the_rule_is_not_soon(self) -> None:
        assert consent_state([a_basis(last="2026-12-25")], CLOCK).kind is StateKind.HOLDS

    def test_one_to_come_says_when_it_begins(self) -> None:
        assert said(a_basis("2026-12-01"), a_basis("2027-01-01")) == "börjar gälla tis 1 dec"

    def test_one_that_was_taken_back_says_when(self) -> None:
        assert said(a_basis(ended_at=NOW - dt.timedelta(days=3))) == "återkallat lör 21 nov"

    def test_taking_back_counts_on_the_same_moment(self) -> None:
        assert consent_state([a_basis(ended_at=NOW)], CLOCK).kind is StateKind.REVOKED

    def test_one_taken_back_before_it_began_does_not_begin(self) -> None:
        assert consent_state([a_basis("2026-12-01", ended_at=NOW)], CLOCK).kind is StateKind.REVOKED

    def test_one_that_ran_out_says_when(self) -> None:
        assert said(a_basis(last="2026-11-20")) == "gick ut fre 20 nov"

    def test_one_taken_back_after_it_ran_out_ran_out(self) -> None:
        assert said(a_basis(last="2026-11-20", ended_at=NOW)) == "gick ut fre 20 nov"

    def test_the_last_thing_that_happened_is_what_is_said(self) -> None:
        lapsed, revoked = a_basis(last="2026-11-22"), a_basis(ended_at=NOW - dt.timedelta(days=10))
        assert said(lapsed, revoked) == "gick ut sön 22 nov"

    def test_a_new_one_stands_above_one_that_was_taken_back(self) -> None:
        assert consent_state([a_basis(ended_at=NOW), a_basis()], CLOCK).kind is StateKind.HOLDS

    def test_a_decision_without_an_end_is_no_consent_that_holds_to_a_day(self) -> None:
        endless = Basis(frozenset(), dt.date(2026, 1, 1), None)
        assert consent_state([endless], CLOCK).kind is StateKind.LAPSED

    @pytest.mark.parametrize("kind", list(StateKind))
    def test_only_what_holds_is_open(self, kind: StateKind) -> None:
        assert kind.is_open == (kind in {StateKind.NOT_NEEDED, StateKind.HOLDS, StateKind.ENDS_SOON})


class TestDays:
    def test_a_consent_is_proposed_some_months_past_the_release(self) -> None:
        assert usual_end(dt.date(2027, 1, 4), TODAY, months=6) == dt.date(2027, 7, 4)

    def test_for_a_client_who_is_out_it_counts_from_today(self) -> None:
        assert usual_end(dt.date(2026, 10, 1), TODAY, months=6) == dt.date(2027, 5, 24)
        assert usual_end(None, TODAY, months=6) == dt.date(2027, 5, 24)

    def test_the_days_of_the_scenario(self) -> None:
        days = ask_again_days(dt.date(2027, 4, 22), dt.date(2027, 9, 30), RULES)
        assert days == (dt.date(2027, 5, 24), dt.date(2027, 7, 30))  # 22 May is a Saturday

    def test_no_day_lies_after_the_release(self) -> None:
        assert ask_again_days(dt.date(2027, 9, 10), dt.date(2027, 9, 30), RULES) == ()

    def test_without_a_release_there_is_the_first_day_alone(self) -> None:
        assert ask_again_days(dt.date(2027, 4, 22), None, RULES) == (dt.date(2027, 5, 24),)

    def test_the_same_day_twice_is_one_day(self) -> None:
        assert ask_again_days(dt.date(2027, 6, 30), dt.date(2027, 9, 30), RULES) == (dt.date(2027, 7, 30),)


def test_every_choice_has_words() -> None:
    for choice in (*Form, *Answer, *ReasonCode):
        assert choice.label
