"""The floor: the same page, drawn from the same template with the values of one real answer, and nothing else done.

The values are taken once, from a real answer of the product, and drawn again for every request in a plain `def` endpoint. What a page
takes above this floor is what signing in, access rules and the database cost. This app exists for measuring and is never part of the site.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from starlette.responses import Response
from starlette.testclient import TestClient

from inslussning.app import collect_garbage_seldom, create_app
from inslussning.config import Settings
from inslussning.web import render
from inslussning.web.routes import ROUTERS

Taken = tuple[str, dict[str, Any], Any]


def floor_app(settings: Settings, cookie: str, paths: dict[str, str]) -> FastAPI:
    """Return an app that draws the pages at `paths` under `/floor/<name>`."""
    taken = {name: take(settings, cookie, path) for name, path in paths.items()}
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    product = create_app(settings)
    app.state.settings, app.state.links, app.state.clock = settings, product.state.links, product.state.clock
    for name, (template, values, principal) in taken.items():
        app.add_api_route(f"/floor/{name}", _endpoint(template, values, principal), methods=["GET"])
    for router in ROUTERS:  # the templates write addresses by route name, which costs the same here as there
        app.include_router(router)
    product.state.database.dispose()
    return app


def take(settings: Settings, cookie: str, path: str) -> Taken:
    """Return the template, the values and the principal of one real answer."""
    found: list[Taken] = []
    product = create_app(settings)
    wrapper = render.templates()
    draw = wrapper.TemplateResponse

    def note(request: Request, name: str, context: dict[str, Any], **more: Any) -> Response:  # noqa: ANN401 - as Starlette has it
        found.append((name, dict(context), request.state.principal))
        return draw(request, name, context, **more)

    wrapper.TemplateResponse = note  # type: ignore[method-assign,assignment] # only in this process, and put back below
    try:
        with TestClient(product, base_url=settings.base_url) as client:
            answer = client.get(path, headers={"Cookie": cookie})
    finally:
        wrapper.TemplateResponse = draw  # type: ignore[method-assign]
    if answer.status_code != 200 or not found:
        raise SystemExit(f"{path} answered {answer.status_code}")
    return found[-1]


def _endpoint(template: str, values: dict[str, Any], principal: Any) -> Callable[[Request], Response]:  # noqa: ANN401 - whatever the page was given
    given = {name: value for name, value in values.items() if name != "request"}

    def draw(request: Request) -> Response:
        request.state.principal = principal
        return render.page(request, template, **given)

    return draw


def main(data: str, port: str, cookie: str, *paths: str) -> None:
    """Serve the floor on a loopback port; each path is written `name=/path`."""
    settings = Settings(data_dir=Path(data), base_url=f"http://127.0.0.1:{port}")
    app = floor_app(settings, cookie, dict(path.split("=", 1) for path in paths))
    collect_garbage_seldom()
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="warning")


if __name__ == "__main__":
    main(*sys.argv[1:])
