"""The client's page on an own telephone, and the page that gives out the code."""

import datetime as dt

import pytest
from fastapi import FastAPI
from sqlalchemy.orm import Session

from inslussning.models import Client
from inslussning.services import client_access, schedules
from tests.clients import SiteClient
from tests.conftest import NOW
from tests.factories.bookings import a_booking
from tests.factories.offices import World

BORN = "1990-05-17"


@pytest.fixture
def handed_over(session: Session, world: World) -> World:
    session.get_one(Client, world.near.client_id).birth_date = BORN
    a_booking(session, world, now=NOW)
    schedules.hand_over(session, world.coordinator, world.near.id, now=NOW)
    session.commit()
    return world


@pytest.fixture
def code(session: Session, handed_over: World) -> str:
    made = client_access.make_code(session, handed_over.coordinator, handed_over.near.id, now=NOW).shown
    session.commit()
    return made


class TestTheCoordinator:
    def test_the_code_is_shown_once_with_the_address(self, client: SiteClient, handed_over: World) -> None:
        shown = client.post(f"/schedules/{handed_over.near.id}/code")
        assert shown.status == 200
        assert "http://127.0.0.1:8000/my" in shown.said
        assert len(shown.one(".code-big").get_text()) == 11

    def test_what_is_missing_is_said(self, client: SiteClient, world: World) -> None:
        refused = client.post(f"/schedules/{world.near.id}/code")
        assert refused.status == 422
        assert "födelsedatum" in refused.said

    def test_the_schedule_page_counts_telephones_and_ends_them(
        self, client: SiteClient, anonymous: SiteClient, handed_over: World, code: str
    ) -> None:
        anonymous.post("/my", {"code": code, "born": BORN})
        page = f"/schedules/{handed_over.near.id}"
        assert "En mobil visar schemat" in client.get(page).said
        client.post(f"{page}/end-access")
        assert "En mobil visar schemat" not in client.get(page).said
        assert anonymous.get("/my/schedule").goes_to == "/my"


class TestTheClient:
    def test_the_code_leads_to_the_schedule(self, anonymous: SiteClient, code: str) -> None:
        assert anonymous.post("/my", {"code": code.lower(), "born": "19900517"}).goes_to == "/my/schedule"
        shown = anonymous.get("/my/schedule")
        assert "Vi pratar om pengar" in shown.said

    def test_without_a_code_there_is_only_the_question(self, anonymous: SiteClient) -> None:
        assert anonymous.get("/my/schedule").goes_to == "/my"
        assert "Ditt schema" in anonymous.get("/my").said

    @pytest.mark.parametrize("born", ["1991-05-17", "i maj", ""])
    def test_a_wrong_day_is_answered_plainly_and_keeps_the_code(
        self, anonymous: SiteClient, code: str, born: str
    ) -> None:
        refused = anonymous.post("/my", {"code": code, "born": born})
        assert refused.status == 422
        assert refused.one("#f-code")["value"] == code

    def test_the_telephone_can_be_told_to_forget(self, anonymous: SiteClient, code: str) -> None:
        anonymous.post("/my", {"code": code, "born": BORN})
        left = anonymous.post("/my/leave")
        assert left.goes_to == "/my"
        assert "storage" in left.response.headers["Clear-Site-Data"]
        assert anonymous.get("/my/schedule").goes_to == "/my"

    def test_it_opens_nothing_else(self, anonymous: SiteClient, handed_over: World, code: str) -> None:
        anonymous.post("/my", {"code": code, "born": BORN})
        for path in ("/", "/cases", f"/cases/{handed_over.near.id}", f"/schedules/{handed_over.near.id}"):
            assert anonymous.get(path).goes_to.startswith("/sign-in")

    def test_the_page_holds_nothing_in_caches(self, anonymous: SiteClient, code: str) -> None:
        anonymous.post("/my", {"code": code, "born": BORN})
        assert anonymous.get("/my/schedule").response.headers["Cache-Control"] == "no-store"

    def test_later_changes_show_when_they_are_handed_over(
        self, app: FastAPI, session: Session, anonymous: SiteClient, handed_over: World, code: str
    ) -> None:
        anonymous.post("/my", {"code": code, "born": BORN})
        a_booking(session, handed_over, now=NOW, actor=handed_over.employment)
        session.commit()
        assert "Version 1" in anonymous.get("/my/schedule").said
        schedules.hand_over(session, handed_over.coordinator, handed_over.near.id, now=NOW + dt.timedelta(hours=1))
        session.commit()
        assert "Version 2" in anonymous.get("/my/schedule").said
        assert app is anonymous.app
