"""Every route says who may use it, and none changes anything when it is only looked at."""

from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from inslussning.web.deps import Allowed, get_client, get_newcomer, get_principal, open_to_anyone, open_to_link_holders
from tests.clients import SiteClient

KNOWN_FLOOR = 180  # fewer than there are: a walk that finds less has stopped finding
SAFE = {"GET", "HEAD"}


def routes_of(app: FastAPI) -> list[APIRoute]:
    """Every route of the app with its own dependencies, included routers and all."""
    found = [context.route if hasattr(context, "route") else context for context in iter_route_contexts(app.routes)]
    return [route for route in found if isinstance(route, APIRoute)]


def methods_of(route: APIRoute) -> set[str]:
    return set(route.methods or ())


def guards_of(route: APIRoute) -> list[Any]:
    """The guards a route asks for itself. A role's guard asks for the principal in turn: it counts once."""
    calls = [dependency.call for dependency in route.dependant.dependencies]
    guards: list[Any] = [c for c in calls if c in {open_to_anyone, open_to_link_holders} or isinstance(c, Allowed)]
    return guards or [c for c in calls if c in {get_client, get_newcomer, get_principal}]


def undeclared(routes: Iterable[APIRoute]) -> list[str]:
    return [f"{sorted(methods_of(route))} {route.path}" for route in routes if len(guards_of(route)) != 1]


def test_every_route_declares_who_may_use_it(app: FastAPI) -> None:
    routes = routes_of(app)
    assert len(routes) > KNOWN_FLOOR
    assert undeclared(routes) == []


def test_a_route_without_a_guard_would_be_found(app: FastAPI) -> None:
    bare = APIRouter()

    @bare.get("/bare")
    def show() -> str:
        return "open"

    app.include_router(bare)
    assert undeclared(routes_of(app)) == ["['GET'] /bare"]


def test_no_route_both_shows_and_changes(app: FastAPI) -> None:
    mixed = [route.path for route in routes_of(app) if methods_of(route) & SAFE and methods_of(route) - SAFE]
    assert not mixed


def test_what_changes_something_refuses_to_be_looked_at(app: FastAPI, client: SiteClient) -> None:
    routes = routes_of(app)
    shown = {route.path for route in routes if methods_of(route) & SAFE}
    for route in routes:
        if route.path not in shown:
            path = route.path
            for name in route.param_convertors:
                path = path.replace(f"{{{name}}}", "00000000-0000-7000-8000-000000000000")
            assert client.get(path).status in {404, 405}, route.path


def test_every_url_name_is_used_once(app: FastAPI) -> None:
    seen: dict[str, str] = {}
    for route in routes_of(app):
        if methods_of(route) & SAFE:
            assert seen.setdefault(route.name, route.path) == route.path, f"two pages are called {route.name}"
