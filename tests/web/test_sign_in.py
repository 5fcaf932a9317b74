"""Signing in and out, and the account's own page."""

from http.cookies import SimpleCookie
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from inslussning.app import create_app
from inslussning.config import Settings
from inslussning.db.engine import Database
from inslussning.models import User, UserSession
from inslussning.services import sessions
from tests.clients import Answer, SiteClient
from tests.conftest import NOW
from tests.factories.offices import PASSWORD, World

EMAIL = "samordnare@bjorkstad.example"
RIGHT = {"email": EMAIL, "password": PASSWORD}
ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example",
    "https:evil.example",
    "http:/evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "@evil.example",
    " //evil.example",
    "\t//evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\nLocation: https://evil.example",
    "/ /evil.example",
    "/\x00/evil.example",
    "/cases\\@evil.example",
    "/åäö",
    "",
    "\ud800",
]


def cookies_of(answer: Answer) -> SimpleCookie:
    jar: SimpleCookie = SimpleCookie()
    for line in answer.response.headers.get_list("set-cookie"):
        jar.load(line)
    return jar


@pytest.mark.usefixtures("world")
class TestSigningIn:
    def test_the_right_password_leads_in(self, anonymous: SiteClient) -> None:
        assert anonymous.post("/sign-in", RIGHT).goes_to == "/"
        assert anonymous.get("/actions").status == 200

    def test_it_works_with_htmx(self, anonymous: SiteClient) -> None:
        assert anonymous.as_htmx().post("/sign-in", RIGHT).goes_to == "/"

    def test_a_wrong_password_and_an_unknown_address_look_the_same(self, anonymous: SiteClient) -> None:
        wrong = anonymous.post("/sign-in", {"email": EMAIL, "password": "fel lösenord här"})
        unknown = anonymous.post("/sign-in", {"email": "ingen@bjorkstad.example", "password": "fel lösenord här"})
        assert wrong.status == unknown.status == 422
        assert wrong.looks.replace(EMAIL, "") == unknown.looks.replace("ingen@bjorkstad.example", "")

    def test_the_address_is_kept_and_the_password_is_not(self, anonymous: SiteClient) -> None:
        answer = anonymous.post("/sign-in", {"email": EMAIL, "password": "fel lösenord här"})
        assert answer.one("#f-email")["value"] == EMAIL
        assert "fel lösenord här" not in answer.text

    @pytest.mark.parametrize("missing", ["email", "password"])
    def test_an_empty_box_is_said_by_the_box(self, anonymous: SiteClient, missing: str) -> None:
        answer = anonymous.post("/sign-in", RIGHT | {missing: ""})
        assert answer.status == 422
        assert answer.error_of(missing)

    @pytest.mark.parametrize(
        "typed",
        [
            {"email": "x" * 300, "password": "y"},
            {"email": "a@b", "password": "y" * 2_000},
            {"email": b"\xff\xfe", "password": b"\xed\xa0\x80"},
            {"email": "\0", "password": "\0"},
        ],
    )
    def test_junk_is_refused_as_any_other_mistake(self, anonymous: SiteClient, typed: dict[str, str | bytes]) -> None:
        assert anonymous.post("/sign-in", typed).status == 422

    def test_guessing_is_slowed_down_and_says_so(self, anonymous: SiteClient, database: Database) -> None:
        with database.transaction() as session:
            for _ in range(sessions.FAILURES_PER_PAIR):
                sessions.count_failure(session, EMAIL, "testclient", now=NOW)
        answer = anonymous.post("/sign-in", RIGHT)
        assert answer.status == 429
        assert "Vänta fem minuter" in answer.said

    def test_a_token_from_before_is_not_taken_over(self, anonymous: SiteClient, session: Session) -> None:
        anonymous.http.cookies.set("inslussning_session", "planterad-av-nagon-annan")
        token = cookies_of(anonymous.post("/sign-in", RIGHT))["inslussning_session"].value
        assert token != "planterad-av-nagon-annan"
        assert len(session.scalars(select(UserSession)).all()) == 1

    def test_the_demos_sign_ins_are_shown_in_the_demo_alone(
        self, anonymous: SiteClient, settings: Settings, database: Database
    ) -> None:
        demo = SiteClient(create_app(settings.model_copy(update={"demo": True}), database=database, clock=lambda: NOW))
        assert "demo.example" in demo.get("/sign-in").said
        assert "demo.example" not in anonymous.get("/sign-in").said


@pytest.mark.usefixtures("world")
class TestWhereItLeads:
    def test_back_to_the_page_one_wanted(self, anonymous: SiteClient) -> None:
        wanted = anonymous.get("/actions")
        assert wanted.goes_to == "/sign-in?next=/actions"
        form = anonymous.get(wanted.goes_to)
        assert form.one("input[name=next]")["value"] == "/actions"
        assert anonymous.post("/sign-in", RIGHT | {"next": "/actions"}).goes_to == "/actions"

    @pytest.mark.parametrize("target", ELSEWHERE)
    def test_never_to_another_site(self, anonymous: SiteClient, target: str) -> None:
        typed = {"next": target.encode("utf-8", "surrogatepass")}
        assert anonymous.post("/sign-in", RIGHT | typed).goes_to == "/"

    @pytest.mark.parametrize("target", ELSEWHERE)
    def test_the_form_does_not_carry_another_site_either(self, anonymous: SiteClient, target: str) -> None:
        page = anonymous.get(f"/sign-in?next={quote(target.encode('utf-8', 'surrogatepass'))}")
        assert page.one("input[name=next]")["value"] == "/"

    def test_of_two_targets_neither_leads_away(self, anonymous: SiteClient) -> None:
        page = anonymous.get("/sign-in?next=/cases&next=//evil.example")
        assert page.one("input[name=next]")["value"] in {"/", "/cases"}

    def test_an_address_cannot_add_a_target_of_its_own(self, anonymous: SiteClient) -> None:
        answer = anonymous.get("/actions?when=all&next=//evil.example")
        assert anonymous.get(answer.goes_to).one("input[name=next]")["value"] == "/actions?when=all&next=//evil.example"

    def test_a_refused_form_leads_to_the_start_not_to_itself(self, anonymous: SiteClient) -> None:
        assert anonymous.post("/actors/new", {"function": "x"}).goes_to.removesuffix("?next=/") == "/sign-in"

    def test_htmx_is_told_by_header(self, anonymous: SiteClient) -> None:
        answer = anonymous.as_htmx().get("/actors")
        assert answer.status == 401
        assert answer.goes_to.startswith("/sign-in")


class TestTheCookie:
    @pytest.mark.usefixtures("world")
    def test_it_is_out_of_reach_of_scripts_and_other_sites(self, anonymous: SiteClient) -> None:
        cookie = cookies_of(anonymous.post("/sign-in", RIGHT))["inslussning_session"]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "lax", "/")
        assert (cookie["secure"], cookie["domain"], cookie["max-age"]) == ("", "", "")

    @pytest.mark.usefixtures("world")
    def test_over_tls_it_is_secure_and_bound_to_the_host(self, settings: Settings, database: Database) -> None:
        tls = settings.model_copy(update={"base_url": "https://127.0.0.1:8000"})
        client = SiteClient(create_app(tls, database=database, clock=lambda: NOW))
        cookie = cookies_of(client.post("/sign-in", RIGHT))["__Host-inslussning_session"]
        assert (cookie["secure"], cookie["httponly"], cookie["path"], cookie["domain"]) == (True, True, "/", "")


class TestSigningOut:
    def test_it_ends_the_session_and_empties_the_browser(self, client: SiteClient) -> None:
        answer = client.post("/sign-out")
        assert answer.goes_to == "/sign-in"
        assert answer.response.headers["clear-site-data"] == '"cache", "storage"'
        assert cookies_of(answer)["inslussning_session"].value == ""
        assert client.get("/actors").goes_to.startswith("/sign-in")

    def test_the_token_is_worth_nothing_afterwards(self, client: SiteClient, app: FastAPI) -> None:
        token = client.http.cookies["inslussning_session"]
        client.post("/sign-out")
        other = SiteClient(app)
        other.http.cookies.set("inslussning_session", token)
        assert other.get("/actors").goes_to.startswith("/sign-in")

    def test_everywhere_ends_the_other_browsers_too(self, client: SiteClient, app: FastAPI, world: World) -> None:
        other = SiteClient(app).signed_in(world.coordinator)
        assert other.get("/actors").status == 200
        assert client.post("/sign-out-everywhere").response.headers["clear-site-data"]
        assert other.get("/actors").goes_to.startswith("/sign-in")

    @pytest.mark.parametrize("path", ["/sign-out", "/sign-out-everywhere"])
    def test_a_link_cannot_sign_anyone_out(self, client: SiteClient, path: str) -> None:
        assert client.get(path).status == 405
        assert client.get("/actors").status == 200


class TestTheAccount:
    def test_it_lists_ones_own_sessions(self, client: SiteClient, app: FastAPI, world: World) -> None:
        SiteClient(app).signed_in(world.coordinator)
        assert client.get("/account").said.count("senast använd") == 2

    def test_language_and_appearance_are_saved_and_used(self, client: SiteClient) -> None:
        client.post("/account/preferences", {"language": "en", "appearance": "dark"})
        page = client.get("/account")
        assert page.one("html")["lang"] == "en"
        assert page.one("html")["data-color-scheme"] == "dark"

    @pytest.mark.parametrize("typed", [{}, {"language": "xx", "appearance": "dark"}, {"language": "sv"}])
    def test_no_other_language_or_appearance_can_be_saved(
        self, client: SiteClient, session: Session, typed: dict[str, str]
    ) -> None:
        assert client.post("/account/preferences", typed).status == 422
        assert session.scalars(select(User.language)).one() == "sv"

    def test_the_password_can_be_changed(self, client: SiteClient, anonymous: SiteClient) -> None:
        client.post("/account/password", {"current": PASSWORD, "password": "fyra nya ord i följd"})
        assert client.get("/account").status == 200
        assert anonymous.post("/sign-in", RIGHT).status == 422
        assert anonymous.post("/sign-in", RIGHT | {"password": "fyra nya ord i följd"}).goes_to == "/"

    @pytest.mark.parametrize(
        ("field", "typed"),
        [
            ("current", {"current": "fel", "password": "fyra nya ord i följd"}),
            ("current", {"current": "", "password": "fyra nya ord i följd"}),
            ("password", {"current": PASSWORD, "password": "kort"}),
        ],
    )
    def test_what_is_wrong_with_a_password_is_said_and_the_password_is_not(
        self, client: SiteClient, field: str, typed: dict[str, str]
    ) -> None:
        answer = client.post("/account/password", typed)
        assert answer.status == 422
        assert answer.error_of(field)
        assert "fyra nya ord" not in answer.text

    @pytest.mark.usefixtures("world")
    def test_nobody_else_has_one(self, anonymous: SiteClient) -> None:
        assert anonymous.get("/account").goes_to.startswith("/sign-in")
