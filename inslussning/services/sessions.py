"""Sessions on the server, and brakes on guessing (ASVS 5.0 V6.3, V7).

A session ends after a time of no use and after a longer time whatever happens; both are the office's rules when it began. Failures
are counted in the database, so the brake holds over restarts and several processes. Counting by address and network together means
that a guesser elsewhere cannot lock the real user out.
"""

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, bindparam, delete, func, or_, select, update

from inslussning.db import Session
from inslussning.db.engine import Database
from inslussning.db.types import new_id
from inslussning.errors import NotFound, PracticeError
from inslussning.i18n import N_
from inslussning.models import (
    Office,
    OfficeRule,
    Person,
    SignInFailure,
    SignInStep,
    Staffing,
    User,
    UserSession,
)
from inslussning.practice.access import Principal
from inslussning.practice.office_defaults import RuleKey
from inslussning.practice.sign_in import WHEN_UNSAID, SessionLimits, Strength, is_fresh
from inslussning.services import principals

LONGEST_IDLE = dt.timedelta(days=7)  # nothing unused for this long is kept, whatever the rule
TOUCH_EVERY = dt.timedelta(minutes=5)
FAILURE_WINDOW = dt.timedelta(minutes=5)
DAY = dt.timedelta(days=1)
FAILURES_PER_PAIR = 10  # this address from this network
FAILURES_PER_NETWORK = 30
FAILURES_PER_ADDRESS = 100  # this address from anywhere


class TooManyTries(PracticeError):
    """Too many failures for this address or from this network."""

    status = 429
    message = N_("För många försök. Vänta fem minuter och försök igen.")


@dataclass(frozen=True, slots=True)
class Brake:
    """How many failures are let through: of the subject from the network, of the network, and of the subject from anywhere."""

    pair: int
    network: int
    subject: int
    subject_in_a_day: int | None = None


USUAL = Brake(pair=FAILURES_PER_PAIR, network=FAILURES_PER_NETWORK, subject=FAILURES_PER_ADDRESS)
CODES = Brake(pair=5, network=FAILURES_PER_NETWORK, subject=5, subject_in_a_day=50)  # a code has six figures only


def refuse_when_too_many(
    session: Session, subject: str, network: str, *, now: dt.datetime, brake: Brake = USUAL
) -> None:
    """Raise TooManyTries when guesses at the subject, from the network or at both have failed too often of late.

    Until the caller's transaction ends nobody else is let past for the same subject, so that many at once count too.
    """
    if session.get_bind().dialect.name == "postgresql":  # SQLite lets one writer in at a time anyhow
        lock = int(token_hash(subject)[:15], 16)
        session.execute(select(func.pg_advisory_xact_lock(lock)))
    session.execute(delete(SignInFailure).where(SignInFailure.at < now - DAY))
    for key, most, window in _limits(subject, network, brake):
        recent = (SignInFailure.key == key) & (SignInFailure.at >= now - window)
        if (session.scalar(select(func.count()).select_from(SignInFailure).where(recent)) or 0) >= most:
            raise TooManyTries


def count_failure(session: Session, subject: str, network: str, *, now: dt.datetime) -> list[UUID]:
    """Remember one failed guess at the subject (an address, or the first run's code); return what `forgive` takes it back by."""
    keys = {key for key, _most, _window in _limits(subject, network, USUAL)}
    failures = [SignInFailure(id=new_id(), key=key, at=now) for key in keys]
    session.add_all(failures)
    return [failure.id for failure in failures]


def forgive(session: Session, failures: Sequence[UUID]) -> None:
    """Take back what was counted before it was known to be right."""
    session.execute(delete(SignInFailure).where(SignInFailure.id.in_(failures)))


def _limits(subject: str, network: str, brake: Brake) -> list[tuple[str, int, dt.timedelta]]:
    limits = [
        (token_hash(f"{subject} {network}"), brake.pair, FAILURE_WINDOW),
        (token_hash(network), brake.network, FAILURE_WINDOW),
        (token_hash(subject), brake.subject, FAILURE_WINDOW),
    ]
    if brake.subject_in_a_day is not None:
        limits.append((token_hash(subject), brake.subject_in_a_day, DAY))
    return limits


def token_hash(value: str) -> str:
    """Return what is kept of a token of ours, or of what failures are counted by."""
    return hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()


def open_session(
    session: Session,
    user_id: UUID,
    *,
    browser: str,
    now: dt.datetime,
    strength: Strength = Strength.PASSWORD,
    must_add_factor: bool = False,
) -> str:
    """Start a session by the office's rules and return its token, which is kept nowhere but in the browser.

    The user's ended ones are cleared away. `must_add_factor`: nothing is open but adding a second factor.
    """
    session.execute(delete(UserSession).where(UserSession.user_id == user_id, _has_ended(now)))
    limits = limits_for(session, user_id, now=now)
    token = secrets.token_urlsafe(32)
    session.add(
        UserSession(
            user_id=user_id,
            token_hash=token_hash(token),
            created_at=now,
            seen_at=now,
            ends_at=now + limits.longest,
            idle_minutes=int(limits.idle.total_seconds()) // 60,
            proved_at=now,
            strength=strength,
            must_add_factor=must_add_factor,
            browser=browser[:80],
        )
    )
    return token


def _has_ended(now: dt.datetime) -> ColumnElement[bool]:
    """Return the condition for sessions that are over; one that has only not been used is found when it is used next."""
    return or_(UserSession.ends_at.is_(None), UserSession.ends_at < now, UserSession.seen_at < now - LONGEST_IDLE)


def limits_for(session: Session, user_id: UUID, *, now: dt.datetime) -> SessionLimits:
    """Return the limits in force today in the user's office."""
    office_id, zone = session.execute(
        select(Office.id, Office.timezone).join(User, User.office_id == Office.id).where(User.id == user_id)
    ).one()
    rules = session.execute(
        select(OfficeRule.key, OfficeRule.value)
        .where(
            OfficeRule.office_id == office_id,
            OfficeRule.key.in_(WHEN_UNSAID),
            OfficeRule.valid_from <= now.astimezone(ZoneInfo(zone)).date(),
        )
        .order_by(OfficeRule.valid_from)
    )
    return SessionLimits.of({RuleKey(key): value for key, value in rules})


def prove(session: Session, principal: Principal, *, strength: Strength, now: dt.datetime) -> str:
    """Remember that the session has just proved whose it is again; return its new token, the old one opens nothing more."""
    token = secrets.token_urlsafe(32)
    held = session.get_one(UserSession, principal.session_id)
    held.proved_at, held.token_hash = now, token_hash(token)
    if strength is Strength.SECOND_FACTOR:
        held.strength = strength
    return token


def has_fresh_proof(database: Database, principal: Principal, *, now: dt.datetime) -> bool:
    """Tell whether the session proved whose it is recently enough, by the office's rule, for what asks for that."""
    with database.read() as session:
        limits = limits_for(session, principal.user_id, now=now)
    return is_fresh(principal.proved_at, now, limits)


def principal_of(database: Database, token: str, *, now: dt.datetime) -> Principal | None:
    """Return who holds the token and what that opens right now, or None when the session is unknown or has ended."""
    with database.read() as session:
        connection = session.connection()
        rows = connection.execute(_HOLDER, {"token_hash": token_hash(token)}).all()
        if not rows:
            return None
        held = rows[0]
        has_idled = held.seen_at < now - dt.timedelta(minutes=held.idle_minutes)
        if has_idled or held.ends_at is None or held.ends_at < now:
            return None
        principal = principals.with_scope(connection, _holder(rows, now))
    if held.seen_at < now - TOUCH_EVERY:
        with database.transaction() as session:
            session.execute(update(UserSession).where(UserSession.id == held.id).values(seen_at=now))
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
        proved_at=first.proved_at,
        must_add_factor=first.must_add_factor,
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
        *(_session.c.id, _session.c.seen_at, _session.c.idle_minutes, _session.c.ends_at, _session.c.proved_at),
        _session.c.must_add_factor,
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


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One of a user's sessions, for the list on the account page."""

    id: UUID
    started_at: dt.datetime
    seen_at: dt.datetime
    browser: str
    strength: Strength
    is_this: bool


def own_sessions(session: Session, principal: Principal, *, now: dt.datetime) -> list[OpenSession]:
    """Return the user's open sessions, latest used first."""
    rows = session.scalars(
        select(UserSession)
        .where(UserSession.user_id == principal.user_id, ~_has_ended(now))
        .order_by(UserSession.seen_at.desc())
    )
    return [
        OpenSession(r.id, r.created_at, r.seen_at, r.browser, r.strength, r.id == principal.session_id)
        for r in rows
        if r.seen_at >= now - dt.timedelta(minutes=r.idle_minutes)
    ]


def end_one(session: Session, principal: Principal, key: UUID) -> None:
    """End one of the user's own sessions; raise NotFound alike for an unknown one and somebody else's."""
    own = (UserSession.id == key) & (UserSession.user_id == principal.user_id)
    if session.execute(delete(UserSession).where(own).returning(UserSession.id)).first() is None:
        raise NotFound


def end_others(session: Session, principal: Principal) -> None:
    """End every session of the user but this one."""
    session.execute(
        delete(UserSession).where(UserSession.user_id == principal.user_id, UserSession.id != principal.session_id)
    )


def end_all_of(session: Session, user_id: UUID) -> None:
    """End everything a user has open and every sign-in of theirs that is under way."""
    session.execute(delete(UserSession).where(UserSession.user_id == user_id))
    session.execute(delete(SignInStep).where(SignInStep.user_id == user_id))


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
