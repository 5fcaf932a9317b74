"""Who may sign in: colleagues of the office, and partners who want an account of their own."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import contains_eager, joinedload

from inslussning.db import Session
from inslussning.errors import Invalid
from inslussning.i18n import N_
from inslussning.models import Actor, Office, Organisation, Person, User
from inslussning.practice.access import Function, Principal, Role
from inslussning.practice.words import one_line, sort_key
from inslussning.services import principals, roles, sessions, sign_in, visible
from inslussning.services.passwords import hash_password

ADDRESS_TAKEN = N_("Det finns redan en inloggning med den adressen.")


def list_users(session: Session, principal: Principal) -> Sequence[User]:
    """Return the office's users with their people, by name."""
    query = (
        select(User)
        .join(User.person)
        .options(contains_eager(User.person))
        .where(visible.rows(User, principal))
        .order_by(Person.name)
    )
    return session.scalars(query).all()


def first_coordinator(session: Session, *, now: dt.datetime) -> Principal | None:
    """Return the installation's first coordinator who may sign in: on whose behalf the command line works."""
    query = (
        select(User.id)
        .join(Office, Office.id == User.office_id)
        .where(User.role == Role.COORDINATOR, User.disabled_at.is_(None))
        .order_by(Office.created_at, User.id)
        .limit(1)
    )
    user_id = session.scalar(query)
    return None if user_id is None else principals.of_user(session, user_id, now=now)


def organisations(session: Session, principal: Principal) -> list[tuple[UUID, str]]:
    """Return the key and name of every organisation of the office, by name, to say whom a person works for."""
    query = select(Organisation.id, Organisation.name).where(visible.rows(Organisation, principal))
    return sorted(((key, name) for key, name in session.execute(query)), key=lambda pair: sort_key(pair[1]))


def add_user(
    session: Session, principal: Principal, *, name: str, email: str, password: str, role: Role, organisation_id: UUID
) -> User:
    """Let a person sign in; the person is found by address or made. Raises Invalid when the address already signs in."""
    principal.must(Function.SET_UP)
    address = email.casefold()
    if session.scalar(select(User.id).where(User.email == address)) is not None:
        raise Invalid(field="email", message=ADDRESS_TAKEN)
    organisation = visible.one(session, principal, Organisation, organisation_id)
    person = session.scalar(select(Person).where(visible.rows(Person, principal), Person.email == address))
    if person is None:
        person = Person(office_id=principal.office_id, name=name, email=address, organisation_id=organisation.id)
        session.add(person)
        session.flush()  # the user names the person
    user = User(
        office_id=principal.office_id,
        person_id=person.id,
        email=address,
        password_hash=hash_password(password, about=[person.name, address, principal.office_name]),
        role=role,
    )
    session.add(user)
    try:
        session.flush()  # the address is unique in the database, where two at once cannot both win
    except IntegrityError:
        raise Invalid(field="email", message=ADDRESS_TAKEN) from None
    return user


def set_password(session: Session, email: str, password: str) -> None:
    """Give a user a new password and end its sessions: the way back in from the command line. Raises Invalid for an unknown address."""
    user = session.scalar(select(User).where(User.email == one_line(email).casefold()))
    if user is None:
        raise Invalid(field="email", message=N_("Ingen inloggning har den adressen."))
    user.password_hash = hash_password(password, about=sign_in.about(session, user))
    sessions.end_all_of(session, user.id)


def disable_user(session: Session, principal: Principal, key: UUID, *, now: dt.datetime) -> None:
    """Stop a user from signing in, at once. Raises Invalid for one's own account: somebody must be able to let people in again."""
    principal.must(Function.SET_UP)
    if key == principal.user_id:
        raise Invalid(message=N_("Du kan inte stänga av din egen inloggning."))
    user = visible.one(session, principal, User, key)
    roles.keep_a_coordinator(session, principal, user, becomes=None)
    user.disabled_at = now
    sessions.end_all_of(session, user.id)
    sign_in.note_by(session, principal, user.id, "stopped")


def enable_user(session: Session, principal: Principal, key: UUID) -> None:
    """Let a stopped user sign in again."""
    principal.must(Function.SET_UP)
    visible.one(session, principal, User, key).disabled_at = None
    sign_in.note_by(session, principal, key, "let_in")


def get_user(session: Session, principal: Principal, key: UUID) -> User:
    """Return one user with the person; raises NotFound."""
    return visible.one(session, principal, User, key, joinedload(User.person))


def end_sessions(session: Session, principal: Principal, key: UUID) -> None:
    """End everything a colleague has open; raises NotFound for a user of another office."""
    principal.must(Function.SET_UP)
    user = visible.one(session, principal, User, key)
    sessions.end_all_of(session, user.id)
    sign_in.note_by(session, principal, user.id, "sessions_ended")


def functions(session: Session, principal: Principal) -> list[tuple[UUID, str]]:
    """Return the key and title of every function of the office, by title."""
    rows = session.scalars(select(Actor).where(visible.rows(Actor, principal), Actor.closed_on.is_(None))).all()
    return sorted(((row.id, row.title) for row in rows), key=lambda pair: sort_key(pair[1]))
