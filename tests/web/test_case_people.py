"""The pages about who may see a case, and letting something about a protected client leave the house."""

import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from inslussning.models import Appointment, AuditEntry, Case, Invitation
from inslussning.practice.access import Principal
from inslussning.practice.audit import Event
from inslussning.practice.protection import Protection
from inslussning.services import protection
from tests.clients import SiteClient
from tests.conftest import NOW
from tests.factories.bookings import a_booking, details
from tests.factories.offices import World
from tests.factories.planning import LINKS
from tests.services.test_case_people import a_colleague

CANARY = "Kanarievägen"


@pytest.fixture
def colleague(session: Session, world: World) -> Principal:
    colleague = a_colleague(session, world)
    session.commit()
    return colleague


@pytest.fixture
def protected(session: Session, world: World) -> Case:
    """A protected case with a time at a place that must not be shown."""
    world.social.visiting_address = f"{CANARY} 2"
    a_booking(session, world, details(place=f"{CANARY} 7", getting_there=f"Gå {CANARY}"), now=NOW)
    own = world.coordinator
    protection.protect(session, own, world.near.id, Protection.MARKED, [own.person_id], links=LINKS, now=NOW)
    session.commit()
    return world.near


class TestWhoMaySee:
    def test_the_rule_stands_in_words(self, client: SiteClient, world: World) -> None:
        said = client.get(f"/cases/{world.near.id}/people").said
        assert "Kontorets samordnare och frivårdsinspektörer får se ärendet" in said

    def test_a_colleague_is_kept_out(self, either: SiteClient, world: World, colleague: Principal) -> None:
        typed = {"person_id": str(colleague.person_id), "kind": "excluded", "reason": "Släkt med klienten"}
        answer = either.post(f"/cases/{world.near.id}/people", typed)
        assert answer.goes_to == f"/cases/{world.near.id}/people"
        other = SiteClient(either.app).signed_in(colleague)
        absent = other.get(f"/cases/{world.far.client_id}")
        hidden = other.get(f"/cases/{world.near.id}")
        assert (hidden.status, hidden.text) == (404, absent.text)

    def test_a_bad_choice_is_said_by_the_field_and_kept(self, either: SiteClient, world: World) -> None:
        typed = {"person_id": str(world.coordinator.person_id), "kind": "excluded", "reason": "Släkt"}
        answer = either.post(f"/cases/{world.near.id}/people", typed)
        assert answer.status == 422
        assert "dig själv" in answer.error_of("person_id")
        assert answer.one("#f-reason")["value"] == "Släkt"

    def test_a_case_is_sealed_and_opened_again(self, either: SiteClient, world: World, colleague: Principal) -> None:
        path = f"/cases/{world.near.id}/people"
        either.post(f"{path}/seal", {"person_ids": str(world.coordinator.person_id)})
        assert "Bara en namngiven person" in either.get(path).said
        assert SiteClient(either.app).signed_in(colleague).get(path).status == 404
        either.post(f"{path}/unseal")
        assert SiteClient(either.app).signed_in(colleague).get(path).status == 200

    def test_sealing_without_anybody_is_refused(self, either: SiteClient, world: World) -> None:
        answer = either.post(f"/cases/{world.near.id}/people/seal", {})
        assert answer.status == 422
        assert "minst en" in answer.error_of("person_ids").lower()

    def test_who_names_only_others_is_led_away_from_the_case(
        self, either: SiteClient, world: World, colleague: Principal
    ) -> None:
        answer = either.post(f"/cases/{world.near.id}/people/seal", {"person_ids": str(colleague.person_id)})
        assert answer.goes_to == "/cases"
        assert either.get(f"/cases/{world.near.id}/people").status == 404

    def test_a_person_is_taken_off_the_list(self, either: SiteClient, world: World, colleague: Principal) -> None:
        path = f"/cases/{world.near.id}/people"
        either.post(path, {"person_id": str(colleague.person_id), "kind": "named", "reason": "Har ärendet"})
        assert "Olle Kollega" in either.get(path).soup.select_one("#named").parent.get_text()  # type: ignore[union-attr]
        either.post(f"{path}/{colleague.person_id}/remove")
        assert "Ingen är namngiven" in either.get(path).said

    def test_of_another_office_the_page_is_absent(self, client: SiteClient, world: World) -> None:
        assert client.get(f"/cases/{world.office.id}/people").status == 404

    def test_saving_after_having_been_kept_out_is_refused_and_loses_nothing(
        self, client: SiteClient, world: World, colleague: Principal, session: Session
    ) -> None:
        other = SiteClient(client.app).signed_in(colleague)
        form = {"code": "K-101", "phase": "plan", "version": "1", "supervision_ends_on": "2029-01-04"}
        client.post(
            f"/cases/{world.near.id}/people",
            {"person_id": str(colleague.person_id), "kind": "excluded", "reason": "Släkt"},
        )
        assert other.post(f"/cases/{world.near.id}/edit", form).status == 404
        session.expire_all()
        assert session.get_one(Case, world.near.id).supervision_ends_on is None


class TestProtectedIdentity:
    def test_it_is_set_on_the_page(self, either: SiteClient, world: World) -> None:
        typed = {"protection": "population_register", "protected_ids": str(world.coordinator.person_id)}
        either.post(f"/cases/{world.near.id}/people/protection", typed)
        said = either.get(f"/cases/{world.near.id}").said
        assert "Skyddade personuppgifter (skyddad folkbokföring)" in said
        assert "Varje visning loggas" in said

    @pytest.mark.parametrize("path", ["/cases/{}", "/schedules/{}", "/schedules/{}/client", "/", "/schedules"])
    def test_no_page_with_a_list_shows_the_place(self, client: SiteClient, protected: Case, path: str) -> None:
        answer = client.get(path.format(protected.id))
        assert answer.status == 200
        assert CANARY not in answer.text

    def test_the_form_where_a_time_is_changed_shows_it_and_the_log_says_so(
        self, client: SiteClient, protected: Case, session: Session
    ) -> None:
        key = session.scalars(select(Appointment.id).where(Appointment.case_id == protected.id)).one()
        assert CANARY in client.get(f"/appointments/{key}/edit").text
        assert session.scalar(select(AuditEntry.seq).where(AuditEntry.event == Event.UNMASKED))

    def test_the_schedule_is_not_printed(self, client: SiteClient, protected: Case) -> None:
        page = client.get(f"/schedules/{protected.id}")
        assert not page.soup.select("[data-print]")
        assert "Utskriften är stoppad" in page.said
        assert client.get(f"/schedules/{protected.id}/client").soup.select("main.never-printed")

    @pytest.mark.parametrize(("asked", "document"), [("pdf", "paper"), ("ics", "calendar")])
    def test_a_paper_is_asked_for_on_a_page_of_its_own(
        self, client: SiteClient, protected: Case, asked: str, document: str
    ) -> None:
        answer = client.get(f"/schedules/{protected.id}/{asked}")
        assert (answer.status, answer.goes_to) == (303, f"/cases/{protected.id}/release/schedule/{document}")
        page = client.get(answer.goes_to)
        assert "Det här lämnar huset" in page.said
        assert CANARY not in page.text

    @pytest.mark.parametrize(("document", "begins"), [("paper", b"%PDF"), ("calendar", b"BEGIN:VCALENDAR")])
    def test_it_is_handed_out_once_with_a_reason(
        self, client: SiteClient, protected: Case, document: str, begins: bytes
    ) -> None:
        path = f"/cases/{protected.id}/release/schedule/{document}"
        refused = client.post(path, {"reason": "Klienten bad om det"})
        assert refused.status == 422
        assert "Bekräfta" in refused.error_of("confirmed")
        answer = client.post(path, {"reason": "Klienten bad om det", "confirmed": "1"})
        assert answer.response.content.startswith(begins)
        assert CANARY.encode() not in answer.response.content
        assert "Klienten bad om det" in client.get(f"/cases/{protected.id}/people").said

    def test_a_mail_is_let_go(self, either: SiteClient, protected: Case, session: Session) -> None:
        key = session.scalars(select(Invitation.id).where(Invitation.case_id == protected.id)).one()
        assert "Mejl som väntar" in either.get(f"/cases/{protected.id}").said
        path = f"/cases/{protected.id}/release/mail/{key}"
        assert "Ingen plats, ingen videolänk" in either.get(path).said
        answer = either.post(path, {"reason": "Aktören måste veta", "confirmed": "1"})
        assert answer.goes_to == f"/cases/{protected.id}"
        assert "Mejl som väntar" not in either.get(f"/cases/{protected.id}").said
        assert either.get(path).status == 404
        mail = re.search(r"/outbox/[0-9a-f-]{36}", either.get("/outbox").text)
        assert mail
        assert CANARY not in either.get(mail[0]).text


class TestWhatAColleagueDoesNotSee:
    """A hidden case exists nowhere; where an hour must add up, the hour alone is there."""

    @pytest.fixture
    def hidden(self, session: Session, world: World, colleague: Principal) -> SiteClient:
        a_booking(session, world, now=NOW)
        protection.seal(session, world.coordinator, world.near.id, [world.coordinator.person_id], now=NOW)
        session.commit()
        self.colleague = colleague
        return None  # type: ignore[return-value]

    def _client(self, client: SiteClient) -> SiteClient:
        return SiteClient(client.app).signed_in(self.colleague)

    @pytest.mark.usefixtures("hidden")
    @pytest.mark.parametrize("path", ["/", "/cases", "/schedules", "/actions", "/meetings", "/outbox", "/actions/new"])
    def test_no_list_names_it(self, client: SiteClient, path: str) -> None:
        answer = self._client(client).get(path)
        assert answer.status == 200
        assert "K-101" not in answer.text

    @pytest.mark.usefixtures("hidden")
    def test_search_does_not_find_it(self, client: SiteClient) -> None:
        answer = self._client(client).post("/search", {"text": "K-101"})
        assert "Inget" in answer.said or "ingen" in answer.said.lower()
        assert answer.goes_to == ""

    @pytest.mark.usefixtures("hidden")
    def test_its_mail_is_not_in_the_outbox(self, client: SiteClient) -> None:
        assert "/outbox/" not in self._client(client).get("/outbox").one("main").decode()

    @pytest.mark.usefixtures("hidden")
    def test_its_code_is_taken_as_any_other(self, client: SiteClient) -> None:
        hidden = self._client(client).post("/cases/new", {"code": "K-101", "phase": "plan"})
        known = self._client(client).post("/cases/new", {"code": "K-102", "phase": "plan"})
        assert (hidden.status, hidden.error_of("code")) == (known.status, known.error_of("code"))

    @pytest.mark.usefixtures("hidden")
    def test_its_hour_is_taken_and_nothing_more_is_said(self, client: SiteClient, world: World) -> None:
        typed = {
            "case": str(world.far.id),
            "actor_id": str(world.social.id),
            "day": "2027-01-07",
            "starts": "13.00",
            "ends": "14.00",
            "what": "Möte",
        }
        answer = self._client(client).post(f"/appointments/new?case={world.far.id}", typed)
        assert "upptagen" in answer.said
        assert "K-101" not in answer.text
