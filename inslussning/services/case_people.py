"""Who may see a case by name: a colleague kept out of it, and the few who may read a restricted one.

An exclusion is for the colleague who is a relative or a neighbour; a name is for whoever works with a case that is closed to the rest.
Both hold from the next request, since every request reads them anew. Nobody can be locked out by mistake: one cannot keep oneself out,
and a restricted case always has somebody named.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from inslussning.db import Session
from inslussning.errors import Invalid
from inslussning.i18n import N_
from inslussning.models import BreakGlass, Case, CasePerson, Organisation, Person, User
from inslussning.practice.access import ALLOWED, Function, Principal, Role
from inslussning.practice.audit import Event
from inslussning.practice.protection import (
    CasePersonKind,
    Openness,
    Protection,
    Refusal,
    why_not_exclude,
    why_not_remove,
)
from inslussning.practice.words import looks_like_personal_number, one_line
from inslussning.services import audit, visible

LONGEST_REASON = 300
_STAFF = [role for role in Role if role.is_staff]
_READERS = [role for role, functions in ALLOWED.items() if Function.READ_CASES in functions]
CHOOSE_PERSON = N_("Välj en person i listan.")
WRITE_REASON = N_("Skriv varför. Skälet syns för dem som får se ärendet.")
PERSONAL_NUMBER = N_("Det ser ut som ett personnummer. Ta bort det.")
TOO_LONG = N_("Texten är för lång. Högst %(max_length)d tecken får plats.")


class Listed(NamedTuple):
    """One person on the case's list, with why and by whom."""

    person_id: UUID
    name: str
    organisation: str
    reason: str
    set_by: str
    set_at: dt.datetime
    is_self: bool


class Opened(NamedTuple):
    """An opening of the case that holds now."""

    name: str
    until: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoSees:
    """Everything the page says about who may see the case. `choices` are the people that can be put on the list."""

    case: Case
    named: tuple[Listed, ...]
    excluded: tuple[Listed, ...]
    opened: tuple[Opened, ...]
    choices: tuple[tuple[UUID, str], ...]
    may_change: bool


def who_sees(session: Session, principal: Principal, case_id: UUID, *, now: dt.datetime) -> WhoSees:
    """Return who may see the case by name, and who is kept out; raises NotFound."""
    case = visible.one(session, principal, Case, case_id)
    rows = session.scalars(
        select(CasePerson)
        .where(CasePerson.case_id == case_id)
        .options(joinedload(CasePerson.person).joinedload(Person.organisation))
    ).all()
    setters = _names(session, {row.set_by for row in rows})
    return WhoSees(
        case=case,
        named=_of_kind(rows, CasePersonKind.NAMED, setters, principal),
        excluded=_of_kind(rows, CasePersonKind.EXCLUDED, setters, principal),
        opened=_opened(session, case_id, now),
        choices=tuple(choices(session, principal)),
        may_change=case_id not in principal.scope.opened,
    )


def choices(session: Session, principal: Principal) -> list[tuple[UUID, str]]:
    """Return everybody at the office whose role reads cases, by name."""
    rows = session.execute(
        select(Person.id, Person.name, Organisation.name)
        .join(User, User.person_id == Person.id)
        .join(Organisation, Organisation.id == Person.organisation_id)
        .where(visible.rows(Person, principal), User.role.in_(_READERS), User.disabled_at.is_(None))
        .order_by(Person.name, Person.id)
    )
    return [(key, f"{name} ({organisation})") for key, name, organisation in rows]


def exclude(
    session: Session, principal: Principal, case_id: UUID, person_id: UUID | None, *, reason: str, now: dt.datetime
) -> None:
    """Keep a person out of the case from the next request on. Raises NotFound, and Invalid by the field."""
    case = to_govern(session, principal, case_id)
    known = _checked_person(session, principal, person_id)
    reason = checked_reason(reason)
    _refuse(why_not_exclude(openness(session, case), known, by=principal.person_id), "person_id")
    _put(session, principal, case, known, CasePersonKind.EXCLUDED, reason=reason, now=now)


def name(
    session: Session, principal: Principal, case_id: UUID, person_id: UUID | None, *, reason: str, now: dt.datetime
) -> None:
    """Let a person read the case also while it is restricted; an exclusion of the same person ends with it. Raises as `exclude`."""
    case = to_govern(session, principal, case_id)
    known = _checked_person(session, principal, person_id)
    _put(session, principal, case, known, CasePersonKind.NAMED, reason=checked_reason(reason), now=now)


def remove(session: Session, principal: Principal, case_id: UUID, person_id: UUID) -> None:
    """Take a person off the case's list: an exclusion ends, or a name. Raises NotFound, and Invalid for the last one named."""
    case = to_govern(session, principal, case_id)
    row = visible.only(
        session, select(CasePerson).where(CasePerson.case_id == case.id, CasePerson.person_id == person_id)
    )
    if row.kind is CasePersonKind.NAMED:
        _refuse(why_not_remove(openness(session, case), person_id))
    _note(session, case, row.kind, person_id, is_added=False)
    session.delete(row)
    session.flush()  # the page shown next lists them


def name_all(
    session: Session, principal: Principal, case: Case, people: Iterable[UUID], *, reason: str, now: dt.datetime
) -> None:
    """Name the people whose list a case is closed with; those named already stay as they are. Raises Invalid for a foreign one."""
    principal.must(Function.COORDINATE)
    held = openness(session, case).named
    for person_id in dict.fromkeys(people):
        known = _checked_person(session, principal, person_id, field="person_ids")
        if known not in held:
            _put(session, principal, case, known, CasePersonKind.NAMED, reason=reason, now=now)


def to_govern(session: Session, principal: Principal, case_id: UUID) -> Case:
    """Return the case, held so that two who change its list come one after the other. Raises NotFound.

    Whoever reads it by an opening may not open it wider: raises Invalid.
    """
    principal.must(Function.COORDINATE)
    case = visible.only(
        session, select(Case).where(Case.id == case_id, visible.rows(Case, principal)).with_for_update()
    )
    if case_id in principal.scope.opened:
        _refuse(Refusal.OPENED_ONLY)
    return case


def openness(session: Session, case: Case) -> Openness:
    """Return who keeps the case by name: those named of the office's own staff who may sign in. A partner alone cannot open it again."""
    named = session.scalars(
        select(CasePerson.person_id)
        .join(User, User.person_id == CasePerson.person_id)
        .where(
            CasePerson.case_id == case.id,
            CasePerson.kind == CasePersonKind.NAMED,
            User.role.in_(_STAFF),
            User.disabled_at.is_(None),
        )
    )
    return Openness(case.is_restricted, frozenset(named))


def keepers(session: Session, principal: Principal, people: Iterable[UUID]) -> frozenset[UUID]:
    """Return those of the people who would keep a case that is closed to the rest."""
    wanted = select(User.person_id).where(
        User.office_id == principal.office_id,
        User.person_id.in_(list(people)),
        User.role.in_(_STAFF),
        User.disabled_at.is_(None),
    )
    return frozenset(session.scalars(wanted))


def checked_reason(reason: str, *, field: str = "reason", missing: str = WRITE_REASON) -> str:
    """Return the reason as it is kept; raise Invalid for one that is empty, too long or names a person by number."""
    text = one_line(reason)
    if not text:
        raise Invalid(field=field, message=missing)
    if len(text) > LONGEST_REASON:
        raise Invalid(field=field, message=TOO_LONG, max_length=LONGEST_REASON)
    if looks_like_personal_number(text):
        raise Invalid(field=field, message=PERSONAL_NUMBER)
    return text


def _put(
    session: Session,
    principal: Principal,
    case: Case,
    person_id: UUID,
    kind: CasePersonKind,
    *,
    reason: str,
    now: dt.datetime,
) -> None:
    row = session.scalar(select(CasePerson).where(CasePerson.case_id == case.id, CasePerson.person_id == person_id))
    if row is None:
        row = CasePerson(office_id=case.office_id, case_id=case.id, person_id=person_id)
        session.add(row)
    row.kind, row.reason, row.set_by, row.set_at = kind, reason, principal.person_id, now
    _note(session, case, kind, person_id, is_added=True)
    session.flush()  # the page shown next lists them


def _note(session: Session, case: Case, kind: CasePersonKind, person_id: UUID, *, is_added: bool) -> None:
    what = f"{'+' if is_added else '-'}{kind.value}"
    audit.note(session, Event.EXCLUDED, case_ids=[case.id], object_id=person_id, detail=what)


def _refuse(why: Refusal | None, field: str = "") -> None:
    if why is not None:
        raise Invalid(field=field, message=why.message)


def _checked_person(
    session: Session, principal: Principal, person_id: UUID | None, *, field: str = "person_id"
) -> UUID:
    """Return the person's key; raise Invalid alike for an absent one, a foreign one and one who may not sign in."""
    found = session.scalar(
        select(Person.id)
        .join(User, User.person_id == Person.id)
        .where(
            Person.id == person_id,
            visible.rows(Person, principal),
            User.role.in_(_READERS),
            User.disabled_at.is_(None),
        )
    )
    if found is None:
        raise Invalid(field=field, message=CHOOSE_PERSON)
    return found


def _names(session: Session, keys: Iterable[UUID]) -> dict[UUID, str]:
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(set(keys))))
    return dict(rows.all())


def _of_kind(
    rows: Iterable[CasePerson], kind: CasePersonKind, setters: dict[UUID, str], principal: Principal
) -> tuple[Listed, ...]:
    found = (
        Listed(
            person_id=row.person_id,
            name=row.person.name,
            organisation=row.person.organisation.name,
            reason=row.reason,
            set_by=setters.get(row.set_by, ""),
            set_at=row.set_at,
            is_self=row.person_id == principal.person_id,
        )
        for row in rows
        if row.kind is kind
    )
    return tuple(sorted(found, key=lambda one: one.name))


def _opened(session: Session, case_id: UUID, now: dt.datetime) -> tuple[Opened, ...]:
    rows = session.execute(
        select(Person.name, BreakGlass.expires_at)
        .join(User, User.id == BreakGlass.user_id)
        .join(Person, Person.id == User.person_id)
        .where(BreakGlass.case_id == case_id, BreakGlass.expires_at > now, BreakGlass.ended_at.is_(None))
        .order_by(BreakGlass.expires_at)
    )
    return tuple(Opened(who, until) for who, until in rows)


class InShort(NamedTuple):
    """What the case's own page says about who may see it. `opened_until` is set when one reads it by an opening of one's own."""

    is_sealed: bool
    protection: Protection
    named: int
    excluded: int
    opened: tuple[Opened, ...]
    opened_until: dt.datetime | None

    @property
    def is_protected(self) -> bool:
        """Tell whether place and address are masked, and nothing leaves by itself."""
        return self.protection is not Protection.NONE

    @property
    def is_restricted(self) -> bool:
        """Tell whether only the named may see the case."""
        return self.is_sealed or self.is_protected


def in_short(session: Session, principal: Principal, case: Case, *, now: dt.datetime) -> InShort:
    """Return what the case's own page says; the case must be one that may be seen."""
    kinds = session.scalars(select(CasePerson.kind).where(CasePerson.case_id == case.id)).all()
    return InShort(
        is_sealed=case.sealed_at is not None,
        protection=case.protection,
        named=sum(kind is CasePersonKind.NAMED for kind in kinds),
        excluded=sum(kind is CasePersonKind.EXCLUDED for kind in kinds),
        opened=_opened(session, case.id, now),
        opened_until=principal.scope.opened.get(case.id),
    )


def is_closed_to(session: Session, principal: Principal, case_id: UUID) -> bool:
    """Tell whether what has just been changed closes the case to oneself, from the next request on."""
    case = session.get_one(Case, case_id)
    return case.is_restricted and principal.person_id not in openness(session, case).named
