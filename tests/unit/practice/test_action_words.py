"""The words for actions, and which days each choice covers."""

from datetime import date, timedelta

import pytest

from inslussning.practice.action_words import STATE_COLOURS, STATE_WORDS, ActionDue, ActionScope, step_word
from meetings.actions import TRANSITIONS, ActionState

TUESDAY = date(2026, 11, 24)


def test_every_state_has_a_word_and_a_colour() -> None:
    assert set(STATE_WORDS) == set(STATE_COLOURS) == set(ActionState)


@pytest.mark.parametrize("state", ActionState)
def test_the_buttons_of_one_state_never_say_the_same(state: ActionState) -> None:
    said = [step_word(state, wanted) for wanted in TRANSITIONS[state]]
    assert len(said) == len(set(said))


@pytest.mark.parametrize("state", [ActionState.DONE, ActionState.OUTCOME_REACHED, ActionState.DECLINED])
def test_what_is_closed_is_opened_again(state: ActionState) -> None:
    back = next(wanted for wanted in TRANSITIONS[state] if wanted.is_open)
    assert step_word(state, back) == "Öppna igen"


def test_every_choice_has_a_word_of_its_own() -> None:
    for kind in (ActionScope, ActionDue):
        assert len({choice.label for choice in kind}) == len(kind)


def test_late_ends_yesterday() -> None:
    assert ActionDue.LATE.days(TUESDAY) == (date.min, date(2026, 11, 23))


@pytest.mark.parametrize("day", [date(2026, 11, 23) + timedelta(days=n) for n in range(7)])
def test_this_week_is_monday_to_sunday_whatever_day_it_is(day: date) -> None:
    assert ActionDue.WEEK.days(day) == (date(2026, 11, 23), date(2026, 11, 29))


def test_the_next_thirty_days_begin_today() -> None:
    assert ActionDue.MONTH.days(TUESDAY) == (TUESDAY, date(2026, 12, 24))
