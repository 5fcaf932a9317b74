"""Which rows a principal may see, as SQL conditions. The rule is `practice.access`; this is the only place that writes it in SQL.

Every query for case data starts here, so a row of another office, or a case outside a partner's part, is simply absent.
"""

from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, false, select, true
from sqlalchemy.sql.base import ExecutableOption

from inslussning.db import Session
from inslussning.db.base import OfficeRow
from inslussning.errors import NotFound
from inslussning.models import Action
from inslussning.practice.access import Principal

R = TypeVar("R", bound=OfficeRow)
_ACTIONS = Action.__table__


def rows(model: type[R], principal: Principal) -> ColumnElement[bool]:
    """Return the condition for a table of the office: all of the coordinator's own office, none of a partner's."""
    if not principal.sees_whole_office:
        return false()
    return model.office_id == principal.office_id


def actions(principal: Principal) -> ColumnElement[bool]:
    """Return the condition for actions: a partner sees those of the functions it staffs today."""
    own_office = Action.office_id == principal.office_id
    return own_office & (true() if principal.sees_whole_office else Action.actor_id.in_(principal.actor_ids))


def bound_actions(*, whole_office: bool) -> ColumnElement[bool]:
    """Return the rule of `actions` for a statement that is built once; `parameters` gives it its values."""
    own_office = _ACTIONS.c.office_id == bindparam("office_id")
    return (
        own_office if whole_office else own_office & _ACTIONS.c.actor_id.in_(bindparam("staffed_ids", expanding=True))
    )


def bound_rows(model: type[OfficeRow]) -> ColumnElement[bool]:
    """Return the rule of `rows` for a statement that is built once and used for coordinators only."""
    condition: ColumnElement[bool] = model.__table__.c.office_id == bindparam("office_id")
    return condition


def parameters(principal: Principal) -> dict[str, object]:
    """Return what the statements built once need to know of whoever is asking."""
    return {"office_id": principal.office_id, "staffed_ids": list(principal.actor_ids)}


def one(session: Session, principal: Principal, model: type[R], key: UUID, *options: ExecutableOption) -> R:
    """Return one visible row by its key; raise NotFound alike for an absent and a foreign one."""
    return only(session, select(model).where(model.id == key, rows(model, principal)).options(*options))


def only(session: Session, query: Select[R]) -> R:
    """Return the query's one row; raise NotFound when it has none."""
    row = session.scalar(query)
    if row is None:
        raise NotFound
    return row
