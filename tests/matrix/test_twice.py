"""Every form posted twice at the same moment, as by a double click: one effect, in rows and in mails, on SQLite and PostgreSQL."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from anyio.from_thread import start_blocking_portal
from fastapi import FastAPI
from sqlalchemy import Connection, func, select
from starlette.testclient import TestClient

from inslussning.app import create_app
from inslussning.config import Settings
from inslussning.db.base import Base
from inslussning.db.engine import Database
from inslussning.services.audit_chain import use_key
from inslussning.services.links import Links
from inslussning.web.deps import client_cookie, session_cookie
from tests.conftest import AUDIT_KEY, NOW
from tests.matrix.asking import Asker, Body
from tests.matrix.kits import Thing
from tests.matrix.rules import RULES
from tests.matrix.running import Cell, Matrix, inside, path_of
from tests.matrix.world import MatrixWorld, the_world

NOT_COUNTED = ("audit_", "posted_forms", "sign_in_failures", "sign_in_steps", "opening_tries", "alembic")
EFFECTIVE_FLOOR = (
    25  # forms that change the number of rows, 28 at last count; the rest change rows in place or are refused
)
Counts = dict[str, int]


def counts(connection: Connection) -> Counts:
    tables = [t for t in Base.metadata.sorted_tables if not t.name.startswith(NOT_COUNTED)]
    return {t.name: connection.scalar(select(func.count()).select_from(t)) or 0 for t in tables}


def difference(before: Counts, after: Counts) -> Counts:
    return {name: after[name] - before[name] for name in after if after[name] != before[name]}


@contextmanager
def asking(database: Database, settings: Settings, world: MatrixWorld) -> Iterator[Matrix]:
    """Yield the site behind one connection that forgets what is asked."""
    with database.engine.connect() as connection:
        outer = connection.begin()
        app = create_app(settings, database=inside(database, connection), clock=lambda: NOW)
        with start_blocking_portal() as portal:
            asker = Asker(app, connection, portal, session_cookie(settings), client_cookie(settings))
            yield Matrix(app, world, asker)
        outer.rollback()


def single(site: Matrix, path: str, token: str, body: Body) -> Counts:
    """Return what the form does to the number of rows when it is posted once."""
    connection = site.asker.connection
    before = counts(connection)
    savepoint = connection.begin_nested()
    site.asker.ask("POST", path, token=token, body=body, keep=True)
    found = difference(before, counts(connection))
    savepoint.rollback()
    return found


def posted_twice(app: FastAPI, settings: Settings, path: str, token: str, body: Body) -> list[int]:
    """Post the same body from two threads at once and return both statuses."""
    ready, statuses = threading.Barrier(2), list[int]()

    def post() -> None:
        client = TestClient(
            app, base_url="http://127.0.0.1:8000", follow_redirects=False, raise_server_exceptions=False
        )
        client.cookies.set(session_cookie(settings), token)
        fields: dict[str, list[str]] = {}
        for name, value in body:
            fields.setdefault(name, []).append(value)
        ready.wait(20)
        statuses.append(client.post(path, data=fields, headers={"Sec-Fetch-Site": "same-origin"}).status_code)

    threads = [threading.Thread(target=post) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return statuses


def test_every_form_posted_twice_at_once_has_one_effect(own_database: Database, settings: Settings) -> None:
    use_key(own_database, AUDIT_KEY)
    app = create_app(settings, database=own_database, clock=lambda: NOW)
    with own_database.transaction() as session:
        world = the_world(session, links=Links(settings.signing_key(), settings.base_url), now=NOW)
    with asking(own_database, settings, world) as site:
        site.find_forms()
        routes = sorted((one for one in site.routes if one.startswith("POST")), key=lambda one: one.startswith(LAST))
        work = [(route, *_post(site, route)) for route in routes]
    wrong, effective = [], 0
    token = world.tokens["coordinator, named"]
    for route, path, body in work:
        with asking(own_database, settings, world) as site:
            once = single(site, path, token, body)
            before = counts(site.asker.connection)
        statuses = posted_twice(app, settings, path, token, body)
        with own_database.engine.connect() as connection:
            twice = difference(before, counts(connection))
        if table := EACH_ANSWER_HANDS_OUT.get(route):
            once = {**once, table: 2 * once[table]}
        effective += bool(once)
        if twice != once or max(statuses) >= 500:
            wrong.append(f"{route}: once {once}, twice {twice}, answered {statuses}")
    assert wrong == []
    assert effective >= EFFECTIVE_FLOOR


EACH_ANSWER_HANDS_OUT = {"POST /cases/{key}/release/schedule/{document}": "case_releases"}
"""The paper is the answer to the act itself: two answers are two papers that left the house, and both stand in the record."""
LAST = ("POST /sign-out", "POST /account/sessions")  # ends the session that the test has


def _post(site: Matrix, route: str) -> tuple[str, Body]:
    path = path_of(route.removeprefix("POST "), site.world.kits[Thing.OWN], RULES[route].ids)
    body = site.body(Cell(route, "coordinator, named", Thing.OWN), path)
    return path, body if any(name == "once" for name, _ in body) else (*body, ("once", f"key of {route}"))
