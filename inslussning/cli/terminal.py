"""What every command shares: options, what is said on the terminal, and how the data folder and the database are opened."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from pydantic import ValidationError

from inslussning.config import Settings
from inslussning.db import sealing
from inslussning.db.engine import Database, open_database, use_vault
from inslussning.db.keyring import make_keyring
from inslussning.db.migrate import is_current, is_untouched, upgrade
from inslussning.db.vault import Vault, check
from inslussning.services import audit_check, offices
from inslussning.services.audit_chain import use_key

DataOption = Annotated[Path, typer.Option("--data", help="Mapp för databas och nycklar.")]
OFFICE_DATA = Path("data/office")


def say(text: str) -> None:
    """Tell the person at the terminal something."""
    typer.echo(text)


def stop(text: str) -> NoReturn:
    """Say in one line why nothing happened, and end with an error."""
    typer.echo(text, err=True)
    raise SystemExit(1)


def settings_for(data: Path, port: int | None = None) -> Settings:
    """Return the settings from the environment, with what the command line said on top."""
    try:
        settings = Settings(data_dir=data)
    except ValidationError as problem:
        names = sorted({f"INSLUSSNING_{error['loc'][0]}".upper() for error in problem.errors()})
        stop(f"Inställningen går inte att använda, kontrollera värdet: {', '.join(names)}")
    if port is not None and "base_url" not in settings.model_fields_set:
        settings = settings.model_copy(update={"base_url": f"http://127.0.0.1:{port}"})
    return settings


@contextmanager
def closed_after(database: Database) -> Iterator[Database]:
    """Close every connection when the command is done, also when it stops half-way."""
    try:
        yield database
    finally:
        database.dispose()


def open_migrated(settings: Settings) -> Database:
    """Open the database, making and migrating it first, and sealing what an older version left as plain text."""
    with _opening(settings) as database:
        upgrade(database.engine)
        _make_keyring_for_new(settings, database, tell=not settings.demo)
        _unlock(settings, database)
        with database.transaction() as session:
            is_old = sealing.lacks_keys(session)
            sealed = sealing.seal_leftovers(session)
        if is_old or sealed:
            sealing.compact(database)
    return database


def open_current(settings: Settings) -> Database:
    """Open the database; stop in one line when it lacks this version's migrations, or the keyring that opens it."""
    with _opening(settings) as database:
        _stop_unless_current(settings, database)
        _unlock_new_or_old(settings, database)
    return database


def open_ready(settings: Settings) -> Database:
    """Open the database; one that has never been used is made ready, one of another version stops in one line."""
    with _opening(settings) as database:
        if is_untouched(database.engine):
            upgrade(database.engine)
        _stop_unless_current(settings, database)
        _unlock_new_or_old(settings, database)
    return database


def _unlock_new_or_old(settings: Settings, database: Database) -> None:
    """Give the database its vault; one without an office has nothing sealed yet, and gets its keyring now."""
    with database.read() as session:
        is_empty = not offices.any_office(session)
    if is_empty:
        _make_keyring_for_new(settings, database, tell=False)
    _unlock(settings, database)


def _make_keyring_for_new(settings: Settings, database: Database, *, tell: bool) -> None:
    """Make the keyring of a database that nothing has been sealed in yet."""
    file = settings.keyring_file
    if file.exists():
        return
    with database.read() as session:
        if sealing.holds_keys(session):
            return  # the keyring is lost, which is said when it is read
    make_keyring(file)
    if tell:
        say(f"En nyckelring är skapad: {file}. Ta en kopia och förvara den skild från databasens kopior.")


def _unlock(settings: Settings, database: Database) -> None:
    """Give the database its vault. Raises KeyringProblem when the keyring is missing, open to others or another database's."""
    vault = Vault.at(settings.keyring_file)
    with database.read() as session:
        check(session.connection(), vault.keyring(), file=str(settings.keyring_file))
    use_vault(database, vault)
    _take_log_key(settings, database)


def _take_log_key(settings: Settings, database: Database) -> None:
    """Let the database write its access log. A lost key is not replaced in silence: the new one would fit nothing there is."""
    if not settings.audit_key_file.exists():
        with database.read() as session:
            if audit_check.any_entry(session):
                stop(f"Nyckeln till åtkomstloggen saknas. Lägg tillbaka filen {settings.audit_key_file}.")
    use_key(database, settings.audit_key())


def _stop_unless_current(settings: Settings, database: Database) -> None:
    if not is_current(database.engine):
        stop(f"Databasen är inte klar för den här versionen. Kör: inslussning migrate --data {settings.data_dir}")
    with database.read() as session:
        if sealing.lacks_keys(session):
            stop(f"Databasen är inte krypterad än. Kör: inslussning migrate --data {settings.data_dir}")


@contextmanager
def _opening(settings: Settings) -> Iterator[Database]:
    """Open the database and leave it open, unless it turns out that it cannot be used."""
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)  # nobody else's business
    database = open_database(settings.database, pool_size=settings.threads + 4)
    try:
        yield database
    except BaseException:  # a stop in one line too
        database.dispose()
        raise
