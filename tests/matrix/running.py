"""Runs the cells: asks, compares with what the tables say, and smells for canaries."""

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from uuid import UUID

from anyio.from_thread import start_blocking_portal
from fastapi import FastAPI
from sqlalchemy import Connection
from sqlalchemy.orm import sessionmaker

from inslussning.app import create_app
from inslussning.config import Settings
from inslussning.db import sealed
from inslussning.db.engine import Database
from inslussning.services.links import Links
from inslussning.web.deps import client_cookie, session_cookie
from tests.databases import VAULT
from tests.matrix.asking import Asker, Body, Outcome, route_list
from tests.matrix.canaries import Aviary
from tests.matrix.forms import forms_in
from tests.matrix.kits import Kit, Thing
from tests.matrix.rules import (
    ALL,
    ALSO,
    BODIES,
    FORBIDDEN,
    GONE,
    NOT_SIGNED_IN,
    OK,
    RULES,
    SEES,
    SHARE,
    SIGN_IN,
    TO_THE_CODE,
    TO_THE_FUNCTION,
    Rule,
    expected,
)
from tests.matrix.world import MatrixWorld, the_world

ABSENT = UUID("01920000-0000-7000-8000-00000000dead")
OF_THE_HOUSE = frozenset({"weekly", "held"})  # a meeting that one sees, with items of which one may see only some
_KEYS = re.compile("[0-9a-f]{8}-[0-9a-f-]{27}")
SHOWN = 60  # of what is wrong, at most


@dataclass(frozen=True, slots=True)
class Cell:
    """One question: a route, by somebody, about one of the cases, with one of the route's sets of ids."""

    route: str
    who: str
    thing: Thing
    variant: int = 0

    def __str__(self) -> str:
        return f"{self.route} [{self.variant}] × {self.who} × {self.thing}"


@dataclass
class Tally:
    """What has been found."""

    routes: int = 0
    principals: int = 0
    cells: int = 0
    mixed: int = 0
    wrong: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"matrix: {self.routes} routes × {self.principals} principals × {len(Thing)} objects = {self.cells} cells"
            f" (+ {self.mixed} with another's ids in the form), {len(self.wrong)} wrong, {len(self.leaks)} leaks"
        )


def path_of(template: str, kit: Kit, ids: tuple[tuple[str, str], ...], *, absent: bool = False) -> str:
    """Return the address for a case; "name=part" puts a part's key there, "name==text" the text, "?name=part" in the query."""
    path, query = template, []
    for name, part in ids:
        if name.startswith("?"):
            query.append(f"{name[1:]}={kit.ids.get(part, part) if not absent else ABSENT}")
            continue
        value = (
            part.removeprefix("=")
            if part.startswith("=")
            else _id(kit, part, absent=absent and part not in OF_THE_HOUSE)
        )
        path = path.replace(f"{{{name}}}", value)
    return path + (f"?{'&'.join(query)}" if query else "")


def _id(kit: Kit, part: str, *, absent: bool) -> str:
    return str(ABSENT) if absent else kit.ids[part]


class Matrix:
    """The site with the world in it, and the tally."""

    def __init__(self, app: FastAPI, world: MatrixWorld, asker: Asker) -> None:
        self.app, self.world, self.asker = app, world, asker
        self.routes = [one for method, path in route_list(app) if (one := f"{method} {path}") in RULES]
        self.tally = Tally(routes=len(self.routes), principals=len(world.tokens))
        self._bodies: dict[tuple[str, Thing], Body] = {}
        self._by_route: dict[tuple[str, Thing], Body] = {}
        self._absent: dict[tuple[str, str, int], Outcome] = {}

    def variants(self, rule: Rule) -> list[tuple[tuple[str, str], ...]]:
        return [rule.ids, rule.more] if rule.more else [rule.ids]

    def cells(self, only: frozenset[Thing] | None = None) -> Iterator[Cell]:
        for route in self.routes:
            rule = RULES[route]
            for variant in range(len(self.variants(rule))):
                for who in self.world.tokens:
                    for thing in Thing:
                        if only is None or (thing in only and (rule.about or thing is Thing.OWN)):
                            yield Cell(route, who, thing, variant)

    def find_forms(self) -> None:
        """Collect what the forms of every page would post."""
        patterns = [
            (route, re.compile("^POST " + re.sub(r"\{\w+\}", "[^/]+", route.removeprefix("POST ")) + "$"))
            for route in self.routes
            if route.startswith("POST")
        ]
        for thing, kit in self.world.kits.items():
            token = self.world.tokens["foreign, named" if thing is Thing.FOREIGN else "coordinator, named"]
            for route in (one for one in self.routes if one.startswith("GET")):
                rule = RULES[route]
                for ids in self.variants(rule):
                    here = path_of(route.removeprefix("GET "), kit, ids)
                    seen = self.asker.ask("GET", here, token=token)
                    if "text/html" not in seen.header("content-type"):
                        continue
                    for action, body in forms_in(seen.content.decode()):
                        address = urlsplit(action or here).path
                        self._bodies.setdefault((address, thing), body)
                        for post, pattern in patterns:
                            if pattern.match(f"POST {address}"):
                                self._by_route.setdefault((post, thing), body)

    def body(self, cell: Cell, path: str) -> Body:
        if not cell.route.startswith("POST"):
            return ()
        if BODIES.get(cell.route):
            kit = self.world.kits[cell.thing]
            return tuple(
                (name, part[1:] if part.startswith("=") else kit.ids[part]) for name, part in BODIES[cell.route]
            )
        return self._bodies.get((urlsplit(path).path, cell.thing)) or self._by_route.get((cell.route, cell.thing), ())

    def routes_without_form(self) -> list[str]:
        return sorted(r for r in self.routes if r.startswith("POST") and not self._has_body(r))

    def _has_body(self, route: str) -> bool:
        return route in BODIES or any((route, thing) in self._by_route for thing in Thing)

    def run(self, cell: Cell) -> Outcome:
        """Ask one cell and note what is wrong with the answer."""
        rule, kit, token = RULES[cell.route], self.world.kits[cell.thing], self.world.tokens[cell.who]
        method, template = cell.route.split(" ", 1)
        path = path_of(template, kit, self.variants(rule)[cell.variant])
        body = self.body(cell, path)
        outcome = self.asker.ask(method, path, token=token, body=body, client=cell.who == "client")
        self.tally.cells += 1
        wanted = self._expected(cell, rule)
        is_hidden = wanted == GONE and not rule.whose and rule.about in {"case", "house"}
        same_as_absent = is_hidden and self._is_same_as_absent(cell, rule, outcome, path, body)
        if (
            not same_as_absent
        ):  # what cannot be told from a row that never was is not found, whatever else the answer says
            self._judge_status(cell, rule, outcome)
        asked_for = self.world.aviary.keys_in(path + " " + " ".join(f"{name} {value}" for name, value in body))
        allowed = cell.thing if rule.about == "link" else None
        self._smell(cell, outcome, asked_for, allowed)
        return outcome

    def run_mixed(self, cell: Cell, own: Kit) -> None:
        """Post the form of one's own case with another's ids in its fields: nothing of the other is shown or touched."""
        rule, kit = RULES[cell.route], self.world.kits[cell.thing]
        swap = {key: kit.ids[name] for name, key in own.ids.items() if name in kit.ids and kit.ids[name] != key}
        path = path_of(cell.route.removeprefix("POST "), own, self.variants(rule)[cell.variant])
        body = tuple(
            (swapped(n, swap), swap.get(v, v)) for n, v in self.body(Cell(cell.route, cell.who, own.thing), path)
        )
        outcome = self.asker.ask("POST", path, token=self.world.tokens[cell.who], body=body)
        self.tally.mixed += 1
        if outcome.status >= 500:
            self.tally.wrong.append(f"{cell} with another's ids: {outcome.status} {outcome.logged}")
        self._smell(cell, outcome, self.world.aviary.keys_in(f"{path} {body}"), None)

    def _expected(self, cell: Cell, rule: Rule) -> str:
        shared = self.world.shares.get(cell.who, frozenset())
        row = self.world.kits[cell.thing].rows.get(rule.row)
        if rule.row.startswith("action ") and cell.variant == 1:
            row = self.world.kits[cell.thing].rows["action employment"]
        return expected(rule, cell.who, cell.thing, row_is_shared=row in shared)

    def _judge_status(self, cell: Cell, rule: Rule, outcome: Outcome) -> None:
        wanted = self._expected(cell, rule)
        got = outcome.status
        is_right = {
            OK: got in {200, 204, 303, 409, 410, 422, 429, 503} or (rule.loose and got in {400, 404}),
            GONE: got == 404 or (rule.whose and got == 422),
            FORBIDDEN: got == 403,
            TO_THE_CODE: got == 303 and outcome.header("location") == "/my",
            SIGN_IN: got == 303 and outcome.header("location").startswith("/sign-in"),
        }[wanted]
        if not is_right:
            reason = outcome.logged[-1][-700:] if got >= 500 and outcome.logged else ""
            self.tally.wrong.append(f"{cell}: {got} {outcome.header('location')}, should be {wanted} {reason}")

    def _smell(self, cell: Cell, outcome: Outcome, asked_for: set[str], allowed: Thing | None) -> None:
        sees = SEES.get(cell.who, {})
        aviary: Aviary = self.world.aviary
        said = outcome.shown if cell.route in TO_THE_FUNCTION else outcome.said
        for word in aviary.words_in(said):
            canary = aviary.canaries[word]
            sight = sees.get(Thing(canary.thing))
            shared = self.world.shares.get(cell.who, frozenset())
            is_shared = canary.row in shared or (canary.table, canary.column) in ALSO.get(cell.who, frozenset())
            is_fine = sight == ALL or canary.thing == allowed or (sight == SHARE and is_shared)
            if not is_fine:
                self.tally.leaks.append(f"{cell}: {canary} in the answer ({outcome.status})")
        for key in aviary.keys_in(said) - asked_for:
            thing = Thing(aviary.keys[key][0])
            if thing not in sees and thing != allowed:
                self.tally.leaks.append(f"{cell}: a key of {thing} in the answer ({outcome.status})")
        for table, key in outcome.written:
            if cell.route in TO_THE_FUNCTION and table in {"invitations", "outbox_messages"}:
                continue
            thing_of = aviary.keys.get(key)
            if thing_of and Thing(thing_of[0]) not in sees and thing_of[0] != allowed:
                self.tally.wrong.append(f"{cell}: wrote {table} of {thing_of[0]}")

    def _is_same_as_absent(self, cell: Cell, rule: Rule, outcome: Outcome, path: str, body: Body) -> bool:
        """Tell whether the answer is, byte for byte, the one about a key that nothing has; note it when it is not."""
        method, template = cell.route.split(" ", 1)
        nowhere = path_of(template, self.world.kits[cell.thing], self.variants(rule)[cell.variant], absent=True)
        at = (f"{method} {nowhere}", cell.who, cell.variant)
        if at not in self._absent:
            self._absent[at] = self.asker.ask(method, nowhere, token=self.world.tokens[cell.who], body=body)
        absent = self._absent[at]
        is_same = _bare(outcome, path) == _bare(absent, nowhere)
        if not is_same:
            self.tally.wrong.append(f"{cell}: differs from absent ({outcome.status} and {absent.status}) at {path}")
        return is_same


def _bare(outcome: Outcome, path: str) -> tuple[int, bytes]:
    """The answer without what was asked for itself and without the one-time keys of its forms."""
    said = f"{outcome.headers}".encode() + b"\n" + re.sub(rb'name="once" value="[^"]*"', b"", outcome.content)
    for key in set(_KEYS.findall(path)):
        said = said.replace(key.encode(), b"what was asked for")
    return outcome.status, said


MIXERS = ("colleague", "coordinator")


def run_all(site: Matrix, only: frozenset[Thing] | None = None) -> Tally:
    """Ask every cell, and post every form once more with another case's ids in its fields."""
    for cell in site.cells(only):
        site.run(cell)
    own = site.world.kits[Thing.OWN]
    for who in MIXERS:
        for route in (one for one in site.routes if one.startswith("POST")):
            for thing in (Thing.FOREIGN, Thing.SEALED):
                site.run_mixed(Cell(route, who, thing), own)
    return site.tally


def swapped(name: str, swap: dict[str, str]) -> str:
    """Return a field's name with the key in it exchanged, as in minutes-<item>."""
    head, _, tail = name.partition("-")
    return f"{head}-{swap[tail]}" if tail in swap else name


def undecided(app: FastAPI) -> list[str]:
    """Return the routes nobody has said anything about, and what is said about routes that do not exist."""
    there = {f"{method} {path}" for method, path in route_list(app)}
    return sorted(there ^ RULES.keys())


@contextmanager
def matrix(engine_database: Database, settings: Settings, *, now: dt.datetime, more: object = None) -> Iterator[Matrix]:
    """Yield the site with the whole world in it; all of it is gone afterwards."""
    with engine_database.engine.connect() as connection:
        outer = connection.begin()
        database = inside(engine_database, connection)
        app = create_app(settings, database=database, clock=lambda: now)
        if callable(more):
            more(app)
        with database.transaction() as session:
            world = the_world(session, links=Links(settings.signing_key(), settings.base_url), now=now)
        with start_blocking_portal() as portal:
            asker = Asker(app, connection, portal, session_cookie(settings), client_cookie(settings))
            with asker.listening():
                yield Matrix(app, world, asker)
        outer.rollback()


def inside(database: Database, connection: Connection) -> Database:
    maker = sessionmaker(
        connection, expire_on_commit=False, join_transaction_mode="create_savepoint", info={sealed.VAULT: VAULT}
    )
    return Database(engine=database.engine, write=maker, read=maker, audit=maker)


__all__ = ["ABSENT", "NOT_SIGNED_IN", "SHOWN", "Cell", "Matrix", "Tally", "matrix", "run_all", "undecided"]
