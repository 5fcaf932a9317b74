"""The second step, adding one, proving again before what is sensitive, and one's own list of sessions, as pages."""

import datetime as dt
import re
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from fastapi import APIRouter, FastAPI
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from inslussning.models import User, UserSession
from inslussning.practice.access import Principal
from inslussning.web.deps import FormDep, SignedIn, StepUp
from tests.clients import SiteClient
from tests.conftest import NOW, TODAY
from tests.factories.offices import PASSWORD, World, a_partner, an_office
from tests.factories.sign_in import a_code_app, code_at, demand, pending_code

EMAIL = "samordnare@bjorkstad.example"
RIGHT = {"email": EMAIL, "password": PASSWORD}


@pytest.fixture
def paper(session: Session, world: World) -> list[str]:
    codes = a_code_app(session, world.coordinator, now=NOW)
    session.commit()
    return codes


def grow_stale(session: Session) -> None:
    """Let twenty minutes have passed since anybody proved who they are."""
    session.execute(update(UserSession).values(proved_at=NOW - dt.timedelta(minutes=20)))
    session.commit()


class TestTheSecondStep:
    def test_the_password_alone_opens_nothing(self, anonymous: SiteClient, paper: list[str]) -> None:
        assert paper
        assert anonymous.post("/sign-in", RIGHT | {"next": "/actions"}).goes_to == "/sign-in/second?next=/actions"
        assert "inslussning_session" not in anonymous.http.cookies
        assert anonymous.get("/actions").goes_to.startswith("/sign-in")

    def test_the_code_leads_on_to_where_one_was_going(
        self, anonymous: SiteClient, session: Session, coordinator: Principal, paper: list[str]
    ) -> None:
        assert paper
        asked = anonymous.get(anonymous.post("/sign-in", RIGHT | {"next": "/actions"}).goes_to)
        typed = {"code": code_at(session, coordinator, NOW), "next": asked.one("input[name=next]")["value"]}
        assert anonymous.post("/sign-in/second", typed).goes_to == "/actions"
        assert anonymous.get("/actions").status == 200

    def test_a_wrong_code_is_said_by_the_box(self, anonymous: SiteClient, paper: list[str]) -> None:
        assert paper
        anonymous.post("/sign-in", RIGHT)
        answer = anonymous.post("/sign-in/second", {"code": "000000", "next": "/actions"})
        assert answer.status == 422
        assert answer.error_of("code")
        assert answer.one("input[name=next]")["value"] == "/actions"

    def test_without_the_password_there_is_no_second_step(self, anonymous: SiteClient, paper: list[str]) -> None:
        assert anonymous.get("/sign-in/second").goes_to == "/sign-in"
        assert anonymous.post("/sign-in/second", {"code": paper[0]}).goes_to == "/sign-in"

    def test_a_code_on_paper_will_do(self, anonymous: SiteClient, paper: list[str]) -> None:
        anonymous.post("/sign-in", RIGHT)
        assert anonymous.post("/sign-in/second", {"code": paper[3]}).goes_to == "/"


class TestAddingAnApp:
    def test_from_the_square_code_to_the_paper(
        self, client: SiteClient, session: Session, coordinator: Principal
    ) -> None:
        assert client.post("/account/second-factor/app").goes_to == "/account/second-factor/app"
        page = client.get("/account/second-factor/app")
        key = page.one("code.key").get_text().replace(" ", "")
        assert re.fullmatch("[A-Z2-7]{32}", key)
        assert page.one("[role=img] svg")
        assert not page.soup.select("[style]")
        done = client.post("/account/second-factor/app/confirm", {"code": pending_code(session, coordinator, NOW)})
        assert len(done.soup.select(".paper-codes li")) == 10
        assert "10 oanvända koder" in client.get("/account/second-factor").said

    def test_a_wrong_code_shows_the_same_square_again(self, client: SiteClient) -> None:
        client.post("/account/second-factor/app")
        before = client.get("/account/second-factor/app").one("code.key").get_text()
        answer = client.post("/account/second-factor/app/confirm", {"code": "000000"})
        assert answer.error_of("code")
        assert answer.one("code.key").get_text() == before

    def test_the_secret_is_shown_no_more_once_it_is_in_use(self, paper: list[str], client: SiteClient) -> None:
        assert paper
        assert client.get("/account/second-factor/app").goes_to == "/account/second-factor"

    def test_who_must_add_one_gets_nowhere_else(
        self, anonymous: SiteClient, session: Session, coordinator: Principal
    ) -> None:
        demand(session, coordinator, since=TODAY)
        session.commit()
        assert anonymous.post("/sign-in", RIGHT).goes_to == "/"
        for path in ("/", "/cases", "/account", "/settings/colleagues"):
            assert anonymous.get(path).goes_to == "/account/second-factor"
        assert anonymous.post("/cases/new", {}).goes_to == "/account/second-factor"
        anonymous.post("/account/second-factor/app")
        anonymous.post("/account/second-factor/app/confirm", {"code": pending_code(session, coordinator, NOW)})
        assert anonymous.get("/account").status == 200

    @pytest.mark.parametrize("path", ["app", "app/remove", "codes"])
    def test_changing_it_takes_a_fresh_proof(
        self, paper: list[str], client: SiteClient, session: Session, path: str
    ) -> None:
        assert paper
        grow_stale(session)
        answer = client.post(f"/account/second-factor/{path}")
        assert answer.status == 403
        assert "Bekräfta att det är du" in answer.said


@pytest.fixture
def guarded(app: FastAPI) -> None:
    """A page and a form that take a fresh proof."""
    router = APIRouter()

    @router.get("/guarded")
    def show(_: SignedIn, _proof: StepUp) -> str:
        return "öppet"

    @router.post("/guarded")
    def change(_: SignedIn, _proof: StepUp, data: FormDep) -> list[str]:
        return [str(text) for name, text in data.multi_items() if name in {"reason", "pick"}]

    app.include_router(router)


@pytest.mark.usefixtures("guarded")
class TestProvingAgain:
    def test_a_fresh_sign_in_is_proof_enough(self, client: SiteClient) -> None:
        assert client.get("/guarded").status == 200

    def test_a_page_asks_and_comes_back(self, client: SiteClient, session: Session) -> None:
        grow_stale(session)
        asked = client.get("/guarded?a=1")
        assert asked.goes_to == "/account/confirm?next=/guarded%3Fa%3D1"
        form = client.get(asked.goes_to)
        typed = {"proof_password": PASSWORD, "proof_next": form.one("input[name=proof_next]")["value"]}
        back = client.post("/account/confirm", typed)
        assert back.goes_to == "/guarded?a=1"
        client.http.cookies.clear()
        client.http.cookies.set("inslussning_session", back.response.cookies["inslussning_session"])
        assert client.get("/guarded").status == 200

    def test_what_was_typed_in_a_form_is_posted_again(self, client: SiteClient, session: Session) -> None:
        grow_stale(session)
        body = urlencode([("reason", "rad ett\nrad <två>"), ("pick", "a"), ("pick", "b")])
        kind = {"content-type": "application/x-www-form-urlencoded"}
        asked = client.post("/guarded", headers=kind, content=body)
        assert asked.status == 403
        fields = [(str(one["name"]), str(one.get("value", ""))) for one in asked.soup.select("main form input")]
        wrong = client.post("/account/confirm", headers=kind, content=urlencode(fields))
        assert wrong.error_of("proof_password")
        fields = [(str(one["name"]), str(one.get("value", ""))) for one in wrong.soup.select("main form input")]
        fields = [(name, PASSWORD if name == "proof_password" else text) for name, text in fields]
        onward = client.post("/account/confirm", headers=kind, content=urlencode(fields))
        assert (onward.status, onward.goes_to) == (307, "/guarded")
        client.http.cookies.clear()
        client.http.cookies.set("inslussning_session", onward.response.cookies["inslussning_session"])
        again = client.post("/guarded", headers=kind, content=urlencode(fields))
        assert again.response.json() == ["rad ett\nrad <två>", "a", "b"]

    def test_htmx_is_sent_to_the_page_and_back_to_where_it_was(self, client: SiteClient, session: Session) -> None:
        grow_stale(session)
        answer = client.as_htmx().post("/guarded", headers={"HX-Current-URL": "http://127.0.0.1:8000/cases?x=1"})
        assert answer.goes_to == "/account/confirm?next=/cases%3Fx%3D1"

    @pytest.mark.parametrize("field", ["proof_next", "proof_again"])
    @pytest.mark.parametrize(
        "target", ["//evil.example", "https://evil.example", "/\\evil.example", "\t//evil.example"]
    )
    def test_it_never_leads_to_another_site(
        self, client: SiteClient, session: Session, field: str, target: str
    ) -> None:
        grow_stale(session)
        assert client.post("/account/confirm", {"proof_password": PASSWORD, field: target}).goes_to == "/"

    def test_wrong_passwords_are_counted_with_those_of_signing_in(self, client: SiteClient, session: Session) -> None:
        grow_stale(session)
        for _ in range(10):
            client.post("/account/confirm", {"proof_password": "fel"})
        assert client.post("/account/confirm", {"proof_password": PASSWORD}).status == 429


class TestOnesOwnSessions:
    def test_one_can_be_ended(self, client: SiteClient, app: FastAPI, world: World) -> None:
        other = SiteClient(app).signed_in(world.coordinator)
        (form,) = client.get("/account").soup.select("form[action$='/end']")
        assert client.post(str(form["action"])).goes_to == "/account#sessions"
        assert other.get("/account").goes_to.startswith("/sign-in")
        assert client.get("/account").status == 200

    def test_all_others_can_be_ended(self, client: SiteClient, app: FastAPI, world: World) -> None:
        other = SiteClient(app).signed_in(world.coordinator)
        client.post("/account/sessions/end-others")
        assert other.get("/account").goes_to.startswith("/sign-in")
        assert client.get("/account").status == 200

    def test_ending_this_one_signs_out(self, client: SiteClient, session: Session) -> None:
        key = session.scalars(select(UserSession.id)).one()
        answer = client.post(f"/account/sessions/{key}/end")
        assert answer.goes_to == "/sign-in"
        assert answer.response.headers["clear-site-data"]


class TestAColleaguesSignIn:
    def test_their_sessions_can_be_ended(
        self, client: SiteClient, app: FastAPI, session: Session, world: World
    ) -> None:
        partner = a_partner(session, world, world.social)
        session.commit()
        theirs = SiteClient(app).signed_in(partner)
        assert client.post(f"/settings/colleagues/{partner.user_id}/sign-out").status == 303
        assert theirs.get("/account").goes_to.startswith("/sign-in")

    @pytest.mark.parametrize(
        "act", ["", "/sign-out", "/new-password", "/reset-factor", "/stop", "/let-in", "/identity/remove"]
    )
    def test_another_offices_is_absent(self, client: SiteClient, session: Session, act: str) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ådal", email="a@adal.example")
        session.commit()
        ask = client.post if act else client.get
        foreign, absent = (ask(f"/settings/colleagues/{key}{act}") for key in (other.user_id, uuid4()))
        assert (foreign.status, foreign.text) == (404, absent.text)

    def test_a_link_for_a_new_password_is_sent(self, client: SiteClient, session: Session, world: World) -> None:
        partner = a_partner(session, world, world.social)
        session.commit()
        assert client.post(f"/settings/colleagues/{partner.user_id}/new-password").goes_to == "/settings/colleagues"
        assert "partner@kommun.example" in client.get("/settings/colleagues").one("#waiting-title").parent.get_text()  # type: ignore[union-attr]

    def test_the_rule_of_a_role_is_dated(self, client: SiteClient) -> None:
        typed = {"role": "partner", "required": "yes", "valid_from": "2026-12-01"}
        assert client.post("/settings/second-factor", typed).status == 303
        assert "Krävs från" in client.get("/settings/second-factor").said
        past = client.post("/settings/second-factor", typed | {"valid_from": "2026-11-01"})
        assert past.error_of("valid_from")


class TestJoining:
    def test_from_the_mail_to_the_first_page(
        self, client: SiteClient, anonymous: SiteClient, session: Session, world: World
    ) -> None:
        session.merge(world.office).mail_address = ""
        session.commit()
        typed = {
            "name": "Per Lind",
            "email": "per@kommun.example",
            "role": "partner",
            "organisation_id": str(world.social.organisation_id),
        }
        handed = client.post("/settings/colleagues/invite", typed)
        link = handed.one("main code").get_text().removeprefix("http://127.0.0.1:8000")
        assert "Frivården Björkstad" in anonymous.get(link).said
        short = anonymous.post(link, {"password": "kort"})
        assert short.error_of("password")
        assert anonymous.post(link, {"password": "fyra nya ord i följd"}).goes_to == "/"
        assert anonymous.get("/account").status == 200
        assert anonymous.get(link).status == 404

    def test_a_form_that_cannot_be_used_keeps_what_was_typed(self, client: SiteClient) -> None:
        answer = client.post("/settings/colleagues/invite", {"name": "Per Lind", "email": "per", "role": "partner"})
        assert answer.status == 422
        assert answer.one("#f-name")["value"] == "Per Lind"
        assert answer.error_of("email")

    def test_the_outbox_does_not_show_the_link(self, client: SiteClient, session: Session, world: World) -> None:
        typed = {
            "name": "Per Lind",
            "email": "per@kommun.example",
            "role": "partner",
            "organisation_id": str(world.social.organisation_id),
        }
        assert client.post("/settings/colleagues/invite", typed).status == 303
        (row,) = [a["href"] for a in client.get("/outbox").soup.select("main a[href^='/outbox/']")]
        shown = client.get(str(row))
        assert "/join/…" in shown.text
        assert not re.search(r"/join/[\w-]{8}", shown.text)
        assert session.scalars(select(User.email).where(User.email == "per@kommun.example")).all() == []
