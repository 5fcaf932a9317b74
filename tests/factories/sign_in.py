"""People with a second factor, and the codes their app would show."""

import datetime as dt

import pyotp
from sqlalchemy import select
from sqlalchemy.orm import Session

from inslussning.models import CodeApp, SecondFactorRule
from inslussning.practice.access import Principal, Role
from inslussning.services import second_factors

BEFORE = dt.timedelta(minutes=10)


def a_code_app(session: Session, principal: Principal, *, now: dt.datetime) -> list[str]:
    """Give the user a code app, ten minutes ago; return the codes for the paper."""
    second_factors.start_app(session, principal)
    session.flush()
    return second_factors.confirm_app(
        session, principal, pending_code(session, principal, now - BEFORE), now=now - BEFORE
    )


def secret_of(session: Session, principal: Principal) -> str:
    app = session.scalars(select(CodeApp).where(CodeApp.user_id == principal.user_id)).one()
    return app.secret


def pending_code(session: Session, principal: Principal, at: dt.datetime) -> str:
    app = session.scalars(select(CodeApp).where(CodeApp.user_id == principal.user_id)).one()
    return pyotp.TOTP(app.pending_secret).at(at)


def code_at(session: Session, principal: Principal, at: dt.datetime) -> str:
    return pyotp.TOTP(secret_of(session, principal)).at(at)


def demand(session: Session, principal: Principal, role: Role = Role.COORDINATOR, *, since: dt.date) -> None:
    """Let the office demand a second factor of a role."""
    session.add(SecondFactorRule(office_id=principal.office_id, role=role, required=True, valid_from=since))
    session.flush()
