"""A meeting's minutes while they are a draft: opened by the first thing written, closed by finalising.

Everything that writes on a meeting comes in through here and holds the meeting's row while it does: writers share it, and whoever
finalises or changes the agenda has it alone. So a text that was acknowledged is in the version that is locked, or its writer is told that
the version is locked. SQLite writes one at a time anyway; PostgreSQL needs the lock.
"""

from contextlib import suppress
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from inslussning.db import Session
from inslussning.errors import Changed, PracticeError
from inslussning.i18n import N_
from inslussning.models import AgendaItem, Meeting, Minutes
from inslussning.practice.access import Principal
from inslussning.services import visible
from meetings import minutes as rules
from meetings.minutes import MinutesState


class MinutesLocked(PracticeError):
    """The minutes are finalised; nothing of the meeting changes until they are opened again with a reason."""

    status = Changed.status
    message = N_("Minnesanteckningarna är slutförda och kan inte ändras. Öppna dem igen och skriv varför.")


class MeetingCancelled(PracticeError):
    """A meeting that is not held has nothing to write in."""

    status = Changed.status
    message = N_("Mötet är inställt. Det går inte att skriva i det.")


def open_meeting(session: Session, principal: Principal, key: UUID, *, alone: bool = False) -> Meeting:
    """Return a meeting that may be written in, held so that nobody finalises it meanwhile (`alone`: nor writes in it).

    Raises NotFound, MeetingCancelled and MinutesLocked.
    """
    meeting = hold(session, principal, key, alone=alone)
    minutes = find_minutes(session, meeting)
    if minutes is not None:
        try:
            rules.change(minutes.as_status())
        except rules.MinutesLocked:
            raise MinutesLocked from None
    return meeting


def hold(session: Session, principal: Principal, key: UUID, *, alone: bool) -> Meeting:
    """Return a planned meeting with its row held until the transaction ends. Raises NotFound and MeetingCancelled."""
    query = select(Meeting).where(Meeting.id == key, visible.rows(Meeting, principal)).with_for_update(read=not alone)
    meeting = visible.only(session, query)
    if not meeting.is_planned:
        raise MeetingCancelled
    return meeting


def find_minutes(session: Session, meeting: Meeting) -> Minutes | None:
    """Return the meeting's minutes, or None before anything has been written."""
    return session.scalar(select(Minutes).where(Minutes.meeting_id == meeting.id))


def begin(session: Session, meeting: Meeting) -> Minutes:
    """Return the meeting's minutes, opened as a draft when nothing had been written yet."""
    minutes = find_minutes(session, meeting)
    if minutes is None:
        fresh = Minutes(office_id=meeting.office_id, meeting_id=meeting.id, state=MinutesState.DRAFT)
        with suppress(IntegrityError), session.begin_nested():  # somebody else wrote first at the same moment
            session.add(fresh)
        minutes = session.scalars(select(Minutes).where(Minutes.meeting_id == meeting.id)).one()
    return minutes


def item_of(session: Session, principal: Principal, meeting: Meeting, item_id: UUID) -> AgendaItem:
    """Return an item of this very meeting; raises NotFound for another meeting's."""
    found = select(AgendaItem).where(
        AgendaItem.id == item_id, AgendaItem.meeting_id == meeting.id, visible.rows(AgendaItem, principal)
    )
    return visible.only(session, found)
