"""What holds for every answer and every request, whatever the page."""

import logging
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from sqlalchemy.orm import Session
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse

from inslussning.app import create_app
from inslussning.config import Settings
from inslussning.db.engine import Database
from inslussning.web.security import HEADERS, MOST_BYTES, is_cross_site
from tests.clients import Answer, SiteClient
from tests.conftest import NOW, QueryCounter
from tests.factories.offices import World

WRITES = ("INSERT", "UPDATE", "DELETE", "LOCK")


@pytest.fixture
def breaking(app: FastAPI) -> Iterator[FastAPI]:
    """The site with a page that breaks."""

    @app.get("/breaks")
    def breaks() -> PlainTextResponse:
        raise RuntimeError("hemlig detalj")

    logging.disable(logging.CRITICAL)
    yield app
    logging.disable(logging.NOTSET)


def every_kind_of_answer(client: SiteClient) -> list[Answer]:
    return [
        client.get("/actors"),
        client.get("/sign-in"),
        client.post("/settings/needs", {"name": "Husdjur"}),
        client.post("/settings/needs", {"name": ""}),
        client.get("/finns-inte"),
        client.get("/actors/inget-id"),
        client.post("/actors"),
        client.get("/static/app.css"),
        client.get("/static/vendor/htmx-4.0.1.min.js"),
        client.get("/static/finns-inte.css"),
        client.get("/livez"),
        client.get("/actors", Host="evil.example"),
        client.post("/actors/new", headers={"Sec-Fetch-Site": "cross-site"}),
        client.post("/settings/needs", {"name": "x" * (MOST_BYTES + 1)}),
        client.get("/breaks"),
        SiteClient(client.app).get("/actors"),
    ]


class TestHeaders:
    @pytest.mark.usefixtures("breaking")
    def test_every_answer_carries_them_errors_and_files_too(self, client: SiteClient) -> None:
        answers = every_kind_of_answer(client)
        assert {a.status for a in answers} == {200, 303, 400, 403, 404, 405, 413, 422, 500}
        lacking = [(a.status, name) for a in answers for name in HEADERS if name not in a.response.headers]
        assert lacking == []

    @pytest.mark.usefixtures("breaking")
    def test_no_page_may_be_kept_by_anybody(self, client: SiteClient) -> None:
        for answer in every_kind_of_answer(client):
            if "/static/" not in str(answer.response.url) or answer.status != 200:
                assert answer.response.headers["cache-control"] == "no-store"

    def test_files_may_be_kept_those_with_a_version_for_ever(self, client: SiteClient) -> None:
        assert client.get("/static/app.css").response.headers["cache-control"] == "public, max-age=300"
        assert "immutable" in client.get("/static/vendor/htmx-4.0.1.min.js").response.headers["cache-control"]

    def test_the_policy_allows_nothing_inline_and_nothing_from_outside(self) -> None:
        policy = HEADERS["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'")
        assert not any(loose in policy for loose in ("unsafe", "http", "*", "blob:"))

    @pytest.mark.parametrize(("base_url", "sent"), [("https://inslussning.example", True), ("http://127.0.0.1", False)])
    def test_browsers_are_told_to_stay_with_tls_where_there_is_tls(
        self, settings: Settings, database: Database, base_url: str, *, sent: bool
    ) -> None:
        site = create_app(settings.model_copy(update={"base_url": base_url}), database=database, clock=lambda: NOW)
        headers = SiteClient(site).get("/livez").response.headers
        assert ("strict-transport-security" in headers) is sent

    def test_a_page_that_htmx_and_people_get_differently_says_so(self, client: SiteClient) -> None:
        assert "HX-Request" in client.get("/actors").response.headers["vary"]

    def test_nothing_tells_what_runs_here(self, client: SiteClient) -> None:
        for path in ("/docs", "/redoc", "/openapi.json"):
            assert client.get(path).status == 404
        assert not {"server", "x-powered-by"} & set(client.get("/actors").response.headers)


class TestErrors:
    def test_a_page_that_breaks_says_sorry_and_nothing_of_why(self, breaking: FastAPI) -> None:
        answer = SiteClient(breaking).get("/breaks")
        assert answer.status == 500
        assert "Referensnummer" in answer.said
        assert "hemlig detalj" not in answer.text
        assert "Traceback" not in answer.text

    def test_what_went_wrong_is_in_the_log_under_the_same_number(
        self, app: FastAPI, caplog: pytest.LogCaptureFixture
    ) -> None:
        @app.get("/breaks")
        def breaks() -> PlainTextResponse:
            raise RuntimeError("hemlig detalj")

        said = SiteClient(app).get("/breaks").said
        assert any(record.args and str(record.args[0]) in said for record in caplog.records)  # type: ignore[index]

    @pytest.mark.usefixtures("breaking")
    def test_htmx_gets_a_part_and_not_a_page(self, client: SiteClient) -> None:
        client.as_htmx()
        for path in ("/breaks", "/finns-inte"):
            assert "<html" not in client.get(path).text


class TestCrossSite:
    @pytest.mark.parametrize(
        "headers",
        [
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Sec-Fetch-Site": ""},
            {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:8000"},
            {"Sec-Fetch-Site": "same-site", "Host": "127.0.0.1"},
        ],
    )
    def test_a_write_from_another_site_is_stopped(
        self, client: SiteClient, world: World, session: Session, headers: dict[str, str]
    ) -> None:
        answer = client.post("/settings/office", {"name": "Kapat", "timezone": "Europe/Stockholm"}, headers=headers)
        session.refresh(world.office)
        assert answer.status == 403
        assert world.office.name == "Frivården Björkstad"

    @pytest.mark.parametrize(
        "origin", ["https://evil.example", "null", "http://127.0.0.1:9999", "http://127.0.0.1:8000.evil.example"]
    )
    def test_older_browsers_are_known_by_their_origin(self, client: SiteClient, origin: str) -> None:
        del client.headers["Sec-Fetch-Site"]
        assert client.post("/settings/needs", {"name": "Ny"}, headers={"Origin": origin}).status == 403

    @pytest.mark.parametrize(
        "headers",
        [{}, {"origin": "http://127.0.0.1:8000"}, {"sec-fetch-site": "none"}, {"sec-fetch-site": "same-origin"}],
    )
    def test_our_own_pages_and_programs_may_write(self, headers: dict[str, str]) -> None:
        assert not is_cross_site(Headers(headers | {"host": "127.0.0.1:8000"}))

    def test_looking_is_allowed_from_anywhere(self, client: SiteClient) -> None:
        assert client.get("/actors", **{"Sec-Fetch-Site": "cross-site"}).status == 200

    def test_nothing_is_offered_to_other_sites(self, client: SiteClient) -> None:
        answer = client.get("/actors", Origin="https://evil.example")
        assert not [name for name in answer.response.headers if name.startswith("access-control-")]


class TestHosts:
    @pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "127.0.0.1@evil.example"])
    def test_another_hosts_name_is_refused(self, client: SiteClient, host: str) -> None:
        assert client.get("/actors", Host=host).status == 400

    def test_the_named_host_and_the_machine_itself_are_answered(self, settings: Settings, database: Database) -> None:
        named = settings.model_copy(update={"base_url": "https://inslussning.example"})
        client = SiteClient(create_app(named, database=database, clock=lambda: NOW))
        assert [client.get("/livez", Host=host).status for host in ("inslussning.example", "localhost:8000")] == [
            200,
            200,
        ]

    def test_where_one_is_sent_never_depends_on_the_host(self, client: SiteClient) -> None:
        assert client.post("/sign-out", headers={"X-Forwarded-Host": "evil.example"}).goes_to == "/sign-in"


class TestWriting:
    def test_looking_at_any_page_writes_nothing(
        self, client: SiteClient, app: FastAPI, world: World, query_counter: QueryCounter
    ) -> None:
        routes = [c.original_route for c in iter_route_contexts(app.routes)]
        paths = [r.path for r in routes if isinstance(r, APIRoute) and "GET" in (r.methods or ())]
        assert len(paths) > 30
        client.get("/")  # what is compiled and cached once
        keys = (world.near.id, world.social.id, world.office.id)
        with query_counter() as statements:
            for path in sorted(paths):
                for key in keys if "{" in path else keys[:1]:
                    filled = "/".join(str(key) if part.startswith("{") else part for part in path.split("/"))
                    assert client.get(filled).status < 500, filled
        assert [s for s in statements if s.lstrip().upper().startswith(WRITES)] == []

    def test_every_path_a_form_posts_to_refuses_to_be_looked_at_or_has_a_page(
        self, client: SiteClient, app: FastAPI, world: World
    ) -> None:
        routes = [r for c in iter_route_contexts(app.routes) if isinstance(r := c.original_route, APIRoute)]
        readable = {r.path for r in routes if "GET" in (r.methods or ())}
        writing = {r.path for r in routes if "POST" in (r.methods or ())} - readable
        assert len(writing) > 20
        for path in sorted(writing):
            filled = "/".join(str(world.near.id) if part.startswith("{") else part for part in path.split("/"))
            assert client.get(filled).status in {404, 405}, path
