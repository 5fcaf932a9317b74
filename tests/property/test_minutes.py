"""What holds for the minutes however they are used, and that no open action ever disappears between meetings."""

from contextlib import suppress
from datetime import date
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from meetings.actions import TRANSITIONS, ActionState, Task, carried_over
from meetings.minutes import MinutesLocked, MinutesState, MinutesStatus, change, finalise, reopen

CASES = [UUID(int=n) for n in range(1, 4)]
MEETINGS = [UUID(int=n) for n in range(10, 14)]
tasks = st.builds(
    Task,
    key=st.uuids(),
    case=st.sampled_from(CASES),
    state=st.sampled_from(ActionState),
    due=st.none() | st.dates(date(2026, 1, 1), date(2028, 1, 1)),
    meeting=st.none() | st.sampled_from(MEETINGS),
)


class MinutesMachine(RuleBasedStateMachine):
    """Somebody writes, locks and opens minutes in any order; what was locked is what the versions say for ever after."""

    def __init__(self) -> None:
        super().__init__()
        self.status = MinutesStatus()
        self.text = ""
        self.versions: list[str] = []
        self.first_seen: list[str] = []

    @rule(word=st.text(max_size=5))
    def write(self, word: str) -> None:
        with suppress(MinutesLocked):
            change(self.status)
            self.text += word

    @rule()
    def lock(self) -> None:
        with suppress(MinutesLocked):
            self.status = finalise(self.status)
            self.versions.append(self.text)
            self.first_seen.append(self.text)

    @precondition(lambda self: self.status.state is MinutesState.FINALISED)
    @rule(reason=st.text(min_size=1).filter(str.strip))
    def open_again(self, reason: str) -> None:
        self.status = reopen(self.status, reason=reason)

    @invariant()
    def the_number_is_how_many_times_it_was_locked(self) -> None:
        assert self.status.number == len(self.versions)

    @invariant()
    def locked_text_never_changes(self) -> None:
        assert self.versions == self.first_seen
        if self.status.state is MinutesState.FINALISED:
            assert self.versions[-1] == self.text


TestMinutesMachine = MinutesMachine.TestCase
TestMinutesMachine.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
examples = settings(max_examples=60, deadline=None)


@examples
@given(st.lists(tasks, unique_by=lambda task: task.key), st.sampled_from(CASES), st.sampled_from(MEETINGS))
def test_no_open_action_ever_disappears(found: list[Task], case: UUID, meeting: UUID) -> None:
    carried = carried_over(found, case=case, meeting=meeting)
    here = [task for task in found if task.case == case and task.meeting == meeting]
    assert {*carried, *here} >= {task for task in found if task.case == case and task.state.is_open}
    assert len(carried) == len(set(carried))
    assert all(task.state.is_open for task in carried)


@examples
@given(st.lists(tasks, unique_by=lambda task: task.key), st.permutations(MEETINGS), st.sampled_from(CASES))
def test_an_action_is_carried_into_every_later_meeting_until_somebody_closes_it(
    found: list[Task], meetings: list[UUID], case: UUID
) -> None:
    for task in (t for t in found if t.case == case and t.state.is_open):
        waiting = [m for m in meetings if task in carried_over(found, case=case, meeting=m)]
        assert set(waiting) == set(meetings) - {task.meeting}


@examples
@given(tasks, st.lists(st.sampled_from(ActionState), max_size=8))
def test_whatever_steps_are_taken_an_action_is_either_open_or_can_be_opened(
    task: Task, wanted: list[ActionState]
) -> None:
    state = task.state
    for one in wanted:
        state = one if one in TRANSITIONS[state] else state
    assert state.is_open or any(other.is_open for other in TRANSITIONS[state])
