"""The client's own page: a code handed over on paper, used once together with the birth date, opens the latest schedule for some days.

Nothing else can be reached this way. The schedule is the version that was handed over, so the telephone and the paper say the same.
A wrong code and a wrong birth date get the same answer, and too many of either are slowed.
"""

import datetime as dt
import secrets
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, update

from inslussning.db import Session
from inslussning.db.engine import Database
from inslussning.errors import Invalid, PracticeError
from inslussning.i18n import N_
from inslussning.models import Case, Client, ClientCode, ClientSession, Office, Schedule
from inslussning.practice import client_codes
from inslussning.practice.access import Function, Principal
from inslussning.practice.audit import Event
from inslussning.practice.office_defaults import RuleKey
from inslussning.practice.phases import Phase
from inslussning.practice.protection import Protection
from inslussning.practice.sheet import Edition, Sheet
from inslussning.services import audit, offices, schedules, sessions, visible
from inslussning.services.sessions import Brake

GUESSES = Brake(pair=5, network=20, subject=5, subject_in_a_day=20)
NO_BIRTH_DATE = N_("Skriv in klientens födelsedatum på ärendet först. Det behövs tillsammans med koden.")
NOTHING_HANDED_OVER = N_("Lämna ut schemat först. Koden visar det schema som senast lämnades ut.")
PROTECTED = N_("Ärendet har skyddade personuppgifter. Lämna schemat på papper.")
CASE_CLOSED = N_("Ärendet är avslutat.")


class NotOpened(PracticeError):
    """The code, the birth date or both do not hold; which of them is never said."""

    status = 422
    message = N_("Koden och födelsedatumet stämmer inte ihop, eller så är koden redan använd. Fråga efter en ny kod.")


class ClientNotKnown(PracticeError):
    """The telephone shows no schedule: it has never been let in, or its days are over."""

    status = 401
    message = N_("Skriv in en kod för att se ditt schema.")


@dataclass(frozen=True, slots=True)
class ClientHolder:
    """A telephone that shows one case's schedule."""

    session_id: UUID
    case_id: UUID
    office_id: UUID
    zone: str
    until: dt.datetime


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code just made. It is shown once and can never be read again."""

    case: Case
    shown: str
    expires_at: dt.datetime


def make_code(session: Session, principal: Principal, case_id: UUID, *, now: dt.datetime) -> NewCode:
    """Make a code for the case's client; those made before and not used end. Raises NotFound and Invalid with what is missing."""
    principal.must(Function.COORDINATE)
    case = visible.one(session, principal, Case, case_id)
    if case.protection is not Protection.NONE:
        raise Invalid(message=PROTECTED)
    if case.phase is Phase.CLOSED:
        raise Invalid(message=CASE_CLOSED)
    if not session.get_one(Client, case.client_id).birth_date:
        raise Invalid(message=NO_BIRTH_DATE)
    if schedules.latest(session, principal, case.id) is None:
        raise Invalid(message=NOTHING_HANDED_OVER)
    session.execute(delete(ClientCode).where(ClientCode.case_id == case.id, ClientCode.used_at.is_(None)))
    code = "".join(secrets.choice(client_codes.LETTERS) for _ in range(2 * client_codes.GROUP))
    days = offices.rules(session, principal.office_id, principal.today)[RuleKey.CLIENT_CODE_DAYS]
    row = ClientCode(
        office_id=principal.office_id,
        case_id=case.id,
        code_hash=sessions.token_hash(code),
        made_by=principal.person_id,
        made_at=now,
        expires_at=now + dt.timedelta(days=days),
    )
    session.add(row)
    audit.note(session, Event.SENT, case_ids=[case.id], object_id=row.id, detail="client code")
    return NewCode(case, client_codes.shown(code), row.expires_at)


def end_access(session: Session, principal: Principal, case_id: UUID) -> None:
    """End every code and telephone of the case's client."""
    principal.must(Function.COORDINATE)
    case = visible.one(session, principal, Case, case_id)
    for model in (ClientCode, ClientSession):
        session.execute(delete(model).where(model.case_id == case.id))


def telephones(session: Session, principal: Principal, case_id: UUID, *, now: dt.datetime) -> int:
    """Return how many telephones show the case's schedule now."""
    query = select(ClientSession.id).where(
        visible.rows(ClientSession, principal), ClientSession.case_id == case_id, ClientSession.expires_at > now
    )
    return len(session.scalars(query).all())


def enter(database: Database, *, code: str, born: dt.date | None, network: str, now: dt.datetime) -> str:
    """Use the code and return the telephone's token. Raises NotOpened or TooManyTries; a failure is counted even so."""
    hashed = sessions.token_hash(client_codes.read(code) or code)
    subject = f"client code {hashed}"
    with database.transaction() as session:
        sessions.refuse_when_too_many(session, subject, network, now=now, brake=GUESSES)
        token = _use(session, hashed, born, now)
        if token is None:
            sessions.count_failure(session, subject, network, now=now)
    if token is None:
        raise NotOpened
    return token


def _use(session: Session, hashed: str, born: dt.date | None, now: dt.datetime) -> str | None:
    """Return a new telephone's token when code and birth date hold; the code is used up by whoever comes first."""
    found = session.execute(
        select(ClientCode, Case, Client)
        .join(Case, Case.id == ClientCode.case_id)
        .join(Client, Client.id == Case.client_id)
        .where(ClientCode.code_hash == hashed)
    ).one_or_none()
    if found is None:
        return None
    code, case, client = found
    if born is None or client.birth_date != born.isoformat() or not _is_open(case):
        return None
    taken = session.execute(
        update(ClientCode)
        .where(ClientCode.id == code.id, ClientCode.used_at.is_(None), ClientCode.expires_at > now)
        .values(used_at=now)
        .returning(ClientCode.id)
    ).all()
    if not taken:
        return None
    office = session.get_one(Office, case.office_id)
    days = offices.rules(session, office.id, now.date())[RuleKey.CLIENT_SESSION_DAYS]
    token = secrets.token_urlsafe(32)
    session.add(
        ClientSession(
            office_id=office.id,
            case_id=case.id,
            token_hash=sessions.token_hash(token),
            opened_at=now,
            expires_at=now + dt.timedelta(days=days),
        )
    )
    return token


def _is_open(case: Case) -> bool:
    return case.phase is not Phase.CLOSED and case.protection is Protection.NONE


def holder_of(database: Database, token: str, *, now: dt.datetime) -> ClientHolder | None:
    """Return which schedule the telephone shows, or None when it may not any longer."""
    with database.read() as session:
        row = session.execute(
            select(ClientSession, Case, Office.timezone)
            .join(Case, Case.id == ClientSession.case_id)
            .join(Office, Office.id == ClientSession.office_id)
            .where(ClientSession.token_hash == sessions.token_hash(token), ClientSession.expires_at > now)
        ).one_or_none()
    if row is None or not _is_open(row[1]):
        return None
    held, case, zone = row
    return ClientHolder(held.id, case.id, case.office_id, zone, held.expires_at)


def schedule_of(session: Session, holder: ClientHolder) -> tuple[Sheet, Edition] | None:
    """Return the schedule last handed over, or None when there is none."""
    row = session.scalar(
        select(Schedule).where(Schedule.case_id == holder.case_id).order_by(Schedule.number.desc()).limit(1)
    )
    if row is None:
        return None
    audit.seen(session, [holder.case_id])
    return schedules.as_shown(session, row), Edition(
        number=row.number, on=row.handed_over_at.astimezone(ZoneInfo(holder.zone)).date()
    )


def leave(session: Session, holder: ClientHolder) -> None:
    """End this telephone's access."""
    session.execute(delete(ClientSession).where(ClientSession.id == holder.session_id))
