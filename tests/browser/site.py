"""A running site as the browser tests use it."""

import http.client
import socket
import time

import uvicorn
from playwright.sync_api import BrowserContext
from sqlalchemy import select

from inslussning.clock import utc_now
from inslussning.config import Settings
from inslussning.db.engine import Database
from inslussning.models import User
from inslussning.services import sessions


def free_port() -> int:
    """Return a port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Site:
    """An address, and the database behind it."""

    def __init__(self, settings: Settings, database: Database, server: uvicorn.Server) -> None:
        self.settings = settings
        self.database = database
        self.server = server
        self.url = settings.base_url

    def wait_until_up(self, seconds: float = 20) -> None:
        """Wait until the site answers."""
        host = self.url.removeprefix("http://")
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            connection = http.client.HTTPConnection(host, timeout=2)
            try:
                connection.request("GET", "/livez")
                if connection.getresponse().status == 200:
                    return
            except OSError:
                time.sleep(0.05)
            finally:
                connection.close()
        raise AssertionError(f"{self.url} did not start")

    def sign_in(self, context: BrowserContext, email: str) -> None:
        """Give the browser a session without typing the password: signing in has its own test."""
        with self.database.transaction() as session:
            user = session.scalars(select(User).where(User.email == email)).one()
            token = sessions.open_session(session, user.id, browser="Test", now=utc_now())
        context.add_cookies([{"name": "inslussning_session", "value": token, "url": self.url}])
