"""Looking after an installation: its database, and who has forgotten a password."""

from typing import Annotated

import typer

from inslussning.cli.terminal import OFFICE_DATA, DataOption, open_current, open_migrated, say, settings_for
from inslussning.services import users


def migrate(data: DataOption = OFFICE_DATA) -> None:
    """Uppdatera databasen till den här versionen."""
    database = open_migrated(settings_for(data))
    database.dispose()
    say("Databasen är uppdaterad.")


def password(
    email: Annotated[str, typer.Argument(help="Adressen som loggar in.")],
    data: DataOption = OFFICE_DATA,
    new: Annotated[
        str, typer.Option(prompt="Nytt lösenord", hide_input=True, confirmation_prompt="Samma en gång till")
    ] = "",
) -> None:
    """Ge någon som inte kommer in ett nytt lösenord."""
    database = open_current(settings_for(data))
    with database.transaction() as session:
        users.set_password(session, email, new)
    database.dispose()
    say(f"{email} har ett nytt lösenord och är utloggad överallt.")
