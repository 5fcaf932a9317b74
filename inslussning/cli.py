"""The command line: start the demo, set an office up, import its lists, serve, send, migrate.

Messages are in Swedish, one line where one line will do; a wrong option never ends in a stack trace.
"""

import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Annotated, NoReturn

import typer
import uvicorn

from inslussning import demo, worker
from inslussning.app import create_app
from inslussning.clock import utc_now
from inslussning.config import Settings
from inslussning.db.engine import Database, open_database
from inslussning.db.migrate import is_current, upgrade
from inslussning.demo import cast
from inslussning.errors import PracticeError
from inslussning.services import users

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Samordning av inslussningsgrupper.", pretty_exceptions_enable=False)

DataOption = Annotated[Path, typer.Option("--data", help="Mapp för databas och nycklar.")]
PortOption = Annotated[int, typer.Option("--port", min=1, max=65535, help="Port att lyssna på.")]
HostOption = Annotated[str, typer.Option("--host", help="Adress att lyssna på.")]
OFFICE_DATA = Path("data/office")
DEMO_DATA = Path("data/demo")
SHUTDOWN_SECONDS = 30  # long enough for every request under way to finish


def main() -> None:
    """Run one command; say refusals in one line."""
    try:
        app()
    except PracticeError as problem:
        stop(str(problem))


def say(text: str) -> None:
    """Tell the person at the terminal something."""
    typer.echo(text)


def stop(text: str) -> NoReturn:
    """Say in one line why nothing happened, and end with an error."""
    typer.echo(text, err=True)
    raise SystemExit(1)


@app.command("demo")
def start_demo(
    port: PortOption = 8000,
    data: DataOption = DEMO_DATA,
    reset: Annotated[bool, typer.Option("--reset", help="Börja om med en ny demo.")] = False,
) -> None:
    """Starta ett påhittat kontor med allt på plats. Ingen e-post lämnar datorn."""
    refuse_busy_port("127.0.0.1", port)
    settings = Settings(data_dir=data, base_url=f"http://127.0.0.1:{port}", mail="demo", demo=True)
    if reset:
        forget_demo(data)
    database = open_migrated(settings)
    if not demo.is_told(database):
        say("Fyller demokontoret …")
        demo.tell(database, settings, now=utc_now())
    say(f"\n  Inslussning, demo: {settings.base_url}\n")
    for role, (name, email) in (("samordnare", cast.COORDINATOR), ("frivårdsinspektör", cast.INSPECTOR), ("partner", cast.PARTNER)):
        say(f"  {email:<26} {role}, {name}")
    say(f"  Lösenord för alla: {cast.PASSWORD}\n\n  Avsluta med Ctrl+C. Data finns i {data}.\n")
    run_site(settings, database, host="127.0.0.1", port=port, with_worker=True)


def forget_demo(data: Path) -> None:
    """Remove a demo's own files, and nothing else that may be in the folder."""
    for name in ("inslussning.sqlite3", "inslussning.sqlite3-wal", "inslussning.sqlite3-shm", "secret.key"):
        (data / name).unlink(missing_ok=True)


@app.command()
def serve(
    port: PortOption = 8000,
    host: HostOption = "127.0.0.1",
    data: DataOption = OFFICE_DATA,
    with_worker: Annotated[bool, typer.Option("--with-worker", help="Skicka e-post från samma process.")] = False,
) -> None:
    """Starta webbplatsen."""
    refuse_busy_port(host, port)
    settings = settings_for(data, port)
    database = open_current(settings)
    say(f"Inslussning: {settings.base_url}")
    run_site(settings, database, host=host, port=port, with_worker=with_worker)


@app.command("worker")
def run_worker(data: DataOption = OFFICE_DATA) -> None:
    """Skicka det som ligger i utkorgen, tills processen avslutas."""
    settings = settings_for(data)
    database = open_current(settings)
    stopping = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stopping.set())
    worker.run(settings, database, stopping)
    database.dispose()


@app.command()
def migrate(data: DataOption = OFFICE_DATA) -> None:
    """Uppdatera databasen till den här versionen."""
    database = open_migrated(settings_for(data))
    database.dispose()
    say("Databasen är uppdaterad.")


@app.command()
def password(
    email: Annotated[str, typer.Argument(help="Adressen som loggar in.")],
    data: DataOption = OFFICE_DATA,
    new: Annotated[str, typer.Option(prompt="Nytt lösenord", hide_input=True, confirmation_prompt="Samma en gång till")] = "",
) -> None:
    """Ge någon som inte kommer in ett nytt lösenord."""
    database = open_current(settings_for(data))
    with database.transaction() as session:
        users.set_password(session, email, new)
    database.dispose()
    say(f"{email} har ett nytt lösenord och är utloggad överallt.")


def settings_for(data: Path, port: int | None = None) -> Settings:
    """Return the settings from the environment, with what the command line said on top."""
    settings = Settings(data_dir=data)
    if port is not None and "base_url" not in settings.model_fields_set:
        settings = settings.model_copy(update={"base_url": f"http://127.0.0.1:{port}"})
    return settings


def open_migrated(settings: Settings) -> Database:
    """Open the database, making and migrating it first."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = open_database(settings.database, pool_size=settings.threads + 4)
    upgrade(database.engine)
    return database


def open_current(settings: Settings) -> Database:
    """Open the database; stop in one line when it lacks this version's migrations."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = open_database(settings.database, pool_size=settings.threads + 4)
    if not is_current(database.engine):
        stop(f"Databasen är inte klar för den här versionen. Kör: inslussning migrate --data {settings.data_dir}")
    return database


def refuse_busy_port(host: str, port: int) -> None:
    """Stop in one line when somebody else already listens."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            stop(f"Port {port} är upptagen. Välj en annan, till exempel: make demo PORT={port + 1}")


def run_site(settings: Settings, database: Database, *, host: str, port: int, with_worker: bool) -> None:
    """Serve until told to stop; requests under way and the mail being sent are finished first."""
    stopping = threading.Event()
    sender = threading.Thread(target=worker.run, args=(settings, database, stopping), name="worker")
    if with_worker:
        sender.start()
    config = uvicorn.Config(
        create_app(settings, database=database),
        host=host,
        port=port,
        log_level="warning",
        access_log=False,  # addresses of pages are nobody's business
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    try:
        uvicorn.Server(config).run()
    except KeyboardInterrupt:
        sys.exit(0)
    finally:
        stopping.set()
        if with_worker:
            sender.join()
