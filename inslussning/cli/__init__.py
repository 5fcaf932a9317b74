"""The command line: start the demo, set an office up, import its lists, serve, send, migrate.

Messages are in Swedish, one line where one line will do; a wrong option never ends in a stack trace.
"""

import typer
from sqlalchemy.exc import OperationalError

from inslussning.cli import keys, lists, log, office, site, upkeep
from inslussning.cli.terminal import stop
from inslussning.errors import PracticeError

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Samordning av inslussningsgrupper.",
    pretty_exceptions_enable=False,
)
app.command("demo")(site.start_demo)
app.command("init")(office.init)
app.command("import")(lists.import_lists)
app.command("serve")(site.serve)
app.command("worker")(site.run_worker)
app.command("migrate")(upkeep.migrate)
app.command("password")(upkeep.password)
app.add_typer(keys.app, name="keys")
app.add_typer(log.app, name="audit")


def main() -> None:
    """Run one command; say refusals in one line."""
    try:
        app()
    except PracticeError as problem:
        stop(str(problem))
    except OperationalError as problem:
        stop(f"Databasen svarar inte: {str(problem.orig).splitlines()[0]}")
    except OSError as problem:
        if problem.filename is None:
            raise
        stop(f"Det gick inte att läsa eller skriva {problem.filename}: {problem.strerror}")
