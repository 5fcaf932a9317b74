"""Which rows a principal may see, as SQL conditions. The rule is `practice.access`; this is the only place that writes it in SQL.

Every query for case data starts here, so a row of another office, a case that is closed to a colleague, or one outside a partner's
part is simply absent. What the office's own staff work with and what everybody else is given are two different answers. `rows` is for
the staff: a service built on it gives anybody else nothing, whatever it asks for. `shared` is the whole rule, for the pages that say
field by field what they show, and a table that is not named there gives nothing.
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
    AgencyIdentity,
    AgendaTemplate,
    Appointment,
    BreakGlass,
    Case,
    CaseActor,
    Invitation,
    LegalBasis,
    Meeting,
    Need,
    NeedArea,
    OfficeRule,
    OfficeText,
    Organisation,
    Person,
    Schedule,
    SecondFactorRule,
    StaffChange,
    Staffing,
    User,
    UserInvitation,
)
from inslussning.practice.access import Function, Principal, Role

R = TypeVar("R", bound=OfficeRow)
_ACTIONS = Action.__table__
NO_OFFICE = UUID(int=0)
SET_UP_TABLES: frozenset[type[OfficeRow]] = frozenset(
    {
        Actor,
        AgencyIdentity,
        AgendaTemplate,
        LegalBasis,
        NeedArea,
        OfficeRule,
        OfficeText,
        Organisation,
        Person,
        SecondFactorRule,
        StaffChange,
        Staffing,
        User,
        UserInvitation,
    }
)
"""What an administrator works with: nothing of any client."""


def rows(model: type[R], principal: Principal) -> ColumnElement[bool]:
    """Return the condition for what the office's staff work with: all but what belongs to a case closed to the colleague.

    An administrator is given the tables of the office's own settings. Everybody else is given nothing.
    """
    own_office = model.office_id == principal.office_id
    if principal.sees_whole_office:
        return own_office & _not_hidden(model, principal)
    is_set_up = model in SET_UP_TABLES and principal.may(Function.SET_UP)
    return own_office if is_set_up else own_office & false()


def shared(model: type[R], principal: Principal) -> ColumnElement[bool]:
    """Return the condition for all the principal may see of a table, staff or not; fields are for the service to choose."""
    if principal.sees_whole_office:
        return rows(model, principal)
    return (model.office_id == principal.office_id) & _shared(model, principal)


def counted(model: type[R], principal: Principal) -> ColumnElement[bool]:
    """Return the condition for what may be counted in numbers without clients: never for reading a row."""
    own_office = model.office_id == principal.office_id
    if principal.sees_whole_office:
        return rows(model, principal)
    return own_office if principal.may(Function.SEE_RESULTS) else own_office & false()


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
    single = select(Invitation.meeting_id).where(own_invitations(principal), Invitation.meeting_id.is_not(None))
    return Meeting.id.in_(single) | _slots_meetings(principal)


_PARTS: dict[type[OfficeRow], Callable[[Principal], ColumnElement[bool]]] = {
    Need: _own_needs,
    Appointment: _own_appointments,
    Meeting: _own_meetings,
    Schedule: lambda _principal: false(),
}
"""Of which tables a function is given its own part; where the case is open in all parts, all of it."""


def own_invitations(principal: Principal) -> ColumnElement[bool]:
    """Return the condition for invitations to meetings that are for one's own functions, in cases one may still see."""
    if not principal.may(Function.FOLLOW_MEETINGS):
        return false()
    mine = (Invitation.office_id == principal.office_id) & Invitation.actor_id.in_(list(principal.actor_ids))
    of_case = select(Meeting.id).where(
        Meeting.id == Invitation.meeting_id,
        tuple_(Meeting.case_id, Invitation.actor_id).in_(list(principal.scope.parts)),
    )
    is_single = of_case.correlate(Invitation).exists()
    return mine & Invitation.withdrawn_at.is_(None) & (Invitation.slot_id.is_not(None) | is_single)


def _slots_meetings(principal: Principal) -> ColumnElement[bool]:
    """Return the condition for the weekly times one's functions are invited to: when and where, never whom they are about."""
    asked = select(Invitation.id).where(
        own_invitations(principal),
        Invitation.slot_id == Meeting.slot_id,
        Invitation.from_on.is_(None) | (Invitation.from_on <= Meeting.original_on),
    )
    return Meeting.slot_id.is_not(None) & asked.correlate(Meeting).exists()


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


def kept_whole(model: type[R], principal: Principal) -> ColumnElement[bool]:
    """Return the condition for what must reach every case whoever asks, and shows none of it.

    A locked version, a new mailbox, an hour that is taken: whoever asks leaves out what the hidden cases are about.
    """
    return model.office_id == principal.office_id if principal.sees_whole_office else rows(model, principal)


def openings(principal: Principal) -> ColumnElement[bool]:
    """Return the condition for openings of cases: a reviewer's are all of the office, of cases hidden from others too."""
    return (BreakGlass.office_id == principal.office_id) if principal.may(Function.REVIEW) else false()


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
    condition: ColumnElement[bool] = model.__table__.c.office_id == bindparam("worked_office_id")
    case_id = _case_id(model)
    if case_id is None:
        return condition
    is_open = case_id.not_in(bindparam("hidden_ids", expanding=True))
    return condition & (case_id.is_(None) | is_open if case_id.nullable else is_open)


def bound_whole(model: type[OfficeRow]) -> ColumnElement[bool]:
    """Return the rule of `kept_whole` for a statement that is built once: whoever runs it leaves out what is hidden."""
    condition: ColumnElement[bool] = model.__table__.c.office_id == bindparam("worked_office_id")
    return condition


def bound_area(case_id: ColumnElement[UUID], area_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Return the condition that a subject area of a case is open to somebody outside the staff, for a statement built once."""
    is_open = tuple_(case_id, area_id).in_(bindparam("areas", expanding=True))
    return is_open | case_id.in_(bindparam("whole_cases", expanding=True))


def parameters(principal: Principal) -> dict[str, object]:
    """Return what the statements built once need to know of whoever is asking; for all but the staff no office is the worked one."""
    return {
        "office_id": principal.office_id,
        "worked_office_id": principal.office_id if principal.sees_whole_office else NO_OFFICE,
        "staffed_ids": list(principal.actor_ids),
        "hidden_ids": list(principal.scope.hidden),
        "parts": list(principal.scope.parts),
        "areas": list(principal.scope.areas),
        "whole_cases": list(principal.scope.whole_cases),
    }


def one_shared(session: Session, principal: Principal, model: type[R], key: UUID, *options: ExecutableOption) -> R:
    """Return one row of what is shared with the principal; raise NotFound alike for an absent and a foreign one."""
    return only(session, select(model).where(model.id == key, shared(model, principal)).options(*options))


def one(session: Session, principal: Principal, model: type[R], key: UUID, *options: ExecutableOption) -> R:
    """Return one row the staff work with, by its key; raise NotFound alike for an absent and a foreign one."""
    return only(session, select(model).where(model.id == key, rows(model, principal)).options(*options))


def only(session: Session, query: Select[R]) -> R:
    """Return the query's one row; raise NotFound when it has none."""
    row = session.scalar(query)
    if row is None:
        raise NotFound
    return row
