"""Starting things that run until they are told to stop: the demo, the site, the worker."""

import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from inslussning import demo, worker
from inslussning.app import create_app
from inslussning.cli.terminal import (
    OFFICE_DATA,
    DataOption,
    closed_after,
    open_current,
    open_migrated,
    open_ready,
    say,
    settings_for,
    stop,
)
from inslussning.clock import utc_now
from inslussning.config import Settings
from inslussning.db.engine import Database
from inslussning.demo import cast
from inslussning.services import offices

PortOption = Annotated[int, typer.Option("--port", min=1, max=65535, help="Port att lyssna på.")]
HostOption = Annotated[str, typer.Option("--host", help="Adress att lyssna på.")]
DEMO_DATA = Path("data/demo")
SHUTDOWN_SECONDS = 30  # long enough for every request under way to finish


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
    for role, (name, email) in (
        ("samordnare", cast.COORDINATOR),
        ("frivårdsinspektör", cast.INSPECTOR),
        ("partner", cast.PARTNER),
    ):
        say(f"  {email:<26} {role}, {name}")
    say(f"  Lösenord för alla: {cast.PASSWORD}\n\n  Avsluta med Ctrl+C. Data finns i {data}.\n")
    run_site(settings, database, host="127.0.0.1", port=port, with_worker=True)


def forget_demo(data: Path) -> None:
    """Remove a demo's own files, and nothing else that may be in the folder."""
    for name in (
        "inslussning.sqlite3",
        "inslussning.sqlite3-wal",
        "inslussning.sqlite3-shm",
        "secret.key",
        "audit.key",
        "keyring.json",
    ):
        (data / name).unlink(missing_ok=True)


def serve(
    port: PortOption = 8000,
    host: HostOption = "127.0.0.1",
    data: DataOption = OFFICE_DATA,
    with_worker: Annotated[bool, typer.Option("--with-worker", help="Skicka e-post från samma process.")] = False,
) -> None:
    """Starta webbplatsen."""
    refuse_busy_port(host, port)
    settings = settings_for(data, port)
    database = open_ready(settings)
    say(f"Inslussning: {settings.base_url}")
    offer_first_run(settings, database)
    run_site(settings, database, host=host, port=port, with_worker=with_worker)


def offer_first_run(settings: Settings, database: Database) -> None:
    """Say how the office is set up while there is none; afterwards the code is gone."""
    with database.read() as session:
        is_set_up = offices.any_office(session)
    if is_set_up:
        settings.forget_setup_code()
        return
    code = settings.make_setup_code()
    say(f"\nDet finns inget kontor än. Öppna {settings.base_url}/setup\nStartkod: {code}\n")


def run_worker(data: DataOption = OFFICE_DATA) -> None:
    """Skicka det som ligger i utkorgen, tills processen avslutas."""
    settings = settings_for(data)
    with closed_after(open_current(settings)) as database:
        stopping = threading.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, lambda *_: stopping.set())
        worker.run(settings, database, stopping)


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
        database.dispose()  # the site has closed its own; the worker may have opened some since
