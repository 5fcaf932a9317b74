"""Cases: one collaboration around one release, and the actors that take part in it.

A changed release is saved as it is said; what was planned around it is listed for a person to move, never moved silently.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, UnaryExpression, and_, case, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import contains_eager, joinedload, selectinload
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.sql.base import ExecutableOption

from inslussning.db import Session
from inslussning.errors import Changed, Invalid
from inslussning.i18n import N_
from inslussning.models import Actor, Case, CaseActor, Client, Organisation
from inslussning.practice.access import Function, Principal
from inslussning.practice.case_codes import case_code
from inslussning.practice.organisations import OrganisationKind
from inslussning.practice.phases import Phase
from inslussning.practice.release import release_day, release_moment
from inslussning.practice.words import sort_key
from inslussning.services import bases, visible
from inslussning.services.needs import add_need, change_need, get_need, meet_need, need_areas, needs_of, reopen_need

__all__ = [
    "CaseDetails",
    "CaseOrder",
    "add_case",
    "add_need",
    "change_case",
    "change_need",
    "choices",
    "get_case",
    "get_need",
    "join",
    "leave",
    "list_cases",
    "meet_need",
    "need_areas",
    "needs_of",
    "reopen_need",
]

CODE_TAKEN = N_("Koden används redan av ett annat ärende. Skriv en annan kod.")
CHOOSE_PRISON = N_("Välj en anstalt i listan.")
CHOOSE_ACTOR = N_("Välj en aktör i listan.")
ACTOR_CLOSED = N_("Aktören är avslutad. Välj en annan.")
CASE_CLOSED = N_("Ärendet är avslutat. Byt fas för att lägga till aktörer.")
IS_LEAD = N_("Aktören är huvudansvarig för ärendet. Välj en annan huvudansvarig först.")
SUPERVISION_ENDS_EARLY = N_("Övervakningen slutar före frigivningen. Kontrollera båda datumen.")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDetails:
    """What is said of a case. `release_at` is None while the day is unknown; see `practice.release` for the clock time."""

    code: str
    phase: Phase = Phase.VSP
    release_at: dt.datetime | None = None
    supervision_ends_on: dt.date | None = None
    prison_actor_id: UUID | None = None
    lead_actor_id: UUID | None = None


class CaseOrder(StrEnum):
    """How the list is ordered."""

    RELEASE = "release"
    CODE = "code"


def list_cases(
    session: Session,
    principal: Principal,
    *,
    today: dt.date,
    closed: bool = False,
    order: CaseOrder = CaseOrder.RELEASE,
    after: UUID | None = None,
    limit: int | None = None,
) -> Sequence[Case]:
    """Return open (or closed) cases with their leads: those after the case `after`, at most `limit`.

    By release, coming ones stand first and nearest first, then those without a date, then past ones, latest first.
    Raises NotFound when `after` is no visible case.
    """
    query = (
        select(Case)
        .outerjoin(Case.lead)
        .where(visible.rows(Case, principal), (Case.phase == Phase.CLOSED) if closed else (Case.phase != Phase.CLOSED))
        .options(contains_eager(Case.lead))
        .limit(limit)
    )
    last = visible.one(session, principal, Case, after) if after else None
    if order is CaseOrder.CODE:
        query = query.order_by(Case.sort_key, Case.id)
        return session.scalars(query.where(_later_code(last)) if last else query).all()
    midnight = release_moment(today, None, principal.zone)
    query = query.order_by(*_by_release(midnight))
    return session.scalars(query.where(_later_release(last, midnight)) if last else query).all()


def _by_release(midnight: dt.datetime) -> tuple[UnaryExpression[Any], ...]:
    is_coming, is_past = Case.release_at >= midnight, Case.release_at < midnight
    return (
        case((is_coming, 0), (is_past, 2), else_=1).asc(),
        case((is_coming, Case.release_at)).asc(),
        case((is_past, Case.release_at)).desc(),
        Case.sort_key.asc(),
        Case.id.asc(),
    )


def _later_code(last: Case) -> ColumnElement[bool]:
    """Return the condition for the cases after `last`, by code."""
    return or_(Case.sort_key > last.sort_key, and_(Case.sort_key == last.sort_key, Case.id > last.id))


def _later_release(last: Case, midnight: dt.datetime) -> ColumnElement[bool]:
    """Return the condition for the cases after `last`, by release as `list_cases` orders them."""
    is_past = Case.release_at < midnight
    if last.release_at is None:
        return or_(and_(Case.release_at.is_(None), _later_code(last)), is_past)
    same_moment = and_(Case.release_at == last.release_at, _later_code(last))
    if last.release_at < midnight:
        return or_(Case.release_at < last.release_at, same_moment)
    return or_(Case.release_at > last.release_at, same_moment, Case.release_at.is_(None), is_past)


def get_case(session: Session, principal: Principal, key: UUID, *options: ExecutableOption) -> Case:
    """Return one case with prison, lead and all actors that take part or have taken part; raises NotFound."""
    return visible.one(
        session,
        principal,
        Case,
        key,
        joinedload(Case.prison).joinedload(Actor.organisation),
        joinedload(Case.lead).joinedload(Actor.organisation),
        selectinload(Case.members).joinedload(CaseActor.actor).joinedload(Actor.organisation),
        *options,
    )


def choices(session: Session, principal: Principal) -> list[tuple[UUID, str]]:
    """Return the key and code of every open case, by code."""
    query = select(Case.id, Case.code).where(visible.rows(Case, principal), Case.phase != Phase.CLOSED)
    return [(key, code) for key, code in session.execute(query.order_by(Case.sort_key, Case.id))]


def add_case(
    session: Session, principal: Principal, details: CaseDetails, *, actor_ids: Sequence[UUID] = (), today: dt.date
) -> Case:
    """Open a case for a new client; the actors and the lead take part from today. Raises Invalid by field."""
    principal.must(Function.COORDINATE)
    client = Client(office_id=principal.office_id)
    session.add(client)
    session.flush()  # the case names the client
    row = Case(office_id=principal.office_id, client_id=client.id, opened_on=today)
    _describe(session, principal, row, details, today)
    session.add(row)
    _flush(session)
    for actor_id in dict.fromkeys(actor_ids):
        _take_part(session, row, _checked_actor(session, principal, "actor_ids", actor_id), today)
    _let_lead_in(session, principal, row, today)
    return row


def change_case(
    session: Session, principal: Principal, key: UUID, details: CaseDetails, *, version: int, today: dt.date
) -> Case:
    """Change what is said of a case. Raises Changed when it is no longer at `version`, and Invalid by field."""
    principal.must(Function.COORDINATE)
    row = visible.one(session, principal, Case, key)
    if row.version != version:
        raise Changed
    _describe(session, principal, row, details, today)
    _flush(session)
    _let_lead_in(session, principal, row, today)
    return row


def _describe(session: Session, principal: Principal, row: Case, details: CaseDetails, today: dt.date) -> None:
    code = case_code(details.code)
    released_on = release_day(details.release_at, principal.zone) if details.release_at else None
    if released_on and details.supervision_ends_on and details.supervision_ends_on < released_on:
        raise Invalid(field="supervision_ends_on", message=SUPERVISION_ENDS_EARLY)
    _check_prison(session, principal, row.prison_actor_id, details.prison_actor_id)
    if details.lead_actor_id not in {None, row.lead_actor_id}:
        _checked_actor(session, principal, "lead_actor_id", details.lead_actor_id)
    row.code, row.sort_key = code, sort_key(code, 80)
    row.phase = details.phase
    row.closed_on = (row.closed_on or today) if details.phase is Phase.CLOSED else None
    row.release_at, row.supervision_ends_on = details.release_at, details.supervision_ends_on
    row.prison_actor_id, row.lead_actor_id = details.prison_actor_id, details.lead_actor_id


def _check_prison(session: Session, principal: Principal, was: UUID | None, wanted: UUID | None) -> None:
    if wanted is None or wanted == was:
        return
    actor = _checked_actor(session, principal, "prison_actor_id", wanted)
    kind = session.scalar(select(Organisation.kind).where(Organisation.id == actor.organisation_id))
    if kind is not OrganisationKind.PRISON:
        raise Invalid(field="prison_actor_id", message=CHOOSE_PRISON)


def _checked_actor(session: Session, principal: Principal, field: str, actor_id: UUID | None) -> Actor:
    """Return an actor that can be chosen now; raise Invalid by the field, alike for an absent and a foreign one."""
    actor = session.scalar(select(Actor).where(Actor.id == actor_id, visible.rows(Actor, principal)))
    if actor is None:
        raise Invalid(field=field, message=CHOOSE_ACTOR)
    if actor.closed_on is not None:
        raise Invalid(field=field, message=ACTOR_CLOSED)
    return actor


def _flush(session: Session) -> None:
    try:
        session.flush()  # the code is unique, and the version counted, in the database: two at once cannot both win
    except StaleDataError:
        raise Changed from None
    except IntegrityError:
        raise Invalid(field="code", message=CODE_TAKEN) from None


def join(
    session: Session,
    principal: Principal,
    key: UUID,
    actor_id: UUID | None,
    *,
    today: dt.date,
    field: str = "actor_id",
) -> CaseActor:
    """Let an actor take part from today. One that has left comes back, and its first day stands. Raises Invalid."""
    principal.must(Function.COORDINATE)
    row = visible.one(session, principal, Case, key)
    if row.phase is Phase.CLOSED:
        raise Invalid(field=field, message=CASE_CLOSED)
    actor = _checked_actor(session, principal, field, actor_id)
    bases.refuse_revoked(session, principal, row.id, actor, today=today, field=field)
    return _take_part(session, row, actor, today)


def _take_part(session: Session, row: Case, actor: Actor, today: dt.date) -> CaseActor:
    member = session.scalar(select(CaseActor).where(CaseActor.case_id == row.id, CaseActor.actor_id == actor.id))
    if member is None:
        member = CaseActor(office_id=row.office_id, case_id=row.id, actor_id=actor.id, joined_on=today)
        session.add(member)
    member.left_on = None
    try:
        session.flush()  # somebody may let the same actor in at the same moment
    except IntegrityError:
        raise Changed from None
    return member


def _let_lead_in(session: Session, principal: Principal, row: Case, today: dt.date) -> None:
    """Whoever holds a case together takes part in it."""
    if row.lead_actor_id is not None:
        _take_part(session, row, visible.one(session, principal, Actor, row.lead_actor_id), today)


def leave(session: Session, principal: Principal, key: UUID, actor_id: UUID, *, today: dt.date) -> CaseActor:
    """Let an actor leave on a day, from which it sees nothing; that it took part, and all it did, stays.

    Raises NotFound when it has never taken part, Invalid for the lead.
    """
    principal.must(Function.COORDINATE)
    row = visible.one(session, principal, Case, key)
    member = visible.only(session, select(CaseActor).where(CaseActor.case_id == row.id, CaseActor.actor_id == actor_id))
    if row.lead_actor_id == actor_id:
        raise Invalid(message=IS_LEAD)
    member.left_on = min(member.left_on, today) if member.left_on else today
    return member
