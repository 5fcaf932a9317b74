"""Looking changes nothing: every address there is, those in pages, mails and calendars too, by GET and HEAD, and not a row is different."""

import hashlib
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session, undefer

from inslussning.db import sealed
from inslussning.db.base import Base
from inslussning.models import OutboxMessage
from tests.databases import VAULT
from tests.matrix.canaries import mail_text
from tests.matrix.kits import Thing
from tests.matrix.rules import RULES
from tests.matrix.running import Matrix, path_of

MAY_CHANGE = (
    "audit_",
    "sign_in_failures",
    "user_sessions",
    "alembic_version",
)  # the access log, and when a session was last used
LOCAL = "http://127.0.0.1:8000"


def hashes(connection: Connection) -> dict[str, str]:
    found = {}
    for table in Base.metadata.sorted_tables:
        if not table.name.startswith(MAY_CHANGE):
            rows = connection.exec_driver_sql(f'SELECT * FROM "{table.name}"').all()  # noqa: S608 - our own tables' names
            found[table.name] = hashlib.sha256("\n".join(sorted(map(repr, rows))).encode()).hexdigest()
    return found


def links_in(page: str) -> Iterator[str]:
    soup = BeautifulSoup(page, "html.parser")
    for name in ("href", "hx-get", "src"):
        for element in soup.select(f"[{name}]"):
            address = str(element[name])
            if address.startswith(("/", LOCAL)) and not address.startswith(("//", "/static")):
                yield address.removeprefix(LOCAL).partition("#")[0]


def mailed_addresses(connection: Connection) -> set[str]:
    with Session(connection, join_transaction_mode="create_savepoint", info={sealed.VAULT: VAULT}) as session:
        mails = session.scalars(select(OutboxMessage).options(undefer(OutboxMessage.mime)))
        texts = "\n".join(mail_text(mail.mime) for mail in mails)
    return {found.removeprefix(LOCAL) for found in re.findall(re.escape(LOCAL) + r"/[^\s\"<>\\]+", texts)}


@pytest.mark.parametrize("who", ["coordinator, named", "partner in the case", "reviewer", "administrator", "anonymous"])
def test_a_walk_through_every_address_changes_no_row(site: Matrix, who: str) -> None:
    connection, token = site.asker.connection, site.world.tokens[who]
    kit = site.world.kits[Thing.OWN]
    waiting = {"/"} | mailed_addresses(connection)
    for route in site.routes:
        if route.startswith("GET "):
            waiting |= {path_of(route.removeprefix("GET "), kit, ids) for ids in site.variants(RULES[route])}
    before, seen = hashes(connection), set[str]()
    assert len(before) > 30
    while waiting:
        path = waiting.pop()
        shape = re.sub(r"[0-9a-f-]{36}", "…", path)
        if shape in seen or len(path) > 1500:
            continue
        seen.add(shape if "/answer/" not in path and "/extract/" not in path else path)
        for method in ("GET", "HEAD"):
            outcome = site.asker.ask(method, path, token=token, keep=True)
            assert not outcome.is_broken, (path, outcome.logged[-1:])
            if method == "GET" and "text/html" in outcome.header("content-type"):
                waiting |= {one for one in links_in(outcome.content.decode()) if urlsplit(one).path}
    assert len(seen) > (60 if who != "anonymous" else 30)
    changed = [table for table, value in hashes(connection).items() if value != before[table]]
    assert changed == []
