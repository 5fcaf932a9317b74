"""The actors' pages: listing, adding, changing, staffing."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from inslussning.models import Actor, Staffing
from inslussning.practice.organisations import OrganisationKind
from tests.clients import SiteClient
from tests.conftest import NOW
from tests.factories.offices import World, an_actor, an_office

HOUSING = {
    "organisation": "Björkstads kommun",
    "kind": "municipality",
    "function": "Boendesamordnare",
    "short_name": "boende",
}


class TestIndex:
    def test_it_lists_every_function_with_its_organisation(self, either: SiteClient) -> None:
        answer = either.get("/actors")
        assert answer.status == 200
        assert "Socialsekreterare vuxen – Björkstad" in answer.said

    def test_a_function_nobody_staffs_is_called_vacant(self, client: SiteClient) -> None:
        assert "Vakant" in client.get("/actors").said


class TestAdd:
    def test_a_new_function_can_be_added(self, either: SiteClient, session: Session) -> None:
        answer = either.post("/actors/new", HOUSING | {"mailbox": "Boende@Bjorkstad.example"})
        added = session.scalars(select(Actor).where(Actor.short_name == "boende")).one()
        assert answer.goes_to == f"/actors/{added.id}"
        assert added.mailbox == "Boende@bjorkstad.example"

    def test_what_was_typed_is_kept_when_the_address_is_wrong(self, either: SiteClient) -> None:
        answer = either.post("/actors/new", HOUSING | {"mailbox": "inte en adress"})
        assert answer.status == 422
        assert answer.one("#f-mailbox")["value"] == "inte en adress"
        assert answer.one("#f-function")["value"] == "Boendesamordnare"
        assert answer.error_of("mailbox")

    def test_a_taken_short_name_is_said_by_the_field(self, client: SiteClient) -> None:
        answer = client.post("/actors/new", HOUSING | {"short_name": "soc"})
        assert answer.status == 422
        assert "kortnamn" in answer.error_of("short_name")

    def test_a_megabyte_of_text_is_too_long_and_kept(self, client: SiteClient) -> None:
        answer = client.post("/actors/new", HOUSING | {"function": "å" * 1_000_000})
        assert answer.status == 422
        assert "120" in answer.error_of("function")


class TestStaffing:
    def test_a_person_can_answer_for_a_function(self, client: SiteClient, world: World) -> None:
        client.post(
            f"/actors/{world.social.id}/staffing",
            {"name": "Åsa Öberg", "email": "asa@kommun.example", "starts_on": "1/11 2026"},
        )
        assert "Åsa Öberg" in client.get(f"/actors/{world.social.id}").said

    def test_an_end_before_the_start_is_refused(self, client: SiteClient, world: World) -> None:
        typed = {"name": "Åsa", "email": "asa@kommun.example", "starts_on": "2027-02-01", "ends_on": "2027-01-31"}
        assert client.post(f"/actors/{world.social.id}/staffing", typed).error_of("ends_on")


STARTED = {"name": "Åsa Öberg", "email": "asa@kommun.example", "starts_on": "2026-11-01"}


class TestEndingAStaffing:
    def test_it_gets_a_last_day(self, client: SiteClient, session: Session, world: World) -> None:
        client.post(f"/actors/{world.social.id}/staffing", STARTED)
        staffing = session.scalars(select(Staffing)).one()
        client.post(f"/actors/{world.social.id}/staffing/{staffing.id}/end", {"ends_on": "2026-11-30"})
        session.refresh(staffing)
        assert str(staffing.ends_on) == "2026-11-30"

    def test_a_day_before_it_began_is_refused_by_the_field(
        self, client: SiteClient, session: Session, world: World
    ) -> None:
        client.post(f"/actors/{world.social.id}/staffing", STARTED)
        staffing = session.scalars(select(Staffing)).one()
        path = f"/actors/{world.social.id}/staffing/{staffing.id}/end"
        assert client.post(path, {"ends_on": "2026-10-31"}).error_of("ends_on")

    def test_it_is_not_found_under_another_actor(self, client: SiteClient, session: Session, world: World) -> None:
        client.post(f"/actors/{world.social.id}/staffing", STARTED)
        staffing = session.scalars(select(Staffing)).one()
        path = f"/actors/{world.clinic.id}/staffing/{staffing.id}/end"
        assert client.post(path, {"ends_on": "2026-11-30"}).status == 404


class TestChange:
    def test_the_form_comes_filled_in_and_is_saved(self, either: SiteClient, session: Session, world: World) -> None:
        path = f"/actors/{world.social.id}/edit"
        form = either.get(path)
        assert form.one("#f-function")["value"] == "Socialsekreterare vuxen"
        typed = HOUSING | {"function": "Socialsekreterare", "short_name": "soc", "wants_place": "1"}
        assert either.post(path, typed).goes_to == f"/actors/{world.social.id}"
        session.refresh(world.social)
        assert (world.social.function, world.social.wants_place) == ("Socialsekreterare", True)

    def test_what_cannot_be_used_is_shown_again(self, client: SiteClient, world: World) -> None:
        answer = client.post(f"/actors/{world.social.id}/edit", HOUSING | {"phone": "ring mig"})
        assert answer.status == 422
        assert answer.one("#f-phone")["value"] == "ring mig"

    def test_a_closed_function_can_no_longer_be_chosen(self, client: SiteClient, world: World) -> None:
        client.post(f"/actors/{world.social.id}/close")
        assert "Socialsekreterare vuxen" not in client.get("/actors").said


class TestForeignOffice:
    def test_an_actor_of_another_office_looks_absent(self, client: SiteClient, session: Session) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        foreign = an_actor(session, other, "x", "Hemlig funktion", OrganisationKind.REGION)
        session.commit()
        absent = client.get("/actors/00000000-0000-7000-8000-000000000000")
        refused = client.get(f"/actors/{foreign.id}")
        assert refused.status == absent.status == 404
        assert refused.text == absent.text
