"""A browserless client: asks for pages, posts forms, follows where they lead, reads what they say."""

import re
from collections.abc import Mapping
from typing import Any, Self

from bs4 import BeautifulSoup, Tag
from fastapi import FastAPI
from starlette.testclient import TestClient

from inslussning.practice.access import Principal
from inslussning.services import sessions
from inslussning.web.deps import session_cookie


class Answer:
    """An answer with the page in it."""

    def __init__(self, response: Any) -> None:
        self.response = response
        self.status: int = response.status_code
        self.text: str = response.text if "text" in response.headers.get("content-type", "text") else ""

    @property
    def soup(self) -> BeautifulSoup:
        return BeautifulSoup(self.text, "html.parser")

    @property
    def looks(self) -> str:
        """The page but for the one-time keys of its forms, which no two pages share."""
        return re.sub(r'(name="once" value=)"[^"]*"', r'\1""', self.text)

    @property
    def said(self) -> str:
        """What a person reads, with white space folded."""
        return " ".join(self.soup.get_text(" ").split())

    @property
    def goes_to(self) -> str:
        """Where a change led, by redirect or by htmx's header."""
        return str(self.response.headers.get("location") or self.response.headers.get("HX-Redirect") or "")

    def one(self, selector: str) -> Tag:
        found = self.soup.select(selector)
        assert len(found) == 1, f"{len(found)} of {selector} in {self.said[:400]}"
        return found[0]

    def error_of(self, field: str) -> str:
        """The message shown by a field."""
        return " ".join(self.one(f"#e-{field}").get_text(" ").split())


class SiteClient:
    """A person at the site."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self.http = TestClient(
            app, base_url="http://127.0.0.1:8000", follow_redirects=False, raise_server_exceptions=False
        )
        self.headers: dict[str, str] = {"Sec-Fetch-Site": "same-origin"}

    def signed_in(self, principal: Principal) -> Self:
        with self.app.state.database.transaction() as session:
            token = sessions.open_session(session, principal.user_id, browser="Test", now=self.app.state.clock())
        self.http.cookies.set(session_cookie(self.app.state.settings), token)
        return self

    def as_htmx(self) -> Self:
        self.headers["HX-Request"] = "true"
        return self

    def get(self, path: str, **headers: str) -> Answer:
        return Answer(self.http.get(path, headers=self.headers | headers))

    def post(self, path: str, data: Mapping[str, Any] | None = None, **more: Any) -> Answer:
        return Answer(
            self.http.post(path, data=dict(data or {}), headers=self.headers | more.pop("headers", {}), **more)
        )
