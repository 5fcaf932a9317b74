"""The pages of those who take part: meetings to answer, cases in their part, and nothing that hints at the rest."""

import datetime as dt
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from inslussning.models import Case, CaseActor, Consent, Invitation, InvitationResponse, Meeting, Need
from inslussning.practice.access import Principal, Role
from inslussning.practice.phases import Phase
from inslussning.practice.protection import Protection
from inslussning.services import cases, slots
from meetings.vocabulary import Response
from tests.clients import SiteClient
from tests.conftest import NOW, TODAY
from tests.factories.actions import a_closed_action, a_need, an_action
from tests.factories.bookings import a_booking, details
from tests.factories.offices import World, a_case, a_consent, a_partner, an_office
from tests.factories.planning import LINKS, a_slot, a_video_meeting

ABSENT = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
def person(session: Session, world: World) -> Principal:
    return a_partner(session, world, world.social)


@pytest.fixture(params=["whole page", "htmx"])
def partner(request: pytest.FixtureRequest, app: FastAPI, session: Session, person: Principal) -> SiteClient:
    """A partner who staffs social services, once without JavaScript and once as htmx."""
    session.commit()
    client = SiteClient(app).signed_in(person)
    return client.as_htmx() if request.param == "htmx" else client


def a_worker(app: FastAPI, session: Session, world: World) -> SiteClient:
    """The prison's own case worker, in K-101."""
    cases.join(session, world.coordinator, world.near.id, world.prison.id, today=TODAY)
    worker = a_partner(session, world, world.prison, email="gran@kv.example", role=Role.CASE_WORKER)
    session.commit()
    return SiteClient(app).signed_in(worker)


def invited(session: Session, world: World, *, first_on: dt.date = dt.date(2026, 12, 3)) -> Meeting:
    """A weekly time that social services and the clinic are asked to; its first date."""
    slot = a_slot(session, world.coordinator, now=NOW, first_on=first_on)
    for actor in (world.social, world.clinic):
        slots.add_actor(session, world.coordinator, slot.id, actor.id, links=LINKS, now=NOW)
    session.commit()
    return session.scalars(select(Meeting).where(Meeting.slot_id == slot.id).order_by(Meeting.starts_at)).first()  # type: ignore[return-value] # it has dates


def invitation(session: Session, meeting: Meeting, actor_id: UUID) -> Invitation:
    subject = Invitation.slot_id == meeting.slot_id if meeting.slot_id else Invitation.meeting_id == meeting.id
    return session.scalars(select(Invitation).where(subject, Invitation.actor_id == actor_id)).one()


def revoke(session: Session, case: Case, actor_id: UUID) -> None:
    session.execute(
        update(Consent).where(Consent.case_id == case.id, Consent.actor_id == actor_id).values(revoked_at=NOW)
    )
    session.commit()


class TestHome:
    def test_an_empty_day_says_what_will_stand_here(self, partner: SiteClient) -> None:
        said = partner.get("/").said
        assert "Inga öppna åtgärder" in said
        assert "Inga kommande möten" in said

    def test_a_meeting_without_an_answer_comes_first(self, partner: SiteClient, session: Session, world: World) -> None:
        invited(session, world)
        page = partner.get("/")
        assert "Väntar på ditt svar" in page.said
        assert page.said.index("Väntar på ditt svar") < page.said.index("Dina åtgärder")

    def test_only_ones_own_actions_stand_there(self, partner: SiteClient, session: Session, world: World) -> None:
        an_action(session, world, now=NOW, what="Ringa hyresvärden")
        an_action(session, world, now=NOW, what="Skriva in sig", actor=world.employment)
        session.commit()
        said = partner.get("/").said
        assert "Ringa hyresvärden" in said
        assert "Skriva in sig" not in said

    def test_the_menu_has_only_what_the_role_may(self, partner: SiteClient) -> None:
        menu = partner.get("/").one("nav[aria-label=Huvudmeny]").get_text(" ", strip=True)
        assert menu == "Idag Möten Åtgärder Ärenden"


class TestMeetings:
    def test_without_an_invitation_the_list_is_empty(self, partner: SiteClient, session: Session, world: World) -> None:
        a_slot(session, world.coordinator, now=NOW)
        session.commit()
        assert "Inga kommande möten" in partner.get("/shared/meetings").said

    def test_a_year_of_weeks_is_shown_a_page_at_a_time(
        self, partner: SiteClient, session: Session, world: World
    ) -> None:
        invited(session, world)
        first = partner.get("/shared/meetings")
        assert len(first.soup.select(".own-meeting")) == 25
        more = first.one(".card-foot a")["href"]
        assert len(partner.get(str(more)).soup.select(".own-meeting")) == 25

    def test_a_meeting_says_when_where_and_ones_own_answer_and_nobody_elses(
        self, partner: SiteClient, session: Session, world: World
    ) -> None:
        said = partner.get(f"/shared/meetings/{invited(session, world).id}").said
        assert "Storgatan 4" in said
        assert "Inte besvarat" in said
        assert "Beroendemottagningen" not in said
        assert "K-10" not in said

    def test_an_answer_is_kept_for_that_day_alone(self, partner: SiteClient, session: Session, world: World) -> None:
        meeting = invited(session, world)
        own = invitation(session, meeting, world.social.id)
        answer = partner.post(
            f"/shared/meetings/{meeting.id}/answer",
            {"invitation": str(own.id), "answer": "accepted", "note": "Vi blir två"},
        )
        assert answer.goes_to == f"/shared/meetings/{meeting.id}"
        kept = session.scalars(select(InvitationResponse)).one()
        assert (kept.answer, kept.meeting_id, kept.note) == (Response.ACCEPTED, meeting.id, "Vi blir två")
        assert "Du har svarat ja" in partner.get(answer.goes_to).said

    def test_another_functions_invitation_cannot_be_answered(
        self, partner: SiteClient, session: Session, world: World
    ) -> None:
        meeting = invited(session, world)
        others = invitation(session, meeting, world.clinic.id)
        path = f"/shared/meetings/{meeting.id}/answer"
        refused = partner.post(path, {"invitation": str(others.id), "answer": "declined"})
        absent = partner.post(path, {"invitation": ABSENT, "answer": "declined"})
        assert (refused.status, absent.status) == (404, 404)
        assert refused.said == absent.said
        assert session.scalars(select(InvitationResponse)).all() == []

    def test_an_answer_that_is_none_is_refused_and_what_was_typed_is_kept(
        self, partner: SiteClient, session: Session, world: World
    ) -> None:
        meeting = invited(session, world)
        own = invitation(session, meeting, world.social.id)
        path = f"/shared/meetings/{meeting.id}/answer"
        refused = partner.post(path, {"invitation": str(own.id), "answer": "needs-action", "note": "Kanske senare"})
        assert refused.status == 422
        assert refused.error_of("answer") == "Välj ja, kanske eller nej."
        assert refused.one("input[name=note]")["value"] == "Kanske senare"

    def test_a_single_meeting_is_shown_with_its_case(self, partner: SiteClient, session: Session, world: World) -> None:
        meeting = a_video_meeting(session, world, now=NOW)
        session.commit()
        said = partner.get(f"/shared/meetings/{meeting.id}").said
        assert "Videomöte" in said
        assert "K-102" in said

    def test_a_revoked_consent_takes_the_meeting_away_at_once(
        self, partner: SiteClient, session: Session, world: World
    ) -> None:
        meeting = a_video_meeting(session, world, now=NOW)
        revoke(session, world.far, world.social.id)
        gone, absent = partner.get(f"/shared/meetings/{meeting.id}"), partner.get(f"/shared/meetings/{ABSENT}")
        assert (gone.status, gone.said) == (404, absent.said)

    def test_the_place_of_a_protected_clients_meeting_is_not_said(
        self, app: FastAPI, session: Session, world: World
    ) -> None:
        meeting = a_video_meeting(session, world, now=NOW, actor_ids=(world.prison.id,))
        meeting.place = "Hemliga vägen 3"
        worker = a_worker(app, session, world)
        cases.join(session, world.coordinator, world.far.id, world.prison.id, today=TODAY)
        session.commit()
        assert "Hemliga vägen 3" in worker.get(f"/shared/meetings/{meeting.id}").said
        session.execute(update(Case).where(Case.id == world.far.id).values(protection=Protection.MARKED))
        session.commit()
        assert worker.get(f"/shared/meetings/{meeting.id}").status == 404

    def test_the_staffs_pages_are_not_for_a_partner(self, partner: SiteClient, session: Session, world: World) -> None:
        meeting = invited(session, world)
        assert [partner.get(path).status for path in (f"/meetings/{meeting.id}", "/slots", "/cases", "/outbox")] == [
            403
        ] * 4


class TestCases:
    def test_without_a_share_the_list_says_what_it_is_for(
        self, partner: SiteClient, session: Session, world: World
    ) -> None:
        for case in (world.near, world.far):
            revoke(session, case, world.social.id)
        assert "Här står ärenden som klienten har sagt ja till" in partner.get("/shared/cases").said

    def test_the_cases_one_takes_part_in_stand_by_release(self, partner: SiteClient) -> None:
        codes = [cell.get_text(strip=True) for cell in partner.get("/shared/cases").soup.select("tbody td:first-child")]
        assert codes == ["K-101", "K-102"]

    def test_many_cases_are_shown_a_page_at_a_time(self, partner: SiteClient, session: Session, world: World) -> None:
        for number in range(30):
            a_case(session, world.coordinator, f"K-{200 + number}", release_at=None, actors=[world.social])
        session.commit()
        first = partner.get("/shared/cases")
        second = partner.get(str(first.one(".card-foot a")["href"]))
        assert (len(first.soup.select("tbody tr")), len(second.soup.select("tbody tr"))) == (25, 7)

    def test_the_page_holds_the_shared_areas_and_not_the_others(
        self, partner: SiteClient, session: Session, world: World
    ) -> None:
        revoke(session, world.near, world.social.id)
        a_consent(session, world.coordinator, world.near, world.social, areas=["Boende"])
        housing, debts = a_need(session, world, world.near), a_need(session, world, world.near, area="Skulder")
        an_action(session, world, now=NOW, what="Söka lägenhet", actor=world.employment, need_id=housing.id)
        an_action(session, world, now=NOW, what="Ringa Kronofogden", actor=world.employment, need_id=debts.id)
        an_action(session, world, now=NOW, what="Skriva intyg", need_id=debts.id)
        session.commit()
        page = partner.get(f"/shared/cases/{world.near.id}")
        assert [h.get_text(strip=True) for h in page.soup.select(".need-name")] == ["Boende", "Övriga åtgärder"]
        assert "Söka lägenhet" in page.said
        assert "Skriva intyg" in page.said
        assert "Kronofogden" not in page.said
        assert "Skulder" not in page.said

    def test_nothing_is_counted_and_nothing_can_be_changed(
        self, partner: SiteClient, session: Session, world: World
    ) -> None:
        a_need(session, world, world.near)
        a_closed_action(session, world, now=NOW)
        session.commit()
        page = partner.get(f"/shared/cases/{world.near.id}")
        assert not page.soup.select("main form, main button, main [disabled]")

    def test_it_says_by_what_right_one_sees_the_case(self, partner: SiteClient, world: World) -> None:
        assert (
            "Du ser ärendet genom klientens samtycke till och med" in partner.get(f"/shared/cases/{world.near.id}").said
        )

    def test_an_actor_whose_consent_is_revoked_only_does_not_take_part(
        self, partner: SiteClient, session: Session, world: World
    ) -> None:
        revoke(session, world.near, world.employment.id)
        listed = partner.get(f"/shared/cases/{world.near.id}").one("section[aria-labelledby=parts]").get_text(" ")
        assert "Arbetsförmedlare" in listed
        assert "deltar inte" in listed
        assert "återkall" not in partner.get(f"/shared/cases/{world.near.id}").said

    def test_an_actor_that_was_never_let_in_is_not_there_at_all(
        self, partner: SiteClient, session: Session, world: World
    ) -> None:
        session.add(
            CaseActor(office_id=world.office.id, case_id=world.near.id, actor_id=world.clinic.id, joined_on=TODAY)
        )
        session.commit()
        assert "Beroendemottagningen" not in partner.get(f"/shared/cases/{world.near.id}").said

    def test_only_ones_own_booked_times_stand_there(self, partner: SiteClient, session: Session, world: World) -> None:
        a_booking(session, world, details(what="Träffa socialen"), now=NOW)
        a_booking(session, world, details(clock=dt.time(15), what="Träffa arbetet"), now=NOW, actor=world.employment)
        session.commit()
        said = partner.get(f"/shared/cases/{world.near.id}").said
        assert "Träffa socialen" in said
        assert "Träffa arbetet" not in said

    @pytest.mark.parametrize("how", ["revoked", "left", "closed", "sealed", "other office", "not in it"])
    def test_what_is_not_shared_looks_like_what_is_not_there(
        self, partner: SiteClient, session: Session, world: World, how: str
    ) -> None:
        key = world.near.id
        if how == "revoked":
            revoke(session, world.near, world.social.id)
        elif how == "left":
            session.execute(update(CaseActor).where(CaseActor.case_id == key).values(left_on=TODAY))
        elif how == "closed":
            session.execute(update(Case).where(Case.id == key).values(phase=Phase.CLOSED))
        elif how == "sealed":
            session.execute(update(Case).where(Case.id == key).values(sealed_at=NOW))
        elif how == "other office":
            _, elsewhere = an_office(session, now=NOW, name="Frivården Ekhamn", email="ekhamn@kv.example")
            key = a_case(session, elsewhere, "K-1", release_at=None, actors=[]).id
        else:
            key = a_case(session, world.coordinator, "K-9", release_at=None, actors=[world.clinic]).id
        session.commit()
        hidden, absent = partner.get(f"/shared/cases/{key}"), partner.get(f"/shared/cases/{ABSENT}")
        assert (hidden.status, absent.status) == (404, 404)
        assert hidden.said == absent.said
        assert f"/shared/cases/{key}" not in partner.get("/shared/cases").text

    def test_the_clients_whole_week_is_not_for_a_partner(self, partner: SiteClient, world: World) -> None:
        assert partner.get(f"/shared/cases/{world.near.id}/schedule").status == 403

    def test_the_coordinator_is_sent_to_the_whole_page(self, client: SiteClient, world: World) -> None:
        assert client.get(f"/shared/cases/{world.near.id}").goes_to == f"/cases/{world.near.id}"


class TestOwnAction:
    def test_the_area_of_a_need_that_is_not_shared_is_left_out(
        self, partner: SiteClient, session: Session, world: World
    ) -> None:
        revoke(session, world.near, world.social.id)
        a_consent(session, world.coordinator, world.near, world.social, areas=["Boende"])
        debts = a_need(session, world, world.near, area="Skulder")
        action = an_action(session, world, now=NOW, what="Skriva intyg", need_id=debts.id)
        session.commit()
        row = partner.post(
            f"/actions/{action.id}/state", {"state": "ongoing", "row": "1"}, headers={"HX-Request": "true"}
        )
        assert "Skulder" not in row.said
        for path in ("/actions", f"/actions/{action.id}"):
            said = partner.get(path).said
            assert "Skriva intyg" in said
            assert "Skulder" not in said

    def test_it_leads_to_the_case_as_the_partner_sees_it(
        self, partner: SiteClient, session: Session, world: World
    ) -> None:
        action = an_action(session, world, now=NOW)
        session.commit()
        assert f"/shared/cases/{world.near.id}" in partner.get(f"/actions/{action.id}").text


class TestCaseWorker:
    def test_the_whole_plan_can_be_read_and_only_own_actions_opened(
        self, app: FastAPI, session: Session, world: World
    ) -> None:
        need = a_need(session, world, world.near)
        others = an_action(session, world, now=NOW, what="Söka lägenhet", need_id=need.id)
        own = an_action(session, world, now=NOW, what="Ordna id-kort", actor=world.prison)
        page = a_worker(app, session, world).get(f"/shared/cases/{world.near.id}")
        assert "Söka lägenhet" in page.said
        assert f"/actions/{own.id}" in page.text
        assert f"/actions/{others.id}" not in page.text
        assert "samma myndighet som frivården" in page.said

    def test_the_clients_week_can_be_printed(self, app: FastAPI, session: Session, world: World) -> None:
        a_booking(session, world, details(what="Träffa socialen"), now=NOW)
        worker = a_worker(app, session, world)
        path = f"/shared/cases/{world.near.id}/schedule"
        assert "Träffa socialen" in worker.get(path).said
        assert "Träffa socialen" in worker.get(f"{path}/client").said
        assert worker.get(f"/shared/cases/{world.far.id}/schedule").status == 404

    def test_another_functions_action_cannot_be_changed(self, app: FastAPI, session: Session, world: World) -> None:
        others = an_action(session, world, now=NOW)
        worker = a_worker(app, session, world)
        assert worker.post(f"/actions/{others.id}/state", {"state": "done"}).status == 404

    def test_a_need_is_read_only(self, app: FastAPI, session: Session, world: World) -> None:
        need = a_need(session, world, world.near)
        worker = a_worker(app, session, world)
        assert worker.post(f"/needs/{need.id}/meet").status == 403
        assert session.get_one(Need, need.id).met_on is None
