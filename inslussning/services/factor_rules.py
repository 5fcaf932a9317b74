"""Which roles must have a second factor: dated rules of the office. Who has none is led to add one right after the password."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from inslussning.db import Session
from inslussning.errors import Invalid
from inslussning.models import Office, SecondFactorRule, User
from inslussning.practice.access import Function, Principal, Role
from inslussning.practice.sign_in import REQUIRED_WHEN_UNSAID
from inslussning.services import visible
from inslussning.services.office_rules import DAY_HAS_BEEN


@dataclass(frozen=True, slots=True)
class RoleRule:
    """What holds for a role today, and what has been decided for later."""

    role: Role
    required: bool
    coming: tuple[SecondFactorRule, ...]


def is_required(session: Session, user: User, *, now: dt.datetime) -> bool:
    """Tell whether the user's office demands a second factor of the user's role today."""
    zone = session.scalars(select(Office.timezone).where(Office.id == user.office_id)).one()
    return _in_force(session, user.office_id, user.role, now.astimezone(ZoneInfo(zone)).date())


def _in_force(session: Session, office_id: UUID, role: Role, today: dt.date) -> bool:
    decided = session.scalar(
        select(SecondFactorRule.required)
        .where(
            SecondFactorRule.office_id == office_id,
            SecondFactorRule.role == role,
            SecondFactorRule.valid_from <= today,
        )
        .order_by(SecondFactorRule.valid_from.desc())
        .limit(1)
    )
    return role in REQUIRED_WHEN_UNSAID if decided is None else decided


def list_rules(session: Session, principal: Principal, *, today: dt.date) -> Sequence[RoleRule]:
    """Return the rule of every role."""
    rows = session.scalars(
        select(SecondFactorRule)
        .where(visible.rows(SecondFactorRule, principal), SecondFactorRule.valid_from > today)
        .order_by(SecondFactorRule.valid_from)
    ).all()
    return [
        RoleRule(
            role,
            _in_force(session, principal.office_id, role, today),
            tuple(row for row in rows if row.role is role),
        )
        for role in Role
    ]


def set_rule(
    session: Session, principal: Principal, role: Role, *, required: bool, valid_from: dt.date, today: dt.date
) -> None:
    """Let the rule of a role hold from a day, today at the earliest; one already written for that day is replaced."""
    principal.must(Function.SET_UP)
    if valid_from < today:
        raise Invalid(field="valid_from", message=DAY_HAS_BEEN)
    same_day = select(SecondFactorRule).where(
        visible.rows(SecondFactorRule, principal),
        SecondFactorRule.role == role,
        SecondFactorRule.valid_from == valid_from,
    )
    row = session.scalar(same_day)
    if row is None:
        row = SecondFactorRule(office_id=principal.office_id, role=role, valid_from=valid_from)
        session.add(row)
    row.required = required


def demand_of_nobody(session: Session, office_id: UUID, *, since: dt.date) -> None:
    """Demand no second factor of any role: the demo's sign-ins are read on its own page."""
    session.add_all(SecondFactorRule(office_id=office_id, role=role, required=False, valid_from=since) for role in Role)
