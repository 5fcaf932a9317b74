"""Actions made the way the pages make them. Callers commit."""

import datetime as dt
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from inslussning.models import Action, Actor, Case, Need, NeedArea
from inslussning.services import actions
from inslussning.services.actions import NewAction
from meetings.actions import ActionState
from tests.factories.offices import World


def an_action(
    session: Session,
    world: World,
    *,
    now: dt.datetime,
    what: str = "Ringa om boendet",
    due_on: dt.date = dt.date(2026, 12, 1),
    actor: Actor | None = None,
    case: Case | None = None,
    need_id: UUID | None = None,
    meeting_id: UUID | None = None,
) -> Action:
    """An open action of social services in K-101, due a week from the tests' Tuesday."""
    new = NewAction(
        case_id=(case or world.near).id,
        actor_id=(actor or world.social).id,
        what=what,
        due_on=due_on,
        need_id=need_id,
        meeting_id=meeting_id,
    )
    return actions.add_action(session, world.coordinator, new, now=now)


def a_closed_action(session: Session, world: World, *, now: dt.datetime, what: str = "Boka en tid") -> Action:
    action = an_action(session, world, now=now, what=what)
    return actions.set_state(session, world.coordinator, action.id, ActionState.DONE, now=now)


def a_need(session: Session, world: World, case: Case, *, area: str = "Boende") -> Need:
    """A need of the case in one of the areas every new office has."""
    found = session.scalars(select(NeedArea).where(NeedArea.office_id == world.office.id, NeedArea.name == area)).one()
    need = Need(office_id=world.office.id, case_id=case.id, area_id=found.id, opened_on=case.opened_on)
    session.add(need)
    session.flush()
    return need
