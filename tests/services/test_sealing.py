"""Upkeep of what is sealed: an older installation, a fresh key under traffic, and every value tried."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from inslussning.cli.terminal import open_migrated
from inslussning.config import Settings
from inslussning.db import sealing
from inslussning.db.data_keys import DataKey
from inslussning.db.engine import Database, open_database, use_vault
from inslussning.db.keyring import KeyringProblem, make_keyring, read_keyring
from inslussning.db.sealed import sealed_columns
from inslussning.db.vault import Vault
from inslussning.models import (
    Action,
    ActionEvent,
    AgendaItem,
    Appointment,
    Case,
    Client,
    InvitationResponse,
    Meeting,
    MinutesRevision,
    Need,
    NeedArea,
    OutboxMessage,
    Schedule,
)
from tests.conftest import NOW, TODAY
from tests.databases import fresh_database
from tests.factories import version_one
from tests.factories.offices import a_world

CANARY = "KANARIEFAGEL-7f3a"


@pytest.fixture
def old(database_url: str, tmp_path: Path) -> Iterator[Database]:
    with fresh_database(database_url, tmp_path, version_one.REVISION) as database:
        yield database


@pytest.fixture
def filled(old: Database, tmp_path: Path) -> Settings:
    """An installation of the first version, filled."""
    version_one.fill(old.engine, CANARY)
    url = old.engine.url.render_as_string(hide_password=False)
    return Settings(data_dir=tmp_path, database_url=url.replace("postgresql+psycopg", "postgresql"))


def held(session: Session) -> str:
    """Everything the database holds, as text."""
    connection = session.connection()
    parts = []
    for column in sealed_columns():
        table = column.table.name
        for row in connection.exec_driver_sql(f'SELECT "{column.name}" FROM {table}'):  # noqa: S608 - our own names
            parts.append(str(bytes(row[0]) if isinstance(row[0], memoryview) else row[0]))  # noqa: PERF401 - one long line less
    return "\n".join(parts)


class TestOlderInstallation:
    def test_migrating_seals_every_text_and_keeps_it(self, filled: Settings) -> None:
        database = open_migrated(filled)
        with database.read() as session:
            assert CANARY not in held(session)
            for model, names in {
                Need: ["text"],
                Action: ["what"],
                ActionEvent: ["note"],
                AgendaItem: ["title", "notes", "decisions"],
                Appointment: ["what", "place", "getting_there", "bring", "contact"],
                Meeting: ["place", "video_link", "reason"],
                InvitationResponse: ["note"],
                MinutesRevision: ["reason"],
            }.items():
                row = session.scalars(select(model)).one()
                assert [getattr(row, name) for name in names] == [CANARY] * len(names)
            content = session.scalars(select(MinutesRevision)).one().content
            assert (content["place"], content["items"][0]["notes"]) == (CANARY, CANARY)
            assert session.scalars(select(Schedule)).one().content == {"fingerprint": CANARY}
            assert CANARY.encode() in session.scalars(select(OutboxMessage)).one().mime
            assert sealing.verify(session).bad == ()
        database.dispose()

    def test_it_loses_no_row(self, old: Database, filled: Settings) -> None:
        with old.read() as session:
            before = {t: session.scalar(text(f"SELECT count(*) FROM {t}")) for t in ("actions", "needs", "case_actors")}  # noqa: S608 - our own names
        database = open_migrated(filled)
        with database.read() as session:
            assert before == {t: session.scalar(text(f"SELECT count(*) FROM {t}")) for t in before}  # noqa: S608 - our own names
            assert session.scalar(select(func.count()).select_from(Case)) == 2
        database.dispose()

    def test_doing_it_again_changes_nothing(self, filled: Settings) -> None:
        open_migrated(filled).dispose()
        database = open_migrated(filled)
        with database.transaction() as session:
            before = held(session)
            assert sealing.seal_leftovers(session) == 0
            assert not sealing.lacks_keys(session)
            assert held(session) == before
        database.dispose()

    def test_nothing_plain_is_left_in_the_files(self, filled: Settings, tmp_path: Path) -> None:
        if "postgresql" in filled.database:
            return  # its files are the server's
        open_migrated(filled).dispose()
        for file in tmp_path.glob("own.sqlite3*"):
            assert CANARY.encode() not in file.read_bytes()

    def test_the_keyring_is_made_once_and_never_replaced(self, filled: Settings) -> None:
        open_migrated(filled).dispose()
        made = read_keyring(filled.keyring_file)
        filled.keyring_file.unlink()
        with pytest.raises(KeyringProblem, match="saknas"):
            open_migrated(filled)
        make_keyring(filled.keyring_file)
        with pytest.raises(KeyringProblem, match="öppnar inte"):
            open_migrated(filled)
        assert made.active == "k1"


@pytest.fixture
def kept(own_database: Database, tmp_path: Path) -> tuple[Database, Path]:
    """A database of its own with a keyring in a file, and a hundred cases with a need each."""
    return _kept(own_database, tmp_path, 100)


@pytest.fixture
def crowded(own_database: Database, tmp_path: Path) -> tuple[Database, Path]:
    """The same with 1,200 cases."""
    return _kept(own_database, tmp_path, 1_200)


def _kept(own_database: Database, tmp_path: Path, count: int) -> tuple[Database, Path]:
    file = tmp_path / "keyring.json"
    make_keyring(file)
    use_vault(own_database, Vault.at(file))
    with own_database.transaction() as session:
        world = a_world(session, now=NOW)
        area = session.scalars(select(NeedArea.id).limit(1)).one()
        clients = [Client(office_id=world.office.id) for _ in range(count)]
        session.add_all(clients)
        session.flush()
        cases = [
            Case(office_id=world.office.id, client_id=c.id, code=f"R-{n}", phase="plan", opened_on=TODAY)
            for n, c in enumerate(clients)
        ]
        session.add_all(cases)
        session.flush()
        values = {"office_id": world.office.id, "area_id": area, "opened_on": TODAY}
        session.add_all(Need(case_id=case.id, text=f"{CANARY} {case.code}", **values) for case in cases)
    return own_database, file


class TestRotation:
    def test_everything_is_locked_anew_and_no_text_touched(self, kept: tuple[Database, Path]) -> None:
        database, file = kept
        with database.read() as session:
            before = held(session)
            keys = session.scalar(select(func.count()).select_from(DataKey))
        assert sealing.rotate(database, file) == keys
        with database.read() as session:
            assert set(session.scalars(select(DataKey.kid).distinct())) == {"k2"}
            assert held(session) == before
            assert sealing.verify(session).bad == ()

    def test_nobody_who_reads_meanwhile_meets_an_error(self, crowded: tuple[Database, Path]) -> None:
        """Other processes: each with a vault of its own, which remembers nothing, so that every page asks for its keys."""
        database, file = crowded
        done, problems, pages = threading.Event(), [], [0]

        def read() -> None:
            other = open_database(
                database.engine.url.render_as_string(hide_password=False).replace("+psycopg", ""),
                pool_size=2,
                vault=Vault(read_keyring(file), file=file, life=-1),
            )
            try:
                while not done.is_set():
                    with other.read() as session:
                        needs = session.scalars(select(Need).order_by(func.random()).limit(25)).all()
                        assert all(need.text.startswith(CANARY) for need in needs)
                    pages[0] += 1
            except Exception as problem:
                problems.append(problem)
            finally:
                other.dispose()

        readers = [threading.Thread(target=read) for _ in range(2)]
        for reader in readers:
            reader.start()
        try:
            for _ in range(3):
                sealing.rotate(database, file)
        finally:
            done.set()
            for reader in readers:
                reader.join()
        assert problems == []
        assert pages[0] > 3

    def test_a_running_process_makes_new_keys_with_the_new_one(self, kept: tuple[Database, Path]) -> None:
        database, file = kept
        sealing.rotate(database, file)
        with database.transaction() as session:
            client = Client(office_id=session.scalars(select(Case.office_id).limit(1)).one())
            session.add(client)
            session.flush()
            assert session.scalars(select(DataKey.kid).where(DataKey.owner_id == client.id)).one() == "k2"


class TestVerify:
    def test_it_counts_what_opens(self, kept: tuple[Database, Path]) -> None:
        with kept[0].read() as session:
            found = sealing.verify(session)
        assert (found.opened, found.erased, found.bad) == (100, 0, ())

    def test_it_names_a_planted_value(self, kept: tuple[Database, Path]) -> None:
        with kept[0].transaction() as session:
            session.execute(text("UPDATE needs SET text = 'planted' WHERE id IN (SELECT id FROM needs LIMIT 1)"))
            found = sealing.verify(session)
        assert [(bad.table, bad.column) for bad in found.bad] == [("needs", "text")]
        assert found.opened == 99

    def test_what_is_erased_is_counted_apart(self, kept: tuple[Database, Path]) -> None:
        with kept[0].transaction() as session:
            case_id = session.scalars(select(Need.case_id).limit(1)).one()
            session.execute(update(DataKey).where(DataKey.owner_id == case_id).values(wrapped=""))
        use_vault(kept[0], Vault.at(kept[1]))
        with kept[0].read() as session:
            found = sealing.verify(session)
        assert (found.opened, found.erased, found.bad) == (99, 1, ())


def test_files_and_copies_of_the_database_hold_no_text(kept: tuple[Database, Path], tmp_path: Path) -> None:
    database, _ = kept
    if database.engine.dialect.name != "sqlite":
        return  # its files are the server's
    copy = tmp_path / "copy.sqlite3"
    with database.engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        assert raw is not None
        raw.execute(f"VACUUM INTO '{copy}'")
    files = [*tmp_path.glob("own.sqlite3*"), copy]
    assert len(files) >= 3  # the database, its log and the copy
    for file in files:
        assert os.path.getsize(file)
        assert CANARY.encode() not in file.read_bytes()
