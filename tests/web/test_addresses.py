"""Addresses by route name, which the templates ask for many times a page."""

import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.routing import NoMatchFound

from inslussning.web.addresses import path_for


@pytest.fixture
def request_to(app: FastAPI) -> Request:
    return Request({"type": "http", "app": app, "method": "GET", "path": "/", "headers": []})


def test_an_address_is_the_routers_own_however_often_it_is_asked_for(request_to: Request, app: FastAPI) -> None:
    for key in ("a1", "b2", "a1"):
        assert path_for(request_to, "actions.show", key=key) == app.url_path_for("actions.show", key=key)
    assert path_for(request_to, "actions") == path_for(request_to, "actions") == "/actions"


def test_several_parameters_each_land_in_their_place(request_to: Request) -> None:
    path = path_for(request_to, "actors.end_staffing", staffing="of", key="who")
    assert path == "/actors/who/staffing/of/end"


def test_two_sites_in_one_process_keep_their_own(request_to: Request) -> None:
    other = FastAPI()
    other.add_api_route("/elsewhere", lambda: None, name="actions")
    assert path_for(request_to, "actions") == "/actions"
    assert path_for(Request({"type": "http", "app": other}), "actions") == "/elsewhere"


@pytest.mark.parametrize("value", ["", "a/b", "../x"])
def test_what_is_no_part_of_a_path_is_refused(request_to: Request, value: str) -> None:
    with pytest.raises(ValueError, match=r"actions\.show"):
        path_for(request_to, "actions.show", key=value)


@pytest.mark.parametrize(("name", "params"), [("no.such.page", {}), ("actions.show", {}), ("actions", {"key": "x"})])
def test_a_name_or_a_parameter_nobody_has_is_an_error(request_to: Request, name: str, params: dict[str, str]) -> None:
    with pytest.raises(NoMatchFound):
        path_for(request_to, name, **params)
