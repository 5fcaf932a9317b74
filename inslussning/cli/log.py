"""Looking after the access log: check the whole chain, put its ends on record."""

import typer

from inslussning.cli.terminal import OFFICE_DATA, DataOption, closed_after, open_current, say, settings_for
from inslussning.clock import utc_now
from inslussning.services import audit_check
from inslussning.services.audit_check import Verdict

app = typer.Typer(no_args_is_help=True, help="Åtkomstloggen.")


@app.command()
def verify(data: DataOption = OFFICE_DATA) -> None:
    """Kontrollera att ingenting i åtkomstloggen är ändrat, borttaget eller tillagt."""
    settings = settings_for(data)
    with closed_after(open_current(settings)) as database:
        recorded = audit_check.read_heads(settings.data_dir)
        with database.read() as session:
            verdicts = audit_check.verify(session, settings.audit_key(), recorded)
    if not verdicts:
        say("Åtkomstloggen är tom.")
    for verdict in verdicts:
        say(_sentence(verdict))
    if any(verdict.fault for verdict in verdicts):
        raise typer.Exit(1)


def _sentence(verdict: Verdict) -> str:
    if verdict.fault is None:
        return f"Kontor {verdict.office_id}: {verdict.entries} poster, {verdict.first}–{verdict.last}. Allt stämmer."
    return f"Kontor {verdict.office_id}: fel vid post {verdict.place}, {verdict.fault.label}. {verdict.entries} poster före den stämmer."


@app.command()
def anchor(data: DataOption = OFFICE_DATA) -> None:
    """Spara loggens slut, så att det märks om slutet försvinner. Tjänsten gör det själv varje dag."""
    settings = settings_for(data)
    with closed_after(open_current(settings)) as database:
        heads = audit_check.put_on_record(database, settings.audit_key(), settings.data_dir, now=utc_now())
    if not heads:
        say("Loggen har inte vuxit sedan slutet sparades.")
    for head in heads:
        say(head.as_text())
