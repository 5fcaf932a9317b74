"""Who has which role: one role for each person, never one's own to change, and always somebody left who can run the office."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from inslussning.db import Session
from inslussning.errors import Invalid
from inslussning.i18n import N_
from inslussning.models import User
from inslussning.practice.access import Function, Principal, Role
from inslussning.practice.audit import Event
from inslussning.services import audit, visible

OWN_ROLE = N_("Du kan inte ändra din egen roll. Be en kollega.")
LAST_COORDINATOR = N_("Kontoret måste ha minst en samordnare som kan logga in. Ge någon annan rollen först.")


def change_role(session: Session, principal: Principal, key: UUID, role: Role) -> User:
    """Give a colleague another role, from the next page they open. Raises NotFound, and Invalid for oneself or the last coordinator."""
    principal.must(Function.SET_UP)
    if key == principal.user_id:
        raise Invalid(field="role", message=OWN_ROLE)
    user = visible.one(session, principal, User, key, joinedload(User.person))
    if role is not user.role:
        keep_a_coordinator(session, principal, user, becomes=role)
        audit.note(session, Event.ACCOUNT_CHANGED, object_id=user.id, detail=f"role {user.role} {role}")
        user.role = role
    return user


def keep_a_coordinator(session: Session, principal: Principal, user: User, *, becomes: Role | None) -> None:
    """Raise Invalid when the office would have no coordinator left who may sign in; `becomes` None: the user is stopped."""
    if user.role is not Role.COORDINATOR or becomes is Role.COORDINATOR or user.disabled_at is not None:
        return
    query = select(User.id).where(
        visible.rows(User, principal), User.role == Role.COORDINATOR, User.disabled_at.is_(None)
    )
    held = session.scalars(query.with_for_update()).all()  # so that two coordinators cannot remove each other at once
    if set(held) == {user.id}:
        raise Invalid(field="role", message=LAST_COORDINATOR)
