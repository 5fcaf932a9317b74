"""A meeting of the group with an agenda to write in. Callers commit."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from inslussning.models import Actor, AgendaItem, Case, Meeting
from inslussning.services import agenda, minutes
from inslussning.services.minutes import ItemDraft, Saved
from tests.factories.offices import World
from tests.factories.planning import a_slot

HELD = dt.datetime(2026, 11, 26, 8, 30, tzinfo=dt.UTC)  # half an hour into the first meeting
HELD_ON = dt.date(2026, 11, 26)


def a_weekly_meeting(session: Session, world: World, *, now: dt.datetime, actors: tuple[Actor, ...] = ()) -> Meeting:
    """The first of a row of Thursdays 9–11, 26 November 2026; nothing is on its agenda."""
    chosen = tuple(actor.id for actor in actors)
    slot = a_slot(session, world.coordinator, now=now, first_on=HELD_ON, last_on=dt.date(2027, 1, 28), actor_ids=chosen)
    return session.scalars(select(Meeting).where(Meeting.slot_id == slot.id).order_by(Meeting.starts_at)).all()[0]


def beside(session: Session, meeting: Meeting) -> list[Meeting]:
    """The meetings of the same slot in time order, this one among them."""
    return list(session.scalars(select(Meeting).where(Meeting.slot_id == meeting.slot_id).order_by(Meeting.starts_at)))


def a_held_meeting(session: Session, world: World, *, now: dt.datetime, actors: tuple[Actor, ...] = ()) -> Meeting:
    """The same with the proposal as its agenda: three standing items, K-101 and K-102 as items 1 and 2."""
    meeting = a_weekly_meeting(session, world, now=now, actors=actors)
    agenda.use_proposal(session, world.coordinator, meeting.id, today=HELD_ON)
    return meeting


def items_of(session: Session, meeting: Meeting) -> list[AgendaItem]:
    query = select(AgendaItem).where(AgendaItem.meeting_id == meeting.id).order_by(AgendaItem.position)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def item_of(session: Session, meeting: Meeting, case: Case) -> AgendaItem:
    return next(item for item in items_of(session, meeting) if item.case_id == case.id)


def written(
    session: Session, world: World, item: AgendaItem, *, notes: str = "", decisions: str = "", now: dt.datetime = HELD
) -> Saved:
    """Save an item's text as the page does."""
    draft = ItemDraft(notes=notes, decisions=decisions, version=item.version)
    return minutes.save_item(session, world.coordinator, item.meeting_id, item.id, draft, now=now)
