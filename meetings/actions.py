"""An action: who does what by when. Its life, and how open actions follow the case from meeting to meeting.

"Done" and "outcome reached" are two things: the form was sent in, or the client has somewhere to live.
An action is an agreement; the actor may decline it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID


class ActionState(StrEnum):
    """Where an action stands."""

    PLANNED = "planned"
    ONGOING = "ongoing"
    DONE = "done"
    OUTCOME_REACHED = "outcome_reached"
    DECLINED = "declined"
    DORMANT = "dormant"

    @property
    def is_open(self) -> bool:
        """Tell whether somebody still has something to do."""
        return self in OPEN_STATES


OPEN_STATES = frozenset({ActionState.PLANNED, ActionState.ONGOING})

# From every state to those a person may put it in. A closed action can be opened again: people mark the wrong row.
TRANSITIONS: dict[ActionState, frozenset[ActionState]] = {
    ActionState.PLANNED: frozenset(
        {ActionState.ONGOING, ActionState.DONE, ActionState.OUTCOME_REACHED, ActionState.DECLINED, ActionState.DORMANT}
    ),
    ActionState.ONGOING: frozenset(
        {ActionState.PLANNED, ActionState.DONE, ActionState.OUTCOME_REACHED, ActionState.DECLINED, ActionState.DORMANT}
    ),
    ActionState.DONE: frozenset({ActionState.OUTCOME_REACHED, ActionState.ONGOING}),
    ActionState.OUTCOME_REACHED: frozenset({ActionState.ONGOING}),
    ActionState.DECLINED: frozenset({ActionState.PLANNED}),
    ActionState.DORMANT: frozenset({ActionState.PLANNED, ActionState.ONGOING}),
}


class ActionStep(ValueError):
    """The action cannot go from where it stands to where somebody wants it."""


def step(now: ActionState, wanted: ActionState) -> ActionState:
    """Return the new state; raise ActionStep when the step makes no sense. Staying put is no step."""
    if wanted not in TRANSITIONS[now]:
        raise ActionStep(f"{now} -> {wanted}")
    return wanted


@dataclass(frozen=True, slots=True)
class Task:
    """What carry-over needs to know of an action."""

    key: UUID
    case: UUID
    state: ActionState
    due: date | None
    meeting: UUID | None = None


def carried_over(tasks: Iterable[Task], *, case: UUID, meeting: UUID) -> tuple[Task, ...]:
    """Return the case's open actions that an earlier meeting agreed on, overdue and soonest first, undated last.

    An open action never drops out: it is carried until somebody closes it.
    """
    open_now = [t for t in tasks if t.case == case and t.state.is_open and t.meeting != meeting]
    return tuple(sorted(open_now, key=lambda t: (t.due is None, t.due or date.max, t.key)))


def days_late(due: date | None, today: date) -> int:
    """Return how many days past due, 0 when not."""
    return max(0, (today - due).days) if due else 0
