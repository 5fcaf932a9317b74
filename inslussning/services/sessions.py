"""Signing in and out: argon2id, sessions on the server, and brakes on guessing (ASVS 5.0 V6, V7).

A session ends after a time of no use and after a longer time whatever happens. Failures are counted in the database, so the
brake holds over restarts and several processes. Counting by address and network together means that a guesser elsewhere
cannot lock the real user out.
"""

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import replace
from threading import BoundedSemaphore
from uuid import UUID

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import bindparam, delete, func, or_, select, update

from inslussning.db import Session
from inslussning.db.engine import Database
from inslussning.errors import Invalid, PracticeError
from inslussning.i18n import N_
from inslussning.models import Office, Person, SignInFailure, Staffing, User, UserSession
from inslussning.practice.access import Principal
from inslussning.practice.words import one_line
from inslussning.services import principals

IDLE = dt.timedelta(hours=10)  # a working day with the browser left open
ABSOLUTE = dt.timedelta(days=7)
TOUCH_EVERY = dt.timedelta(minutes=5)
FAILURE_WINDOW = dt.timedelta(minutes=5)
FAILURES_PER_PAIR = 10  # this address from this network
FAILURES_PER_NETWORK = 30
FAILURES_PER_ADDRESS = 100  # this address from anywhere
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200

_hasher = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1),))
_one_at_a_time = BoundedSemaphore(2)  # a storm of sign-ins must not starve the pages
_nobody = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$4aZkWtxD0Zlc0VPIGNM4j1nIVV7E8ZzoPZ6sAv1nXF8"


class SignInRefused(PracticeError):
    """Wrong address or password; the two are never told apart."""

    status = 422
    message = N_("E-postadressen och lösenordet stämmer inte ihop. Kontrollera båda och försök igen.")


class TooManyTries(PracticeError):
    """Too many failures for this address or from this network."""

    status = 429
    message = N_("För många försök. Vänta fem minuter och försök igen.")


def check_password(password: str) -> None:
    """Raise Invalid for a password that is too short or too long to be one."""
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid(
            field="password", message=N_("Lösenordet ska ha minst %(least)d tecken."), least=SHORTEST_PASSWORD
        )
    if len(password) > LONGEST_PASSWORD:
        raise Invalid(field="password", message=N_("Lösenordet får ha högst %(most)d tecken."), most=LONGEST_PASSWORD)


def hash_password(password: str) -> str:
    """Return the argon2id hash; raise Invalid for a password that is too short or too long to be one."""
    check_password(password)
    with _one_at_a_time:
        return _hasher.hash(password.encode("utf-8", "replace"))


def _matches(password: str, hashed: str) -> bool:
    with _one_at_a_time:
        return _hasher.verify(password[:LONGEST_PASSWORD].encode("utf-8", "replace"), hashed)


def sign_in(database: Database, *, email: str, password: str, network: str, browser: str, now: dt.datetime) -> str:
    """Return a new session's token. Raises SignInRefused or TooManyTries; a failure is counted even so."""
    address = one_line(email).casefold()
    with database.transaction() as session:
        refuse_when_too_many(session, address, network, now=now)
        user = session.scalar(select(User).where(User.email == address, User.disabled_at.is_(None)))
    is_right = _matches(password, user.password_hash if user else _nobody)
    with database.transaction() as session:
        if user is None or not is_right:
            count_failure(session, address, network, now=now)
        else:
            return open_session(session, user.id, browser=browser, now=now)
    raise SignInRefused


def refuse_when_too_many(session: Session, subject: str, network: str, *, now: dt.datetime) -> None:
    """Raise TooManyTries when guesses at the subject, from the network or at both have failed too often of late."""
    session.execute(delete(SignInFailure).where(SignInFailure.at < now - FAILURE_WINDOW))
    for key, most in _limits(subject, network).items():
        failed = session.scalar(select(func.count()).select_from(SignInFailure).where(SignInFailure.key == key)) or 0
        if failed >= most:
            raise TooManyTries


def count_failure(session: Session, subject: str, network: str, *, now: dt.datetime) -> None:
    """Remember one failed guess at the subject (an address, or the first run's code)."""
    session.add_all(SignInFailure(key=key, at=now) for key in _limits(subject, network))


def _limits(subject: str, network: str) -> dict[str, int]:
    return {
        _key(f"{subject} {network}"): FAILURES_PER_PAIR,
        _key(network): FAILURES_PER_NETWORK,
        _key(subject): FAILURES_PER_ADDRESS,
    }


def _key(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()


def open_session(session: Session, user_id: UUID, *, browser: str, now: dt.datetime) -> str:
    """Start a session and return its token, which is kept nowhere but in the browser; the user's ended ones are cleared away."""
    ended = or_(UserSession.seen_at < now - IDLE, UserSession.created_at < now - ABSOLUTE)
    session.execute(delete(UserSession).where(UserSession.user_id == user_id, ended))
    token = secrets.token_urlsafe(32)
    session.add(UserSession(user_id=user_id, token_hash=_key(token), created_at=now, seen_at=now, browser=browser[:80]))
    return token


def principal_of(database: Database, token: str, *, now: dt.datetime) -> Principal | None:
    """Return who holds the token and what that opens right now, or None when the session is unknown or has ended."""
    with database.read() as session:
        connection = session.connection()
        rows = connection.execute(_HOLDER, {"token_hash": _key(token)}).all()
        if not rows:
            return None
        held, seen_at, created_at = rows[0][:3]
        if seen_at < now - IDLE or created_at < now - ABSOLUTE:
            return None
        principal = principals.with_scope(connection, _holder(rows, now))
    if seen_at < now - TOUCH_EVERY:
        with database.transaction() as session:
            session.execute(update(UserSession).where(UserSession.id == held).values(seen_at=now))
    return principal


def _holder(rows: Sequence[principals.Line], now: dt.datetime) -> Principal:
    """Return who it is, from a row for each staffing of the person, whenever it was."""
    first = rows[0]
    principal = Principal(
        user_id=first.user_id,
        person_id=first.person_id,
        office_id=first.office_id,
        organisation_id=first.organisation_id,
        role=first.role,
        name=first.name,
        asked_at=now,
        office_name=first.office_name,
        zone=first.timezone,
        language=first.language,
        appearance=first.appearance,
        session_id=first.id,
    )
    staffed = (
        row.actor_id
        for row in rows
        if row.actor_id is not None and principals.is_on(principal.today, row.starts_on, row.ends_on)
    )
    return replace(principal, actor_ids=frozenset(staffed))


_user, _session, _person = User.__table__, UserSession.__table__, Person.__table__
_office, _staffing = Office.__table__, Staffing.__table__
_HOLDER = (
    select(
        *(_session.c.id, _session.c.seen_at, _session.c.created_at),
        *(_user.c.id.label("user_id"), _user.c.person_id, _user.c.office_id, _person.c.organisation_id, _user.c.role),
        *(
            _person.c.name,
            _office.c.name.label("office_name"),
            _office.c.timezone,
            _user.c.language,
            _user.c.appearance,
        ),
        *(_staffing.c.actor_id, _staffing.c.starts_on, _staffing.c.ends_on),
    )
    .select_from(
        _session.join(_user, _user.c.id == _session.c.user_id)
        .join(_person, _person.c.id == _user.c.person_id)
        .join(_office, _office.c.id == _user.c.office_id)
        .outerjoin(_staffing, _staffing.c.person_id == _user.c.person_id)
    )
    .where(_session.c.token_hash == bindparam("token_hash"), _user.c.disabled_at.is_(None))
)


def sign_out(session: Session, principal: Principal) -> None:
    """End this session."""
    session.execute(
        delete(UserSession).where(UserSession.id == principal.session_id, UserSession.user_id == principal.user_id)
    )


def sign_out_everywhere(session: Session, principal: Principal) -> int:
    """End every session of the user, this one too; return how many."""
    ended = session.execute(
        delete(UserSession).where(UserSession.user_id == principal.user_id).returning(UserSession.id)
    )
    return len(ended.all())


def own_sessions(session: Session, principal: Principal) -> list[tuple[UUID, dt.datetime, dt.datetime, str, bool]]:
    """Return the user's sessions: id, started, last used, browser, whether it is this one; latest used first."""
    rows = session.scalars(
        select(UserSession).where(UserSession.user_id == principal.user_id).order_by(UserSession.seen_at.desc())
    )
    return [(r.id, r.created_at, r.seen_at, r.browser, r.id == principal.session_id) for r in rows]


def change_password(session: Session, principal: Principal, *, current: str, new: str) -> None:
    """Set a new password and end all other sessions; raise Invalid when the current one is wrong."""
    user = session.get_one(User, principal.user_id)
    if not _matches(current, user.password_hash):
        raise Invalid(field="current", message=N_("Lösenordet stämmer inte."))
    user.password_hash = hash_password(new)
    session.execute(delete(UserSession).where(UserSession.user_id == user.id, UserSession.id != principal.session_id))


def set_preferences(session: Session, principal: Principal, *, language: str, appearance: str) -> None:
    """Save the user's language and appearance."""
    session.execute(update(User).where(User.id == principal.user_id).values(language=language, appearance=appearance))


def browser_name(user_agent: str) -> str:
    """Return the browser's and the system's plain names, for the user's own list of sessions."""
    browsers = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
    systems = (
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    )
    found = [next((name for mark, name in names if mark in user_agent), "") for names in (browsers, systems)]
    return " · ".join(part for part in found if part)
