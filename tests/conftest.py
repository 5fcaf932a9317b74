"""What every test may ask for: a migrated database that forgets each test, a frozen clock, and a signed-in browserless client."""

import datetime as dt
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import event
from sqlalchemy.orm import Session, sessionmaker

from inslussning.app import create_app
from inslussning.config import AUDIT_KEY_FILE, Settings
from inslussning.db import sealed
from inslussning.db.engine import Database, open_database
from inslussning.db.migrate import upgrade
from inslussning.practice.access import Principal
from inslussning.services.audit_chain import use_key
from tests.clients import SiteClient
from tests.databases import VAULT, fresh_database
from tests.factories.offices import World, a_world
from tests.postgres_server import postgres_url

NOW = dt.datetime(2026, 11, 24, 8, 0, tzinfo=dt.UTC)  # Tuesday of week 48, 09.00 in Stockholm
TODAY = dt.date(2026, 11, 24)
AUDIT_KEY = b"a key that only the tests have, long enough"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database", default="sqlite", choices=["sqlite", "postgres"], help="which database the tests use"
    )


@pytest.fixture(autouse=True)
def _no_outside_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail any test that tries to reach another machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        assert host in {"", "127.0.0.1", "localhost", "::1"}, f"a test tried to reach {host}"
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a database that has been migrated once for all tests."""
    if request.config.getoption("--database") == "postgres":
        return postgres_url()
    return f"sqlite:///{tmp_path_factory.mktemp('database') / 'test.sqlite3'}"


@pytest.fixture(scope="session")
def engine_database(database_url: str) -> Iterator[Database]:
    database = open_database(database_url, vault=VAULT)
    upgrade(database.engine)
    yield database
    database.dispose()


@pytest.fixture
def database(engine_database: Database) -> Iterator[Database]:
    """A database in which everything a test does is rolled back: one connection, and every session a savepoint in it."""
    with engine_database.engine.connect() as connection:
        outer = connection.begin()
        maker = sessionmaker(
            connection,
            expire_on_commit=False,
            join_transaction_mode="create_savepoint",
            info={sealed.VAULT: VAULT},
        )
        one = Database(engine=engine_database.engine, write=maker, read=maker, audit=maker)
        use_key(one, AUDIT_KEY)
        yield one
        outer.rollback()


@pytest.fixture
def own_database(database_url: str, tmp_path: Path) -> Iterator[Database]:
    """A database of the test's own with real commits, for workers and processes beside it."""
    with fresh_database(database_url, tmp_path) as database:
        yield database


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.write() as session:
        yield session


@pytest.fixture
def world(session: Session) -> World:
    """An office with a coordinator, a handful of actors and two cases."""
    world = a_world(session, now=NOW)
    session.commit()
    return world


@pytest.fixture
def coordinator(world: World) -> Principal:
    return world.coordinator


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    (tmp_path / AUDIT_KEY_FILE).write_bytes(AUDIT_KEY)
    yield Settings(data_dir=tmp_path, base_url="http://127.0.0.1:8000", mail="demo")
    shutil.rmtree(tmp_path, ignore_errors=True)


@pytest.fixture
def app(settings: Settings, database: Database) -> FastAPI:
    return create_app(settings, database=database, clock=lambda: NOW)


@pytest.fixture
def anonymous(app: FastAPI) -> SiteClient:
    return SiteClient(app)


@pytest.fixture
def client(app: FastAPI, world: World) -> SiteClient:
    """The coordinator's client."""
    return SiteClient(app).signed_in(world.coordinator)


@pytest.fixture(params=["whole page", "htmx"])
def either(request: pytest.FixtureRequest, client: SiteClient) -> SiteClient:
    """The coordinator's client, once as a browser without JavaScript and once as htmx."""
    return client.as_htmx() if request.param == "htmx" else client


def is_the_logs(statement: str) -> bool:
    """Tell whether a statement is one the access log sends when it is written."""
    return "audit_entries" in statement or "audit_cases" in statement or "pg_advisory_xact_lock" in statement


QueryCounter = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture
def query_counter(engine_database: Database) -> QueryCounter:
    """A context that collects the statements sent to the database: without savepoints, and without the access log's own.

    The log writes as many for every page (its place in the chain, the entry, its cases); here a page's own work is counted.
    """

    @contextmanager
    def counting() -> Iterator[list[str]]:
        statements: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")) and not is_the_logs(statement):
                statements.append(statement)

        event.listen(engine_database.engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            event.remove(engine_database.engine, "before_cursor_execute", note)

    return counting
