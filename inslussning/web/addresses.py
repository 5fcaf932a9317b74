"""Addresses by route name, worked out once each.

The router finds a name by trying every route in turn, and a page asks for some twenty addresses: that was a fifth of the time of a
page. What it answers is kept per app with places for the parameters.
"""

from typing import Any, NamedTuple

from fastapi import Request
from jinja2 import pass_context
from jinja2.runtime import Context

_Kept = dict[tuple[str, ...], str]


class Address(NamedTuple):
    """An address on this site."""

    path: str


def path_for(request: Request, name: str, **params: object) -> str:
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


@pass_context
def url_for(context: Context, name: str, /, **params: Any) -> Address:  # noqa: ANN401 - parameters differ
    """Return a route's address, for templates; takes the place of Starlette's own."""
    return Address(path_for(context["request"], name, **params))
