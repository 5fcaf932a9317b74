"""The pages of opening a closed case, and of reviewing it afterwards."""

import datetime as dt
import re

import pytest
from fastapi import FastAPI
from sqlalchemy.orm import Session

from inslussning.app import create_app
from inslussning.config import Settings
from inslussning.db.engine import Database
from inslussning.practice.access import Principal, Role
from inslussning.services import case_people, protection
from tests.clients import SiteClient
from tests.conftest import NOW
from tests.factories.offices import World
from tests.services.test_case_people import a_colleague, again

ASKED = {"kind": "Annat skäl", "reason": "Klienten sitter i receptionen"}
OPENED = {"purpose": "Om det finns ett möte i dag", "confirmed": "1"}


class Clock:
    """The site's own time, to be moved."""

    now = NOW

    def __call__(self) -> dt.datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def moving(settings: Settings, database: Database, clock: Clock) -> FastAPI:
    return create_app(settings, database=database, clock=clock)


@pytest.fixture
def colleague(session: Session, world: World) -> Principal:
    colleague = a_colleague(session, world)
    protection.seal(session, world.coordinator, world.near.id, [world.coordinator.person_id], now=NOW)
    session.commit()
    return colleague


@pytest.fixture(params=["whole page", "htmx"])
def inspector(request: pytest.FixtureRequest, moving: FastAPI, colleague: Principal) -> SiteClient:
    client = SiteClient(moving).signed_in(colleague)
    return client.as_htmx() if request.param == "htmx" else client


def opened(client: SiteClient) -> str:
    """Make both choices; return where that leads."""
    found = client.post("/openings", ASKED | {"code": "K-101"}).goes_to
    return client.post(found, OPENED).goes_to


def _without_keys(text: str, code: str) -> str:
    """The page without what was typed and without the form's one-time key, which no two pages share."""
    return re.sub(r'value="[\w-]{22}"', "", text.replace(code, ""))


class TestTheTwoChoices:
    def test_lead_to_the_case_with_a_banner_on_every_page(self, inspector: SiteClient, world: World) -> None:
        assert inspector.get(f"/cases/{world.near.id}").status == 404
        assert opened(inspector) == f"/cases/{world.near.id}"
        for path in (f"/cases/{world.near.id}", f"/schedules/{world.near.id}", "/openings"):
            answer = inspector.get(path)
            assert answer.status == 200
            assert "Du har öppnat ett stängt ärende, till 11.00. 120 minuter kvar." in answer.said

    def test_the_first_tells_whom_to_ring_and_nothing_of_the_case(self, inspector: SiteClient, world: World) -> None:
        answer = inspector.post("/openings", ASKED | {"code": "K-101"})
        said = inspector.get(answer.goes_to).said
        assert "K-101 finns och är stängt" in said
        assert world.probation.title in said
        assert world.social.title not in said

    def test_a_code_nobody_has_and_one_that_is_kept_from_oneself_are_answered_alike(
        self, inspector: SiteClient, world: World, colleague: Principal, session: Session
    ) -> None:
        own = again(session, world, world.coordinator)
        case_people.exclude(session, own, world.near.id, colleague.person_id, reason="Släkt", now=NOW)
        session.commit()
        absent = inspector.post("/openings", ASKED | {"code": "K-999"})
        kept = inspector.post("/openings", ASKED | {"code": "K-101"})
        assert absent.status == kept.status == 422
        assert _without_keys(absent.text, "K-999") == _without_keys(kept.text, "K-101")

    def test_what_was_typed_stays(self, inspector: SiteClient) -> None:
        answer = inspector.post("/openings", {"code": "K-101", "kind": "", "reason": "Klienten väntar"})
        assert answer.status == 422
        assert answer.one("#f-reason")["value"] == "Klienten väntar"
        assert "Välj ett skäl" in answer.error_of("kind")

    def test_the_second_must_be_confirmed(self, inspector: SiteClient, world: World) -> None:
        found = inspector.post("/openings", ASKED | {"code": "K-101"}).goes_to
        answer = inspector.post(found, {"purpose": "Ett möte"})
        assert answer.status == 422
        assert "Bekräfta" in answer.error_of("confirmed")
        assert inspector.get(f"/cases/{world.near.id}").status == 404

    def test_a_case_one_may_read_is_shown(self, inspector: SiteClient, world: World) -> None:
        assert inspector.post("/openings", ASKED | {"code": "k102"}).goes_to == f"/cases/{world.far.id}"

    def test_too_many_codes_are_slowed_down(self, inspector: SiteClient) -> None:
        for number in range(5):
            inspector.post("/openings", ASKED | {"code": f"K-9{number}"})
        assert inspector.post("/openings", ASKED | {"code": "K-101"}).status == 429

    def test_the_case_closes_when_the_hours_are_over(self, inspector: SiteClient, world: World, clock: Clock) -> None:
        opened(inspector)
        clock.now = NOW + dt.timedelta(hours=2)
        assert inspector.get(f"/cases/{world.near.id}").status == 404
        assert "Du har öppnat" not in inspector.get("/openings").said

    def test_it_is_ended_early(self, inspector: SiteClient, world: World) -> None:
        opened(inspector)
        form = inspector.get("/openings").one("form[action$='/end']")
        assert inspector.post(str(form["action"])).goes_to == "/openings"
        assert inspector.get(f"/cases/{world.near.id}").status == 404

    def test_who_has_opened_a_case_cannot_change_who_may_see_it(self, inspector: SiteClient, world: World) -> None:
        opened(inspector)
        page = inspector.get(f"/cases/{world.near.id}/people")
        assert "Du läser ärendet med en nödöppning" in page.said
        assert not page.soup.select("form[action*='/people']")

    def test_a_proof_that_is_old_is_asked_for_again(self, inspector: SiteClient, clock: Clock) -> None:
        clock.now = NOW + dt.timedelta(hours=1)
        found = inspector.post("/openings", ASKED | {"code": "K-101"}).goes_to
        answer = inspector.post(found, OPENED)
        assert "/account/confirm" in answer.goes_to or answer.status == 403


class TestAfterwards:
    def test_the_cases_own_people_read_of_it_on_their_first_page(self, inspector: SiteClient, world: World) -> None:
        opened(inspector)
        own = SiteClient(inspector.app).signed_in(world.coordinator)
        assert "Ett ärende har nödöppnats K-101 av Olle Kollega" in own.get("/").said
        assert "Öppnat av Olle Kollega" in own.get(f"/cases/{world.near.id}").said

    def test_a_reviewer_reads_why_and_what_was_read_and_says_what_it_came_to(
        self, inspector: SiteClient, world: World, session: Session, clock: Clock
    ) -> None:
        reviewer = a_colleague(session, world, role=Role.REVIEWER, email="granskare@bjorkstad.example")
        session.commit()
        inspector.get(opened(inspector))
        clock.now = NOW + dt.timedelta(minutes=5)
        theirs = SiteClient(inspector.app).signed_in(reviewer)
        listed = theirs.get("/openings/review")
        assert "K-101" in listed.said
        path = str(listed.one("tbody a")["href"])
        page = theirs.get(path)
        assert "Klienten sitter i receptionen" in page.said
        assert "Om det finns ett möte i dag" in page.said
        assert "Visade" in page.said
        refused = theirs.post(path, {"note": " "})
        assert refused.status == 422
        assert theirs.post(path, {"note": "Befogat."}).goes_to == "/openings/review"
        assert "Inget att granska" in theirs.get("/openings/review").said
        assert "Befogat." in theirs.get(path).said
        assert "K-101" in theirs.get("/openings/review?done=true").said

    def test_nobody_else_has_the_queue(self, inspector: SiteClient) -> None:
        assert inspector.get("/openings/review").status == 403


class TestTheOfficesOwnReasons:
    def test_are_changed_line_by_line(self, either: SiteClient) -> None:
        either.post("/settings/opening-reasons", {"body": "Brådskande\n\n  Efter beslut av chef "})
        options = either.get("/openings").soup.select("#f-kind option")
        assert [one.get_text() for one in options] == ["Välj", "Brådskande", "Efter beslut av chef"]

    @pytest.mark.parametrize("body", ["", "x" * 121])
    def test_are_some_and_short(self, either: SiteClient, body: str) -> None:
        answer = either.post("/settings/opening-reasons", {"body": body})
        assert answer.status == 422
        assert answer.error_of("body")
