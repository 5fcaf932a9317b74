"""Policy equals query: in random worlds, what the database hands out is exactly what somebody reading the rules aloud would hand out.

The reading here is written apart from the rule and from the statements, in the plainest way there is.
`INSLUSSNING_WORLDS` says how many worlds; `make worlds` asks for ten thousand.
"""

import os
from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import select
from sqlalchemy.orm import Session

from inslussning.db.base import OfficeRow
from inslussning.db.engine import Database
from inslussning.models import Action, Appointment, Case, CaseActor, Meeting, Need, Schedule
from inslussning.practice.access import Principal, Role
from inslussning.practice.protection import CasePersonKind, Protection
from inslussning.services import principals, visible
from tests.property import worlds as w
from tests.property.worlds import ACase, AWorld, Ground, key

MANY = int(os.environ.get("INSLUSSNING_WORLDS", "0"))
STAFF = {Role.COORDINATOR, Role.INSPECTOR}
MEETS = {Role.CASE_WORKER, Role.PARTNER}
THROUGH_FUNCTIONS = {Role.CASE_WORKER, Role.PARTNER, Role.LAY_SUPERVISOR}
MAY_OPEN = {Role.COORDINATOR, Role.INSPECTOR, Role.MANAGER}


class Reading(NamedTuple):
    """What somebody may read of a case: everything, or some functions' parts and some subject areas."""

    everything: bool
    actors: frozenset[int] = frozenset()
    areas: frozenset[int] = frozenset()


def staffed_today(world: AWorld, person: int) -> set[int]:
    return {
        actor
        for who, actor, first, last in world.staffings
        if who == person and first <= w.TODAY and (last is None or last >= w.TODAY)
    }


def is_in_force(ground: Ground) -> bool:
    if ground.ended_at is not None and ground.ended_at <= w.NOW:
        return False
    return ground.first <= w.TODAY <= ground.last


def has_opened(case: ACase, person: int) -> bool:
    for opened in case.openings:
        has_ended = opened.ended_at is not None and opened.ended_at <= w.NOW
        if opened.person == person and opened.from_at <= w.NOW < opened.until and not has_ended:
            return True
    return False


def read(world: AWorld, person: int, case: ACase) -> Reading | None:
    role, place = world.roles[person], case.people.get(person)
    if place is CasePersonKind.EXCLUDED:
        return None
    if role in MAY_OPEN and has_opened(case, person):
        return Reading(everything=True)
    if (case.sealed or case.protection is not Protection.NONE) and place is not CasePersonKind.NAMED:
        return None
    if role in STAFF:
        return Reading(everything=True)
    if role not in THROUGH_FUNCTIONS or case.closed:
        return None
    return through_functions(world, person, case)


def through_functions(world: AWorld, person: int, case: ACase) -> Reading | None:
    everything = False
    actors: set[int] = set()
    areas: set[int] = set()
    for actor in staffed_today(world, person) & set(case.members):
        joined, left = case.members[actor]
        if joined > w.TODAY or (left is not None and left <= w.TODAY):
            continue
        if actor == w.ACTORS - 1:  # of the office's own agency
            everything = True
            actors.add(actor)
        grounds = [g for g in case.grounds if g.actor == actor and is_in_force(g)]
        if grounds and actor != w.ACTORS - 1:
            actors.add(actor)
            areas.update(area for ground in grounds for area in ground.areas)
    if not actors:
        return None
    if world.roles[person] is Role.LAY_SUPERVISOR:
        return Reading(everything=False, actors=frozenset(actors))
    return Reading(everything, frozenset(actors), frozenset(areas))


def readings(world: AWorld, person: int) -> dict[int, Reading]:
    found = {number: read(world, person, case) for number, case in enumerate(world.cases)}
    return {number: reading for number, reading in found.items() if reading is not None}


def cases_read(found: dict[int, Reading]) -> set[UUID]:
    return {key(w.CASE, 0, number) for number in found}


def members_read(world: AWorld, found: dict[int, Reading]) -> set[tuple[UUID, UUID]]:
    return {(key(w.CASE, 0, n), key(w.ACTOR, 0, actor)) for n in found for actor in world.cases[n].members}


def needs_read(found: dict[int, Reading]) -> set[UUID]:
    return {
        key(w.NEED, 0, number, area)
        for number, reading in found.items()
        for area in range(w.AREAS)
        if reading.everything or area in reading.areas
    }


def actions_read(found: dict[int, Reading], *, own_only: bool) -> set[UUID]:
    """The lists hold one's own functions' actions; a case's page also those for needs one may read."""
    return {
        key(w.ACTION, 0, number, actor, area)
        for number, reading in found.items()
        for actor in range(w.ACTORS + 1)
        for area in range(w.AREAS + 1)
        if actor in reading.actors or (not own_only and (reading.everything or area in reading.areas))
    }


def times_read(role: Role, found: dict[int, Reading]) -> set[UUID]:
    is_lay = role is Role.LAY_SUPERVISOR  # the whole week of the client
    return {
        key(w.TIME, 0, number, actor)
        for number, reading in found.items()
        for actor in range(w.ACTORS)
        if is_lay or reading.everything or actor in reading.actors
    }


def papers_read(role: Role, found: dict[int, Reading]) -> set[UUID]:
    is_lay = role is Role.LAY_SUPERVISOR
    return {key(w.PAPER, 0, number) for number, reading in found.items() if is_lay or reading.everything}


def meetings_read(world: AWorld, person: int, found: dict[int, Reading]) -> set[UUID]:
    role, invited = world.roles[person], set()
    for number, reading in found.items():
        asked = {actor for actor, taken_back in world.cases[number].invited.items() if not taken_back}
        if reading.everything or (role in MEETS and asked & reading.actors):
            invited.add(key(w.MEETING, 0, number))
    asked = {actor for actor, taken_back in world.slot_invited.items() if not taken_back}
    if role in STAFF or (role in MEETS and asked & staffed_today(world, person)):
        invited.add(key(w.MEETING, 0, 99))
    return invited


def keys(session: Session, model: type[OfficeRow], condition: Any) -> set[UUID]:
    return set(session.scalars(select(model.id).where(condition)))


def check(session: Session, world: AWorld, person: int) -> None:
    principal = principals.of_user(session, key(w.USER, 0, person), now=w.NOW)
    role, found = world.roles[person], readings(world, person)
    wanted: Iterable[tuple[type[OfficeRow], set[UUID]]] = (
        (Case, cases_read(found)),
        (Need, needs_read(found)),
        (Action, actions_read(found, own_only=role in THROUGH_FUNCTIONS)),
        (Appointment, times_read(role, found)),
        (Schedule, papers_read(role, found)),
        (Meeting, meetings_read(world, person, found)),
    )
    for model, expected in wanted:
        assert keys(session, model, visible.shared(model, principal)) == expected, (role, model)
        worked_with = expected if role in STAFF else set()
        assert keys(session, model, visible.rows(model, principal)) == worked_with, (role, model, "rows")
    check_parts(session, world, principal, found)


def check_parts(session: Session, world: AWorld, principal: Principal, found: dict[int, Reading]) -> None:
    members = select(CaseActor.case_id, CaseActor.actor_id).where(visible.shared(CaseActor, principal))
    assert {(case, actor) for case, actor in session.execute(members)} == members_read(world, found)
    for number in range(len(world.cases)):
        of_case = visible.actions_of_case(principal, key(w.CASE, 0, number))
        expected = {number: found[number]} if number in found else {}
        assert keys(session, Action, of_case) == actions_read(expected, own_only=False), principal.role
    assert not keys(session, Case, visible.actions_of_case(principal, key(w.CASE, 1, 0)) & (Case.id == Action.case_id))


@pytest.fixture(scope="session")
def count(request: pytest.FixtureRequest) -> int:
    return MANY or (100 if request.config.getoption("--database") == "postgres" else 200)


def test_the_database_hands_out_exactly_what_the_rules_say(engine_database: Database, count: int) -> None:
    @settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(w.worlds())
    def holds_in(world: AWorld) -> None:
        with engine_database.engine.connect() as connection:
            outer = connection.begin()
            try:
                w.write(connection, world)
                with Session(connection, join_transaction_mode="create_savepoint") as session:
                    for person in range(w.PEOPLE):
                        check(session, world, person)
            finally:
                outer.rollback()

    holds_in()
