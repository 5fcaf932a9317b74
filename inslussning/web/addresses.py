"""Addresses by route name, worked out once each.

The router finds a name by trying every route in turn, and a page asks for some twenty addresses: that was a fifth of the time of a
page. What it answers is kept per app with places for the parameters. Templates ask without naming the request, so that their macros
need no context and are made once instead of for every page.
"""

from contextvars import ContextVar
from typing import NamedTuple

from fastapi import Request

_request: ContextVar[Request] = ContextVar("request")
_Kept = dict[tuple[str, ...], str]


class Address(NamedTuple):
    """An address on this site."""

    path: str


def answering(request: Request) -> None:
    """Say which request the templates are about to answer."""
    _request.set(request)


def url_for(name: str, /, **params: object) -> Address:
    """Return a route's address, for templates; takes the place of Starlette's own."""
    return Address(path_for(_request.get(), name, **params))


def path_for(request: Request, name: str, /, **params: object) -> str:
    """Return the path of a route. Raises Starlette's NoMatchFound for a name or parameters no route has."""
    state = request.app.state
    if not hasattr(state, "addresses"):
        state.addresses = {}
    kept: _Kept = state.addresses
    path = kept.get((name, *params))
    if path is None:
        marked = request.app.url_path_for(name, **{param: _place(param) for param in params})
        path = kept[(name, *params)] = str(marked)
    for param, value in params.items():
        text = str(value)
        if not text or "/" in text:
            raise ValueError(f"{param} of {name} is no part of a path")
        path = path.replace(_place(param), text)
    return path


def _place(param: str) -> str:
    return f"\x00{param}\x00"
