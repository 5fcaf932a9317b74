"""Finalising on the page: what is sent to whom, the locked minutes, opening them again, and the page behind an actor's link."""

import datetime as dt

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inslussning.app import create_app
from inslussning.config import Settings
from inslussning.db.engine import Database
from inslussning.models import Actor, AgendaItem, Meeting, Minutes, MinutesRevision, OutboxMessage
from inslussning.models.meetings import MeetingState
from inslussning.practice.attendance import Attendance
from inslussning.practice.mail import MailKind
from inslussning.services import minutes
from inslussning.services.links import Links, Purpose
from meetings.minutes import MinutesState
from tests.clients import SiteClient
from tests.conftest import NOW
from tests.factories.actions import an_action
from tests.factories.minutes import HELD, a_held_meeting, item_of, items_of, written
from tests.factories.offices import World, a_case, an_office
from tests.factories.planning import LINKS, a_slot


@pytest.fixture
def app(settings: Settings, database: Database) -> FastAPI:
    """The site while the meeting is held."""
    return create_app(settings, database=database, clock=lambda: HELD)


@pytest.fixture
def meeting(session: Session, world: World) -> Meeting:
    """A meeting that has agreed on an action of social services about K-101, with the clinic in the room."""
    meeting = a_held_meeting(session, world, now=NOW)
    an_action(session, world, now=HELD, what="Ringa om boendet", meeting_id=meeting.id)
    written(
        session, world, item_of(session, meeting, world.near), notes="Hemlig anteckning", decisions="Hemligt beslut"
    )
    minutes.set_attendance(session, world.coordinator, meeting.id, world.clinic.id, Attendance.CAME)
    session.commit()
    return meeting


def seen(client: SiteClient, meeting: Meeting) -> str:
    return str(client.get(f"/meetings/{meeting.id}/finalise").one("[name=seen]")["value"])


def finalise(client: SiteClient, meeting: Meeting) -> None:
    path = f"/meetings/{meeting.id}/finalise"
    assert client.post(path, {"seen": seen(client, meeting)}).goes_to == f"/meetings/{meeting.id}"


def state(session: Session, meeting: Meeting) -> MinutesState:
    query = select(Minutes.state).where(Minutes.meeting_id == meeting.id)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def link(app: FastAPI, session: Session, actor: Actor) -> str:
    links: Links = app.state.links
    revision = session.scalars(select(MinutesRevision).order_by(MinutesRevision.number.desc())).first()
    assert revision is not None
    return f"/extract/{links.token(Purpose.EXTRACT, revision.id, actor.id)}"


class TestReview:
    def test_it_shows_exactly_what_goes_to_whom(self, client: SiteClient, meeting: Meeting) -> None:
        answer = client.get(f"/meetings/{meeting.id}/finalise")
        assert "En aktör får ett utdrag, en får inget" in answer.said
        assert "Socialsekreterare vuxen – Björkstad soc@partner.example K-101 Ringa om boendet tis 1 dec" in answer.said
        assert "får inget: Beroendemottagningen – Björkstad" in answer.said

    def test_what_looks_unfinished_is_noted(self, client: SiteClient, meeting: Meeting) -> None:
        said = client.get(f"/meetings/{meeting.id}/finalise").said
        assert "Inget är antecknat under: Välkomna, närvaro och sekretess, K-102, Nya ärenden, Nästa möte." in said
        assert "Mötet är inte slut än." in said
        assert "Ingen närvaro är ifylld." not in said

    def test_an_actor_without_mailbox_is_named(
        self, client: SiteClient, session: Session, world: World, meeting: Meeting
    ) -> None:
        world.social.mailbox = ""
        session.add(world.social)
        session.commit()
        said = client.get(f"/meetings/{meeting.id}/finalise").said
        assert "Inget utdrag skickas" in said
        assert "ingen brevlåda. Säg till på annat sätt: Socialsekreterare vuxen" in said

    def test_looking_changes_nothing(self, client: SiteClient, session: Session, meeting: Meeting) -> None:
        client.get(f"/meetings/{meeting.id}/finalise")
        assert state(session, meeting) is MinutesState.DRAFT
        assert session.scalar(select(func.count()).select_from(MinutesRevision)) == 0

    def test_finalised_or_cancelled_there_is_nothing_to_review(
        self, client: SiteClient, session: Session, meeting: Meeting
    ) -> None:
        meeting.state = MeetingState.CANCELLED
        session.add(meeting)
        session.commit()
        assert client.get(f"/meetings/{meeting.id}/finalise").goes_to == f"/meetings/{meeting.id}"


class TestFinalise:
    def test_it_locks_and_sends(self, either: SiteClient, session: Session, meeting: Meeting) -> None:
        finalise(either, meeting)
        assert state(session, meeting) is MinutesState.FINALISED
        sent = session.scalars(select(OutboxMessage.recipient).where(OutboxMessage.kind == MailKind.EXTRACT)).all()
        assert sent == ["soc@partner.example"]

    def test_it_says_what_happened(self, client: SiteClient, meeting: Meeting) -> None:
        finalise(client, meeting)
        assert "Minnesanteckningarna är slutförda. Ett mejl är på väg." in client.get(f"/meetings/{meeting.id}").said

    def test_a_second_click_does_no_harm(self, client: SiteClient, session: Session, meeting: Meeting) -> None:
        read = seen(client, meeting)
        for _ in range(2):
            answer = client.post(f"/meetings/{meeting.id}/finalise", {"seen": read})
            assert answer.goes_to == f"/meetings/{meeting.id}"
        assert session.scalars(select(MinutesRevision.number)).all() == [1]

    def test_what_came_in_meanwhile_is_shown_before_it_is_locked(
        self, either: SiteClient, session: Session, world: World, meeting: Meeting
    ) -> None:
        read = seen(either, meeting)
        an_action(session, world, now=HELD, what="I sista stund", meeting_id=meeting.id)
        session.commit()
        answer = either.post(f"/meetings/{meeting.id}/finalise", {"seen": read})
        assert answer.status == 409
        assert "Något har ändrats" in answer.said
        assert "I sista stund" in answer.said
        assert state(session, meeting) is MinutesState.DRAFT

    def test_another_offices_meeting_is_not_found(self, client: SiteClient, session: Session, world: World) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        slot = a_slot(session, other, now=NOW)
        foreign = session.scalars(select(Meeting).where(Meeting.slot_id == slot.id)).first()
        session.commit()
        assert foreign is not None
        for path in ("finalise", "reopen", "agenda", "attendance", "remind", "answers", "agenda/proposal"):
            assert client.post(f"/meetings/{foreign.id}/{path}", {"reason": "x", "seen": "x"}).status in {404, 422}
        assert client.get(f"/meetings/{foreign.id}/finalise").status == 404
        assert client.get(f"/meetings/{foreign.id}/agenda").status == 404
        assert world.near


class TestLocked:
    @pytest.fixture
    def locked(self, session: Session, world: World, meeting: Meeting) -> Meeting:
        minutes.finalise(session, world.coordinator, meeting.id, links=LINKS, now=HELD)
        session.commit()
        return meeting

    def test_the_page_is_the_minutes_and_nothing_can_be_written(self, client: SiteClient, locked: Meeting) -> None:
        answer = client.get(f"/meetings/{locked.id}")
        assert "Hemlig anteckning" in answer.said
        assert "Socialsekreterare vuxen – Björkstad Ringa om boendet tis 1 dec" in answer.said
        assert "Nästa möte tors 3 dec kl. 09.00" in answer.said
        assert "Version 1, slutförd tors 26 nov kl. 09.30 av Maria Ek" in answer.said
        assert not answer.soup.select("textarea, #quick, select")
        assert answer.soup.select("[data-print]")

    def test_it_is_opened_again_with_a_reason(self, either: SiteClient, session: Session, locked: Meeting) -> None:
        answer = either.post(f"/meetings/{locked.id}/reopen", {"reason": "Fel datum"})
        assert answer.goes_to == f"/meetings/{locked.id}"
        assert state(session, locked) is MinutesState.DRAFT

    def test_it_then_says_why_and_shows_the_locked_version(self, client: SiteClient, locked: Meeting) -> None:
        client.post(f"/meetings/{locked.id}/reopen", {"reason": "Fel datum"})
        assert "Öppnad igen efter version 1: Fel datum" in client.get(f"/meetings/{locked.id}").said
        assert "Hemlig anteckning" in client.get(f"/meetings/{locked.id}/versions/1").said

    def test_without_a_reason_it_stays_locked(self, client: SiteClient, session: Session, locked: Meeting) -> None:
        answer = client.post(f"/meetings/{locked.id}/reopen", {"reason": " "})
        assert answer.status == 422
        assert answer.error_of("reason")
        assert state(session, locked) is MinutesState.FINALISED

    def test_every_version_can_be_read_as_it_was(
        self, client: SiteClient, session: Session, world: World, locked: Meeting
    ) -> None:
        client.post(f"/meetings/{locked.id}/reopen", {"reason": "Fel datum"})
        session.expire_all()
        written(session, world, item_of(session, locked, world.near), notes="Rättad anteckning")
        session.commit()
        finalise(client, locked)
        first, second = (client.get(f"/meetings/{locked.id}/versions/{n}").said for n in (1, 2))
        assert "Hemlig anteckning" in first
        assert "Det finns en nyare version, nummer 2." in first
        assert "Rättad anteckning" in second
        assert "Varför: Fel datum" in second

    @pytest.mark.parametrize("number", ["2", "0", "-1", "x", "9" * 40])
    def test_a_version_that_is_not_there_is_not_found(self, client: SiteClient, locked: Meeting, number: str) -> None:
        assert client.get(f"/meetings/{locked.id}/versions/{number}").status == 404


class TestAgendaPage:
    def test_items_are_moved_by_buttons_and_minutes_typed_are_kept(
        self, either: SiteClient, session: Session, meeting: Meeting
    ) -> None:
        first, second = items_of(session, meeting)[:2]
        answer = either.post(
            f"/meetings/{meeting.id}/agenda/items/{first.id}/move", {"by": "1", f"minutes-{second.id}": "25"}
        )
        assert answer.status in {200, 303}
        session.expire_all()
        now = items_of(session, meeting)
        assert [i.id for i in now[:2]] == [second.id, first.id]
        assert now[0].minutes == 25

    def test_minutes_that_are_no_number_are_kept_and_pointed_out(
        self, client: SiteClient, session: Session, meeting: Meeting
    ) -> None:
        item = items_of(session, meeting)[0]
        answer = client.post(f"/meetings/{meeting.id}/agenda", {f"minutes-{item.id}": "tio"})
        assert answer.status == 422
        assert answer.one(f"#f-minutes-{item.id}")["value"] == "tio"
        assert answer.error_of(f"minutes-{item.id}")

    def test_minutes_are_saved(self, client: SiteClient, session: Session, meeting: Meeting) -> None:
        item = items_of(session, meeting)[0]
        client.post(f"/meetings/{meeting.id}/agenda", {f"minutes-{item.id}": "10"})
        session.expire_all()
        assert items_of(session, meeting)[0].minutes == 10

    def test_items_and_cases_are_added_and_taken_away(
        self, either: SiteClient, session: Session, world: World, meeting: Meeting
    ) -> None:
        case = a_case(session, world.coordinator, "K-103", release_at=None, actors=[])
        session.commit()
        path = f"/meetings/{meeting.id}/agenda"
        either.post(f"{path}/cases", {"case_id": case.id})
        either.post(f"{path}/items", {"title": "Sommaruppehåll", "minutes": "5"})
        session.expire_all()
        added = item_of(session, meeting, case)
        assert items_of(session, meeting)[-1].title == "Sommaruppehåll"
        assert either.post(f"{path}/items/{added.id}/remove").goes_to == path
        assert session.scalar(select(AgendaItem.id).where(AgendaItem.id == added.id)) is None

    def test_a_case_that_is_there_already_is_refused_by_its_field(
        self, client: SiteClient, session: Session, world: World, meeting: Meeting
    ) -> None:
        a_case(session, world.coordinator, "K-103", release_at=None, actors=[])
        session.commit()
        answer = client.post(f"/meetings/{meeting.id}/agenda/cases", {"case_id": world.near.id})
        assert answer.status == 422
        assert answer.error_of("case_id")

    def test_the_proposal_comes_too_late_for_locked_minutes(
        self, client: SiteClient, session: Session, meeting: Meeting
    ) -> None:
        finalise(client, meeting)
        answer = client.post(f"/meetings/{meeting.id}/agenda/proposal")
        assert answer.status == 409
        assert "slutförda och kan inte ändras" in answer.said
        assert state(session, meeting) is MinutesState.FINALISED

    def test_an_item_with_text_offers_no_removal_and_refuses_it(
        self, client: SiteClient, session: Session, world: World, meeting: Meeting
    ) -> None:
        item = item_of(session, meeting, world.near)
        path = f"/meetings/{meeting.id}/agenda"
        assert not client.get(path).soup.select(f'[formaction="{path}/items/{item.id}/remove"]')
        answer = client.post(f"{path}/items/{item.id}/remove")
        assert answer.status == 409
        assert "kan inte tas bort" in answer.said

    @pytest.mark.parametrize("typed", [{"title": "", "minutes": "5"}, {"title": "Mer", "minutes": "x"}])
    def test_an_item_that_says_nothing_is_refused_and_kept(
        self, client: SiteClient, meeting: Meeting, typed: dict[str, str]
    ) -> None:
        answer = client.post(f"/meetings/{meeting.id}/agenda/items", typed)
        assert answer.status == 422
        assert answer.one("#f-title")["value"] == typed["title"]
        assert answer.one("#f-minutes")["value"] == typed["minutes"]

    def test_a_meeting_without_items_says_how_to_begin(
        self, client: SiteClient, session: Session, world: World
    ) -> None:
        slot = a_slot(session, world.coordinator, now=NOW)
        bare = session.scalars(select(Meeting).where(Meeting.slot_id == slot.id)).first()
        session.commit()
        assert bare is not None
        assert "Dagordningen är tom" in client.get(f"/meetings/{bare.id}/agenda").said


class TestExtractPage:
    @pytest.fixture
    def locked(self, session: Session, world: World, meeting: Meeting) -> Meeting:
        an_action(session, world, now=HELD, what="Boka läkarsamtal", actor=world.clinic, meeting_id=meeting.id)
        minutes.finalise(session, world.coordinator, meeting.id, links=LINKS, now=HELD)
        session.commit()
        return meeting

    @pytest.mark.usefixtures("locked")
    def test_the_holder_of_the_link_reads_its_own_actions_and_nothing_else(
        self, anonymous: SiteClient, app: FastAPI, session: Session, world: World
    ) -> None:
        answer = anonymous.get(link(app, session, world.social))
        assert answer.status == 200
        assert "K-101 Ringa om boendet Planerad tis 1 dec" in answer.said
        for other in ("läkarsamtal", "Beroende", "Hemlig", "Maria", "Frivård"):
            assert other not in answer.text

    @pytest.mark.usefixtures("locked")
    def test_signed_in_or_not_the_page_is_the_same(
        self, anonymous: SiteClient, client: SiteClient, app: FastAPI, session: Session, world: World
    ) -> None:
        path = link(app, session, world.social)
        assert anonymous.get(path).looks == client.get(path).looks

    @pytest.mark.usefixtures("locked")
    def test_an_actor_without_actions_finds_none(
        self, anonymous: SiteClient, app: FastAPI, session: Session, world: World
    ) -> None:
        assert "Inga åtgärder" in anonymous.get(link(app, session, world.employment)).said

    @pytest.mark.usefixtures("locked")
    def test_an_old_link_says_so_and_whom_to_ask(
        self, settings: Settings, database: Database, session: Session, world: World
    ) -> None:
        later = create_app(settings, database=database, clock=lambda: HELD + dt.timedelta(days=15))
        answer = SiteClient(later).get(link(later, session, world.social))
        assert answer.status == 410
        assert "Länken gäller inte längre" in answer.said
        assert "010-123 45 00" in answer.said
        assert "Ringa om boendet" not in answer.text

    @pytest.mark.usefixtures("locked")
    def test_a_link_that_is_not_ours_leads_nowhere(self, anonymous: SiteClient) -> None:
        assert anonymous.get("/extract/abc.def").status == 404

    @pytest.mark.usefixtures("locked")
    def test_a_corrected_version_is_pointed_to(
        self, anonymous: SiteClient, client: SiteClient, app: FastAPI, session: Session, world: World, meeting: Meeting
    ) -> None:
        first = link(app, session, world.social)
        client.post(f"/meetings/{meeting.id}/reopen", {"reason": "Fel datum"})
        finalise(client, meeting)
        answer = anonymous.get(first)
        assert "Anteckningarna har rättats sedan dess." in answer.said
        newer = str(answer.one(".reopened a")["href"])
        assert "Version 2." in anonymous.get(newer).said
