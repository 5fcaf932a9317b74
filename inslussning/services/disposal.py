"""Erasing by rule: what is due, what it would take with it, and the receipt.

A whole case goes by destroying the key its texts are sealed under, which makes them unreadable wherever they are (in the minutes of a
weekly meeting too), and then removing its rows. An organisation's own part goes by emptying the texts of what it undertook and
booked; the rows stay until the case itself goes, so that what the others did still adds up.
"""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import joinedload, selectinload

from inslussning.db import Session
from inslussning.db.key_life import destroy_key
from inslussning.db.sealed import vault_of
from inslussning.errors import Invalid, NotFound
from inslussning.i18n import N_
from inslussning.models import (
    Action,
    Actor,
    Appointment,
    Case,
    CaseActor,
    Client,
    Disposal,
    DisposalRule,
    Organisation,
)
from inslussning.practice import disposal as rule_of
from inslussning.practice.access import Function, Principal
from inslussning.practice.audit import Event
from inslussning.practice.dates import months_from
from inslussning.practice.disposal import Retention
from inslussning.services import audit, case_rows, visible

COMING_MONTHS = 3
NOT_SURE = N_("Bekräfta att uppgifterna ska raderas för gott.")
NOT_DUE = N_("Det är inte dags att gallra det här än.")
ERASED = "Gallrat"  # stands where a text was
_TEXTS = ("what", "place", "getting_there", "bring", "contact")


@dataclass(frozen=True, slots=True)
class Due:
    """Something whose time has come or will soon: a whole case, or an organisation's part of one."""

    case_id: UUID
    code: str
    organisation_id: UUID | None
    organisation: str
    started_on: dt.date
    due_on: dt.date
    rule: Retention

    def is_due(self, today: dt.date) -> bool:
        """Tell whether it may be erased now."""
        return self.due_on <= today


def due_list(session: Session, principal: Principal) -> list[Due]:
    """Return what is due or will be within some months, the oldest first; a part that goes with its case is not listed."""
    if not principal.may(Function.DISPOSE):
        return []
    today = principal.today
    rules = [
        row.as_retention() for row in session.scalars(select(DisposalRule).where(visible.rows(DisposalRule, principal)))
    ]
    query = select(Disposal.case_id, Disposal.organisation_id).where(visible.rows(Disposal, principal))
    done = {(case_id, organisation_id) for case_id, organisation_id in session.execute(query)}
    found = [*_cases(session, principal, rules, today), *_parts(session, principal, rules, today)]
    last = months_from(today, COMING_MONTHS)
    coming = [one for one in found if one.due_on <= last and (one.case_id, one.organisation_id) not in done]
    return sorted(coming, key=lambda one: (one.due_on, one.code, one.organisation))


def _cases(session: Session, principal: Principal, rules: list[Retention], today: dt.date) -> list[Due]:
    rule = rule_of.rule_in_force(rules, None, today)
    if rule is None:
        return []
    query = select(Case.id, Case.code, Case.closed_on).where(visible.rows(Case, principal), Case.closed_on.is_not(None))
    return [
        Due(key, code, None, "", closed_on, rule_of.due_on(closed_on, rule), rule)
        for key, code, closed_on in session.execute(query)
        if closed_on is not None
    ]


def _parts(session: Session, principal: Principal, rules: list[Retention], today: dt.date) -> list[Due]:
    """Return the parts of the organisations that have a rule of their own."""
    own = {rule.organisation_id for rule in rules if rule.organisation_id is not None}
    query = (
        select(Case.id, Case.code, Case.closed_on, CaseActor.left_on, Organisation.id, Organisation.name)
        .join(CaseActor, CaseActor.case_id == Case.id)
        .join(Actor, Actor.id == CaseActor.actor_id)
        .join(Organisation, Organisation.id == Actor.organisation_id)
        .where(visible.rows(Case, principal), Organisation.id.in_(own))
    )
    clocks: defaultdict[tuple[UUID, str, dt.date | None, UUID, str], list[dt.date | None]] = defaultdict(list)
    for case_id, code, closed_on, left_on, organisation_id, name in session.execute(query):
        clocks[case_id, code, closed_on, organisation_id, name].append(left_on)
    found = []
    for (case_id, code, closed_on, organisation_id, name), left in clocks.items():
        started_on = rule_of.part_clock(closed_on, left)
        rule = rule_of.rule_in_force(rules, organisation_id, today)
        if started_on is not None and rule is not None:
            found.append(Due(case_id, code, organisation_id, name, started_on, rule_of.due_on(started_on, rule), rule))
    return found


def get_due(session: Session, principal: Principal, case_id: UUID, organisation_id: UUID | None) -> Due:
    """Return one of them; raises NotFound for what is not on the list."""
    for one in due_list(session, principal):
        if (one.case_id, one.organisation_id) == (case_id, organisation_id):
            return one
    raise NotFound


def preview(session: Session, principal: Principal, due: Due) -> dict[str, int]:
    """Return how many rows of each table would be erased or emptied."""
    visible.one(session, principal, Case, due.case_id)
    if due.organisation_id is None:
        return {table.name: len(keys) for table, keys in case_rows.rows_of_case(session, due.case_id).items()}
    actors = select(Actor.id).where(Actor.organisation_id == due.organisation_id)
    counted = {
        model.__tablename__: session.scalar(
            select(func.count()).where(model.case_id == due.case_id, model.actor_id.in_(actors))
        )
        for model in (Action, Appointment)
    }
    return {table: number for table, number in counted.items() if number}


def dispose(
    session: Session,
    principal: Principal,
    case_id: UUID,
    organisation_id: UUID | None,
    *,
    sure: bool,
) -> Disposal:
    """Erase what is due, and return the receipt. Raises NotFound, and Invalid when it is not due yet or not said twice."""
    due = get_due(session, principal, case_id, organisation_id)
    if not sure:
        raise Invalid(field="sure", message=NOT_SURE)
    if not due.is_due(principal.today):
        raise Invalid(message=NOT_DUE)
    visible.only(session, select(Case).where(Case.id == case_id, visible.rows(Case, principal)).with_for_update())
    counts = preview(session, principal, due)
    receipt = Disposal(
        office_id=principal.office_id,
        case_id=case_id,
        code=due.code,
        organisation_id=organisation_id,
        months=due.rule.months,
        source=due.rule.source,
        started_on=due.started_on,
        due_on=due.due_on,
        disposed_at=principal.asked_at,
        person_id=principal.person_id,
        counts=counts,
    )
    session.add(receipt)
    if organisation_id is None:
        _erase_case(session, case_id, principal.asked_at)
    else:
        _empty_part(session, case_id, organisation_id)
    audit.note(session, Event.DISPOSED, case_ids=[case_id], object_id=receipt.id, office_id=principal.office_id)
    session.flush()  # the page that follows shows the receipt
    return receipt


def _erase_case(session: Session, case_id: UUID, now: dt.datetime) -> None:
    """Destroy the key first: from then on the texts are gone, whatever becomes of the rows."""
    client_id = session.get_one(Case, case_id).client_id
    found = case_rows.rows_of_case(session, case_id)
    session.flush()  # the receipt stands before anything goes
    destroy_key(session, vault_of(session), case_id, now)
    case_rows.erase(session, found)
    session.expunge_all()  # what was loaded of the case is no more
    if session.scalar(select(Case.id).where(Case.client_id == client_id).limit(1)) is None:
        destroy_key(session, vault_of(session), client_id, now)
        session.execute(delete(Client).where(Client.id == client_id))


def _empty_part(session: Session, case_id: UUID, organisation_id: UUID) -> None:
    actors = select(Actor.id).where(Actor.organisation_id == organisation_id)
    mine = select(Action).where(Action.case_id == case_id, Action.actor_id.in_(actors))
    for action in session.scalars(mine.options(selectinload(Action.events))):
        action.what = ERASED
        for event in action.events:
            event.note = ""
    for booked in session.scalars(
        select(Appointment).where(Appointment.case_id == case_id, Appointment.actor_id.in_(actors))
    ):
        for name in _TEXTS:
            setattr(booked, name, ERASED if name == "what" else "")


def list_receipts(session: Session, principal: Principal) -> list[Disposal]:
    """Return the receipts, newest first."""
    query = (
        select(Disposal)
        .where(visible.rows(Disposal, principal))
        .options(joinedload(Disposal.organisation), joinedload(Disposal.person))
        .order_by(Disposal.disposed_at.desc(), Disposal.id)
        .limit(200)
    )
    return list(session.scalars(query))


def get_receipt(session: Session, principal: Principal, key: UUID) -> Disposal:
    """Return one receipt; raises NotFound."""
    return visible.one(
        session, principal, Disposal, key, joinedload(Disposal.organisation), joinedload(Disposal.person)
    )
