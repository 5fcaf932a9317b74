"""Random worlds for the access rule: who is there, which cases, and on what ground anybody may see them.

A world is plain values first, so that a test can read it in its own words, and is then written to a database in one go. Texts about a
client are empty: what is sealed cannot be written in bulk, and no rule looks at it.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from sqlalchemy import Connection, insert

from inslussning.db.base import Base
from inslussning.models import (
    Action,
    Actor,
    Appointment,
    BreakGlass,
    Case,
    CaseActor,
    CasePerson,
    Client,
    Consent,
    ConsentArea,
    DisclosureArea,
    DisclosureDecision,
    Invitation,
    LegalBasis,
    Meeting,
    Need,
    NeedArea,
    Office,
    Organisation,
    Person,
    Schedule,
    Staffing,
    User,
    WeeklySlot,
)
from inslussning.models.meetings import MeetingKind, MeetingState
from inslussning.practice.access import Role
from inslussning.practice.consent import Form
from inslussning.practice.organisations import OrganisationKind
from inslussning.practice.phases import Phase
from inslussning.practice.protection import CasePersonKind, OpeningKind, Protection
from meetings.actions import ActionState

NOW = dt.datetime(2026, 11, 24, 8, 0, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 24)
OPEN_ENDED = None
ACTORS, AREAS, PEOPLE = 3, 2, 3  # the last actor is of the office's own agency

_days = st.integers(-2, 2).map(lambda n: TODAY + dt.timedelta(days=n))
_ends = st.one_of(st.none(), _days)
_moments = st.sampled_from([NOW + dt.timedelta(minutes=n) for n in (-60, -1, 0, 1, 60)])
_maybe_moment = st.one_of(st.none(), st.none(), _moments)
_actor, _area, _person = st.integers(0, ACTORS - 1), st.integers(0, AREAS - 1), st.integers(0, PEOPLE - 1)
_roles = st.sampled_from([*Role, Role.CASE_WORKER, Role.PARTNER, Role.PARTNER])  # they have the most to keep apart
_mostly_no = st.sampled_from([False, False, False, True])


@dataclass(frozen=True)
class Ground:
    """A consent or a decision."""

    actor: int
    areas: frozenset[int]
    first: dt.date
    last: dt.date
    ended_at: dt.datetime | None
    is_consent: bool


@dataclass(frozen=True)
class Opened:
    """A case opened beyond the rule."""

    person: int
    from_at: dt.datetime
    until: dt.datetime
    ended_at: dt.datetime | None


@dataclass(frozen=True)
class ACase:
    """A case with all that decides who may see it. `invited`: actor, and whether it was taken back."""

    closed: bool
    sealed: bool
    protection: Protection
    members: dict[int, tuple[dt.date, dt.date | None]]
    people: dict[int, CasePersonKind]
    grounds: list[Ground]
    openings: list[Opened]
    invited: dict[int, bool]


@dataclass(frozen=True)
class AWorld:
    """An office: its people by role, who staffs what, its cases and who is invited to its weekly slot."""

    roles: tuple[Role, ...]
    staffings: list[tuple[int, int, dt.date, dt.date | None]]
    cases: list[ACase]
    slot_invited: dict[int, bool]


@st.composite
def _grounds(draw: st.DrawFn) -> Ground:
    first = draw(_days)
    return Ground(
        actor=draw(_actor),
        areas=draw(st.frozensets(_area, min_size=1)),
        first=first,
        last=first + dt.timedelta(days=draw(st.integers(0, 3))),
        ended_at=draw(_maybe_moment),
        is_consent=draw(st.booleans()),
    )


@st.composite
def _openings(draw: st.DrawFn) -> Opened:
    from_at = draw(_moments)
    until = from_at + dt.timedelta(minutes=draw(st.sampled_from([1, 60, 90])))
    return Opened(draw(_person), from_at, until, draw(_maybe_moment))


@st.composite
def _a_case(draw: st.DrawFn) -> ACase:
    return ACase(
        closed=draw(_mostly_no),
        sealed=draw(_mostly_no),
        protection=Protection.MARKED if draw(_mostly_no) else Protection.NONE,
        members=draw(st.dictionaries(_actor, st.tuples(_days, _ends), max_size=ACTORS)),
        people=draw(st.dictionaries(_person, st.sampled_from(CasePersonKind), max_size=2)),
        grounds=draw(st.lists(_grounds(), max_size=4)),
        openings=draw(st.lists(_openings(), max_size=2)),
        invited=draw(st.dictionaries(_actor, st.booleans(), max_size=ACTORS)),
    )


@st.composite
def worlds(draw: st.DrawFn) -> AWorld:
    """Offices with up to three cases and three people of any roles."""
    first = draw(_days)
    staffing = st.tuples(_person, _actor, st.just(first) | _days, _ends).map(
        lambda s: (s[0], s[1], s[2], None if s[3] is None else max(s[2], s[3]))
    )
    return AWorld(
        roles=tuple(draw(st.lists(_roles, min_size=PEOPLE, max_size=PEOPLE))),
        staffings=draw(st.lists(staffing, min_size=1, max_size=5)),
        cases=draw(st.lists(_a_case(), min_size=1, max_size=3)),
        slot_invited=draw(st.dictionaries(_actor, st.booleans(), max_size=ACTORS)),
    )


def key(kind: int, *numbers: int) -> UUID:
    """The key of a row: which table, which office, and what it is of."""
    value = kind
    for number in (*numbers, *(0,) * (4 - len(numbers))):
        value = value * 1000 + number + 1
    return UUID(int=value)


OFFICE, ORGANISATION, ACTOR, PERSON, USER, AREA, CASE, NEED, ACTION, TIME, MEMBER, MEETING, SLOT, PAPER, OTHER = range(
    1, 16
)


class _Writer:
    """Collects rows by table, and writes each table's rows in one statement."""

    def __init__(self) -> None:
        self.rows: dict[type, list[dict[str, Any]]] = {}
        self.made = 0

    def add(self, table: type, **values: Any) -> None:
        if "id" not in values:
            self.made += 1
            values["id"] = key(OTHER, self.made)
        self.rows.setdefault(table, []).append(values)

    def write(self, connection: Connection) -> None:
        by_table = {model.__table__: rows for model, rows in self.rows.items()}  # type: ignore[attr-defined] # every model has one
        for table in Base.metadata.sorted_tables:
            if table in by_table:
                connection.execute(insert(table), by_table[table])


def write(connection: Connection, world: AWorld) -> None:
    """Write the world as office 0, and the same world once more as office 1, whose rows nobody of office 0 may see."""
    into = _Writer()
    for office in (0, 1):
        into.add(Office, id=key(OFFICE, office), name=f"Kontor {office}", timezone="Europe/Stockholm", created_at=NOW)
    for office in (0, 1):
        _people(into, office, world)
    for office in (0, 1):
        _slot(into, office, world)
        for number, case in enumerate(world.cases):
            _case(into, office, number, case)
    into.write(connection)


def _people(into: _Writer, office: int, world: AWorld) -> None:
    own = {"office_id": key(OFFICE, office)}
    kinds = (OrganisationKind.MUNICIPALITY, OrganisationKind.REGION, OrganisationKind.PRISON)
    for n, kind in enumerate(kinds):
        foreign = kind is not OrganisationKind.PRISON
        into.add(Organisation, **own, id=key(ORGANISATION, office, n), name=kind.value, kind=kind, needs_basis=foreign)
    for n in range(ACTORS):
        names = {"function": f"Funktion {n}", "short_name": f"f{n}"}
        into.add(Actor, **own, **names, id=key(ACTOR, office, n), organisation_id=key(ORGANISATION, office, n))
    for n in range(AREAS):
        into.add(NeedArea, **own, id=key(AREA, office, n), name=f"Område {n}", position=n)
    into.add(LegalBasis, **own, id=key(OTHER, 900, office), name="Grund", citation="1 §", valid_from=TODAY, position=0)
    for n, role in enumerate(world.roles):
        email = f"p{n}@kontor{office}.example"
        works = key(ORGANISATION, office, 0)
        into.add(Person, **own, id=key(PERSON, office, n), name=f"Person {n}", email=email, organisation_id=works)
        person = key(PERSON, office, n)
        into.add(User, **own, id=key(USER, office, n), person_id=person, email=email, password_hash="x", role=role)
    for person_n, actor_n, first, last in world.staffings:
        part = {"actor_id": key(ACTOR, office, actor_n), "person_id": key(PERSON, office, person_n)}
        into.add(Staffing, **own, **part, starts_on=first, ends_on=last)


def _slot(into: _Writer, office: int, world: AWorld) -> None:
    own = {"office_id": key(OFFICE, office)}
    times = {"weekday": 1, "local_start": dt.time(9), "minutes": 60, "first_on": TODAY, "last_on": TODAY}
    into.add(WeeklySlot, **own, **times, id=key(SLOT, office), name="Veckotid", timezone="Europe/Stockholm")
    _meeting(into, office, key(MEETING, office, 99), slot_id=key(SLOT, office), kind=MeetingKind.WEEKLY, case_id=None)
    for actor, taken_back in world.slot_invited.items():
        _invitation(into, office, actor, taken_back, slot_id=key(SLOT, office), meeting_id=None)


def _meeting(into: _Writer, office: int, meeting_id: UUID, **values: Any) -> None:
    times = {"starts_at": NOW, "ends_at": NOW + dt.timedelta(hours=1), "timezone": "Europe/Stockholm"}
    state = MeetingState.PLANNED
    into.add(Meeting, office_id=key(OFFICE, office), id=meeting_id, state=state, **times, **values)


def _invitation(into: _Writer, office: int, actor: int, taken_back: bool, **subject: UUID | None) -> None:
    said = {"address": "f@partner.example", "uid": f"{into.made}-{office}@x", "dtstamp": NOW, "from_on": None}
    withdrawn = {"withdrawn_at": NOW if taken_back else None}
    into.add(
        Invitation, office_id=key(OFFICE, office), actor_id=key(ACTOR, office, actor), **subject, **said, **withdrawn
    )


def _case(into: _Writer, office: int, number: int, case: ACase) -> None:
    own = {"office_id": key(OFFICE, office)}
    case_id = key(CASE, office, number)
    into.add(Client, **own, id=key(OTHER, 800, office, number))
    into.add(
        Case,
        **own,
        id=case_id,
        client_id=key(OTHER, 800, office, number),
        code=f"K-{number}",
        phase=Phase.CLOSED if case.closed else Phase.PLAN,
        opened_on=TODAY,
        sealed_at=NOW if case.sealed else None,
        protection=case.protection,
    )
    _grounds_of(into, office, case_id, case)
    _content(into, office, number, case)


def _grounds_of(into: _Writer, office: int, case_id: UUID, case: ACase) -> None:
    own = {"office_id": key(OFFICE, office), "case_id": case_id}
    by = key(PERSON, office, 0)
    for actor, (joined, left) in case.members.items():
        into.add(CaseActor, **own, actor_id=key(ACTOR, office, actor), joined_on=joined, left_on=left)
    for person, kind in case.people.items():
        into.add(CasePerson, **own, person_id=key(PERSON, office, person), kind=kind, set_by=by, set_at=NOW)
    for ground in case.grounds:
        _ground(into, own | {"actor_id": key(ACTOR, office, ground.actor)}, ground, office, by)
    for opened in case.openings:
        times = {"opened_at": opened.from_at, "expires_at": opened.until, "ended_at": opened.ended_at}
        user = key(USER, office, opened.person)
        into.add(BreakGlass, **own, **times, user_id=user, kind=OpeningKind.EMERGENCY, reason="")


def _ground(into: _Writer, own: dict[str, UUID], ground: Ground, office: int, by: UUID) -> None:
    into.made += 1
    ground_id, valid = key(OTHER, 700, into.made), {"valid_from": ground.first, "valid_until": ground.last}
    areas = [{"office_id": own["office_id"], "area_id": key(AREA, office, n)} for n in ground.areas]
    if ground.is_consent:
        given = {"given_on": TODAY, "form": Form.WRITTEN, "documented_by": by, "documented_at": NOW}
        into.add(Consent, **own, **valid, **given, id=ground_id, revoked_at=ground.ended_at)
        for area in areas:
            into.add(ConsentArea, **area, consent_id=ground_id)
        return
    decided = {"basis_id": key(OTHER, 900, office), "reason": "", "decided_by": by, "decided_at": NOW}
    into.add(DisclosureDecision, **own, **valid, **decided, id=ground_id, ended_at=ground.ended_at)
    for area in areas:
        into.add(DisclosureArea, **area, decision_id=ground_id)


def _content(into: _Writer, office: int, number: int, case: ACase) -> None:
    """Write a need in each area, an action for each actor (and the client) and area (and none), a time with each actor, a meeting."""
    own = {"office_id": key(OFFICE, office), "case_id": key(CASE, office, number)}
    for area in range(AREAS):
        area_id = key(AREA, office, area)
        into.add(Need, **own, id=key(NEED, office, number, area), area_id=area_id, opened_on=TODAY)
    agreed = {"what": "", "due_on": TODAY, "state": ActionState.PLANNED, "created_at": NOW}
    for actor in range(ACTORS + 1):  # the last is the client's own
        actor_id = key(ACTOR, office, actor) if actor < ACTORS else None
        for area in range(AREAS + 1):
            need_id = key(NEED, office, number, area) if area < AREAS else None
            action_id = key(ACTION, office, number, actor, area)
            into.add(Action, **own, **agreed, id=action_id, actor_id=actor_id, need_id=need_id)
    times = {"starts_at": NOW, "ends_at": NOW + dt.timedelta(hours=1), "what": ""}
    for actor in range(ACTORS):
        into.add(Appointment, **own, **times, id=key(TIME, office, number, actor), actor_id=key(ACTOR, office, actor))
    handed = {"number": 1, "handed_over_at": NOW, "person_id": key(PERSON, office, 0), "content": ""}
    into.add(Schedule, **own, **handed, id=key(PAPER, office, number))
    meeting_id = key(MEETING, office, number)
    _meeting(into, office, meeting_id, slot_id=None, kind=MeetingKind.VIDEO, case_id=own["case_id"])
    for actor, taken_back in case.invited.items():
        _invitation(into, office, actor, taken_back, slot_id=None, meeting_id=meeting_id)
