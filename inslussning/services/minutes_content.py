"""What a locked version of the minutes says, as it is kept.

Everything in it is written out, so that no later change of a name, an actor or an action rewrites what was agreed.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, or_, select

from inslussning.db import Session
from inslussning.i18n import translate
from inslussning.models import (
    Action,
    Actor,
    AgendaItem,
    Case,
    Meeting,
    MeetingAttendance,
    Need,
    NeedArea,
    WeeklySlot,
)
from inslussning.models.meetings import MeetingKind
from inslussning.practice.access import EVERYTHING, Principal
from inslussning.practice.attendance import Attendance
from inslussning.services import matters, meetings, visible
from inslussning.services.agenda import CASE_TITLE
from meetings.actions import ActionState, carried_over
from meetings.agenda import ItemKind

_GIVEN_UP = frozenset({ActionState.DECLINED, ActionState.DORMANT})


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")  # a later version of the product may have written more


class ItemSaid(_Kept):
    """One item of the agenda with its text."""

    key: UUID
    kind: ItemKind
    title: str
    case_id: UUID | None
    code: str
    minutes: int
    notes: str
    decisions: str


class Presence(_Kept):
    """Whether an actor came."""

    actor_id: UUID
    title: str
    attendance: Attendance


class ActionSaid(_Kept):
    """Who does what by when; without an actor it is the client's own. `who` is what people called the actor then."""

    key: UUID
    case_id: UUID
    code: str
    actor_id: UUID | None
    who: str
    what: str
    due_on: dt.date
    state: ActionState
    need: str


class MinutesContent(_Kept):
    """One locked version. `agreed` are the meeting's own actions, `carried` the earlier ones still open."""

    name: str
    kind: MeetingKind
    starts_at: dt.datetime
    ends_at: dt.datetime
    place: str
    items: tuple[ItemSaid, ...]
    attendance: tuple[Presence, ...]
    agreed: tuple[ActionSaid, ...]
    carried: tuple[ActionSaid, ...]
    next_meeting_at: dt.datetime | None

    def of_actor(self, actor_id: UUID) -> tuple[ActionSaid, ...]:
        """Return what one actor has to do, the meeting's own first; what it declined or rests is no longer asked of it."""
        return tuple(a for a in (*self.agreed, *self.carried) if a.actor_id == actor_id and a.state not in _GIVEN_UP)

    def of_case(self, case_id: UUID | None, actions: Iterable[ActionSaid]) -> list[ActionSaid]:
        """Return those of the actions that belong to a case."""
        return [action for action in actions if action.case_id == case_id]

    def actor_ids(self) -> frozenset[UUID]:
        """Return every actor that has something to do."""
        found = {a.actor_id for a in (*self.agreed, *self.carried) if a.actor_id is not None}
        return frozenset(actor_id for actor_id in found if self.of_actor(actor_id))

    def case_ids(self) -> frozenset[UUID]:
        """Return every case that somebody has something to do in."""
        return frozenset(action.case_id for action in (*self.agreed, *self.carried))

    def fingerprint(self) -> str:
        """Return a short text that changes when anything in the content does."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:32]


def content_now(session: Session, principal: Principal, meeting: Meeting, *, whole: bool = False) -> MinutesContent:
    """Return everything the meeting's draft says now, as it would be locked: to read as `masked` has it, to lock the `whole` of it."""
    items = _items(session, principal, meeting, whole=whole)
    came = session.execute(
        select(Actor, MeetingAttendance.attendance)
        .join(MeetingAttendance, MeetingAttendance.actor_id == Actor.id)
        .where(MeetingAttendance.meeting_id == meeting.id, visible.rows(MeetingAttendance, principal))
        .order_by(Actor.sort_key)
    ).all()
    case_ids = [item.case_id for item in items if item.case_id is not None]
    is_seen = visible.kept_whole(Action, principal) if whole else visible.actions(principal)
    agreed, carried = _actions(session, is_seen, meeting, case_ids)
    following = meetings.next_after(session, principal, meeting)
    return MinutesContent(
        name=_name(session, meeting),
        kind=meeting.kind,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        place="" if matters.is_protected(session, meeting.case_id) else meeting.place,
        items=items,
        attendance=tuple(Presence(actor_id=a.id, title=a.title, attendance=mark) for a, mark in came),
        agreed=agreed,
        carried=carried,
        next_meeting_at=following.starts_at if following else None,
    )


def masked(content: MinutesContent, principal: Principal) -> MinutesContent:
    """Return the content as the principal may read it: of an item about a hidden case only that there is one, and how long it takes."""

    def is_hidden(case_id: UUID | None) -> bool:
        share = principal.scope.share(case_id) if case_id is not None else EVERYTHING
        return share is None or not share.whole

    return content.model_copy(
        update={
            "items": tuple(
                _time_alone(item.key, item.minutes, principal) if is_hidden(item.case_id) else item
                for item in content.items
            ),
            "agreed": tuple(action for action in content.agreed if not is_hidden(action.case_id)),
            "carried": tuple(action for action in content.carried if not is_hidden(action.case_id)),
        }
    )


def _time_alone(key: UUID, minutes: int, principal: Principal) -> ItemSaid:
    return ItemSaid(
        key=key,
        kind=ItemKind.CASE,
        title=translate(principal.language, CASE_TITLE),
        case_id=None,
        code="",
        minutes=minutes,
        notes="",
        decisions="",
    )


def _items(session: Session, principal: Principal, meeting: Meeting, *, whole: bool) -> tuple[ItemSaid, ...]:
    """Return the items in order. A hidden one is not even loaded unless the whole is to be locked."""
    is_seen = visible.kept_whole(AgendaItem, principal) if whole else visible.rows(AgendaItem, principal)
    rows = session.execute(
        select(AgendaItem, Case.code)
        .outerjoin(Case, Case.id == AgendaItem.case_id)
        .where(AgendaItem.meeting_id == meeting.id, is_seen)
    )
    known = {item.id: _item(item, code) for item, code in rows}
    order = session.execute(
        select(AgendaItem.id, AgendaItem.minutes)
        .where(AgendaItem.meeting_id == meeting.id)
        .order_by(AgendaItem.position, AgendaItem.id)
    )
    return tuple(known.get(key) or _time_alone(key, minutes, principal) for key, minutes in order)


def _name(session: Session, meeting: Meeting) -> str:
    """Return the weekly slot's name; a video meeting has none of its own."""
    return session.scalar(select(WeeklySlot.name).where(WeeklySlot.id == meeting.slot_id)) or ""


def _item(item: AgendaItem, code: str | None) -> ItemSaid:
    return ItemSaid(
        key=item.id,
        kind=item.kind,
        title=item.title,
        case_id=item.case_id,
        code=code or "",
        minutes=item.minutes,
        notes=item.notes,
        decisions=item.decisions,
    )


def _actions(
    session: Session, is_seen: ColumnElement[bool], meeting: Meeting, case_ids: Sequence[UUID]
) -> tuple[tuple[ActionSaid, ...], tuple[ActionSaid, ...]]:
    """Return what the meeting agreed on and what its cases carry over, each by due day."""
    rows = session.execute(
        select(Action, Actor, Case.code, NeedArea.name)
        .join(Case, Case.id == Action.case_id)
        .outerjoin(Actor, Actor.id == Action.actor_id)
        .outerjoin(Need, Need.id == Action.need_id)
        .outerjoin(NeedArea, NeedArea.id == Need.area_id)
        .where(
            is_seen,
            or_(Action.meeting_id == meeting.id, Action.case_id.in_(case_ids) & Action.closed_at.is_(None)),
        )
        .order_by(Action.due_on, Action.id)
    ).all()
    said = {action.id: _said(action, actor, code, need) for action, actor, code, need in rows}
    tasks = [action.as_task() for action, *_ in rows]
    agreed = tuple(said[task.key] for task in tasks if task.meeting == meeting.id)
    carried = tuple(said[task.key] for case in case_ids for task in carried_over(tasks, case=case, meeting=meeting.id))
    return agreed, carried


def _said(action: Action, actor: Actor | None, code: str, need: str | None) -> ActionSaid:
    return ActionSaid(
        key=action.id,
        case_id=action.case_id,
        code=code,
        actor_id=action.actor_id,
        who=actor.title if actor else "",
        what=action.what,
        due_on=action.due_on,
        state=action.state,
        need=need or "",
    )
