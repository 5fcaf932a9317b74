"""Sharing without consent: a decision by a named person, with its reason, its legal ground, its subject areas and its last day.

It stands beside consent and never instead of asking. It is shown as what it is, and can be ended at any moment.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from inslussning.db import Session
from inslussning.errors import Invalid
from inslussning.i18n import N_
from inslussning.models import Actor, Case, DisclosureArea, DisclosureDecision, LegalBasis
from inslussning.practice.access import Function, Principal
from inslussning.practice.audit import Event
from inslussning.practice.phases import Phase
from inslussning.practice.words import clean, looks_like_personal_number
from inslussning.services import audit, cases, consents, legal_bases, visible
from inslussning.services.links import Links
from inslussning.services.parting import Parted, shut_out

LONGEST_REASON = 2000
SHORTEST_REASON = 20

GIVE_REASON = N_("Skriv varför uppgifterna behöver delas utan samtycke, så att någon annan förstår beslutet efteråt.")
CHOOSE_BASIS = N_("Välj en grund i listan.")
NOT_NEEDED = N_("Aktören hör till den egna myndigheten. Inget beslut behövs.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDecision:
    """What is decided: which actor may know what until when, on which ground and why. It holds from today."""

    actor_id: UUID | None
    basis_id: UUID | None
    area_ids: tuple[UUID, ...]
    valid_until: dt.date
    reason: str


def decide(
    session: Session, principal: Principal, case_id: UUID, new: NewDecision, *, now: dt.datetime
) -> DisclosureDecision:
    """Write down the decision of whoever is signed in; the actor takes part in the case from then on.

    Raises NotFound for the case and Invalid by field. The same decision made twice over is one.
    """
    principal.must(Function.COORDINATE)
    case = visible.one(session, principal, Case, case_id)
    today = now.astimezone(ZoneInfo(principal.zone)).date()
    if case.phase is Phase.CLOSED:
        raise Invalid(message=consents.CASE_CLOSED)
    actor = consents.checked_actor(session, principal, new.actor_id, NOT_NEEDED)
    basis = _checked_basis(session, principal, new.basis_id, today)
    areas = consents.checked_areas(session, principal, new.area_ids)
    consents.check_span(today, new.valid_until, today)
    reason = _checked_reason(new.reason)
    for one in in_force(session, principal, case.id, now=now):
        if (one.actor_id, one.basis_id, one.valid_until, one.reason) == (actor.id, basis.id, new.valid_until, reason):
            return one
    decision = DisclosureDecision(
        office_id=principal.office_id,
        case_id=case.id,
        actor=actor,
        basis=basis,
        reason=reason,
        decided_by=principal.person_id,
        decided_at=now,
        valid_from=today,
        valid_until=new.valid_until,
        areas=[DisclosureArea(office_id=principal.office_id, area_id=key) for key in areas],
    )
    session.add(decision)
    session.flush()  # whether the actor may join is asked of the database
    cases.join(session, principal, case.id, actor.id, today=today)
    detail = f"actor {actor.id} basis {basis.id}"
    audit.note(session, Event.DISCLOSURE_DECIDED, case_ids=[case.id], object_id=decision.id, detail=detail)
    return decision


def end(
    session: Session, principal: Principal, key: UUID, *, links: Links, now: dt.datetime
) -> tuple[DisclosureDecision, Parted]:
    """End a decision at once; without a consent beside it the actor is out of the case. The moment it first ended stands."""
    principal.must(Function.COORDINATE)
    decision = visible.one(
        session, principal, DisclosureDecision, key, joinedload(DisclosureDecision.actor).joinedload(Actor.organisation)
    )
    if decision.ended_at is not None:
        return decision, Parted(stays=False)
    decision.ended_at = now
    session.flush()  # from here on the actor's standing is what it has become
    case = visible.one(session, principal, Case, decision.case_id)
    parted = shut_out(session, principal, case, decision.actor, links=links, now=now)
    audit.note(session, Event.DISCLOSURE_DECIDED, case_ids=[case.id], object_id=decision.id, detail="ended")
    return decision, parted


def of_case(session: Session, principal: Principal, case_id: UUID) -> Sequence[DisclosureDecision]:
    """Return every decision there has been in the case, the latest first, with all that is said of it."""
    query = select(DisclosureDecision).where(
        visible.rows(DisclosureDecision, principal), DisclosureDecision.case_id == case_id
    )
    options = (
        joinedload(DisclosureDecision.actor).joinedload(Actor.organisation),
        joinedload(DisclosureDecision.basis),
        joinedload(DisclosureDecision.decider),
        selectinload(DisclosureDecision.areas).joinedload(DisclosureArea.area),
    )
    return session.scalars(query.order_by(DisclosureDecision.decided_at.desc()).options(*options)).all()


def in_force(session: Session, principal: Principal, case_id: UUID, *, now: dt.datetime) -> list[DisclosureDecision]:
    """Return the decisions of the case that hold now."""
    today = now.astimezone(ZoneInfo(principal.zone)).date()
    return [one for one in of_case(session, principal, case_id) if one.ended_at is None and one.valid_until >= today]


def _checked_basis(session: Session, principal: Principal, key: UUID | None, today: dt.date) -> LegalBasis:
    """Return a ground in force; raise Invalid alike for an absent, a foreign and an ended one."""
    found = next((one for one in legal_bases.in_force(session, principal, today=today) if one.id == key), None)
    if found is None:
        raise Invalid(field="basis_id", message=CHOOSE_BASIS)
    return found


def _checked_reason(text: str) -> str:
    reason = clean(text)
    if len(reason) < SHORTEST_REASON:
        raise Invalid(field="reason", message=GIVE_REASON)
    if len(reason) > LONGEST_REASON:
        raise Invalid(field="reason", message=consents.TOO_LONG, max_length=LONGEST_REASON)
    if looks_like_personal_number(reason):
        raise Invalid(field="reason", message=consents.PERSONAL_NUMBER)
    return reason
