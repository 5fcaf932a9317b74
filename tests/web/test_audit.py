"""Every page that shows something of a case leaves exactly one line in the access log, and no line means no page."""

import inspect
import random
import re
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from bs4 import BeautifulSoup
from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import select
from sqlalchemy.orm import Session

from inslussning.errors import NotFound
from inslussning.models import AuditCase, AuditEntry, Case, Invitation, Meeting
from inslussning.practice.access import Role
from inslussning.practice.audit import FILES, Asker, Event
from inslussning.services import audit_chain, audit_check
from inslussning.services.invitation_mails import answer_address
from tests.clients import Answer, SiteClient
from tests.conftest import AUDIT_KEY, NOW
from tests.factories.actions import a_need, an_action
from tests.factories.bookings import a_booking
from tests.factories.minutes import a_held_meeting
from tests.factories.offices import World, a_partner
from tests.factories.planning import a_video_meeting
from tests.house.test_routes import routes_of


class Log:
    """What the log says since it was last asked."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.seq = 0
        self.new()

    def new(self) -> list[AuditEntry]:
        self.session.expire_all()
        found = list(self.session.scalars(select(AuditEntry).where(AuditEntry.seq > self.seq).order_by(AuditEntry.seq)))
        self.seq = max([self.seq, *(one.seq for one in found)])
        return found

    def cases(self, entry: AuditEntry) -> set[UUID]:
        return set(self.session.scalars(select(AuditCase.case_id).where(AuditCase.seq == entry.seq)))


@pytest.fixture
def log(session: Session, client: SiteClient) -> Log:  # noqa: ARG001 - signing in writes a line of its own, before
    """The log, with what signing in wrote left out."""
    return Log(session)


@pytest.fixture
def busy(session: Session, world: World) -> World:
    """Two cases with something of everything."""
    a_need(session, world, world.near)
    an_action(session, world, now=NOW)
    a_booking(session, world, now=NOW)
    a_held_meeting(session, world, now=NOW, actors=(world.social,))
    a_video_meeting(session, world, now=NOW)
    session.commit()
    return world


class TestPages:
    def test_a_page_of_a_case_is_one_line_with_its_case(self, busy: World, client: SiteClient, log: Log) -> None:
        assert client.get(f"/cases/{busy.near.id}").status == 200
        (entry,) = log.new()
        assert (entry.event, entry.asker, entry.role) == (Event.READ, Asker.USER, Role.COORDINATOR)
        assert (entry.user_id, entry.person_id) == (busy.coordinator.user_id, busy.coordinator.person_id)
        assert entry.session_id is not None
        assert entry.route == "GET /cases/{key}"
        assert entry.objects == str(busy.near.id)
        assert log.cases(entry) == {busy.near.id}

    def test_a_list_is_one_line_with_every_case_it_shows(self, busy: World, client: SiteClient, log: Log) -> None:
        assert client.get("/cases").status == 200
        (entry,) = log.new()
        assert entry.event is Event.LISTED
        assert log.cases(entry) == {busy.near.id, busy.far.id}

    def test_a_change_is_one_line_in_the_same_transaction(self, busy: World, client: SiteClient, log: Log) -> None:
        action = client.get("/actions").soup.select_one("#action-rows a[href^='/actions/']")
        assert action is not None
        log.new()
        answer = client.post(f"{action['href']}/state", {"state": "done"})
        assert answer.status in {303, 200}, answer.said
        (entry,) = log.new()
        assert entry.event is Event.CHANGED
        assert log.cases(entry) == {busy.near.id}

    def test_a_form_that_was_refused_has_read_and_not_changed(self, busy: World, client: SiteClient, log: Log) -> None:
        answer = client.post(f"/cases/{busy.near.id}/edit", {"code": "", "version": "1"})
        assert answer.status == 422
        (entry,) = log.new()
        assert entry.event is Event.READ

    @pytest.mark.usefixtures("busy")
    def test_a_page_without_a_case_is_no_line(self, client: SiteClient, log: Log) -> None:
        assert client.get("/account").status == 200
        assert log.new() == []

    @pytest.mark.usefixtures("busy")
    def test_the_network_is_a_mark_and_no_address(self, client: SiteClient, log: Log) -> None:
        client.get("/cases")
        (entry,) = log.new()
        assert re.fullmatch("[0-9a-f]{16}", entry.network)

    @pytest.mark.parametrize("what", ["pdf", "ics"])
    def test_a_paper_and_a_file_are_called_what_they_are(
        self, busy: World, client: SiteClient, log: Log, what: str
    ) -> None:
        assert client.get(f"/schedules/{busy.near.id}/{what}").status == 200
        (entry,) = log.new()
        assert entry.event is FILES[f"schedules.{what}"]
        assert log.cases(entry) == {busy.near.id}

    def test_without_a_log_there_is_no_page_and_no_change(
        self, busy: World, client: SiteClient, session: Session, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_: object) -> None:
            raise OSError("disk full")

        monkeypatch.setattr(audit_chain, "append", full)
        shown = client.get(f"/cases/{busy.near.id}")
        assert shown.status == 500
        assert busy.near.code not in shown.text
        version = busy.near.version
        form = {"code": "K-999", "phase": "plan", "version": str(version)}
        assert client.post(f"/cases/{busy.near.id}/edit", form).status == 500
        session.expire_all()
        assert session.get_one(Case, busy.near.id).code == busy.near.code != "K-999"


class TestRefusals:
    @pytest.mark.parametrize("is_there", [True, False])
    def test_absent_and_closed_are_refused_and_logged_alike(
        self, busy: World, app: FastAPI, session: Session, is_there: bool
    ) -> None:
        partner = a_partner(session, busy, busy.clinic)
        session.commit()
        stranger = SiteClient(app).signed_in(partner)
        log = Log(session)
        key = busy.far.id if is_there else uuid4()
        assert stranger.get(f"/cases/{key}").status in {403, 404}
        (entry,) = log.new()
        assert (entry.event, entry.objects, entry.person_id) == (Event.REFUSED, str(key), partner.person_id)
        assert log.cases(entry) == {key}

    @pytest.mark.usefixtures("busy")
    def test_a_row_that_is_nowhere_is_refused_by_its_id(self, client: SiteClient, log: Log) -> None:
        key = uuid4()
        assert client.get(f"/actions/{key}").status == NotFound.status
        (entry,) = log.new()
        assert (entry.event, entry.objects) == (Event.REFUSED, str(key))

    @pytest.mark.usefixtures("busy")
    def test_an_address_that_is_no_id_is_logged_without_it(self, client: SiteClient, log: Log) -> None:
        assert client.get("/cases/Anna%20Andersson").status == NotFound.status
        (entry,) = log.new()
        assert (entry.event, entry.objects, entry.route) == (Event.REFUSED, "", "GET /cases/{key}")

    def test_nobody_is_not_logged(self, busy: World, anonymous: SiteClient, session: Session) -> None:
        log = Log(session)
        anonymous.get(f"/cases/{busy.near.id}")
        assert log.new() == []


class TestLinks:
    def test_the_holder_of_a_link_is_one_line_without_a_user(
        self, busy: World, anonymous: SiteClient, session: Session
    ) -> None:
        meeting = session.scalars(select(Meeting).where(Meeting.case_id == busy.far.id)).one()
        invitation = session.scalars(select(Invitation).where(Invitation.meeting_id == meeting.id)).first()
        assert invitation is not None
        log = Log(session)
        assert anonymous.get(urlsplit(answer_address(anonymous.app.state.links, invitation, None)).path).status == 200
        (entry,) = log.new()
        assert (entry.asker, entry.user_id, entry.role, entry.event) == (Asker.LINK, None, "", Event.READ)
        assert log.cases(entry) == {busy.far.id}


CODE = re.compile(r"K-1\d\d")


def codes_in(answer: Answer) -> set[str]:
    """The codes that somebody reads on the page. A list to choose from holds the code alone, and a hint an example."""
    soup = BeautifulSoup(answer.text, "html.parser")
    for choice in soup.select("select, datalist, [data-field=description]"):
        choice.decompose()
    return set(CODE.findall(soup.get_text(" ")))


class TestWalk:
    """A thousand requests wherever the links lead: one line each, with every case that was shown."""

    STEPS = 1000

    @pytest.mark.usefixtures("busy")
    def test_every_page_that_shows_a_case_is_one_line_with_it(
        self, client: SiteClient, log: Log, session: Session
    ) -> None:
        chance = random.Random(3)  # noqa: S311 - a walk that can be repeated
        codes = {case.code: case.id for case in session.scalars(select(Case))}
        links, visited, wrong = ["/"], set(), []
        for _ in range(self.STEPS):
            path = chance.choice(links) if chance.random() < 0.9 else f"/cases/{uuid4()}"
            answer = client.get(path)
            if answer.status == 303:
                answer = client.get(path := answer.goes_to)
            visited.add(path)
            entries = [one for one in log.new() if one.detail == ""]
            shown = {codes[code] for code in codes_in(answer) if code in codes}
            logged = set().union(*(log.cases(one) for one in entries))
            if len(entries) > 1 or not shown <= logged or (answer.status in {403, 404} and len(entries) != 1):
                wrong.append((path, answer.status, len(entries), shown - logged))
            for link in answer.soup.select("a[href^='/']"):
                if (href := str(link["href"]).partition("#")[0]) not in links:
                    links.append(href)
        assert wrong == []
        assert len(visited) > 60
        assert audit_check.verify(session, AUDIT_KEY)[0].fault is None


def test_every_route_that_answers_with_a_file_is_in_the_table(app: FastAPI) -> None:
    """Whatever is no page, no redirect and no fragment is a file; its route says so in its source."""
    names = {route.name for route in routes_of(app) if answers_with_a_file(route)}
    assert names == set(FILES)


def answers_with_a_file(route: APIRoute) -> bool:
    source = inspect.getsource(route.endpoint)
    return "Content-Disposition" in source or "_file(" in source
