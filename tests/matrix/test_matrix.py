"""The access matrix: every route, everybody, every kind of case. `make matrix` runs it alone and prints its size last."""

import os
from collections.abc import Iterator

import pytest
from fastapi import APIRouter, FastAPI

from inslussning.db.base import Base
from inslussning.models import Case
from inslussning.models.classification import FIELDS, FieldClass
from inslussning.web.deps import SessionDep, SignedIn
from tests.matrix.canaries import ALSO_PLANTED, text_columns
from tests.matrix.kits import Thing
from tests.matrix.rules import HAS, NOT_SIGNED_IN, RULES, SEES, Rule
from tests.matrix.running import SHOWN, Cell, Matrix, Tally, run_all, undecided

ROUTE_FLOOR = 116
PRINCIPAL_FLOOR = 16
EMPTY = {("audit_samples", "note"), ("case_releases", "reason"), ("opening_tries", "reason")}
"""Texts that the world has no row for yet: the reviewer's own, and two that only their own acts write."""
REVEALING = frozenset({Thing.OWN, Thing.FOREIGN, Thing.SEALED})  # `make matrix` takes all six


def test_somebody_has_said_who_may_use_each_route(site: Matrix) -> None:
    assert undecided(site.app) == []
    assert len(site.routes) >= ROUTE_FLOOR
    assert len(site.world.tokens) >= PRINCIPAL_FLOOR
    assert set(site.world.tokens) == HAS.keys() | NOT_SIGNED_IN
    assert SEES.keys() <= HAS.keys() | {"client"}


def test_every_text_of_every_case_has_a_canary(site: Matrix) -> None:
    found = {(canary.thing, canary.table, canary.column) for canary in site.world.aviary.canaries.values()}
    about_clients = {FieldClass.CASE, FieldClass.IDENTITY}
    columns = [
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in text_columns(table)
        if FIELDS[table.name][column.name] in about_clients or (table.name, column.name) in ALSO_PLANTED
    ]
    assert len(columns) > 30
    missing = [
        f"{thing}: {where}"
        for where in columns
        for thing in Thing
        if (str(thing), *where) not in found and where not in EMPTY
    ]
    assert missing == []


def test_every_posting_route_has_a_form_to_fill_in(site: Matrix) -> None:
    assert site.routes_without_form() == []


def test_everybody_sees_exactly_what_is_theirs(site: Matrix, capsys: pytest.CaptureFixture[str]) -> None:
    whole = os.environ.get("MATRIX") == "whole"
    tally = run_all(site, None if whole else REVEALING)
    with capsys.disabled():
        print(f"\n{tally}")  # noqa: T201 - the size of what was asked
    assert tally.wrong[:SHOWN] == []
    assert tally.leaks[:SHOWN] == []


def test_a_route_that_leaks_would_be_found(site: Matrix) -> None:
    _plant(site.app)
    site.tally = Tally()
    for who in ("colleague", "reviewer"):
        site.run(Cell("GET /planted/all", who, Thing.OWN))
    site.run(Cell("GET /planted/open", "anonymous", Thing.OWN))
    assert any("sealed's cases.code" in leak for leak in site.tally.leaks)
    assert any("foreign office's cases.code" in leak for leak in site.tally.leaks)
    assert any("GET /planted/all" in wrong and "reviewer" in wrong for wrong in site.tally.wrong)
    assert any("GET /planted/open" in wrong for wrong in site.tally.wrong)


def test_a_route_nobody_has_spoken_of_would_be_found(site: Matrix) -> None:
    bare = APIRouter()
    bare.get("/bare")(lambda: "open")
    site.app.include_router(bare)
    assert "GET /bare" in undecided(site.app)


@pytest.fixture(autouse=True)
def _rules_are_left_as_they_were() -> Iterator[None]:
    before = dict(RULES)
    yield
    RULES.clear()
    RULES.update(before)


def _plant(app: FastAPI) -> None:
    """Add a route that shows every case to whoever is signed in, and one that asks for nobody."""
    planted = APIRouter(prefix="/planted")

    @planted.get("/all")
    def everything(_: SignedIn, session: SessionDep) -> str:
        return " ".join(case.code for case in session.query(Case))

    @planted.get("/open")
    def unguarded() -> str:
        return "open"

    app.include_router(planted)
    RULES["GET /planted/all"] = Rule("coordinate")
    RULES["GET /planted/open"] = Rule("coordinate")
