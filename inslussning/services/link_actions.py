"""What an actor may do behind the link in its mail: say how its own actions stand, without an account.

The link opens one version's actions of one actor, for as long as it holds and the actor may know of the case. Looking changes nothing.
"""

import datetime as dt
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from inslussning.db import Session
from inslussning.errors import NotFound
from inslussning.models import Action
from inslussning.practice.action_words import step_word
from inslussning.services import actions, extracts
from inslussning.services.extracts import Extract
from inslussning.services.links import Links
from meetings.actions import TRANSITIONS, ActionState

_BY_LINK = (ActionState.DONE, ActionState.ONGOING, ActionState.PLANNED, ActionState.DECLINED)


class Standing(NamedTuple):
    """How an action stands now, and what may be said of it: state and the word on its button."""

    state: ActionState
    due_on: dt.date
    steps: tuple[tuple[ActionState, str], ...]


def standings(session: Session, found: Extract) -> dict[UUID, Standing]:
    """Return how the actions of an opened link stand now, by their keys."""
    rows = session.scalars(_own(found))
    return {row.id: Standing(row.state, row.due_on, _steps(row.state)) for row in rows}


def _own(found: Extract) -> Select[Action]:
    keys = [action.key for action in found.actions]
    return select(Action).where(Action.id.in_(keys), Action.actor_id == found.actor.id)


def _steps(state: ActionState) -> tuple[tuple[ActionState, str], ...]:
    return tuple((wanted, step_word(state, wanted)) for wanted in _BY_LINK if wanted in TRANSITIONS[state])


def say(
    session: Session, links: Links, token: str, key: UUID, state: ActionState, *, note: str = "", now: dt.datetime
) -> Action:
    """Put one of the link's actions in a state. Raises NotFound for any other, and what `actions.put` raises."""
    found = extracts.open_extract(session, links, token, now=now)
    query = _own(found).where(Action.id == key).options(joinedload(Action.case)).with_for_update(of=Action)
    action = session.scalar(query)
    if action is None or state not in {action.state, *dict(_steps(action.state))}:
        raise NotFound
    return actions.put(session, action, state, note=note, by=None, now=now)
