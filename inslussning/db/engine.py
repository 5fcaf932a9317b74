"""Engines for SQLite and PostgreSQL with the settings that were measured to lose nothing.

SQLite: WAL, synchronous=FULL, foreign keys on, and BEGIN IMMEDIATE for everything that may write: a deferred
transaction that reads and then writes fails under contention however long it waits.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker

from inslussning.db.row_security import say_the_office
from inslussning.db.sealed import VAULT
from inslussning.db.vault import Vault

BUSY_MILLISECONDS = 10_000
READ_ONLY = "inslussning_read_only"


@dataclass(frozen=True, slots=True)
class Database:
    """One database with its ways in: `write` sessions may change rows, `read` sessions only look, `audit` is the log's own.

    The log's connection waits for no disk on SQLite (decision 0011), and there is one: a page waits in line for it, not in a poll.
    """

    engine: Engine
    write: sessionmaker[Session]
    read: sessionmaker[Session]
    audit: sessionmaker[Session]

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Yield a writing session; commit at the end, roll back on any error."""
        with self.write.begin() as session:
            yield session

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()
        bind = self.audit.kw.get("bind")
        if isinstance(bind, Engine):
            bind.dispose()


def open_database(url: str, *, pool_size: int = 8, vault: Vault | None = None) -> Database:
    """Open the database at `url` (sqlite:///… or postgresql://…). Without a vault nothing sealed can be read or written."""
    engine = _open_engine(url, pool_size)
    logging = _open_engine(url, 1)
    if logging.dialect.name == "sqlite":
        event.listen(logging, "connect", _wait_for_no_disk)
    reading = engine.execution_options(**{READ_ONLY: True})
    database = Database(
        engine=engine,
        write=sessionmaker(engine, expire_on_commit=False),
        read=sessionmaker(reading, expire_on_commit=False, autoflush=False),
        audit=sessionmaker(logging, expire_on_commit=False, autoflush=False),
    )
    if vault is not None:
        use_vault(database, vault)
    if engine.dialect.name == "postgresql":
        for maker in (database.write, database.read, database.audit):
            say_the_office(maker)
    return database


def use_vault(database: Database, vault: Vault) -> None:
    """Let every session opened from now on read and write what is sealed."""
    for maker in (database.write, database.read, database.audit):
        maker.configure(info={**maker.kw.get("info", {}), VAULT: vault})


def _open_engine(url: str, pool_size: int) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            pool_size=pool_size,
            max_overflow=0,
            pool_pre_ping=True,
            hide_parameters=True,
        )
    engine = create_engine(
        parsed,
        pool_size=pool_size,
        max_overflow=0,
        hide_parameters=True,  # what people wrote is in no error message
        connect_args={"check_same_thread": False, "timeout": BUSY_MILLISECONDS / 1000},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - a DBAPI connection has no common type
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MILLISECONDS}"):
        connection.execute(f"PRAGMA {pragma}")


def _wait_for_no_disk(connection: Any, _record: object) -> None:  # noqa: ANN401 - a DBAPI connection has no common type
    """Commit to the operating system: safe when the process is killed, and the next change of a case carries it to the disk."""
    connection.execute("PRAGMA synchronous=NORMAL")


def _begin_sqlite(connection: Connection) -> None:
    read_only = connection.get_execution_options().get(READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
