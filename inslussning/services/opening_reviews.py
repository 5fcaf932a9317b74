"""Looking afterwards at every opening: who, when, why, what was read, and what the reviewer made of it.

A reviewer reads about openings and the log, never the cases themselves. An opening that nobody has looked at stays in the queue, and
nobody reviews one of one's own.
"""

import datetime as dt
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import aliased, joinedload
from sqlalchemy.orm.exc import StaleDataError

from inslussning.db import Session
from inslussning.errors import Changed, Invalid
from inslussning.i18n import N_
from inslussning.models import BreakGlass, Person, User
from inslussning.practice.access import Function, Principal
from inslussning.practice.audit import Event
from inslussning.practice.words import clean, looks_like_personal_number
from inslussning.services import audit, audit_reading, visible
from inslussning.services.audit_reading import LogPage, Wanted
from inslussning.services.case_people import PERSONAL_NUMBER

PAGE = 25
LONGEST_NOTE = 2000
WRITE_NOTE = N_("Skriv vad du kom fram till, om så bara att det var befogat.")
OWN = N_("Du kan inte granska din egen öppning.")


class Line(NamedTuple):
    """One opening in the queue."""

    opening: BreakGlass
    who: str
    code: str
    reviewer: str


def queue(
    session: Session, principal: Principal, *, done: bool = False, after: UUID | None = None
) -> tuple[list[Line], bool]:
    """Return a page of openings, and whether there are more: to review with the oldest first, or reviewed with the latest first."""
    query = _lines(principal).limit(PAGE + 1)
    last = _row(session, principal, after) if after else None
    if done:
        query = query.where(BreakGlass.reviewed_at.is_not(None))
        query = query.order_by(BreakGlass.opened_at.desc(), BreakGlass.id.desc())
    else:
        query = query.where(BreakGlass.reviewed_at.is_(None)).order_by(BreakGlass.opened_at, BreakGlass.id)
    if last is not None:
        query = query.where(_beyond(last, done=done))
    found = [_line(row, who, reviewer) for row, who, reviewer in session.execute(query)]
    return found[:PAGE], len(found) > PAGE


def get_opening(session: Session, principal: Principal, key: UUID) -> Line:
    """Return one opening; raises NotFound."""
    _row(session, principal, key)
    return _line(*session.execute(_lines(principal).where(BreakGlass.id == key)).one())


def what_was_read(session: Session, principal: Principal, opening: BreakGlass) -> LogPage:
    """Return what the log has on the case, by whoever opened it, while it was open: the latest first."""
    person_id = session.scalars(select(User.person_id).where(User.id == opening.user_id)).one()
    ended = min(opening.ended_at, opening.expires_at) if opening.ended_at else opening.expires_at
    wanted = Wanted(case_id=opening.case_id, person_id=person_id, span=(opening.opened_at, ended))
    return audit_reading.page_of_log(session, principal, wanted)


def review(session: Session, principal: Principal, key: UUID, *, note: str, now: dt.datetime) -> BreakGlass:
    """Mark an opening as reviewed. Raises NotFound, Changed when somebody else has, and Invalid for the note or for one's own."""
    principal.must(Function.REVIEW)
    text = clean(note)
    if not text:
        raise Invalid(field="note", message=WRITE_NOTE)
    if looks_like_personal_number(text):
        raise Invalid(field="note", message=PERSONAL_NUMBER)
    row = _row(session, principal, key)
    if row.user_id == principal.user_id:
        raise Invalid(message=OWN)
    if row.reviewed_at is not None:
        raise Changed
    row.reviewed_at, row.reviewed_by, row.review_note = now, principal.person_id, text
    audit.note(session, Event.OPENING_REVIEWED, case_ids=[row.case_id], object_id=row.id)
    try:
        session.flush()  # of two who review it at once the second is told
    except StaleDataError:
        raise Changed from None
    return row


def _row(session: Session, principal: Principal, key: UUID) -> BreakGlass:
    return visible.only(session, select(BreakGlass).where(BreakGlass.id == key, visible.openings(principal)))


def _lines(principal: Principal) -> Select[BreakGlass, str, str | None]:
    reviewer = aliased(Person)
    return (
        select(BreakGlass, Person.name, reviewer.name)
        .join(User, User.id == BreakGlass.user_id)
        .join(Person, Person.id == User.person_id)
        .outerjoin(reviewer, reviewer.id == BreakGlass.reviewed_by)
        .where(visible.openings(principal))
        .options(joinedload(BreakGlass.case))
    )


def _beyond(last: BreakGlass, *, done: bool) -> ColumnElement[bool]:
    if done:
        same = and_(BreakGlass.opened_at == last.opened_at, BreakGlass.id < last.id)
        return or_(BreakGlass.opened_at < last.opened_at, same)
    same = and_(BreakGlass.opened_at == last.opened_at, BreakGlass.id > last.id)
    return or_(BreakGlass.opened_at > last.opened_at, same)


def _line(row: BreakGlass, who: str, reviewer: str | None) -> Line:
    return Line(row, who, row.case.code, reviewer or "")
