"""Asks the site in the same process, one request at a time, and notes everything that came of it: answer, mails, log lines, writes."""

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote, urlencode
from uuid import UUID

from anyio.from_thread import BlockingPortal
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from sqlalchemy import Connection, event, select
from sqlalchemy.orm import Session, undefer

from inslussning.db import sealed
from inslussning.models import OutboxMessage
from tests.databases import VAULT
from tests.matrix.canaries import joined, mail_text, readable

Body = tuple[tuple[str, str], ...]
_WRITE = re.compile(r'^\s*(?:INSERT (?:OR \w+ )?INTO|UPDATE|DELETE FROM)\s+"?(\w+)')
_HEX = re.compile("^[0-9a-f]{32}$")
NOT_CASE_DATA = frozenset(
    {
        "audit_entries",
        "audit_cases",
        "audit_anchors",
        "opening_tries",
        "user_sessions",
        "sign_in_failures",
        "alembic_version",
    }
)
"""What may be written about a case one may not see: that one asked for it."""


@dataclass
class Outcome:
    """What one request led to."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    content: bytes = b""
    mails: list[bytes] = field(default_factory=list)
    logged: list[str] = field(default_factory=list)
    written: set[tuple[str, str]] = field(default_factory=set)  # table, key

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")

    @property
    def is_broken(self) -> bool:
        """Whether the site failed. 503 is an answer, the health check's: in this world no worker sends the mails."""
        return self.status >= 500 and self.status != 503

    @property
    def shown(self) -> str:
        """What whoever asked was shown, and what was logged: headers, body, log."""
        headers = (f"{name}: {value}" for name, value in self.headers)
        return joined([*headers, readable(self.content, self.header("content-type")), *self.logged])

    @property
    def said(self) -> str:
        """Everything that left, mails too."""
        return joined([self.shown, *(mail_text(mime) for mime in self.mails)])


def route_list(app: FastAPI) -> list[tuple[str, str]]:
    """Every method and whole path of the app, included routers and all."""
    found = []
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, APIRoute):
            methods = set(context.methods or ()) - {"HEAD", "OPTIONS"}
            found += [(method, str(context.path)) for method in sorted(methods)]
    return found


class Ears(logging.Handler):
    """Keeps every log line, with its traceback."""

    def __init__(self) -> None:
        super().__init__(level=logging.DEBUG)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


class Asker:
    """The site behind one connection; everything a request does is undone."""

    def __init__(self, app: FastAPI, connection: Connection, portal: BlockingPortal, *cookies: str) -> None:
        self.app, self.connection, self.portal, self.cookies = app, connection, portal, cookies
        self.ears = Ears()
        self.written: set[tuple[str, str]] = set()
        self.mails_before = self._mails()
        self.asked = 0

    @contextmanager
    def listening(self) -> Iterator[None]:
        root = logging.getLogger()
        own = logging.getLogger("inslussning")
        levels = root.level, own.level
        root.addHandler(self.ears)
        own.setLevel(logging.DEBUG)
        event.listen(self.connection, "before_cursor_execute", self._note)
        try:
            yield
        finally:
            event.remove(self.connection, "before_cursor_execute", self._note)
            root.removeHandler(self.ears)
            root.setLevel(levels[0])
            own.setLevel(levels[1])

    def _note(self, _connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        found = _WRITE.match(statement)
        if found is None or found[1] in NOT_CASE_DATA:
            return
        for values in parameters if isinstance(parameters, list) else [parameters]:
            for value in values.values() if isinstance(values, dict) else values:
                if isinstance(value, UUID):
                    self.written.add((found[1], value.hex))
                elif isinstance(value, str) and _HEX.match(value):
                    self.written.add((found[1], value))

    def _mails(self) -> set[UUID]:
        return set(self.connection.scalars(select(OutboxMessage.__table__.c.id)))

    def ask(
        self,
        method: str,
        path: str,
        *,
        token: str = "",
        body: Body = (),
        raw: bytes | None = None,
        keep: bool = False,
        client: bool = False,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> Outcome:
        """Send one request and undo it, unless it is to be kept."""
        self.ears.lines.clear()
        self.written.clear()
        self.asked += 1
        savepoint = self.connection.begin_nested()
        outcome = Outcome()
        sent = dict(headers) | ({"cookie": f"{self.cookies[client]}={token}"} if token else {})
        try:
            self.portal.call(self._serve, outcome, method, path, urlencode(body).encode() if raw is None else raw, sent)
            if any(table == "outbox_messages" for table, _ in self.written):
                with Session(
                    self.connection, join_transaction_mode="create_savepoint", info={sealed.VAULT: VAULT}
                ) as session:
                    query = select(OutboxMessage).where(OutboxMessage.id.not_in(self.mails_before))
                    outcome.mails = [mail.mime for mail in session.scalars(query.options(undefer(OutboxMessage.mime)))]
        finally:
            savepoint.commit() if keep else savepoint.rollback()
            if any(table == "data_keys" for table, _ in self.written):
                VAULT.forget_all()  # the product has committed; that we take it back is not for its vault to know
        outcome.logged = list(self.ears.lines)
        outcome.written = set(self.written)
        return outcome

    async def _serve(self, outcome: Outcome, method: str, path: str, body: bytes, headers: dict[str, str]) -> None:
        raw_path, _, query = path.partition("?")
        sent = {"host": "127.0.0.1:8000", "sec-fetch-site": "same-origin"}
        if method == "POST":
            sent |= {"content-type": "application/x-www-form-urlencoded", "content-length": str(len(body))}
        sent |= headers
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
            "path": unquote(raw_path), "raw_path": raw_path.encode(), "query_string": query.encode(), "root_path": "",
            "headers": [(name.encode(), value.encode("latin-1", "replace")) for name, value in sent.items()],
            "client": ("127.0.0.1", 50000), "server": ("127.0.0.1", 8000), "state": {},
        }  # fmt: skip
        pending = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            return pending.pop() if pending else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                outcome.status = message["status"]
                outcome.headers = [(k.decode("latin-1").lower(), v.decode("latin-1")) for k, v in message["headers"]]
            else:
                outcome.content += message.get("body", b"")

        try:
            await self.app(scope, receive, send)
        except Exception as problem:
            outcome.logged.append(repr(problem))
            outcome.status = 500
