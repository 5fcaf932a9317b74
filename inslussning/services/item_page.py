"""What the page of a meeting shows of one item: its text, and for a case what was agreed before, is agreed now and stands planned."""

import datetime as dt
from collections import Counter
from collections.abc import Container, Sequence
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import FromClause, Row, bindparam, or_, select

from inslussning.db import Session
from inslussning.db.sealed import open_cells, open_column
from inslussning.errors import NotFound
from inslussning.models import Action, AgendaItem, Appointment, Case, Meeting, Need, NeedArea
from inslussning.practice.access import Principal
from inslussning.practice.attendance import Attendance
from inslussning.practice.phases import Phase
from inslussning.practice.release import release_day
from inslussning.services import audit, bases, drafts, meetings, visible
from inslussning.services.meeting_page import ActorName, AgendaLine, Present, Sitting
from meetings.actions import ActionState, Task, carried_over, days_late

TIMES_SHOWN = 5

_item: FromClause = AgendaItem.__table__
_case: FromClause = Case.__table__
_action: FromClause = Action.__table__
_need: FromClause = Need.__table__
_area: FromClause = NeedArea.__table__
_time: FromClause = Appointment.__table__

_TEXT = select(_item.c.notes, _item.c.decisions, _item.c.version, _item.c.saved_at).where(
    _item.c.id == bindparam("item_id"), visible.bound_rows(AgendaItem)
)
_CASE = select(_case.c.code, _case.c.phase, _case.c.release_at, _case.c.lead_actor_id, _case.c.prison_actor_id).where(
    _case.c.id == bindparam("case_id"), visible.bound_rows(Case)
)
_ACTIONS = (
    select(
        _action.c.id,
        _action.c.what,
        _action.c.due_on,
        _action.c.state,
        _action.c.actor_id,
        _action.c.need_id,
        _action.c.meeting_id,
        _area.c.name,
    )
    .select_from(
        _action.outerjoin(_need, _need.c.id == _action.c.need_id).outerjoin(_area, _area.c.id == _need.c.area_id)
    )
    .where(
        _action.c.case_id == bindparam("case_id"),
        visible.bound_actions(whole_office=True),
        or_(
            _action.c.closed_at.is_(None),
            _action.c.closed_at >= bindparam("since"),
            _action.c.meeting_id == bindparam("meeting_id"),
        ),
    )
    .order_by(_action.c.due_on, _action.c.id)
)
_NEEDS = (
    select(_need.c.id, _area.c.name, _need.c.text)
    .select_from(_need.join(_area, _area.c.id == _need.c.area_id))
    .where(_need.c.case_id == bindparam("case_id"), _need.c.met_on.is_(None), visible.bound_rows(Need))
    .order_by(_area.c.position, _need.c.opened_on, _need.c.id)
)
_TIMES = (
    select(_time.c.id, _time.c.starts_at, _time.c.ends_at, _time.c.what, _time.c.actor_id)
    .where(
        _time.c.case_id == bindparam("case_id"),
        _time.c.cancelled_at.is_(None),
        _time.c.ends_at > bindparam("now"),
        visible.bound_rows(Appointment),
    )
    .order_by(_time.c.starts_at, _time.c.id)
    .limit(TIMES_SHOWN)
)


_Found = Row[Any, Any, Any, Any, Any, Any, Any, Any]


class ActionLine(NamedTuple):
    """One action as the page shows it; without an actor it is the client's own."""

    key: UUID
    what: str
    due_on: dt.date
    late: int
    state: ActionState
    actor: ActorName | None
    need_id: UUID | None
    need: str


class NeedLine(NamedTuple):
    """One need that is not met, and how many actions are open for it."""

    key: UUID
    area: str
    text: str
    open: int


class TimeLine(NamedTuple):
    """A booked time to come."""

    key: UUID
    starts_at: dt.datetime
    ends_at: dt.datetime
    what: str
    actor: ActorName | None


class CaseSide(NamedTuple):
    """What stands planned for the item's case.

    `carried` are earlier actions that are open, or were closed today or since the day of the meeting. `outside` are actors that came to
    the meeting and may know nothing of the case: they leave the room. `barred` are those of its own actors that nothing lets in now.
    """

    key: UUID
    code: str
    phase: Phase
    release_on: dt.date | None
    lead: ActorName | None
    carried: tuple[ActionLine, ...]
    agreed: tuple[ActionLine, ...]
    needs: tuple[NeedLine, ...]
    without_need: int
    times: tuple[TimeLine, ...]
    members: tuple[tuple[ActorName, Attendance | None], ...]
    outside: tuple[Present, ...]
    barred: tuple[ActorName, ...]
    next_meeting: Meeting | None


class ItemView(NamedTuple):
    """One item with its text, and its case when it is about one."""

    line: AgendaLine
    notes: str
    decisions: str
    version: int
    saved_at: dt.datetime | None
    case: CaseSide | None


def item_view(session: Session, principal: Principal, held: Sitting, line: AgendaLine, *, now: dt.datetime) -> ItemView:
    """Return one item of the meeting. In a video meeting every item is about its one case."""
    text = session.connection().execute(_TEXT, visible.parameters(principal) | {"item_id": line.key}).one()
    case_id = line.case_id or held.meeting.case_id
    case = case_side(session, principal, held, case_id, now=now) if case_id else None
    notes, decisions = open_cells(session, line.key, (_item.c.notes, text.notes), (_item.c.decisions, text.decisions))
    return ItemView(line, notes, decisions, text.version, text.saved_at, case)


def case_side(session: Session, principal: Principal, held: Sitting, case_id: UUID, *, now: dt.datetime) -> CaseSide:
    """Return what stands planned for a case the meeting is about; raises NotFound for one that is not visible."""
    zone = ZoneInfo(principal.zone)
    today = now.astimezone(zone).date()
    values = visible.parameters(principal) | {
        "case_id": case_id,
        "meeting_id": held.meeting.id,
        "since": _since(held.meeting, zone, today),
        "now": now,
    }
    connection = session.connection()
    case = connection.execute(_CASE, values).one_or_none()
    if case is None:
        raise NotFound
    audit.seen(session, [case_id])
    allowed = {actor for _, actor in bases.actors_with_basis(session, principal, [case_id], now=now)}
    within = set(held.members.get(case_id, ()))
    rows = connection.execute(_ACTIONS, values).all()
    texts = open_column(session, _action.c.what, [(row.id, row.what) for row in rows])
    lines = {row.id: _line(row, what, held.actors, today) for row, what in zip(rows, texts, strict=True)}
    open_for = Counter(line.need_id for line in lines.values() if line.state.is_open)
    return CaseSide(
        key=case_id,
        code=case.code,
        phase=case.phase,
        release_on=release_day(case.release_at, principal.zone) if case.release_at else None,
        lead=held.actors.get(case.lead_actor_id),
        carried=tuple(lines[key] for key in _carried(rows, case_id, held.meeting.id)),
        agreed=tuple(lines[row.id] for row in rows if row.meeting_id == held.meeting.id),
        needs=_needs(session, values, open_for),
        without_need=open_for[None],
        times=_times(session, values, held.actors),
        members=_members(held, case_id),
        outside=_outside(held, within & allowed),
        barred=tuple(
            held.actors[key] for key in held.members.get(case_id, ()) if key not in allowed and key in held.actors
        ),
        next_meeting=meetings.next_after(session, principal, held.meeting),
    )


def _needs(session: Session, values: dict[str, object], open_for: Counter[UUID | None]) -> tuple[NeedLine, ...]:
    rows = session.connection().execute(_NEEDS, values).all()
    texts = open_column(session, _need.c.text, [(row.id, row.text) for row in rows])
    return tuple(NeedLine(row.id, row.name, text, open_for[row.id]) for row, text in zip(rows, texts, strict=True))


def _times(session: Session, values: dict[str, object], actors: dict[UUID, ActorName]) -> tuple[TimeLine, ...]:
    rows = session.connection().execute(_TIMES, values).all()
    texts = open_column(session, _time.c.what, [(row.id, row.what) for row in rows])
    return tuple(
        TimeLine(row.id, row.starts_at, row.ends_at, what, actors.get(row.actor_id))
        for row, what in zip(rows, texts, strict=True)
    )


def _carried(rows: Sequence[_Found], case_id: UUID, meeting_id: UUID) -> list[UUID]:
    """Return earlier actions: the open ones in the order of the rule, then those closed so lately that they are still shown."""
    tasks = [Task(row.id, case_id, row.state, row.due_on, row.meeting_id) for row in rows]
    still_open = carried_over(tasks, case=case_id, meeting=meeting_id)
    closed = [task for task in tasks if not task.state.is_open and task.meeting != meeting_id]
    return [task.key for task in (*still_open, *closed)]


def _members(held: Sitting, case_id: UUID) -> tuple[tuple[ActorName, Attendance | None], ...]:
    marks = {person.actor.key: person.attendance for person in held.people}
    within = held.members.get(case_id, ())
    return tuple((held.actors[key], marks.get(key)) for key in within if key in held.actors)


def _outside(held: Sitting, within: Container[UUID]) -> tuple[Present, ...]:
    return tuple(
        person for person in held.people if person.attendance is Attendance.CAME and person.actor.key not in within
    )


class DueWords(NamedTuple):
    """What a due date may be said in relation to at an item, and the case it is for."""

    case_id: UUID
    release_on: dt.date | None
    next_on: dt.date | None


def due_words(session: Session, principal: Principal, key: UUID, item_id: UUID) -> DueWords:
    """Return what "VF-14" and "nästa möte" mean at an item; raises NotFound for an item without a case."""
    meeting = meetings.get_meeting(session, principal, key)
    item = drafts.item_of(session, principal, meeting, item_id)
    case_id = item.case_id or meeting.case_id
    if case_id is None:
        raise NotFound
    case = visible.one(session, principal, Case, case_id)
    following = meetings.next_after(session, principal, meeting)
    return DueWords(
        case_id,
        release_day(case.release_at, principal.zone) if case.release_at else None,
        release_day(following.starts_at, principal.zone) if following else None,
    )


def _line(row: _Found, what: str, actors: dict[UUID, ActorName], today: dt.date) -> ActionLine:
    return ActionLine(
        key=row.id,
        what=what,
        due_on=row.due_on,
        late=days_late(row.due_on, today) if row.state.is_open else 0,
        state=row.state,
        actor=actors.get(row.actor_id),
        need_id=row.need_id,
        need=row.name or "",
    )


def _since(meeting: Meeting, zone: ZoneInfo, today: dt.date) -> dt.datetime:
    """Return from when a closed action is still shown, so that a click by mistake is easy to see and take back."""
    first = min(today, meeting.starts_at.astimezone(zone).date())
    return dt.datetime.combine(first, dt.time.min, zone)
