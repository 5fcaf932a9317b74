"""Which rows a principal may see, as SQL conditions. The rule is `practice.access`; this is the only place that writes it in SQL.

Every query for case data starts here, so a row of another office, a case that is closed to a colleague, or one outside a partner's
part is simply absent. What the office's own staff work with and what everybody else is given are two different answers: `rows` is for
the staff, `shared` for the rest, and a table that is not named there gives them nothing.
"""

from collections.abc import Callable
from typing import TypeVar, cast
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Select, Table, bindparam, false, select, true, tuple_
from sqlalchemy.sql.base import ExecutableOption

from inslussning.db import Session
from inslussning.db.base import OfficeRow
from inslussning.errors import NotFound
from inslussning.models import (
    Action,
    ActionEvent,
    Actor,
    AgendaTemplate,
    Appointment,
    Case,
    CaseActor,
    Invitation,
    Meeting,
    Need,
    NeedArea,
    OfficeRule,
    Organisation,
    Person,
    Schedule,
    Staffing,
    User,
)
from inslussning.practice.access import Function, Principal, Role

R = TypeVar("R", bound=OfficeRow)
_ACTIONS = Action.__table__
SET_UP_TABLES: frozenset[type[OfficeRow]] = frozenset(
    {Actor, AgendaTemplate, NeedArea, OfficeRule, Organisation, Person, Staffing, User}
)
"""What an administrator works with: nothing of any client."""


def rows(model: type[R], principal: Principal) -> ColumnElement[bool]:
    """Return the condition for a table of the office: all but what belongs to a case that is not the principal's to see."""
    own_office = model.office_id == principal.office_id
    if principal.sees_whole_office:
        return own_office & _not_hidden(model, principal)
    if model in SET_UP_TABLES and principal.may(Function.SET_UP):
        return own_office
    return own_office & _shared(model, principal)


def _not_hidden(model: type[OfficeRow], principal: Principal) -> ColumnElement[bool]:
    """Return the condition that leaves out what belongs to cases closed to somebody of the staff."""
    hidden = list(principal.scope.hidden)
    if hidden and model is ActionEvent:
        return ActionEvent.action_id.not_in(select(Action.id).where(Action.case_id.in_(hidden)))
    case_id = _case_id(model)
    if not hidden or case_id is None:
        return true()
    return case_id.is_(None) | case_id.not_in(hidden)


def _case_id(model: type[OfficeRow]) -> Column[UUID] | None:
    """Return the column that says which case a row belongs to, when the table has one."""
    columns = cast(Table, model.__table__).c
    return columns.id if model is Case else columns.get("case_id")


def _shared(model: type[OfficeRow], principal: Principal) -> ColumnElement[bool]:
    """Return the condition for what somebody outside the office's staff is given of the cases open to them."""
    scope = principal.scope
    case_id = _case_id(model)
    if case_id is None or not scope.shares:
        return _slots_meetings(principal) if model is Meeting else false()
    if model in {Case, CaseActor} or (principal.role is Role.LAY_SUPERVISOR and model in {Appointment, Schedule}):
        return case_id.in_(list(scope.shares))
    if model is Action:
        return actions(principal)
    whole = case_id.in_(list(scope.whole_cases))
    part = _PARTS[model](principal) if model in _PARTS else false()
    is_given = model in _PARTS or principal.may(Function.OPEN_CASES)
    return whole | part if is_given else false()


def _own_needs(principal: Principal) -> ColumnElement[bool]:
    return tuple_(Need.case_id, Need.area_id).in_(list(principal.scope.areas))


def _own_appointments(principal: Principal) -> ColumnElement[bool]:
    return tuple_(Appointment.case_id, Appointment.actor_id).in_(list(principal.scope.parts))


def _own_meetings(principal: Principal) -> ColumnElement[bool]:
    return Meeting.id.in_(_invited(principal)) | _slots_meetings(principal)


_PARTS: dict[type[OfficeRow], Callable[[Principal], ColumnElement[bool]]] = {
    Need: _own_needs,
    Appointment: _own_appointments,
    Meeting: _own_meetings,
}
"""Of which tables a function is given its own part; where the case is open in all parts, all of it."""


def _invited(principal: Principal) -> Select[UUID | None]:
    """Return the single meetings that one's functions are invited to, in cases one may still see."""
    return (
        select(Invitation.meeting_id)
        .join(Meeting, Meeting.id == Invitation.meeting_id)
        .where(
            Invitation.office_id == principal.office_id,
            Invitation.withdrawn_at.is_(None),
            tuple_(Meeting.case_id, Invitation.actor_id).in_(list(principal.scope.parts)),
        )
    )


def _slots_meetings(principal: Principal) -> ColumnElement[bool]:
    """Return the condition for the weekly times one's functions are invited to: when and where, never whom they are about."""
    if not principal.may(Function.FOLLOW_ACTIONS):
        return false()
    slots = select(Invitation.slot_id).where(
        Invitation.office_id == principal.office_id,
        Invitation.withdrawn_at.is_(None),
        Invitation.actor_id.in_(list(principal.actor_ids)),
    )
    return Meeting.slot_id.in_(slots)


def actions(principal: Principal) -> ColumnElement[bool]:
    """Return the condition for actions: everybody outside the staff sees those of its own functions, in cases open to them."""
    own_office = Action.office_id == principal.office_id
    if principal.sees_whole_office:
        return own_office & _not_hidden(Action, principal)
    own = tuple_(Action.case_id, Action.actor_id).in_(list(principal.scope.parts))
    if not principal.may(Function.OPEN_CASES):
        return own_office & own
    return own_office & (own | Action.case_id.in_(list(principal.scope.whole_cases)))


def actions_of_case(principal: Principal, case_id: UUID) -> ColumnElement[bool]:
    """Return the condition for one case's actions: one's own, and those for needs in the subject areas one may see."""
    share = principal.scope.share(case_id)
    of_case = (Action.office_id == principal.office_id) & (Action.case_id == case_id)
    if share is None:
        return false()
    if share.whole:
        return of_case
    needs = select(Need.id).where(Need.case_id == case_id, Need.area_id.in_(list(share.area_ids)))
    return of_case & (Action.actor_id.in_(list(share.actor_ids)) | Action.need_id.in_(needs))


def bound_actions(*, whole_office: bool) -> ColumnElement[bool]:
    """Return the rule of `actions` for a statement that is built once; `parameters` gives it its values."""
    own_office = _ACTIONS.c.office_id == bindparam("office_id")
    if whole_office:
        return own_office & _ACTIONS.c.case_id.not_in(bindparam("hidden_ids", expanding=True))
    pair = tuple_(_ACTIONS.c.case_id, _ACTIONS.c.actor_id)
    # the functions alone are what the index knows; the pairs are the rule
    return (
        own_office
        & _ACTIONS.c.actor_id.in_(bindparam("staffed_ids", expanding=True))
        & pair.in_(bindparam("parts", expanding=True))
    )


def bound_rows(model: type[OfficeRow]) -> ColumnElement[bool]:
    """Return the rule of `rows` for a statement that is built once and used for the office's own staff only."""
    condition: ColumnElement[bool] = model.__table__.c.office_id == bindparam("office_id")
    case_id = _case_id(model)
    if case_id is None:
        return condition
    is_open = case_id.not_in(bindparam("hidden_ids", expanding=True))
    return condition & (case_id.is_(None) | is_open if case_id.nullable else is_open)


def parameters(principal: Principal) -> dict[str, object]:
    """Return what the statements built once need to know of whoever is asking."""
    return {
        "office_id": principal.office_id,
        "staffed_ids": list(principal.actor_ids),
        "hidden_ids": list(principal.scope.hidden),
        "parts": list(principal.scope.parts),
    }


def one(session: Session, principal: Principal, model: type[R], key: UUID, *options: ExecutableOption) -> R:
    """Return one visible row by its key; raise NotFound alike for an absent and a foreign one."""
    return only(session, select(model).where(model.id == key, rows(model, principal)).options(*options))


def only(session: Session, query: Select[R]) -> R:
    """Return the query's one row; raise NotFound when it has none."""
    row = session.scalar(query)
    if row is None:
        raise NotFound
    return row
