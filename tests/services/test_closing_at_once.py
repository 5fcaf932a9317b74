"""Two people who close or open a case at the same moment: nobody is locked out, and nothing is opened twice. With real commits."""

from contextlib import suppress
from uuid import UUID

import pytest
from sqlalchemy import func, select

from inslussning.db.engine import Database
from inslussning.errors import Invalid, NotFound
from inslussning.models import BreakGlass, Case, CasePerson, OpeningTry
from inslussning.practice.access import Principal
from inslussning.practice.protection import MOST_TRIES, CasePersonKind
from inslussning.services import case_people, cases, openings, principals, protection
from inslussning.services.audit_chain import use_key
from inslussning.services.cases import CaseDetails
from inslussning.services.openings import TooManyCodes, Why
from tests.conftest import AUDIT_KEY, NOW, TODAY
from tests.factories.offices import World, a_world
from tests.factories.planning import LINKS
from tests.services.test_case_people import a_colleague, again
from tests.services.test_invitations_at_once import at_once

WHY = Why(kind="Annat skäl", reason="Klienten väntar")


@pytest.fixture
def world(own_database: Database) -> World:
    use_key(own_database, AUDIT_KEY)  # what closes and opens a case is logged in the same transaction
    with own_database.transaction() as session:
        return a_world(session, now=NOW)


@pytest.fixture
def both(own_database: Database, world: World) -> tuple[Principal, Principal]:
    """The two who are named in a sealed case, as they are after it was sealed."""
    with own_database.transaction() as session:
        colleague = a_colleague(session, world)
        named = [world.coordinator.person_id, colleague.person_id]
        protection.seal(session, world.coordinator, world.near.id, named, now=NOW)
        return again(session, world, world.coordinator), again(session, world, colleague)


def test_two_who_take_one_another_off_the_list_leave_one_of_them(
    own_database: Database, world: World, both: tuple[Principal, Principal]
) -> None:
    def remove(number: int) -> None:
        with suppress(Invalid, NotFound), own_database.transaction() as session:
            other = both[1 - number]
            case_people.remove(session, both[number], world.near.id, other.person_id)

    at_once(remove, 2)
    with own_database.read() as session:
        named = select(func.count()).select_from(CasePerson).where(CasePerson.kind == CasePersonKind.NAMED)
        assert session.scalar(named) == 1


@pytest.mark.usefixtures("both")
def test_a_second_choice_pressed_by_four_hands_opens_the_case_once(own_database: Database, world: World) -> None:
    with own_database.transaction() as session:
        outside = a_colleague(session, world, email="annan@bjorkstad.example")
    with own_database.transaction() as session:
        outside = principals.of_user(session, outside.user_id, now=NOW)
        asked = openings.ask(session, outside, "K-101", WHY, now=NOW)
    keys: list[UUID] = []

    def press(_: int) -> None:
        with own_database.transaction() as session:
            assert asked.try_id is not None
            row = openings.open_content(session, outside, asked.try_id, purpose="Ett möte", links=LINKS, now=NOW)
            keys.append(row.id)

    at_once(press, 4)
    with own_database.read() as session:
        assert [session.scalars(select(BreakGlass.id)).one()] == list(set(keys))


def test_many_guesses_at_once_count_one_by_one(own_database: Database, world: World) -> None:
    refused: list[int] = []

    def guess(number: int) -> None:
        try:
            with own_database.transaction() as session:
                openings.ask(session, world.coordinator, f"K-9{number}", WHY, now=NOW)
        except TooManyCodes:
            refused.append(number)

    at_once(guess, MOST_TRIES + 3)
    with own_database.read() as session:
        assert session.scalar(select(func.count()).select_from(OpeningTry)) == MOST_TRIES
    assert len(refused) == 3


def test_an_exclusion_while_the_colleague_writes_refuses_the_next_save_and_loses_nothing(
    own_database: Database, world: World, both: tuple[Principal, Principal]
) -> None:
    own, colleague = both
    with own_database.read() as session:
        version = session.get_one(Case, world.near.id).version
    with own_database.transaction() as session:
        case_people.exclude(session, own, world.near.id, colleague.person_id, reason="Släkt", now=NOW)
    with own_database.transaction() as session:
        colleague = principals.of_user(session, colleague.user_id, now=NOW)
        details = CaseDetails(code="K-101-skrivet")
        with pytest.raises(NotFound):
            cases.change_case(session, colleague, world.near.id, details, version=version, today=TODAY)
    with own_database.read() as session:
        kept = session.get_one(Case, world.near.id)
        assert (kept.code, kept.version) == ("K-101", version)
