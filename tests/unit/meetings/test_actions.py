from datetime import date
from itertools import product
from uuid import UUID

import pytest

from meetings.actions import OPEN_STATES, TRANSITIONS, ActionState, ActionStep, Task, carried_over, days_late, step

CASE, OTHER_CASE, MEETING, EARLIER = (UUID(int=n) for n in (1, 2, 3, 4))


def a_task(number: int, *, due: date | None = None, state: ActionState = ActionState.PLANNED, **changes: UUID) -> Task:
    return Task(UUID(int=number), changes.get("case", CASE), state, due, changes.get("meeting", EARLIER))


def keys(*tasks: Task) -> list[int]:
    return [task.key.int for task in carried_over(tasks, case=CASE, meeting=MEETING)]


class TestStep:
    @pytest.mark.parametrize(("now", "wanted"), [(a, b) for a in ActionState for b in sorted(TRANSITIONS[a])])
    def test_a_step_that_makes_sense_is_taken(self, now: ActionState, wanted: ActionState) -> None:
        assert step(now, wanted) is wanted

    @pytest.mark.parametrize(
        ("now", "wanted"), [(a, b) for a, b in product(ActionState, repeat=2) if b not in TRANSITIONS[a]]
    )
    def test_any_other_step_is_refused(self, now: ActionState, wanted: ActionState) -> None:
        with pytest.raises(ActionStep):
            step(now, wanted)

    @pytest.mark.parametrize("state", ActionState)
    def test_staying_put_is_no_step(self, state: ActionState) -> None:
        with pytest.raises(ActionStep):
            step(state, state)

    @pytest.mark.parametrize("state", [s for s in ActionState if not s.is_open])
    def test_a_closed_action_can_be_opened_again(self, state: ActionState) -> None:
        assert TRANSITIONS[state] & OPEN_STATES

    def test_done_is_not_yet_the_outcome(self) -> None:
        assert step(ActionState.DONE, ActionState.OUTCOME_REACHED) is ActionState.OUTCOME_REACHED


class TestCarriedOver:
    def test_overdue_and_soonest_come_first_and_undated_last(self) -> None:
        later, none, sooner = a_task(1, due=date(2027, 1, 1)), a_task(2), a_task(3, due=date(2026, 1, 1))
        assert keys(later, none, sooner) == [3, 1, 2]

    def test_on_the_same_day_the_order_is_always_the_same(self) -> None:
        day = date(2027, 1, 1)
        assert keys(a_task(2, due=day), a_task(1, due=day)) == [1, 2]

    def test_what_the_meeting_itself_agrees_on_is_not_carried_into_it(self) -> None:
        assert keys(a_task(1, meeting=MEETING)) == []

    def test_what_was_agreed_outside_a_meeting_is_carried_too(self) -> None:
        assert keys(Task(UUID(int=1), CASE, ActionState.ONGOING, None)) == [1]

    def test_another_case_is_not_mixed_in(self) -> None:
        assert keys(a_task(1, case=OTHER_CASE)) == []

    @pytest.mark.parametrize("state", [s for s in ActionState if not s.is_open])
    def test_a_closed_action_is_left_behind(self, state: ActionState) -> None:
        assert keys(a_task(1, state=state)) == []


class TestDaysLate:
    TODAY = date(2026, 11, 26)

    @pytest.mark.parametrize(
        ("due", "late"),
        [(date(2026, 11, 25), 1), (TODAY, 0), (date(2026, 11, 27), 0), (None, 0), (date(2026, 10, 26), 31)],
    )
    def test_it_counts_the_days_past_due(self, due: date | None, late: int) -> None:
        assert days_late(due, self.TODAY) == late
