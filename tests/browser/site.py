"""A running site as the browser tests use it, on a day that is always the same."""

import datetime as dt
import http.client
import secrets
import socket
import threading
import time

import uvicorn
from fastapi import FastAPI
from playwright.sync_api import BrowserContext
from sqlalchemy import select

from inslussning import worker
from inslussning.app import create_app
from inslussning.config import Settings
from inslussning.db.engine import Database, open_database
from inslussning.models import ClientSession, Schedule, User
from inslussning.practice.access import Principal
from inslussning.services import sessions
from inslussning.services.audit_chain import use_key
from inslussning.web.deps import CLIENT_COOKIE, SESSION_COOKIE
from tests.conftest import NOW
from tests.databases import vault_in

SLOT_DAY = dt.datetime(
    2026, 11, 26, 8, 5, tzinfo=dt.UTC
)  # Thursday, the weekly slot has begun: five past nine in Stockholm
JOIN_SECONDS = 30
CLIENT = "client"  # stands where an address does: the client on an own telephone


def opened(settings: Settings, *, pool_size: int = 8) -> Database:
    """Return the site's database, opened with its own keyring."""
    database = open_database(settings.database, pool_size=pool_size, vault=vault_in(settings))
    use_key(database, settings.audit_key())
    return database


def free_port() -> int:
    """Return a port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_up(url: str, seconds: float = 30) -> None:
    """Wait until the site at the address answers."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=2)
        try:
            connection.request("GET", "/livez")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
    raise AssertionError(f"{url} did not start")


def principal_of(database: Database, email: str, *, now: dt.datetime) -> Principal:
    """Return the person with this address as the use cases know them."""
    found = sessions.principal_of(database, open_session(database, email, now=now), now=now)
    assert found is not None
    return found


def open_session(database: Database, email: str, *, now: dt.datetime) -> str:
    """Return the token of a new session of the person with this address."""
    with database.transaction() as session:
        user = session.scalars(select(User).where(User.email == email)).one()
        return sessions.open_session(session, user.id, browser="Test", now=now)


def open_telephone(database: Database, *, now: dt.datetime) -> str:
    """Return the token of a telephone that shows the schedule handed over last."""
    token = secrets.token_urlsafe(32)
    with database.transaction() as session:
        handed = session.scalars(select(Schedule).order_by(Schedule.handed_over_at.desc(), Schedule.id)).first()
        assert handed is not None, "the demo has handed over no schedule"
        session.add(
            ClientSession(
                office_id=handed.office_id,
                case_id=handed.case_id,
                token_hash=sessions.token_hash(token),
                opened_at=now,
                expires_at=now + dt.timedelta(days=7),
            )
        )
    return token


class Site:
    """An address, and what is behind it: the app and its database, with a mail worker when asked for."""

    def __init__(self, settings: Settings, database: Database, *, with_worker: bool = False) -> None:
        self.now = NOW
        self.settings = settings
        self.database = database
        self.url = settings.base_url
        self.app: FastAPI = create_app(settings, database=database, clock=self.clock)
        port = int(self.url.rpartition(":")[2])
        self._server = uvicorn.Server(uvicorn.Config(self.app, port=port, log_level="warning", access_log=False))
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._server.run)]
        if with_worker:
            sending = {"args": (settings, database, self._stopping), "kwargs": {"clock": self.clock}}
            self._threads.append(threading.Thread(target=worker.run, **sending))  # type: ignore[arg-type]

    def clock(self) -> dt.datetime:
        """Return the time at the site: a test may set `now` forward."""
        return self.now

    def start(self) -> None:
        """Start serving and wait until it answers."""
        for thread in self._threads:
            thread.start()
        wait_until_up(self.url)

    def stop(self) -> None:
        """Stop serving; what is under way is finished first."""
        self._server.should_exit = True
        self._stopping.set()
        for thread in self._threads:
            thread.join(JOIN_SECONDS)
        self.database.dispose()

    def sign_in(self, context: BrowserContext, email: str) -> None:
        """Give the browser a session without typing the password: signing in has its own test."""
        if email == CLIENT:
            token = open_telephone(self.database, now=self.now)
            context.add_cookies([{"name": CLIENT_COOKIE, "value": token, "url": self.url}])
            return
        token = open_session(self.database, email, now=self.now)
        context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": self.url}])
