"""The keyring from the terminal: made, given a fresh key, and tried against everything that is sealed."""

import typer

from inslussning.cli.terminal import OFFICE_DATA, DataOption, closed_after, open_current, say, settings_for, stop
from inslussning.db import sealing
from inslussning.db.keyring import make_keyring

app = typer.Typer(no_args_is_help=True, help="Nycklarna som allt om klienter är krypterat med.")
MOST_SHOWN = 50


@app.command("init")
def init(data: DataOption = OFFICE_DATA) -> None:
    """Skapa nyckelringen för en ny installation. En som redan finns ändras aldrig."""
    file = settings_for(data).keyring_file
    make_keyring(file)
    say(f"En nyckelring är skapad: {file}. Ta en kopia och förvara den skild från databasens kopior.")


@app.command("rotate")
def rotate(data: DataOption = OFFICE_DATA) -> None:
    """Byt nyckel. Tjänsten kan vara igång; texterna rörs inte."""
    settings = settings_for(data)
    with closed_after(open_current(settings)) as database:
        count = sealing.rotate(database, settings.keyring_file)
    say(f"Nyckeln är bytt för {count} datanycklar. Ta en ny kopia av {settings.keyring_file}.")


@app.command("verify")
def verify(data: DataOption = OFFICE_DATA) -> None:
    """Öppna allt som är krypterat och visa det som inte går att öppna."""
    with closed_after(open_current(settings_for(data))) as database, database.read() as session:
        found = sealing.verify(session)
    for bad in found.bad[:MOST_SHOWN]:
        typer.echo(f"Går inte att öppna: {bad.table}.{bad.column} {bad.row}", err=True)
    erased = f" {found.erased} är gallrade." if found.erased else ""
    if found.bad:
        stop(f"{len(found.bad)} värden går inte att öppna, {found.opened} gick bra.{erased}")
    say(f"{found.opened} värden gick att öppna.{erased}")
