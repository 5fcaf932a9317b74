"""The client's code and telephone: one use, two secrets, an end, and nothing but the schedule that was handed over."""

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from inslussning.db.engine import Database
from inslussning.errors import Invalid, NotFound, PracticeError
from inslussning.models import Client, ClientCode, ClientSession
from inslussning.practice.phases import Phase
from inslussning.practice.protection import Protection
from inslussning.services import client_access, schedules
from inslussning.services.client_access import NotOpened
from inslussning.services.sessions import TooManyTries
from tests.conftest import NOW
from tests.factories.bookings import a_booking
from tests.factories.offices import World, a_partner, an_office

BORN = dt.date(1990, 5, 17)
HOME = "192.0.2.1"
DAY = dt.timedelta(days=1)


@pytest.fixture
def code(session: Session, world: World) -> str:
    """A code for K-101, whose schedule has been handed over."""
    session.get_one(Client, world.near.client_id).birth_date = BORN.isoformat()
    a_booking(session, world, now=NOW)
    schedules.hand_over(session, world.coordinator, world.near.id, now=NOW)
    made = client_access.make_code(session, world.coordinator, world.near.id, now=NOW)
    session.commit()
    return made.shown


def enter(
    database: Database, code: str, *, born: dt.date | None = BORN, network: str = HOME, now: dt.datetime = NOW
) -> str:
    return client_access.enter(database, code=code, born=born, network=network, now=now)


class TestEntering:
    def test_the_code_and_the_birth_date_show_the_schedule(self, database: Database, code: str) -> None:
        holder = client_access.holder_of(database, enter(database, code), now=NOW)
        assert holder is not None
        with database.read() as session:
            found = client_access.schedule_of(session, holder)
        assert found is not None
        assert "Vi pratar om pengar" in str(found[0].as_json())

    def test_the_code_works_once(self, database: Database, code: str) -> None:
        enter(database, code)
        with pytest.raises(NotOpened):
            enter(database, code)

    @pytest.mark.parametrize("born", [None, dt.date(1990, 5, 18)])
    def test_a_wrong_birth_date_does_not_use_the_code_up(
        self, database: Database, code: str, born: dt.date | None
    ) -> None:
        with pytest.raises(NotOpened):
            enter(database, code, born=born)
        assert enter(database, code)

    def test_wrong_code_and_wrong_birth_date_get_the_same_words(self, database: Database, code: str) -> None:
        said = set()
        for guess, born in (("AAAAA-AAAAA", BORN), (code, dt.date(1980, 1, 1)), ("", BORN)):
            with pytest.raises(NotOpened) as refused:
                enter(database, guess, born=born)
            said.add(str(refused.value))
        assert len(said) == 1

    def test_guessing_the_birth_date_is_slowed_from_anywhere(self, database: Database, code: str) -> None:
        for n in range(client_access.GUESSES.subject):
            with pytest.raises(NotOpened):
                enter(database, code, born=BORN + DAY, network=f"198.51.100.{n}")
        with pytest.raises(TooManyTries):
            enter(database, code, network="198.51.100.99")

    def test_an_old_code_does_not_work(self, database: Database, session: Session, code: str) -> None:
        expires_at = session.scalars(select(ClientCode.expires_at)).one()
        with pytest.raises(NotOpened):
            enter(database, code, now=expires_at)
        assert enter(database, code, now=expires_at - dt.timedelta(minutes=1))

    def test_a_new_code_ends_the_one_before(
        self, database: Database, session: Session, world: World, code: str
    ) -> None:
        newer = client_access.make_code(session, world.coordinator, world.near.id, now=NOW).shown
        session.commit()
        with pytest.raises(NotOpened):
            enter(database, code)
        assert enter(database, newer)

    def test_nothing_that_opens_it_is_kept(self, session: Session, database: Database, code: str) -> None:
        token = enter(database, code)
        kept = [*session.scalars(select(ClientCode.code_hash)), *session.scalars(select(ClientSession.token_hash))]
        assert not {token, code, code.replace("-", "")} & set(kept)


class TestTheTelephone:
    def test_it_forgets_after_some_days(self, database: Database, session: Session, code: str) -> None:
        token = enter(database, code)
        expires_at = session.scalars(select(ClientSession.expires_at)).one()
        assert client_access.holder_of(database, token, now=expires_at - dt.timedelta(minutes=1))
        assert client_access.holder_of(database, token, now=expires_at) is None

    def test_a_made_up_token_opens_nothing(self, database: Database, code: str) -> None:
        assert enter(database, code)
        assert client_access.holder_of(database, "hittepå", now=NOW) is None

    @pytest.mark.parametrize("end", ["closed", "protected", "ended", "left"])
    def test_it_stops_at_once(self, database: Database, session: Session, world: World, code: str, end: str) -> None:
        token = enter(database, code)
        holder = client_access.holder_of(database, token, now=NOW)
        assert holder is not None
        if end == "closed":
            world.near.phase = Phase.CLOSED
        elif end == "protected":
            world.near.protection = Protection.MARKED
        elif end == "ended":
            client_access.end_access(session, world.coordinator, world.near.id)
        else:
            client_access.leave(session, holder)
        session.commit()
        assert client_access.holder_of(database, token, now=NOW) is None

    def test_they_are_counted(self, database: Database, session: Session, world: World, code: str) -> None:
        assert client_access.telephones(session, world.coordinator, world.near.id, now=NOW) == 0
        enter(database, code)
        assert client_access.telephones(session, world.coordinator, world.near.id, now=NOW) == 1
        assert client_access.telephones(session, world.coordinator, world.far.id, now=NOW) == 0


class TestMakingACode:
    @pytest.mark.parametrize("lack", ["birth date", "schedule", "open case", "plain identity"])
    def test_it_says_what_is_missing(self, session: Session, world: World, lack: str) -> None:
        client = session.get_one(Client, world.near.client_id)
        client.birth_date = "" if lack == "birth date" else BORN.isoformat()
        a_booking(session, world, now=NOW)
        if lack != "schedule":
            schedules.hand_over(session, world.coordinator, world.near.id, now=NOW)
        if lack == "open case":
            world.near.phase = Phase.CLOSED
        if lack == "plain identity":
            world.near.protection = Protection.MARKED
        session.flush()
        with pytest.raises((Invalid, NotFound)):
            client_access.make_code(session, world.coordinator, world.near.id, now=NOW)

    def test_another_office_and_a_partner_cannot(self, session: Session, world: World) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        for principal in (other, a_partner(session, world, world.social)):
            with pytest.raises(PracticeError):
                client_access.make_code(session, principal, world.near.id, now=NOW)
