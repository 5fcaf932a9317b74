"""Looking after an installation: its database, and who has forgotten a password."""

from typing import Annotated

import typer
from sqlalchemy.exc import ProgrammingError

from inslussning.cli.terminal import (
    OFFICE_DATA,
    DataOption,
    closed_after,
    open_current,
    open_migrated,
    say,
    settings_for,
    stop,
)
from inslussning.db import row_security
from inslussning.db.engine import Database
from inslussning.services import users


def migrate(
    data: DataOption = OFFICE_DATA,
    grant: Annotated[
        str, typer.Option(help="PostgreSQL: rollen som tjänsten kör som. Den får använda tabellerna utan att äga dem.")
    ] = "",
) -> None:
    """Uppdatera databasen till den här versionen."""
    with closed_after(open_migrated(settings_for(data))) as database:
        if grant:
            let_in(database, grant)
    say("Databasen är uppdaterad.")


def let_in(database: Database, role: str) -> None:
    """Let a role use the tables under row-level security; stop in one line where there is none, or for a name that is none."""
    if database.engine.dialect.name != "postgresql":
        stop("Roller finns bara i PostgreSQL.")
    try:
        with database.engine.begin() as connection:
            row_security.grant(connection, role)
    except (ValueError, ProgrammingError):
        stop(f"Det finns ingen roll som heter {role}. Skapa den i PostgreSQL först.")


def password(
    email: Annotated[str, typer.Argument(help="Adressen som loggar in.")],
    data: DataOption = OFFICE_DATA,
    new: Annotated[
        str, typer.Option(prompt="Nytt lösenord", hide_input=True, confirmation_prompt="Samma en gång till")
    ] = "",
) -> None:
    """Ge någon som inte kommer in ett nytt lösenord."""
    with closed_after(open_current(settings_for(data))) as database, database.transaction() as session:
        users.set_password(session, email, new)
    say(f"{email} har ett nytt lösenord och är utloggad överallt.")
