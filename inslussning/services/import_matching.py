"""What each line of an office's list means beside what the office already has: something new, a change, or nothing.

A line is matched by what it is about (organisation, function and place; address; code), however its letters are cased. An empty
cell changes nothing, nobody is taken out of a case, and nobody's right to sign in is touched: a list is seldom the whole truth.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select

from inslussning.db import Session
from inslussning.db.base import OfficeRow
from inslussning.db.types import new_id
from inslussning.errors import Invalid
from inslussning.i18n import N_
from inslussning.models import Actor, Case, CaseActor, Client, Organisation, Person, Staffing
from inslussning.practice.access import Principal
from inslussning.practice.list_columns import COLUMNS, ListKind
from inslussning.practice.organisations import OrganisationKind
from inslussning.practice.phases import Phase
from inslussning.practice.release import release_clock, release_day, release_moment
from inslussning.practice.rows import SUPERVISION_ENDS_EARLY, ActorRow, CaseRow, Row, StaffingRow
from inslussning.practice.words import sort_key
from inslussning.services import visible
from inslussning.services.cases import CODE_TAKEN

SHORT_NAME_TAKEN = N_("Kortnamnet används redan av %(actor)s.")
NO_ACTOR = N_("Ingen aktör med den organisationen, funktionen och orten finns. Ta med den i listan över aktörer.")
OTHER_NAME = N_("Adressen hör till %(name)s på en annan rad. Varje person har en egen adress.")
TWO_INTERVALS = N_("Personen har flera perioder som överlappar den här. Rätta bemanningen på aktörens sida.")
NO_SHORT_NAME = N_("Ingen aktör har kortnamnet %(name)s.")
ACTOR_CLOSED = N_("Aktören %(name)s är avslutad.")
NO_PRISON = N_("Ingen anstalt heter %(name)s. Skriv anstaltens kortnamn eller ort så som den står bland aktörerna.")
SEVERAL_PRISONS = N_("Flera aktörer passar in på %(name)s. Skriv kortnamnet i stället.")
CLOSED = N_("avslutad")
IN_USE = N_("används")

R = TypeVar("R", bound=OfficeRow)
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """One value that becomes another; `what` is a column's heading."""

    what: str
    was: str
    becomes: str


@dataclass
class Register:
    """What the office has, found by what lists call it, with everything new put in as it is made."""

    principal: Principal
    today: dt.date
    organisations: dict[str, Organisation] = field(default_factory=dict)
    kinds: dict[UUID, Organisation] = field(default_factory=dict)
    actors: dict[Key, Actor] = field(default_factory=dict)
    by_function: dict[tuple[str, str], list[Actor]] = field(default_factory=dict)
    by_short_name: dict[str, Actor] = field(default_factory=dict)
    prisons: dict[str, list[Actor]] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    staffings: dict[tuple[UUID, UUID], list[Staffing]] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    taken_codes: frozenset[str] = frozenset()  # of cases that are not for whoever imports: as taken as any other
    members: dict[tuple[UUID, UUID], CaseActor] = field(default_factory=dict)
    new: list[OfficeRow] = field(default_factory=list)
    rerouted: list[Actor] = field(default_factory=list)  # those with another mailbox or other people than before
    named: set[str] = field(default_factory=set)  # addresses whose name this import has already said

    def add(self, row: R) -> R:
        """Take in a new row, to be written at the end."""
        row.id = new_id()
        row.office_id = self.principal.office_id
        self.new.append(row)
        return row

    def know(self, organisation: Organisation) -> None:
        """Let the organisation be found by its name."""
        self.organisations[organisation.name.casefold()] = organisation
        self.kinds[organisation.id] = organisation

    def know_actor(self, actor: Actor) -> None:
        """Let the function be found by what lists say of it."""
        key = _actor_key(self.kinds[actor.organisation_id].name, actor.function, actor.place)
        self.actors[key] = actor
        self.by_function.setdefault(key[:2], []).append(actor)
        self.by_short_name[actor.short_name.casefold()] = actor


def open_register(session: Session, principal: Principal, *, today: dt.date) -> Register:
    """Load everything lists can be about, in a statement each however long the lists are."""
    register = Register(principal, today)

    def every(model: type[R]) -> Iterable[R]:
        return session.scalars(select(model).where(visible.rows(model, principal))).all()

    for organisation in every(Organisation):
        register.know(organisation)
    for actor in every(Actor):
        register.know_actor(actor)
    register.people = {person.email.casefold(): person for person in every(Person)}
    for staffing in every(Staffing):
        register.staffings.setdefault((staffing.actor_id, staffing.person_id), []).append(staffing)
    register.cases = {case.code.casefold(): case for case in every(Case)}
    hidden = select(Case.code).where(Case.office_id == principal.office_id, Case.id.in_(list(principal.scope.hidden)))
    register.taken_codes = frozenset(code.casefold() for code in session.scalars(hidden))
    register.members = {(member.case_id, member.actor_id): member for member in every(CaseActor)}
    return register


def take_in(register: Register, row: Row) -> tuple[bool, tuple[Change, ...]]:
    """Put one line into the register; return whether it is new, and what it changes. Raises Invalid with the line's field."""
    if isinstance(row, ActorRow):
        return _take_actor(register, row)
    if isinstance(row, StaffingRow):
        return _take_staffing(register, row)
    return _take_case(register, row)


def about(row: Row) -> str:
    """Return what the line is about, as people say it."""
    if isinstance(row, CaseRow):
        return row.code
    function = f"{row.function} – {row.place}" if row.place else row.function
    return f"{row.name}, {function}" if isinstance(row, StaffingRow) else function


def _actor_key(organisation: str, function: str, place: str) -> Key:
    return organisation.casefold(), function.casefold(), place.casefold()


def _take_actor(register: Register, row: ActorRow) -> tuple[bool, tuple[Change, ...]]:
    key = _actor_key(row.organisation, row.function, row.place)
    actor = register.actors.get(key)
    owner = register.by_short_name.get(row.short_name.casefold())
    if owner is not None and owner is not actor:
        raise Invalid(field="short_name", message=SHORT_NAME_TAKEN, actor=owner.title)
    changes = _Changes(ListKind.ACTORS)
    organisation = register.organisations.get(row.organisation.casefold())
    if organisation is None:
        organisation = register.add(Organisation(name=row.organisation, kind=row.kind))
        register.know(organisation)
    changes.set(organisation, "kind", row.kind, show=lambda kind: kind.label)
    is_new = actor is None
    if actor is None:
        actor = register.add(Actor(organisation_id=organisation.id, function=row.function, place=row.place))
        actor.short_name, actor.mailbox, actor.phone = row.short_name, row.email, row.phone
        actor.sort_key = sort_key(f"{organisation.name} {row.function} {row.place}")
        register.know_actor(actor)
    elif row.email and row.email != actor.mailbox:
        register.rerouted.append(actor)
    for name, value in (("short_name", row.short_name), ("mailbox", row.email), ("phone", row.phone)):
        changes.set_filled(actor, name, value)
    if actor.closed_on is not None:
        changes.note("function", CLOSED, IN_USE)
        actor.closed_on = None
    register.by_short_name[row.short_name.casefold()] = actor
    return is_new, changes.found


def _take_staffing(register: Register, row: StaffingRow) -> tuple[bool, tuple[Change, ...]]:
    actor = _staffed_actor(register, row)
    changes = _Changes(ListKind.STAFFINGS)
    address = row.email.casefold()
    person = register.people.get(address)
    if person is None:
        person = register.add(Person(name=row.name, email=address, organisation_id=actor.organisation_id))
        register.people[address] = person
    elif person.name != row.name and address in register.named:
        raise Invalid(field="email", message=OTHER_NAME, name=person.name)
    changes.set(person, "name", row.name)
    register.named.add(address)
    held = register.staffings.setdefault((actor.id, person.id), [])
    same = [one for one in held if one.starts_on == row.starts_on] or [one for one in held if _overlaps(one, row)]
    if len(same) > 1:
        raise Invalid(field="starts_on", message=TWO_INTERVALS)
    if not same:
        interval = Staffing(actor_id=actor.id, person_id=person.id, starts_on=row.starts_on, ends_on=row.ends_on)
        held.append(register.add(interval))
        register.rerouted.append(actor)
        return True, changes.found
    before = len(changes.found)
    changes.set(same[0], "starts_on", row.starts_on)
    changes.set_filled(same[0], "ends_on", row.ends_on)
    if len(changes.found) > before:
        register.rerouted.append(actor)
    return False, changes.found


def _staffed_actor(register: Register, row: StaffingRow) -> Actor:
    """Return the function the line names; without a place, the only one there is."""
    exact = register.actors.get(_actor_key(row.organisation, row.function, row.place))
    if exact is not None:
        return exact
    found = [] if row.place else register.by_function.get(_actor_key(row.organisation, row.function, "")[:2], [])
    if len(found) != 1:
        raise Invalid(field="function", message=NO_ACTOR)
    return found[0]


def _overlaps(held: Staffing, row: StaffingRow) -> bool:
    ends_before = row.ends_on is not None and row.ends_on < held.starts_on
    starts_after = held.ends_on is not None and row.starts_on > held.ends_on
    return not ends_before and not starts_after


def _take_case(register: Register, row: CaseRow) -> tuple[bool, tuple[Change, ...]]:
    changes = _Changes(ListKind.CASES)
    if row.code.casefold() in register.taken_codes:
        raise Invalid(field="code", message=CODE_TAKEN)
    prison = _prison(register, row.prison) if row.prison else None
    members = [_member(register, name) for name in row.actors]
    case = register.cases.get(row.code.casefold())
    is_new = case is None
    if case is None:
        client = register.add(Client())
        case = register.add(Case(client_id=client.id, code=row.code, sort_key=sort_key(row.code, 80)))
        case.opened_on, case.phase = register.today, row.phase or Phase.VSP
        register.cases[row.code.casefold()] = case
    zone = register.principal.zone
    if row.release_on is not None:
        _set_release(changes, case, row, zone)
    changes.set_filled(case, "supervision_ends_on", row.supervision_ends_on)
    if case.release_at and case.supervision_ends_on and case.supervision_ends_on < release_day(case.release_at, zone):
        raise Invalid(field="supervision_ends_on", message=SUPERVISION_ENDS_EARLY)
    if prison is not None:
        changes.set(case, "prison_actor_id", prison.id, show=lambda key: _short_name(register, key))
    changes.set_filled(case, "phase", row.phase, show=lambda phase: phase.label)
    if (case.phase is Phase.CLOSED) is (case.closed_on is None):
        case.closed_on = register.today if case.phase is Phase.CLOSED else None
    joined = [actor.short_name for actor in members if _join(register, case, actor)]
    if joined:
        changes.note("actors", "", ", ".join(joined))
    return is_new, changes.found


def _set_release(changes: "_Changes", case: Case, row: CaseRow, zone: str) -> None:
    """Move the release; a list without a clock time leaves the one that is known for that day."""
    assert row.release_on is not None  # noqa: S101 - the caller has looked
    clock = row.release_time
    if clock is None and case.release_at is not None and release_day(case.release_at, zone) == row.release_on:
        clock = release_clock(case.release_at, zone)

    def shown(moment: dt.datetime) -> str:
        at = release_clock(moment, zone)
        return f"{release_day(moment, zone)}" + (f" {at:%H.%M}" if at else "")

    changes.set(case, "release_at", release_moment(row.release_on, clock, zone), show=shown)


def _prison(register: Register, name: str) -> Actor:
    """Return the prison of that short name, place or organisation. Raises Invalid when there is none, or several."""
    if not register.prisons:
        register.prisons = _prisons_by_name(register)
    wanted = name.casefold()
    for said_by in ("short_name", "place", "organisation"):
        found = register.prisons.get(f"{said_by} {wanted}", [])
        if len(found) == 1:
            return found[0]
        if found:
            raise Invalid(field="prison", message=SEVERAL_PRISONS, name=name)
    raise Invalid(field="prison", message=NO_PRISON, name=name)


def _prisons_by_name(register: Register) -> dict[str, list[Actor]]:
    """Return every prison in use under each of its names; lists of cases are read when all functions are known."""
    found: dict[str, list[Actor]] = {}
    for actor in register.actors.values():
        organisation = register.kinds[actor.organisation_id]
        if actor.closed_on is None and organisation.kind is OrganisationKind.PRISON:
            names = {"short_name": actor.short_name, "place": actor.place, "organisation": organisation.name}
            for said_by, name in names.items():
                found.setdefault(f"{said_by} {name.casefold()}", []).append(actor)
    return found


def _short_name(register: Register, key: UUID) -> str:
    return next((actor.short_name for actor in register.actors.values() if actor.id == key), "")


def _member(register: Register, short_name: str) -> Actor:
    actor = register.by_short_name.get(short_name.casefold())
    if actor is None:
        raise Invalid(field="actors", message=NO_SHORT_NAME, name=short_name)
    if actor.closed_on is not None:
        raise Invalid(field="actors", message=ACTOR_CLOSED, name=short_name)
    return actor


def _join(register: Register, case: Case, actor: Actor) -> bool:
    """Let the actor take part from today, or come back; tell whether that is a change."""
    member = register.members.get((case.id, actor.id))
    if member is None:
        member = CaseActor(case_id=case.id, actor_id=actor.id, joined_on=register.today)
        register.members[case.id, actor.id] = register.add(member)
        return True
    if member.left_on is None:
        return False
    member.left_on = None
    return True


class _Changes:
    """Sets values on rows and remembers what that changed, under the headings of the list."""

    _heading_of = {"mailbox": "email", "release_at": "release", "prison_actor_id": "prison"}  # noqa: RUF012 - never changed

    def __init__(self, kind: ListKind) -> None:
        self._columns = COLUMNS[kind]
        self._found: list[Change] = []

    @property
    def found(self) -> tuple[Change, ...]:
        return tuple(self._found)

    def set(self, row: OfficeRow, name: str, value: object, *, show: Callable[..., str] = str) -> None:
        was = getattr(row, name)
        if was != value:
            setattr(row, name, value)
            self.note(self._heading_of.get(name, name), "" if was is None else show(was), show(value))

    def set_filled(self, row: OfficeRow, name: str, value: object, *, show: Callable[..., str] = str) -> None:
        if value not in {None, ""}:
            self.set(row, name, value, show=show)

    def note(self, field: str, was: str, becomes: str) -> None:
        self._found.append(Change(self._columns[field].heading, was, becomes))
