"""The lists of actions, which everybody opens many times a day and which must stay quick however many there are.

Each shape of list is one Core statement, built the first time it is asked for and kept. Pages follow each other by key (the due date and
the id of the last row), so that nothing is lost or shown twice while others add and close.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Row, Select, bindparam, case, exists, func, null, or_, select, tuple_

from inslussning.db import Session
from inslussning.db.sealed import open_column
from inslussning.models import Action, Actor, Case, Need, NeedArea, Organisation
from inslussning.practice.access import Principal
from inslussning.practice.action_words import ActionDue, ActionScope
from inslussning.practice.phases import Phase
from inslussning.services import actions, audit, visible
from meetings.actions import ActionState

PAGE = 25
_START = UUID(int=0)  # no row has it, so a list that starts after it on a day starts with that day
_LATEST = dt.datetime(9000, 1, 1, tzinfo=dt.UTC)
_MOMENT = "%Y-%m-%dT%H:%M:%S.%f"

D = TypeVar("D", dt.date, dt.datetime)

_action: FromClause = Action.__table__
_actor: FromClause = Actor.__table__
_area: FromClause = NeedArea.__table__
_case: FromClause = Case.__table__
_need: FromClause = Need.__table__
_organisation: FromClause = Organisation.__table__


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which actions somebody asks for. `clients_own` are those without an actor; `due` only concerns open ones."""

    scope: ActionScope = ActionScope.ALL
    due: ActionDue = ActionDue.ALL
    actor_id: UUID | None = None
    clients_own: bool = False
    case_id: UUID | None = None
    area_id: UUID | None = None


class ActionRow(NamedTuple):
    """One action as a list shows it; templates unpack it. `day` is when it is due, or in the closed list the day it was closed."""

    key: UUID
    what: str
    day: dt.date
    state: ActionState
    actor: str | None
    kind: str | None
    case_id: UUID
    code: str
    area: str | None


_Found = Row[UUID, str, dt.date, ActionState, str | None, str | None, str | None, UUID, str, str | None]
_Rows = Select[UUID, str, dt.date, ActionState, str | None, str | None, str | None, UUID, str, str | None]


class ActionPage(NamedTuple):
    """One page of a list. `after` is what to ask for next, empty on the last page; counts are of the open ones."""

    rows: list[ActionRow]
    after: str
    open: int
    late: int


class Choices(NamedTuple):
    """What the list can be narrowed to."""

    actors: list[tuple[UUID, str]]
    cases: list[tuple[UUID, str]]
    areas: list[tuple[UUID, str]]


class _Shape(NamedTuple):
    """What decides the text of a statement; everything else is a parameter."""

    whole_office: bool
    scope: ActionScope
    actor: Literal["any", "one", "nobody"]
    has_case: bool
    has_area: bool


def open_page(session: Session, principal: Principal, wanted: Wanted, *, today: dt.date, after: str = "") -> ActionPage:
    """Return a page of open actions, the most overdue first, with the counts of the whole list.

    An `after` that is none of ours starts from the beginning.
    """
    since, until = wanted.due.days(today)
    shape = _shape(principal, wanted)
    values = _values(principal, wanted) | {"since": since, "until": until, "today": today}
    after_on, after_id = _read_after(after, dt.date.fromisoformat) or (since, _START)
    connection = session.connection()
    found = connection.execute(
        _open_rows(shape), values | {"after_on": max(after_on, since), "after_id": after_id}
    ).all()
    opened, late = connection.execute(_open_counts(shape), values).one()
    return ActionPage(*_cut(session, found), opened, late)


def closed_page(session: Session, principal: Principal, wanted: Wanted, *, after: str = "") -> ActionPage:
    """Return a page of closed actions, the last closed first; they are not counted, as they only grow."""
    before_at, before_id = _read_after(after, _moment) or (_LATEST, _START)
    values = _values(principal, wanted) | {"before_at": before_at, "before_id": before_id}
    found = session.connection().execute(_closed_rows(_shape(principal, wanted)), values).all()
    return ActionPage(*_cut(session, found), 0, 0)


def counts(session: Session, principal: Principal, wanted: Wanted, *, today: dt.date) -> tuple[int, int]:
    """Return how many open actions there are, and how many of them are late."""
    since, until = wanted.due.days(today)
    values = _values(principal, wanted) | {"since": since, "until": until, "today": today}
    opened, late = session.connection().execute(_open_counts(_shape(principal, wanted)), values).one()
    return opened, late


def choices(session: Session, principal: Principal, wanted: Wanted) -> Choices:
    """Return what a coordinator can narrow the list to: what is in use, and what is chosen now. A partner sees no names."""
    if not principal.sees_whole_office:
        return Choices([], [], [])
    connection = session.connection()
    values = _values(principal, wanted)
    return Choices(
        [(key, _title(function, place)) for key, function, place in connection.execute(_ACTOR_CHOICES, values)],
        [(key, code) for key, code in connection.execute(_CASE_CHOICES, values)],
        [(key, name) for key, name in connection.execute(_AREA_CHOICES, values)],
    )


def row_of(principal: Principal, action: Action) -> ActionRow:
    """Return one action with its names loaded as the lists show it."""
    actor, need = action.actor, actions.need_shown(principal, action)
    return ActionRow(
        key=action.id,
        what=action.what,
        day=action.closed_at or action.due_on,
        state=action.state,
        actor=actor.title if actor else None,
        kind=actor.organisation.kind if actor else None,
        case_id=action.case_id,
        code=action.case.code,
        area=need.area.name if need else None,
    )


def _shape(principal: Principal, wanted: Wanted) -> _Shape:
    return _Shape(
        whole_office=principal.sees_whole_office,
        scope=wanted.scope,
        actor="nobody" if wanted.clients_own else "one" if wanted.actor_id else "any",
        has_case=wanted.case_id is not None,
        has_area=wanted.area_id is not None,
    )


def _values(principal: Principal, wanted: Wanted) -> dict[str, object]:
    return visible.parameters(principal) | {
        "organisation_id": principal.organisation_id,
        "actor_id": wanted.actor_id,
        "case_id": wanted.case_id,
        "area_id": wanted.area_id,
    }


def _conditions(shape: _Shape) -> list[ColumnElement[bool]]:
    """Return what rows of this shape have in common, open and closed."""
    found = [visible.bound_actions(whole_office=shape.whole_office)]
    if shape.actor == "one":
        found.append(_action.c.actor_id == bindparam("actor_id"))
    if shape.actor == "nobody":
        found.append(_action.c.actor_id.is_(None))
    if shape.scope is ActionScope.MINE:
        found.append(_action.c.actor_id.in_(bindparam("staffed_ids", expanding=True)))
    if shape.scope is ActionScope.ORGANISATION:
        own = (_actor.c.id == _action.c.actor_id) & (_actor.c.organisation_id == bindparam("organisation_id"))
        found.append(exists().where(own).correlate(_action))
    if shape.has_case:
        found.append(_action.c.case_id == bindparam("case_id"))
    if shape.has_area:
        in_area = (_need.c.id == _action.c.need_id) & (_need.c.area_id == bindparam("area_id"))
        found.append(exists().where(in_area).correlate(_action))
    return found


def _rows(shape: _Shape, day: ColumnElement[dt.date] | ColumnElement[dt.datetime]) -> _Rows:
    columns = (
        *(_action.c.id, _action.c.what, day, _action.c.state),
        *(_actor.c.function, _actor.c.place, _organisation.c.kind),
        *(_action.c.case_id, _case.c.code, _area_name(shape)),
    )
    return (
        select(*columns)
        .select_from(
            _action.join(_case, _case.c.id == _action.c.case_id)
            .outerjoin(_actor, _actor.c.id == _action.c.actor_id)
            .outerjoin(_organisation, _organisation.c.id == _actor.c.organisation_id)
            .outerjoin(_need, _need.c.id == _action.c.need_id)
            .outerjoin(_area, _area.c.id == _need.c.area_id)
        )
        .where(*_conditions(shape))
        .limit(PAGE + 1)
    )


def _area_name(shape: _Shape) -> ColumnElement[str | None]:
    """Return what the need is about; of one's own action for a need one may not see, nothing."""
    if shape.whole_office:
        return _area.c.name
    return case((visible.bound_area(_action.c.case_id, _area.c.id), _area.c.name), else_=null())


@cache
def _open_rows(shape: _Shape) -> _Rows:
    key = tuple_(_action.c.due_on, _action.c.id)
    last = tuple_(bindparam("after_on", type_=_action.c.due_on.type), bindparam("after_id", type_=_action.c.id.type))
    return (
        _rows(shape, _action.c.due_on)
        .where(_action.c.closed_at.is_(None), key > last, _action.c.due_on <= bindparam("until"))
        .order_by(_action.c.due_on, _action.c.id)
    )


@cache
def _closed_rows(shape: _Shape) -> _Rows:
    key = tuple_(_action.c.closed_at, _action.c.id)
    last = tuple_(
        bindparam("before_at", type_=_action.c.closed_at.type), bindparam("before_id", type_=_action.c.id.type)
    )
    return (
        _rows(shape, _action.c.closed_at)
        .where(_action.c.closed_at.is_not(None), key < last)
        .order_by(_action.c.closed_at.desc(), _action.c.id.desc())
    )


@cache
def _open_counts(shape: _Shape) -> Select[int, int]:
    is_late = _action.c.due_on < bindparam("today")
    return (
        select(func.count(), func.count().filter(is_late))
        .select_from(_action)
        .where(
            *_conditions(shape),
            _action.c.closed_at.is_(None),
            _action.c.due_on.between(bindparam("since"), bindparam("until")),
        )
    )


_ACTOR_CHOICES = (
    select(_actor.c.id, _actor.c.function, _actor.c.place)
    .where(visible.bound_rows(Actor), or_(_actor.c.closed_on.is_(None), _actor.c.id == bindparam("actor_id")))
    .order_by(_actor.c.sort_key)
)
_CASE_CHOICES = (
    select(_case.c.id, _case.c.code)
    .where(visible.bound_rows(Case), or_(_case.c.phase != Phase.CLOSED, _case.c.id == bindparam("case_id")))
    .order_by(_case.c.sort_key, _case.c.id)
)
_AREA_CHOICES = (
    select(_area.c.id, _area.c.name)
    .where(visible.bound_rows(NeedArea), or_(_area.c.closed_on.is_(None), _area.c.id == bindparam("area_id")))
    .order_by(_area.c.position, _area.c.id)
)


def _title(function: str, place: str) -> str:
    """Return what `Actor.title` returns, without an Actor."""
    return f"{function} – {place}" if place else function


def _cut(session: Session, found: Sequence[_Found]) -> tuple[list[ActionRow], str]:
    """Return one page of what was found, and what the next one starts after."""
    audit.seen(session, (row[7] for row in found[:PAGE]))
    texts = open_column(session, _action.c.what, [(row[0], row[1]) for row in found[:PAGE]])
    rows = [
        ActionRow(key, what, day, state, _title(function, place or "") if function else None, kind, case_id, code, area)
        for (key, _, day, state, function, place, kind, case_id, code, area), what in zip(found, texts, strict=False)
    ]
    return rows, _after(rows[-1]) if len(found) > PAGE else ""


def _after(row: ActionRow) -> str:
    """Write a row's place in the list, for an address."""
    day = row.day.strftime(_MOMENT) if isinstance(row.day, dt.datetime) else row.day.isoformat()
    return f"{day}_{row.key.hex}"


def _read_after(text: str, read_day: Callable[[str], D]) -> tuple[D, UUID] | None:
    """Return the place a text means, or None when it means none."""
    day, _, key = text.partition("_")
    try:
        return read_day(day), UUID(hex=key)
    except ValueError:
        return None


def _moment(text: str) -> dt.datetime:
    return dt.datetime.strptime(text, _MOMENT).replace(tzinfo=dt.UTC)
