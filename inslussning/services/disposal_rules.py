"""How long the office keeps things: dated rules it edits itself, for whole cases and for an organisation's own parts."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from inslussning.db import Session
from inslussning.errors import Invalid
from inslussning.i18n import N_
from inslussning.models import DisposalRule, Organisation
from inslussning.practice.access import Function, Principal
from inslussning.services import visible

MOST_MONTHS = 240
TOO_MUCH = N_("Antalet månader ska vara mellan 1 och %(most)d.")
DAY_HAS_BEEN = N_("Dagen har varit. En ny regel kan gälla tidigast från i dag.")
HAS_HELD = N_("Regeln gäller redan eller har gällt, och kan inte tas bort. Skriv en ny som gäller från i dag.")


def list_rules(session: Session, principal: Principal) -> Sequence[DisposalRule]:
    """Return every rule with its organisation: those for whole cases first, newest first."""
    query = (
        select(DisposalRule)
        .where(visible.rows(DisposalRule, principal))
        .options(joinedload(DisposalRule.organisation))
        .order_by(DisposalRule.organisation_id.is_not(None), DisposalRule.organisation_id)
        .order_by(DisposalRule.valid_from.desc())
    )
    return session.scalars(query).all()


def set_rule(
    session: Session,
    principal: Principal,
    *,
    organisation_id: UUID | None,
    months: int,
    valid_from: dt.date,
    source: str,
    today: dt.date,
) -> DisposalRule:
    """Let a rule hold from a day; one already written for that day is replaced. Raises Invalid by the field, NotFound."""
    principal.must(Function.DISPOSE)
    if valid_from < today:
        raise Invalid(field="valid_from", message=DAY_HAS_BEEN)
    if not 1 <= months <= MOST_MONTHS:
        raise Invalid(field="months", message=TOO_MUCH, most=MOST_MONTHS)
    if organisation_id is not None:
        visible.one(session, principal, Organisation, organisation_id)
    row = next(
        (
            rule
            for rule in list_rules(session, principal)
            if (rule.organisation_id, rule.valid_from) == (organisation_id, valid_from)
        ),
        None,
    )
    if row is None:
        row = DisposalRule(office_id=principal.office_id, organisation_id=organisation_id, valid_from=valid_from)
        session.add(row)
    row.months, row.source = months, source
    session.flush()  # the page that follows lists it
    return row


def withdraw_rule(session: Session, principal: Principal, key: UUID, *, today: dt.date) -> None:
    """Take back a rule that does not hold yet. Raises Invalid for one that does, NotFound for an absent one."""
    principal.must(Function.DISPOSE)
    row = visible.one(session, principal, DisposalRule, key)
    if row.valid_from <= today:
        raise Invalid(message=HAS_HELD)
    session.delete(row)
