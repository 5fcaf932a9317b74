"""Signing in with a password, and the steps a sign-in may go through before it is a session (ASVS 5.0 V6.3, V6.6).

A step is a row bound to one browser by a cookie. It lasts for minutes, is taken once, and ends with the user's password: nobody gets
past the second factor with a step begun under the old one.
"""

import datetime as dt
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select

from inslussning.db import Session
from inslussning.db.engine import Database
from inslussning.errors import Invalid, PracticeError
from inslussning.i18n import N_
from inslussning.models import CodeApp, Office, Passkey, Person, SignInStep, User
from inslussning.practice.access import Principal
from inslussning.practice.audit import Event
from inslussning.practice.sign_in import StepKind, Strength
from inslussning.practice.words import one_line
from inslussning.services import audit, factor_rules, passwords, sessions

STEP_LASTS = dt.timedelta(minutes=10)


class SignInRefused(PracticeError):
    """Wrong address or password; the two are never told apart."""

    status = 422
    message = N_("E-postadressen och lösenordet stämmer inte ihop. Kontrollera båda och försök igen.")


class StepGone(PracticeError):
    """The sign-in under way has ended, was taken already, or was begun in another browser."""

    status = 422
    message = N_("Det har gått för lång tid, eller så är inloggningen redan gjord. Börja om.")


@dataclass(frozen=True, slots=True)
class Entry:
    """What a right proof gives: a session's token, or the token of the step that must be taken first."""

    session: str = ""
    step: str = ""


def with_password(
    database: Database, *, email: str, password: str, network: str, browser: str, now: dt.datetime
) -> Entry:
    """Let the person in, or to the second step. Raises SignInRefused or TooManyTries.

    The try is counted as failed before it is looked at, and forgiven when it was right: many at once get no more tries than one by one.
    """
    address = one_line(email).casefold()
    with database.transaction() as session:
        sessions.refuse_when_too_many(session, address, network, now=now)
        counted = sessions.count_failure(session, address, network, now=now)
        user = session.scalar(select(User).where(User.email == address, User.disabled_at.is_(None)))
    is_right = passwords.matches(password, user.password_hash if user else passwords.NOBODYS)
    if user is None or not is_right:
        _note_failure(database, user)
        raise SignInRefused
    with database.transaction() as session:
        still = session.scalar(select(User).where(User.id == user.id, User.disabled_at.is_(None)).with_for_update())
        if still is None or still.password_hash != user.password_hash:  # changed or stopped since it was looked at
            raise SignInRefused
        sessions.forgive(session, counted)
        return enter(session, still, strength=Strength.PASSWORD, browser=browser, now=now)


def enter(session: Session, user: User, *, strength: Strength, browser: str, now: dt.datetime) -> Entry:
    """Open a session for somebody who has proved who they are, or begin the step that is still missing."""
    if strength is Strength.PASSWORD and has_factor(session, user.id):
        return Entry(step=begin(session, StepKind.SECOND_FACTOR, now=now, user_id=user.id))
    must_add = strength is Strength.PASSWORD and factor_rules.is_required(session, user, now=now)
    token = sessions.open_session(
        session, user.id, browser=browser, now=now, strength=strength, must_add_factor=must_add
    )
    note(session, user, Event.SIGNED_IN, strength.value)
    return Entry(session=token)


def note(session: Session, user: User, event: Event, detail: str) -> None:
    """Give the log a line about a user who is not signed in yet."""
    audit.note(session, event, object_id=user.id, detail=detail, office_id=user.office_id, person_id=user.person_id)


def note_by(session: Session, principal: Principal, object_id: UUID, detail: str) -> None:
    """Give the log a line about what somebody has done with a sign-in, their own or a colleague's."""
    audit.note(
        session,
        Event.ACCOUNT_CHANGED,
        object_id=object_id,
        detail=detail,
        office_id=principal.office_id,
        person_id=principal.person_id,
    )


def _note_failure(database: Database, user: User | None) -> None:
    """Log a wrong password, at the same pace for an address nobody has: that goes to the installation's first office."""
    with database.transaction() as session:
        if user is not None:
            note(session, user, Event.SIGN_IN_FAILED, "password")
            return
        office_id = session.scalar(select(Office.id).order_by(Office.created_at).limit(1))
        if office_id is not None:
            audit.note(session, Event.SIGN_IN_FAILED, detail="unknown address", office_id=office_id)


def has_factor(session: Session, user_id: UUID) -> bool:
    """Tell whether the user has a code app in use or a passkey."""
    app = select(CodeApp.id).where(CodeApp.user_id == user_id, CodeApp.confirmed_at.is_not(None))
    key = select(Passkey.id).where(Passkey.user_id == user_id)
    return session.scalar(app.limit(1)) is not None or session.scalar(key.limit(1)) is not None


def begin(
    session: Session,
    kind: StepKind,
    *,
    now: dt.datetime,
    user_id: UUID | None = None,
    data: Mapping[str, str] | None = None,
) -> str:
    """Begin a step and return the token that the browser holds in a cookie."""
    session.execute(delete(SignInStep).where(SignInStep.expires_at < now))
    token = secrets.token_urlsafe(32)
    session.add(
        SignInStep(
            kind=kind,
            token_hash=sessions.token_hash(token),
            user_id=user_id,
            data=dict(data or {}),
            created_at=now,
            expires_at=now + STEP_LASTS,
        )
    )
    return token


def look(session: Session, kind: StepKind, token: str, *, now: dt.datetime) -> SignInStep:
    """Return a step under way without taking it; raise StepGone."""
    found = session.scalar(
        select(SignInStep).where(
            SignInStep.token_hash == sessions.token_hash(token), SignInStep.kind == kind, SignInStep.expires_at >= now
        )
    )
    if found is None:
        raise StepGone
    return found


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that has been taken: nobody takes it again."""

    user_id: UUID | None
    data: dict[str, str]


def take(session: Session, kind: StepKind, token: str, *, now: dt.datetime) -> Taken:
    """Take a step: of two at once only one has it, the other gets StepGone like one that has lapsed."""
    row = session.execute(
        delete(SignInStep)
        .where(
            SignInStep.token_hash == sessions.token_hash(token), SignInStep.kind == kind, SignInStep.expires_at >= now
        )
        .returning(SignInStep.user_id, SignInStep.data)
    ).one_or_none()
    if row is None:
        raise StepGone
    return Taken(row.user_id, row.data)


def change_password(session: Session, principal: Principal, *, current: str, new: str) -> None:
    """Set a new password and end all other sessions; raise Invalid when the current one is wrong."""
    user = session.get_one(User, principal.user_id)
    if not passwords.matches(current, user.password_hash):
        raise Invalid(field="current", message=N_("Lösenordet stämmer inte."))
    user.password_hash = passwords.hash_password(new, about=about(session, user))
    sessions.end_others(session, principal)
    session.execute(delete(SignInStep).where(SignInStep.user_id == user.id))
    note_by(session, principal, user.id, "password_changed")


def about(session: Session, user: User) -> list[str]:
    """Return what everybody knows of a user, which a password must not be made of."""
    names = session.execute(
        select(Person.name, Office.name).join(Office, Office.id == Person.office_id).where(Person.id == user.person_id)
    ).one()
    return [*names, user.email]
