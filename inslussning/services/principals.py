"""Reads the facts that decide what a principal may see, and asks the rule. Nobody else makes a principal.

It is done anew for every request, so that a consent that is revoked, a colleague who is kept out and an opening that has ended take
effect on the very next one. The statements only choose which cases are worth asking about; `practice.access.decide` answers.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Connection,
    FromClause,
    Row,
    and_,
    bindparam,
    select,
    union,
    union_all,
)

from inslussning.db import Session
from inslussning.errors import NotFound
from inslussning.models import (
    Actor,
    BreakGlass,
    Case,
    CaseActor,
    CasePerson,
    Consent,
    ConsentArea,
    DisclosureArea,
    DisclosureDecision,
    Office,
    Organisation,
    Person,
    Staffing,
    User,
)
from inslussning.models.cases import RESTRICTED
from inslussning.practice.access import (
    Basis,
    CaseFacts,
    CaseScope,
    Function,
    Opening,
    Principal,
    Standing,
    decide,
    opened_until,
)
from inslussning.practice.phases import Phase
from inslussning.practice.protection import CasePersonKind, Protection

Line = Row[*tuple[Any, ...]]  # a row of any of the statements below

_case, _person, _opening = Case.__table__, CasePerson.__table__, BreakGlass.__table__
_member, _actor, _organisation = CaseActor.__table__, Actor.__table__, Organisation.__table__
_OFFICE: BindParameter[UUID] = bindparam("office_id")
_SELF: BindParameter[UUID] = bindparam("person_id")
_USER: BindParameter[UUID] = bindparam("user_id")
_NOW: BindParameter[dt.datetime] = bindparam("now")
_CASES: BindParameter[list[UUID]] = bindparam("case_ids", expanding=True)
_STAFFED: BindParameter[list[UUID]] = bindparam("actor_ids", expanding=True)

_OWN_PLACE = and_(_person.c.case_id == _case.c.id, _person.c.person_id == _SELF)
_OWN_OPENING = and_(_opening.c.case_id == _case.c.id, _opening.c.user_id == _USER, _opening.c.expires_at > _NOW)
_CASE = (_case.c.id, _case.c.sealed_at, _case.c.protection, _case.c.phase, _person.c.kind)
_OPENED = (_opening.c.opened_at, _opening.c.expires_at, _opening.c.ended_at)
_PLACES = _case.outerjoin(_person, _OWN_PLACE).outerjoin(_opening, _OWN_OPENING)

_CLOSED_TO_STAFF = (
    select(*_CASE, *_OPENED)
    .select_from(_PLACES)
    .where(
        _case.c.office_id == _OFFICE,
        _case.c.id.in_(
            union(
                select(_case.c.id).where(_case.c.office_id == _OFFICE, RESTRICTED),
                select(_person.c.case_id).where(
                    _person.c.office_id == _OFFICE,
                    _person.c.person_id == _SELF,
                    _person.c.kind == CasePersonKind.EXCLUDED,
                ),
            )
        ),
    )
)
_PART = (_member.c.actor_id, _organisation.c.needs_basis, _member.c.joined_on, _member.c.left_on)
_THROUGH_FUNCTIONS = (
    select(*_CASE, *_PART)
    .select_from(
        _case.join(_member, _member.c.case_id == _case.c.id)
        .join(_actor, _actor.c.id == _member.c.actor_id)
        .join(_organisation, _organisation.c.id == _actor.c.organisation_id)
        .outerjoin(_person, _OWN_PLACE)
    )
    .where(_case.c.office_id == _OFFICE, _member.c.actor_id.in_(_STAFFED))
)
_THROUGH_OPENINGS = (
    select(*_CASE, *_OPENED)
    .select_from(_case.join(_opening, _OWN_OPENING).outerjoin(_person, _OWN_PLACE))
    .where(_case.c.office_id == _OFFICE)
)
_consent, _consent_area = Consent.__table__, ConsentArea.__table__
_decision, _decision_area = DisclosureDecision.__table__, DisclosureArea.__table__


def _bases_where(narrow: Callable[[FromClause], ColumnElement[bool]]) -> CompoundSelect[Any]:
    """Return the statement for consents and decisions alike, a row for each subject area, narrowed on both."""
    return union_all(
        select(
            _consent.c.id,
            _consent.c.case_id,
            _consent.c.actor_id,
            _consent.c.valid_from,
            _consent.c.valid_until,
            _consent.c.revoked_at.label("ended_at"),
            _consent_area.c.area_id,
        )
        .join(_consent_area, _consent_area.c.consent_id == _consent.c.id)
        .where(_consent.c.office_id == _OFFICE, narrow(_consent)),
        select(
            _decision.c.id,
            _decision.c.case_id,
            _decision.c.actor_id,
            _decision.c.valid_from,
            _decision.c.valid_until,
            _decision.c.ended_at,
            _decision_area.c.area_id,
        )
        .join(_decision_area, _decision_area.c.decision_id == _decision.c.id)
        .where(_decision.c.office_id == _OFFICE, narrow(_decision)),
    )


BASES = _bases_where(lambda table: table.c.actor_id.in_(_STAFFED))
BASES_OF_CASES = _bases_where(lambda table: table.c.case_id.in_(_CASES))


def of_user(session: Session, user_id: UUID, *, now: dt.datetime) -> Principal:
    """Return the principal a user is at a moment; raises NotFound for one who may not sign in."""
    row = session.execute(
        select(User, Person, Office)
        .join(Person, Person.id == User.person_id)
        .join(Office, Office.id == User.office_id)
        .where(User.id == user_id, User.disabled_at.is_(None))
    ).one_or_none()
    if row is None:
        raise NotFound
    user, person, office = row
    principal = Principal(
        user_id=user.id,
        person_id=person.id,
        office_id=office.id,
        organisation_id=person.organisation_id,
        role=user.role,
        name=person.name,
        asked_at=now,
        office_name=office.name,
        zone=office.timezone,
        language=user.language,
        appearance=user.appearance,
    )
    intervals = session.execute(
        select(Staffing.actor_id, Staffing.starts_on, Staffing.ends_on).where(Staffing.person_id == person.id)
    )
    staffed = frozenset(actor for actor, first, last in intervals if is_on(principal.today, first, last))
    return with_scope(session.connection(), replace(principal, actor_ids=staffed))


def is_on(day: dt.date, first: dt.date, last: dt.date | None) -> bool:
    """Tell whether a day is within an interval, both days included."""
    return first <= day and (last is None or day <= last)


def with_scope(connection: Connection, principal: Principal) -> Principal:
    """Return the principal with the cases it may see now."""
    if principal.role.is_staff:
        return replace(principal, scope=_staff_scope(connection, principal))
    if principal.may(Function.READ_CASES):
        return replace(principal, scope=_shared_scope(connection, principal))
    return principal


def _staff_scope(connection: Connection, principal: Principal) -> CaseScope:
    found = _Facts(principal)
    for row in connection.execute(_CLOSED_TO_STAFF, _parameters(principal)):
        found.case(row)
        found.opening(row)
    hidden = (facts.case_id for facts in found.all() if decide(principal, facts) is None)
    return CaseScope(whole_office=True, hidden=frozenset(hidden), opened=found.opened())


def _shared_scope(connection: Connection, principal: Principal) -> CaseScope:
    found, values = _Facts(principal), _parameters(principal)
    if principal.may(Function.FOLLOW_ACTIONS) and principal.actor_ids:
        bases = by_part(connection.execute(BASES, values))
        for row in connection.execute(_THROUGH_FUNCTIONS, values):
            found.case(row)
            found.standing(row, bases[row.id, row.actor_id])
    if principal.may(Function.OPEN_CASES):
        for opened in connection.execute(_THROUGH_OPENINGS, values):
            found.case(opened)
            found.opening(opened)
    shares = {facts.case_id: share for facts in found.all() if (share := decide(principal, facts)) is not None}
    return CaseScope(shares=MappingProxyType(shares), opened=found.opened())


def _parameters(principal: Principal) -> dict[str, object]:
    return {
        "office_id": principal.office_id,
        "person_id": principal.person_id,
        "user_id": principal.user_id,
        "now": principal.asked_at,
        "actor_ids": list(principal.actor_ids),
    }


def by_part(rows: Iterable[Line]) -> defaultdict[tuple[UUID, UUID], tuple[Basis, ...]]:
    """Return what each function may rely on in each case; a basis has a row for each of its subject areas."""
    basis: dict[UUID, tuple[tuple[UUID, UUID], Basis]] = {}
    for key, case_id, actor_id, first, last, ended_at, area_id in rows:
        earlier = basis[key][1].area_ids if key in basis else frozenset()
        basis[key] = ((case_id, actor_id), Basis(earlier | {area_id}, first, last, ended_at))
    found: defaultdict[tuple[UUID, UUID], tuple[Basis, ...]] = defaultdict(tuple)
    for part, one in basis.values():
        found[part] += (one,)
    return found


class _Facts:
    """Collects the facts of some cases from rows of several statements."""

    def __init__(self, principal: Principal) -> None:
        self.principal = principal
        self.found: dict[UUID, CaseFacts] = {}

    def case(self, row: Line) -> None:
        """Take in what a row says of the case itself and of the principal's own place in it."""
        if row.id in self.found:
            return
        own = frozenset({self.principal.person_id})
        self.found[row.id] = CaseFacts(
            case_id=row.id,
            office_id=self.principal.office_id,
            restricted=row.sealed_at is not None or row.protection is not Protection.NONE,
            closed=row.phase is Phase.CLOSED,
            excluded=own if row.kind is CasePersonKind.EXCLUDED else frozenset(),
            named=own if row.kind is CasePersonKind.NAMED else frozenset(),
        )

    def opening(self, row: Line) -> None:
        """Take in an opening, when the row has one."""
        if row.opened_at is not None:
            opening = Opening(self.principal.user_id, row.opened_at, row.expires_at, row.ended_at)
            facts = self.found[row.id]
            self.found[row.id] = replace(facts, openings=(*facts.openings, opening))

    def standing(self, row: Line, bases: tuple[Basis, ...]) -> None:
        """Take in the part of one function."""
        standing = Standing(row.actor_id, row.needs_basis, row.joined_on, row.left_on, bases)
        facts = self.found[row.id]
        self.found[row.id] = replace(facts, standings=(*facts.standings, standing))

    def opened(self) -> MappingProxyType[UUID, dt.datetime]:
        """Return the cases that an opening lets the principal see now, with when it ends."""
        ends = ((facts.case_id, opened_until(self.principal, facts)) for facts in self.found.values())
        return MappingProxyType({key: until for key, until in ends if until is not None})

    def all(self) -> Iterable[CaseFacts]:
        """Return what has been found, case by case."""
        return self.found.values()
