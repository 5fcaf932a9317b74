"""The office's own list of grounds for sharing without consent, each in force over a time. What a decision has used stays as it was."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from inslussning.db import Session
from inslussning.errors import Invalid
from inslussning.i18n import N_
from inslussning.models import DisclosureDecision, LegalBasis
from inslussning.practice.access import Function, Principal
from inslussning.services import visible

TAKEN = N_("Grunden finns redan med samma första dag.")
IN_USE = N_("Ett beslut hänvisar till grunden, så den kan inte skrivas om. Avsluta den och lägg till en ny i stället.")
ENDS_EARLY = N_("Grunden slutar gälla innan den börjar. Ändra dagen.")


@dataclass(frozen=True, slots=True, kw_only=True)
class BasisDetails:
    """What a ground is called, where it stands, what to think of, and from when it may be used."""

    name: str
    citation: str
    explanation: str
    valid_from: dt.date


def list_bases(session: Session, principal: Principal) -> Sequence[LegalBasis]:
    """Return every ground there has been, in the office's own order."""
    query = select(LegalBasis).where(visible.rows(LegalBasis, principal))
    return session.scalars(query.order_by(LegalBasis.position, LegalBasis.valid_from, LegalBasis.id)).all()


def in_force(session: Session, principal: Principal, *, today: dt.date) -> list[LegalBasis]:
    """Return the grounds a decision may rest on today."""
    return [
        one
        for one in list_bases(session, principal)
        if one.valid_from <= today and (one.valid_until is None or today <= one.valid_until)
    ]


def get_basis(session: Session, principal: Principal, key: UUID) -> LegalBasis:
    """Return one ground; raises NotFound."""
    return visible.one(session, principal, LegalBasis, key)


def add_basis(session: Session, principal: Principal, details: BasisDetails) -> LegalBasis:
    """Put a new ground last. Raises Invalid when it is there already."""
    principal.must(Function.SET_UP)
    last = max((one.position for one in list_bases(session, principal)), default=-1)
    row = LegalBasis(office_id=principal.office_id, position=last + 1)
    _describe(row, details)
    session.add(row)
    _flush(session)
    return row


def change_basis(session: Session, principal: Principal, key: UUID, details: BasisDetails) -> LegalBasis:
    """Put a ground in other words. Raises Invalid for one that a decision rests on: that stays as it was."""
    principal.must(Function.SET_UP)
    row = get_basis(session, principal, key)
    if is_used(session, row):
        raise Invalid(message=IN_USE)
    _describe(row, details)
    _flush(session)
    return row


def end_basis(session: Session, principal: Principal, key: UUID, *, last_on: dt.date | None) -> LegalBasis:
    """Let a ground be used up to and including a day, or without end; decisions already made are left as they are."""
    principal.must(Function.SET_UP)
    row = get_basis(session, principal, key)
    if last_on is not None and last_on < row.valid_from:
        raise Invalid(field="valid_until", message=ENDS_EARLY)
    row.valid_until = last_on
    return row


def is_used(session: Session, row: LegalBasis) -> bool:
    """Tell whether any decision of the office rests on the ground, whoever may see it."""
    count = select(func.count()).select_from(DisclosureDecision).where(DisclosureDecision.basis_id == row.id)
    return bool(session.scalar(count))


def _describe(row: LegalBasis, details: BasisDetails) -> None:
    row.name, row.citation = details.name, details.citation
    row.explanation, row.valid_from = details.explanation, details.valid_from


def _flush(session: Session) -> None:
    try:
        session.flush()  # name and first day are unique in the database, where two at once cannot both win
    except IntegrityError:
        raise Invalid(field="name", message=TAKEN) from None
