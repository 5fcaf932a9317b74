"""Bringing an office's lists in from the terminal, and looking first."""

import datetime as dt
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from inslussning.cli.terminal import OFFICE_DATA, DataOption, closed_after, open_current, say, settings_for, stop
from inslussning.clock import utc_now
from inslussning.db import Session
from inslussning.practice.access import Principal
from inslussning.services import importing, users
from inslussning.services.importing import Line, Outcome, Progress, Report
from inslussning.services.links import Links
from inslussning.services.list_files import MOST_BYTES

LINES_BETWEEN_REPORTS = 1_000


def import_lists(
    files: Annotated[list[Path], typer.Argument(metavar="FIL …", help="Listor som CSV eller .xlsx.")],
    data: DataOption = OFFICE_DATA,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Visa rad för rad vad som skulle hända, ändra inget.")
    ] = False,
) -> None:
    """Läs in aktörer, bemanning och ärenden. Är något fel i en rad läses inget in alls."""
    settings = settings_for(data)
    given = [read(file) for file in files]
    with closed_after(open_current(settings)) as database:
        links = Links(settings.signing_key(), settings.base_url)
        with database.transaction() as session, progress_shown() as progress:
            now = utc_now()
            principal = keeper(session, now=now)
            report = importing.import_files(
                session, principal, given, links=links, now=now, save=not dry_run, progress=progress
            )
    tell(report, dry_run=dry_run)


def read(file: Path) -> tuple[str, bytes]:
    """Return a file's name and bytes, at most one more than may be imported."""
    if not file.is_file():
        stop(f"Filen {file} finns inte.")
    with file.open("rb") as opened:
        return file.name, opened.read(MOST_BYTES + 1)


def keeper(session: Session, *, now: dt.datetime) -> Principal:
    """Return on whose behalf lists are imported; stop in one line while there is no office."""
    principal = users.first_coordinator(session, now=now)
    if principal is None:
        stop("Det finns inget kontor än. Kör först: inslussning init")
    return principal


@contextmanager
def progress_shown() -> Iterator[Progress]:
    """Give something to call after each line read: a bar on a terminal, else a line now and then. Short files say nothing."""
    with ExitStack() as open_bars:
        steps: list[Callable[[int], object]] = []  # the bar is made when the number of lines is known

        def show(done: int, total: int) -> None:
            if total < LINES_BETWEEN_REPORTS:
                return
            if not sys.stderr.isatty():
                if done % LINES_BETWEEN_REPORTS == 0:
                    typer.echo(f"{done} av {total} rader lästa", err=True)
                return
            if not steps:
                bar = open_bars.enter_context(typer.progressbar(length=total, label="Läser", file=sys.stderr))
                steps.append(bar.update)
            steps[0](1)

        yield show


def tell(report: Report, *, dry_run: bool) -> None:
    """Say what happened, or would: with `dry_run` line by line, else only what stopped it. Ends with an error when anything did."""
    for line in report.lines:
        if dry_run or line.outcome is Outcome.FAILED:
            typer.echo(described(line), err=line.outcome is Outcome.FAILED)
    for message, params in report.notes:
        say(message % params)
    say(", ".join(f"{count} {outcome.label_of_many}" for outcome, count in report.counts.items()))
    if report.failed:
        stop("Inget är inläst. Rätta felen och försök igen.")
    say("Inget är ändrat. Kör igen utan --dry-run för att läsa in." if dry_run else "Listorna är inlästa.")


def described(line: Line) -> str:
    """Return one line of the report."""
    changes = ", ".join(f"{c.what}: {c.was} → {c.becomes}" if c.was else f"{c.what}: {c.becomes}" for c in line.changes)
    message, params = line.reason
    reason = f"{line.column}: {message % params}" if line.column else message % params
    parts = (f"{line.source} rad {line.number}", str(line.outcome.label), line.about, changes or reason)
    return "  ".join(part for part in parts if part)
