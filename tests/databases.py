"""Databases of a test's own, for what only real commits show: two workers at once, a process that dies."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from inslussning.config import Settings
from inslussning.db.engine import Database, open_database
from inslussning.db.keyring import fresh_keyring, make_keyring
from inslussning.db.migrate import upgrade
from inslussning.db.vault import Vault

VAULT = Vault(fresh_keyring())  # the tests' own, in memory alone


def vault_in(settings: Settings) -> Vault:
    """The vault of an installation of the test's own, its keyring made the first time."""
    if not settings.keyring_file.exists():
        make_keyring(settings.keyring_file)
    return Vault.at(settings.keyring_file)


@contextmanager
def fresh_database(shared_url: str, folder: Path, revision: str = "head") -> Iterator[Database]:
    """Yield an empty database of the same kind as the shared one, migrated so far, and remove it afterwards."""
    url = make_url(shared_url)
    if url.get_backend_name() == "sqlite":
        database = open_database(f"sqlite:///{folder / 'own.sqlite3'}", vault=VAULT)
        upgrade(database.engine, revision)
        yield database
        database.dispose()
        return
    server = create_engine(url.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    name = f"own_{uuid4().hex}"
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    database = open_database(url.set(database=name).render_as_string(hide_password=False), vault=VAULT)
    upgrade(database.engine, revision)
    yield database
    database.dispose()
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()
