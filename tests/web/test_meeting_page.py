"""The meeting's page: preparing it, holding it, and everything typed in it."""

import datetime as dt
import re
from itertools import pairwise
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from inslussning.app import create_app
from inslussning.config import Settings
from inslussning.db.engine import Database
from inslussning.models import Action, AgendaItem, Invitation, Meeting, OutboxMessage
from inslussning.models.meetings import MeetingState
from inslussning.practice.attendance import Attendance
from inslussning.practice.mail import MailKind
from inslussning.services import actions, invitations, minutes
from meetings.actions import ActionState
from meetings.vocabulary import Response
from tests.clients import SiteClient
from tests.conftest import NOW, QueryCounter
from tests.factories.actions import a_need, an_action
from tests.factories.bookings import a_booking
from tests.factories.minutes import HELD, a_held_meeting, a_weekly_meeting, beside, item_of, items_of, written
from tests.factories.offices import World, a_case, a_partner, an_office
from tests.factories.planning import LINKS, a_slot, a_video_meeting


@pytest.fixture
def app(settings: Settings, database: Database) -> FastAPI:
    """The site while the meeting is held."""
    return create_app(settings, database=database, clock=lambda: HELD)


@pytest.fixture
def meeting(session: Session, world: World) -> Meeting:
    meeting = a_held_meeting(session, world, now=NOW, actors=(world.social, world.clinic))
    session.commit()
    return meeting


@pytest.fixture
def bare(session: Session, world: World) -> Meeting:
    """A meeting without an agenda."""
    meeting = a_weekly_meeting(session, world, now=NOW, actors=(world.social, world.clinic))
    session.commit()
    return meeting


@pytest.fixture
def item(session: Session, meeting: Meeting, world: World) -> AgendaItem:
    """The item about K-101."""
    return item_of(session, meeting, world.near)


def at(item: AgendaItem) -> str:
    return f"/meetings/{item.meeting_id}?item={item.id}"


def to(item: AgendaItem, part: str = "") -> str:
    return f"/meetings/{item.meeting_id}/items/{item.id}{part}"


def typed(item: AgendaItem, **changes: object) -> dict[str, object]:
    return {"notes": "Vill bo kvar.", "decisions": "", "version": item.version, "writer": "a page"} | changes


class TestPreparing:
    def test_without_an_agenda_it_proposes_one(self, client: SiteClient, bare: Meeting) -> None:
        answer = client.get(f"/meetings/{bare.id}")
        assert answer.status == 200
        assert "Förslag till dagordning" in answer.said
        assert "K-101 VF mån 4 jan 2027, om 6 veckor" in answer.said

    def test_one_button_makes_it_the_agenda(self, either: SiteClient, session: Session, bare: Meeting) -> None:
        offered = re.findall(r'name="offered" value="([^"]+)"', either.get(f"/meetings/{bare.id}").text)
        answer = either.post(f"/meetings/{bare.id}/agenda/proposal", {"offered": offered, "cases": offered[1:]})
        assert answer.goes_to == f"/meetings/{bare.id}"
        assert [str(i.case_id) for i in items_of(session, bare) if i.case_id] == offered[1:]

    def test_everybody_asked_stands_there_with_their_answer(
        self, client: SiteClient, session: Session, bare: Meeting, world: World
    ) -> None:
        answered(session, world, bare, Response.DECLINED, note="Utbildning")
        said = client.get(f"/meetings/{bare.id}").said
        assert "Socialsekreterare vuxen – Björkstad Svar: nej, ”Utbildning”" in said
        assert "Beroendemottagningen – Björkstad Svar: inget svar" in said

    def test_a_coming_meeting_can_be_moved_and_asks_for_no_attendance(
        self, client: SiteClient, session: Session, bare: Meeting
    ) -> None:
        following = beside(session, bare)[1]
        answer = client.get(f"/meetings/{following.id}")
        assert answer.soup.select(f'a[href="/meetings/{following.id}/move"]')
        assert not answer.soup.select("select[name=attendance]")

    def test_a_cancelled_meeting_says_so_and_why(self, client: SiteClient, session: Session, meeting: Meeting) -> None:
        cancel(session, meeting)
        answer = client.get(f"/meetings/{meeting.id}")
        assert "Mötet är inställt Sjukdom" in answer.said
        assert not answer.soup.select("main form")


class TestRoom:
    def test_it_opens_at_the_first_item_that_is_not_done(
        self, client: SiteClient, session: Session, world: World, meeting: Meeting
    ) -> None:
        written(session, world, items_of(session, meeting)[0], notes="Välkomna")
        session.commit()
        assert client.get(f"/meetings/{meeting.id}").one("#item-title").text == "K-101"

    def test_headings_are_in_order(self, client: SiteClient, item: AgendaItem) -> None:
        levels = [int(h.name[1]) for h in client.get(at(item)).soup.select("main :is(h1,h2,h3,h4)")]
        assert levels[0] == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))

    def test_items_have_their_clock_times_and_a_total(
        self, client: SiteClient, session: Session, meeting: Meeting, item: AgendaItem
    ) -> None:
        meeting.ends_at = meeting.starts_at + dt.timedelta(minutes=32)
        session.commit()
        answer = client.get(at(item))
        times = [one.text for one in answer.soup.select(".agenda-time")]
        assert times == ["09.00", "09.05", "09.17", "09.29", "09.34"]
        assert "39 min av 32 min 7 min för lång" in answer.said

    def test_an_item_with_text_or_actions_is_marked_as_noted(
        self, client: SiteClient, session: Session, world: World, meeting: Meeting, item: AgendaItem
    ) -> None:
        written(session, world, items_of(session, meeting)[0], decisions="Ja")
        an_action(session, world, now=HELD, meeting_id=meeting.id)
        session.commit()
        lines = client.get(at(item)).soup.select(".agenda-line")
        assert ["antecknad" in line.text for line in lines] == [True, True, False, False, False]

    def test_the_plan_shows_needs_times_lead_and_members(
        self, client: SiteClient, session: Session, world: World, item: AgendaItem
    ) -> None:
        need = a_need(session, world, world.near)
        a_need(session, world, world.near, area="Skulder")
        an_action(session, world, now=NOW, need_id=need.id)
        a_booking(session, world, now=NOW)
        session.commit()
        plan = " ".join(client.get(at(item)).one("#plan").get_text(" ").split())
        assert "Boende 1 Skulder ingen" in plan
        assert "tors 7 jan 2027 kl. 13.00 Vi pratar om pengar" in plan
        assert "Huvudansvarig Frivårdsinspektör – Björkstad" in plan
        assert "Arbetsförmedlare – Björkstad" in plan

    def test_who_is_in_the_room_but_not_in_the_case_is_pointed_out(
        self, client: SiteClient, session: Session, world: World, meeting: Meeting, item: AgendaItem
    ) -> None:
        for actor in (world.clinic, world.social, world.probation):
            minutes.set_attendance(session, world.coordinator, meeting.id, actor.id, Attendance.CAME)
        session.commit()
        outside = client.get(at(item)).one(".outside").text
        assert "Beroendemottagningen" in outside
        assert "Socialsekreterare" not in outside
        assert "Frivårdsinspektör" not in outside

    def test_in_a_video_meeting_every_item_is_about_its_case(
        self, client: SiteClient, session: Session, world: World
    ) -> None:
        video = a_video_meeting(session, world, now=NOW)
        session.commit()
        answer = client.get(at(items_of(session, video)[2]))
        assert "Planen för K-102" in answer.said
        assert answer.one("#quick")

    def test_a_standing_item_of_the_group_has_no_quick_line(
        self, client: SiteClient, session: Session, meeting: Meeting
    ) -> None:
        answer = client.get(at(items_of(session, meeting)[0]))
        assert not answer.soup.select("#quick, #plan")
        assert answer.one("#f-notes")

    def test_another_meetings_item_is_not_found(
        self, client: SiteClient, session: Session, world: World, meeting: Meeting
    ) -> None:
        video = a_video_meeting(session, world, now=NOW)
        session.commit()
        assert client.get(f"/meetings/{meeting.id}?item={items_of(session, video)[0].id}").status == 404

    def test_another_offices_meeting_looks_absent(self, client: SiteClient, session: Session) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        slot = a_slot(session, other, now=NOW)
        foreign = session.scalars(select(Meeting).where(Meeting.slot_id == slot.id)).first()
        assert foreign is not None
        session.commit()
        absent = client.get("/meetings/00000000-0000-7000-8000-000000000000")
        refused = client.get(f"/meetings/{foreign.id}")
        assert refused.status == absent.status == 404
        assert refused.text == absent.text

    def test_a_partner_has_no_business_here(
        self, app: FastAPI, session: Session, world: World, meeting: Meeting
    ) -> None:
        partner = a_partner(session, world, world.social)
        session.commit()
        assert SiteClient(app).signed_in(partner).get(f"/meetings/{meeting.id}").status == 403


class TestNotes:
    def test_text_is_saved(self, either: SiteClient, session: Session, item: AgendaItem) -> None:
        answer = either.post(to(item), typed(item))
        assert answer.status in {200, 303}
        session.refresh(item)
        assert (item.notes, item.version) == ("Vill bo kvar.", 2)

    def test_htmx_gets_the_state_and_the_next_version_but_no_text_box(
        self, client: SiteClient, item: AgendaItem
    ) -> None:
        answer = client.as_htmx().post(to(item), typed(item))
        assert "Sparat 09.30" in answer.said
        assert answer.one("[name=version]")["value"] == "2"
        assert answer.one("[name=writer]")["value"] == "a page"
        assert not answer.soup.select("textarea")
        assert "antecknad" in answer.one("#agenda-lines").text

    def test_going_on_saves_first(
        self, either: SiteClient, session: Session, meeting: Meeting, item: AgendaItem
    ) -> None:
        following = items_of(session, meeting)[2]
        answer = either.post(to(item), typed(item, go=following.id))
        assert answer.goes_to == at(following)
        session.refresh(item)
        assert item.notes == "Vill bo kvar."

    def test_the_last_item_leads_to_finalising(self, either: SiteClient, session: Session, meeting: Meeting) -> None:
        last = items_of(session, meeting)[-1]
        assert "Gå vidare och slutför" in either.get(at(last)).said
        assert either.post(to(last), typed(last, finalise="1")).goes_to == f"/meetings/{meeting.id}/finalise"

    def test_a_text_that_comes_late_is_shown_beside_the_other_and_kept(
        self, client: SiteClient, session: Session, world: World, item: AgendaItem
    ) -> None:
        stale = typed(item, notes="Min text", decisions="Mitt <b>beslut</b>")
        written(session, world, item, notes="Den andras <i>text</i>")
        session.commit()
        answer = client.post(to(item), stale)
        assert answer.status == 409
        assert answer.one("#f-notes").text == "Min text"
        assert answer.one("#f-decisions").text == "Mitt <b>beslut</b>"
        assert "Den andras <i>text</i>" in answer.one("#conflict").text
        assert answer.one("title").text.startswith("Fel:")

    def test_htmx_is_told_of_a_late_text_and_the_version_is_not_moved_on(
        self, client: SiteClient, session: Session, world: World, item: AgendaItem
    ) -> None:
        stale = typed(item, notes="Min text")
        written(session, world, item, notes="Den andras text")
        session.commit()
        answer = client.as_htmx().post(to(item), stale)
        assert answer.status == 409
        assert "Inte sparat" in answer.said
        assert "Den andras text" in answer.one("#conflict").text
        assert answer.one("[name=version]")["value"] == "1"

    def test_having_read_the_other_text_one_may_save_ones_own(
        self, either: SiteClient, session: Session, world: World, item: AgendaItem
    ) -> None:
        stale = typed(item, notes="Båda texterna")
        written(session, world, item, notes="Den andras text")
        session.commit()
        seen = either.post(to(item), stale).one("[name=seen]")["value"]
        either.post(to(item), stale | {"seen": seen})
        session.refresh(item)
        assert item.notes == "Båda texterna"

    def test_a_personal_number_is_refused_and_everything_typed_is_kept(
        self, client: SiteClient, session: Session, item: AgendaItem
    ) -> None:
        answer = client.post(to(item), typed(item, notes="Född 19800101-1234", decisions="Beslut"))
        assert answer.status == 422
        assert answer.one("#f-notes").text == "Född 19800101-1234"
        assert answer.one("#f-decisions").text == "Beslut"
        assert "personnummer" in answer.error_of("notes")
        session.refresh(item)
        assert item.notes == ""

    def test_text_for_locked_minutes_is_refused_and_shown_so_that_it_can_be_copied(
        self, client: SiteClient, session: Session, world: World, item: AgendaItem
    ) -> None:
        lock(session, world, item)
        answer = client.post(to(item), typed(item, notes="För sent"))
        assert answer.status == 409
        assert "slutförda och kan inte ändras" in answer.said
        assert "Din text, som inte sparades För sent" in answer.said

    def test_htmx_is_told_that_the_minutes_are_locked_and_the_box_is_left_alone(
        self, client: SiteClient, session: Session, world: World, item: AgendaItem
    ) -> None:
        lock(session, world, item)
        answer = client.as_htmx().post(to(item), typed(item, notes="För sent"))
        assert answer.status == 409
        assert "slutförda och kan inte ändras" in answer.one("#saved").text
        assert not answer.soup.select("textarea")

    def test_a_version_that_is_no_number_is_refused_and_the_text_kept(
        self, client: SiteClient, item: AgendaItem
    ) -> None:
        answer = client.post(to(item), typed(item, version="x" * 50))
        assert answer.status == 422
        assert answer.one("#f-notes").text == "Vill bo kvar."


class TestQuickLine:
    def line(self, world: World, **changes: object) -> dict[str, object]:
        return {"actor_id": world.social.id, "what": "Ringa om boendet", "due_on": "fre", "need_id": ""} | changes

    def test_a_line_becomes_an_action_of_the_meeting(
        self, either: SiteClient, session: Session, world: World, item: AgendaItem
    ) -> None:
        need = a_need(session, world, world.near)
        session.commit()
        answer = either.post(to(item, "/actions"), self.line(world, need_id=need.id))
        assert answer.status in {200, 303}
        action = session.scalars(select(Action)).one()
        assert (action.actor_id, action.what, action.due_on) == (
            world.social.id,
            "Ringa om boendet",
            dt.date(2026, 11, 27),
        )
        assert (action.meeting_id, action.need_id) == (item.meeting_id, need.id)

    def test_htmx_gets_the_list_and_a_fresh_line_with_the_focus_first(
        self, client: SiteClient, world: World, item: AgendaItem
    ) -> None:
        answer = client.as_htmx().post(to(item, "/actions"), self.line(world))
        assert "Ringa om boendet Socialsekreterare vuxen – Björkstad fre 27 nov" in answer.said
        assert answer.one("[autofocus]")["id"] == "f-actor_id"
        assert answer.one("#f-what")["value"] == ""
        assert "antecknad" in answer.one("#agenda-lines").text
        assert not answer.soup.select("textarea")

    def test_without_htmx_one_comes_back_to_the_first_field(
        self, client: SiteClient, world: World, item: AgendaItem
    ) -> None:
        assert client.post(to(item, "/actions"), self.line(world)).goes_to == f"{at(item)}#f-actor_id"

    @pytest.mark.parametrize(
        ("said", "day"),
        [("14/1", dt.date(2027, 1, 14)), ("VF-14", dt.date(2026, 12, 21)), ("nästa möte", dt.date(2026, 12, 3))],
    )
    def test_a_day_can_be_said_in_many_ways(
        self, client: SiteClient, session: Session, world: World, item: AgendaItem, said: str, day: dt.date
    ) -> None:
        client.post(to(item, "/actions"), self.line(world, due_on=said))
        assert session.scalars(select(Action.due_on)).one() == day

    def test_the_client_can_have_an_action_too(
        self, either: SiteClient, session: Session, world: World, item: AgendaItem
    ) -> None:
        either.post(to(item, "/actions"), self.line(world, actor_id="client"))
        assert session.scalars(select(Action.actor_id)).one() is None
        assert "Klienten själv" in either.get(at(item)).one("#agreed").text

    @pytest.mark.parametrize(
        ("field", "value"),
        [("actor_id", ""), ("what", ""), ("due_on", "snart"), ("due_on", ""), ("what", "Född 19800101-1234")],
    )
    def test_what_is_missing_is_said_and_the_rest_kept(
        self, either: SiteClient, world: World, item: AgendaItem, field: str, value: str
    ) -> None:
        answer = either.post(to(item, "/actions"), self.line(world, **{field: value}))
        assert answer.status == 422
        assert answer.error_of(field)
        kept = {"what": "Ringa om boendet", "due_on": "fre"} | {field: value}
        assert answer.one("#f-what")["value"] == kept["what"]
        assert answer.one("#f-due_on")["value"] == kept["due_on"]

    def test_another_offices_actor_is_refused_by_its_field(
        self, client: SiteClient, session: Session, world: World, item: AgendaItem
    ) -> None:
        answer = client.post(to(item, "/actions"), self.line(world, actor_id=UUID(int=1)))
        assert answer.status == 422
        assert answer.error_of("actor_id")
        assert session.scalars(select(Action)).all() == []

    def test_another_cases_need_is_refused_by_its_field(
        self, client: SiteClient, session: Session, world: World, item: AgendaItem
    ) -> None:
        need = a_need(session, world, world.far)
        session.commit()
        assert client.post(to(item, "/actions"), self.line(world, need_id=need.id)).error_of("need_id")

    def test_a_standing_item_takes_no_actions(
        self, client: SiteClient, session: Session, world: World, meeting: Meeting
    ) -> None:
        standing = items_of(session, meeting)[0]
        assert client.post(to(standing, "/actions"), self.line(world)).status == 404


class TestFollowUp:
    @pytest.fixture
    def earlier(self, session: Session, world: World, item: AgendaItem) -> Action:  # noqa: ARG002 - the meeting is there
        action = an_action(session, world, now=NOW, due_on=dt.date(2026, 11, 23))
        session.commit()
        return action

    def test_open_actions_from_before_come_first_with_how_late_they_are(
        self, client: SiteClient, session: Session, world: World, item: AgendaItem, earlier: Action
    ) -> None:
        an_action(session, world, now=NOW, what="Senare", due_on=dt.date(2026, 12, 9))
        session.commit()
        rows = [" ".join(r.get_text(" ").split()) for r in client.get(at(item)).soup.select(".carried-row")]
        assert earlier.what in rows[0]
        assert "mån 23 nov · 3 dagar sen" in rows[0]
        assert "Senare" in rows[1]

    @pytest.mark.parametrize("wanted", [ActionState.DONE, ActionState.OUTCOME_REACHED])
    def test_one_click_closes_it_and_one_opens_it_again(
        self, either: SiteClient, session: Session, item: AgendaItem, earlier: Action, wanted: ActionState
    ) -> None:
        either.post(to(item, "/follow-up"), {"action": earlier.id, "state": wanted.value})
        session.refresh(earlier)
        assert earlier.state is wanted
        row = either.get(at(item)).one(f"#a-{earlier.id}")
        undo = row.select_one("button[name=state]")
        assert undo is not None
        assert "Ångra" in undo.text
        either.post(to(item, "/follow-up"), {"action": earlier.id, "state": undo["value"]})
        session.refresh(earlier)
        assert earlier.state.is_open

    def test_htmx_gets_the_one_line_and_the_plan(self, client: SiteClient, item: AgendaItem, earlier: Action) -> None:
        answer = client.as_htmx().post(to(item, "/follow-up"), {"action": earlier.id, "state": "done"})
        assert answer.one("[autofocus]").text.startswith("Ångra")
        assert answer.one("#plan")
        assert not answer.soup.select("textarea, #quick")

    def test_a_new_day_and_a_note(
        self, either: SiteClient, session: Session, world: World, item: AgendaItem, earlier: Action
    ) -> None:
        either.post(to(item, "/follow-up"), {"action": earlier.id, "due_on": "VF-7", "note": "Väntar på svar"})
        session.refresh(earlier)
        assert earlier.due_on == dt.date(2026, 12, 28)
        assert actions.history(session, world.coordinator, earlier.id)[0].note == "Väntar på svar"

    def test_an_unclear_day_is_said_in_its_line_and_kept(
        self, either: SiteClient, item: AgendaItem, earlier: Action
    ) -> None:
        answer = either.post(to(item, "/follow-up"), {"action": earlier.id, "due_on": "snart", "note": "Väntar"})
        assert answer.status == 422
        row = answer.one(f"#a-{earlier.id}")
        assert row.select_one("details[open]")
        assert [i["value"] for i in row.select("input[name=due_on], input[name=note]")] == ["snart", "Väntar"]

    def test_an_action_of_another_case_is_not_found(
        self, client: SiteClient, session: Session, world: World, item: AgendaItem
    ) -> None:
        other = an_action(session, world, now=NOW, case=world.far, actor=world.clinic)
        session.commit()
        assert client.post(to(item, "/follow-up"), {"action": other.id, "state": "done"}).status == 404


class TestPeople:
    def test_attendance_is_marked_actor_by_actor(
        self, either: SiteClient, world: World, meeting: Meeting, item: AgendaItem
    ) -> None:
        path = f"/meetings/{meeting.id}/attendance?item={item.id}"
        answer = either.post(path, {"actor_id": world.social.id, "attendance": "came"})
        assert answer.status in {200, 303}
        page = SiteClient(either.app).signed_in(world.coordinator).get(at(item))
        marked = page.one(f"#came-{world.social.id} option[selected]")
        assert marked["value"] == "came"
        assert "1 av 5 kom" in page.said

    def test_htmx_gets_the_counts_and_the_plan_of_the_item_it_is_at(
        self, client: SiteClient, session: Session, world: World, meeting: Meeting
    ) -> None:
        other = item_of(session, meeting, world.far)
        path = f"/meetings/{meeting.id}/attendance?item={other.id}"
        answer = client.as_htmx().post(path, {"actor_id": world.clinic.id, "attendance": "came"})
        assert "Närvaron är sparad 09.30" in answer.said
        assert "1 av 5 kom" in answer.one("#came").get_text(" ")
        assert "Planen för K-102" in answer.one("#plan").get_text(" ")

    def test_the_silent_can_be_reminded(
        self, either: SiteClient, session: Session, world: World, meeting: Meeting
    ) -> None:
        answered(session, world, meeting, Response.ACCEPTED)
        assert "Påminn dem som inte svarat (1)" in either.get(f"/meetings/{meeting.id}").said
        either.post(f"/meetings/{meeting.id}/remind")
        reminders = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == MailKind.REMINDER)).all()
        assert [mail.recipient for mail in reminders] == ["bero@partner.example"]

    def test_an_answer_by_telephone_is_written_down(
        self, either: SiteClient, session: Session, world: World, meeting: Meeting
    ) -> None:
        invitation = session.scalars(select(Invitation).where(Invitation.actor_id == world.social.id)).one()
        told = {"invitation": invitation.id, "answer": "tentative", "note": "Kommer kanske halv tio"}
        answer = either.post(f"/meetings/{meeting.id}/answers", told)
        assert answer.goes_to == f"/meetings/{meeting.id}#people"
        found = {i.actor_id: i for i in invitations.answers(session, world.coordinator, meeting)}[world.social.id]
        assert (found.answer, found.note) == (Response.TENTATIVE, "Kommer kanske halv tio")

    def test_an_answer_without_a_word_is_refused(
        self, either: SiteClient, session: Session, world: World, meeting: Meeting
    ) -> None:
        invitation = session.scalars(select(Invitation).where(Invitation.actor_id == world.social.id)).one()
        answer = either.post(f"/meetings/{meeting.id}/answers", {"invitation": invitation.id, "answer": ""})
        assert answer.status == 422
        assert answer.error_of("answer")

    def test_an_invitation_to_something_else_is_not_found(
        self, client: SiteClient, session: Session, world: World, meeting: Meeting
    ) -> None:
        video = a_video_meeting(session, world, now=NOW)
        session.commit()
        other = session.scalars(select(Invitation).where(Invitation.meeting_id == video.id)).first()
        assert other is not None
        told = {"invitation": other.id, "answer": "accepted"}
        assert client.post(f"/meetings/{meeting.id}/answers", told).status == 404


class TestSpeed:
    def many(self, session: Session, world: World, meeting: Meeting, times: int) -> None:
        """Ten cases on the agenda and fifty actions, so many times."""
        for n in range(10 * times):
            code = f"K-{times}{n:03}"
            case = a_case(session, world.coordinator, code, release_at=None, actors=[world.social, world.clinic])
            session.add(
                AgendaItem(
                    office_id=world.office.id,
                    meeting_id=meeting.id,
                    position=10 + n,
                    kind="case",
                    title="Ärende",
                    case_id=case.id,
                    minutes=5,
                )
            )
            session.flush()
            for m in range(5):
                an_action(session, world, now=NOW, case=case, what=f"Åtgärd {m}")
        for m in range(20):
            an_action(session, world, now=NOW, what=f"Sedan tidigare {m}")
        session.commit()

    def test_the_number_of_statements_does_not_grow(
        self,
        client: SiteClient,
        session: Session,
        world: World,
        meeting: Meeting,
        item: AgendaItem,
        query_counter: QueryCounter,
    ) -> None:
        counts = []
        for times in (1, 3):
            self.many(session, world, meeting, times)
            with query_counter() as statements:
                assert client.get(at(item)).status == 200
            counts.append(len(statements))
        assert counts[0] == counts[1] <= 20


def answered(session: Session, world: World, meeting: Meeting, answer: Response, note: str = "") -> None:
    """Write down what social services answered."""
    invitation = session.scalars(select(Invitation).where(Invitation.actor_id == world.social.id)).one()
    invitations.record_answer(
        session, world.coordinator, invitation.id, meeting_id=meeting.id, answer=answer, note=note, now=NOW
    )
    session.commit()


def cancel(session: Session, meeting: Meeting) -> None:
    meeting.state, meeting.reason = MeetingState.CANCELLED, "Sjukdom"
    session.commit()


def lock(session: Session, world: World, item: AgendaItem) -> None:
    minutes.finalise(session, world.coordinator, item.meeting_id, links=LINKS, now=HELD)
    session.commit()
