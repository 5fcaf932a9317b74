"""What the reviewer reads of the access log: codes of cases, names and functions of colleagues, never a word of a case.

The reviewer sees no case, so nothing here starts from `visible`: every query names the office itself and takes no other column of a
case than its code.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from inslussning.db import Session
from inslussning.errors import Invalid, NotFound
from inslussning.i18n import N_
from inslussning.models import AuditCase, AuditEntry, Case, Organisation, Person, User
from inslussning.practice.access import Function, Principal, Role
from inslussning.practice.audit import Asker, Event
from inslussning.practice.words import one_line, sort_key
from inslussning.services import audit

ROWS = 25
NO_SUCH_CASE = N_("Det finns inget ärende med den koden.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which entries are wanted: of a case, of a person, of a kind, of a day or a span, and those before a number."""

    case_id: UUID | None = None
    person_id: UUID | None = None
    event: Event | None = None
    day: dt.date | None = None
    before: int | None = None
    span: tuple[dt.datetime, dt.datetime] | None = None  # the second moment included: what ended it stands there


class Who(NamedTuple):
    """Whoever did it, as the page writes it. `role` is what the person was then."""

    name: str
    organisation: str
    role: Role | None
    asker: Asker


class Shown(NamedTuple):
    """One entry as the list and its own page show it."""

    seq: int
    at: dt.datetime
    event: Event
    who: Who
    codes: tuple[str, ...]
    entry: AuditEntry


class LogPage(NamedTuple):
    """One page of the log; `before` is what to ask for next, None on the last page."""

    rows: Sequence[Shown]
    before: int | None
    code: str


class Colleague(NamedTuple):
    """Somebody who can be chosen."""

    key: UUID
    name: str


def page_of_log(session: Session, principal: Principal, wanted: Wanted) -> LogPage:
    """Return a page of the office's log, newest first; raises NotFound for a case that is not the office's."""
    principal.must(Function.REVIEW)
    code = _code_of(session, principal, wanted.case_id) if wanted.case_id else ""
    found = session.scalars(_entries(principal, wanted).limit(ROWS + 1)).all()
    shown = found[:ROWS]
    if wanted.case_id:
        audit.seen(session, [wanted.case_id])
    else:
        audit.note(session, Event.LISTED, detail="log")
    return LogPage(as_shown(session, principal, shown), shown[-1].seq if len(found) > ROWS else None, code)


def _entries(principal: Principal, wanted: Wanted) -> Select[AuditEntry]:
    query = select(AuditEntry).where(AuditEntry.office_id == principal.office_id)
    if wanted.case_id is not None:
        about = select(AuditCase.seq).where(
            AuditCase.office_id == principal.office_id, AuditCase.case_id == wanted.case_id
        )
        query = query.where(AuditEntry.seq.in_(about))
    if wanted.person_id is not None:
        query = query.where(AuditEntry.person_id == wanted.person_id)
    if wanted.event is not None:
        query = query.where(AuditEntry.event == wanted.event)
    if wanted.day is not None:
        first, last = (
            dt.datetime.combine(day, dt.time.min, ZoneInfo(principal.zone))
            for day in (wanted.day, wanted.day + dt.timedelta(days=1))
        )
        query = query.where(AuditEntry.at >= first, AuditEntry.at < last)
    if wanted.span is not None:
        query = query.where(AuditEntry.at >= wanted.span[0], AuditEntry.at <= wanted.span[1])
    if wanted.before is not None:
        query = query.where(AuditEntry.seq < wanted.before)
    return query.order_by(AuditEntry.seq.desc())


def as_shown(session: Session, principal: Principal, entries: Collection[AuditEntry]) -> list[Shown]:
    """Return entries with the names and codes of the office; a person or a case that is gone leaves its place empty."""
    people = _people(session, principal, {one.person_id for one in entries if one.person_id})
    codes = _codes(session, principal, [one.seq for one in entries])
    return [Shown(one.seq, one.at, one.event, _who(one, people), codes.get(one.seq, ()), one) for one in entries]


def _who(entry: AuditEntry, people: dict[UUID, Person]) -> Who:
    person = people.get(entry.person_id) if entry.person_id else None
    role = Role(entry.role) if entry.role in set(Role) else None
    return Who(person.name if person else "", person.organisation.name if person else "", role, entry.asker)


def _people(session: Session, principal: Principal, keys: Iterable[UUID]) -> dict[UUID, Person]:
    found = session.scalars(
        select(Person)
        .where(Person.office_id == principal.office_id, Person.id.in_(list(keys)))
        .options(joinedload(Person.organisation, innerjoin=True))
    )
    return {person.id: person for person in found}


def _codes(session: Session, principal: Principal, numbers: Sequence[int]) -> dict[int, tuple[str, ...]]:
    rows = session.execute(
        select(AuditCase.seq, Case.code)
        .join(Case, Case.id == AuditCase.case_id)
        .where(
            AuditCase.office_id == principal.office_id,
            Case.office_id == principal.office_id,
            AuditCase.seq.in_(numbers),
        )
        .order_by(Case.sort_key)
    )
    found: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
    for seq, code in rows:
        found[seq] += (code,)
    return found


def get_entry(session: Session, principal: Principal, seq: int) -> Shown:
    """Return one entry; raises NotFound."""
    principal.must(Function.REVIEW)
    entry = session.get(AuditEntry, (principal.office_id, seq))
    if entry is None:
        raise NotFound
    audit.note(session, Event.READ, detail=f"log {seq}")
    return as_shown(session, principal, [entry])[0]


def case_named(session: Session, principal: Principal, typed: str) -> UUID:
    """Return the office's case with a code, however it is written; raises Invalid by the field."""
    principal.must(Function.REVIEW)
    key = sort_key(one_line(typed))
    found = session.scalars(
        select(Case.id).where(Case.office_id == principal.office_id, Case.sort_key == key).limit(2)
    ).all()
    if len(found) != 1:
        raise Invalid(field="code", message=NO_SUCH_CASE)
    return found[0]


def _code_of(session: Session, principal: Principal, case_id: UUID) -> str:
    code = session.scalar(select(Case.code).where(Case.office_id == principal.office_id, Case.id == case_id))
    if code is None:
        raise NotFound
    return code


def colleagues(session: Session, principal: Principal) -> list[Colleague]:
    """Return everybody who may sign in at the office, or could once, by name."""
    rows = session.execute(
        select(Person.id, Person.name, Organisation.name)
        .join(User, User.person_id == Person.id)
        .join(Organisation, Organisation.id == Person.organisation_id)
        .where(Person.office_id == principal.office_id)
    )
    found = [Colleague(key, f"{name} ({organisation})") for key, name, organisation in rows]
    return sorted(found, key=lambda one: sort_key(one.name))
