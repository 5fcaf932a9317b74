"""The pages for handing a function over, and for organisations."""

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from inslussning.models import Actor, Invitation, Organisation, OutboxMessage, Person, SlotActor, StaffChange, Staffing
from inslussning.practice.organisations import OrganisationKind
from tests.clients import SiteClient
from tests.conftest import NOW
from tests.factories.bookings import a_booking
from tests.factories.offices import World, a_partner, an_actor, an_office
from tests.factories.planning import a_slot, a_video_meeting
from tests.received import written

A = "a@kommun.example"
NEW = {"last_on": "2027-01-31", "name": "Bo Ahl", "email": "b@kommun.example"}


@pytest.fixture
def staffed(session: Session, world: World) -> World:
    """Social services has no mailbox; Anna answers for it and is asked to the weekly time."""
    world.social.mailbox = ""
    a_partner(session, world, world.social, email=A, name="Anna Berg")
    a_slot(session, world.coordinator, now=NOW, actor_ids=(world.social.id,))
    session.commit()
    return world


def path(world: World) -> str:
    return f"/actors/{world.social.id}/handover"


def order(session: Session, **changes: str) -> dict[str, str]:
    key = session.scalars(select(Staffing.id).join(Staffing.person).where(Person.email == A)).one()
    return {"leaving_id": str(key)} | NEW | changes


class TestHandingOver:
    def test_it_says_what_happens_before_anything_does(
        self, either: SiteClient, session: Session, staffed: World
    ) -> None:
        answer = either.post(path(staffed), order(session))
        assert answer.status == 200
        assert "Anna Berg slutar söndag 31 januari 2027. Bo Ahl tar över måndag 1 februari 2027." in answer.said
        assert "2 ärenden" in answer.said
        assert "Anna Berg : besked om bytet, 1 återtagen inbjudan" in answer.said
        assert session.scalars(select(StaffChange)).all() == []

    def test_seen_it_is_done_and_said(self, either: SiteClient, session: Session, staffed: World) -> None:
        answer = either.post(path(staffed), order(session, seen="1"))
        assert answer.goes_to == f"/actors/{staffed.social.id}"
        said = either.get(answer.goes_to).said
        assert "Överlämningen är inlagd. 4 mejl är på väg." in said
        assert "Anna Berg slutar sön 31 jan 2027. Bo Ahl tar över dagen efter." in said

    def test_pressed_twice_it_has_one_effect(self, client: SiteClient, session: Session, staffed: World) -> None:
        typed = order(session, seen="1")
        client.post(path(staffed), typed)
        mails = len(written(session))
        assert client.post(path(staffed), typed).goes_to == f"/actors/{staffed.social.id}"
        assert len(session.scalars(select(StaffChange)).all()) == 1
        assert len(session.scalars(select(Staffing).where(Staffing.actor_id == staffed.social.id)).all()) == 2
        assert len(written(session)) == mails

    def test_it_can_be_undone_until_its_day(self, client: SiteClient, session: Session, staffed: World) -> None:
        client.post(path(staffed), order(session, seen="1"))
        change = session.scalars(select(StaffChange)).one()
        client.post(f"{path(staffed)}/{change.id}/undo")
        said = client.get(f"/actors/{staffed.social.id}").said
        assert "Överlämningen är ångrad" in said
        assert "Bo Ahl" not in said

    def test_a_plan_comes_filled_in_to_be_changed(self, client: SiteClient, session: Session, staffed: World) -> None:
        client.post(path(staffed), order(session, seen="1"))
        change = session.scalars(select(StaffChange)).one()
        form = client.get(f"{path(staffed)}?change={change.id}")
        assert form.one("#f-last_on")["value"] == "2027-01-31"
        assert form.one("#f-person_id option[selected]").text == "Bo Ahl"

    @pytest.mark.parametrize(
        ("field", "typed"),
        [("last_on", {"last_on": "2025-01-01"}), ("name", {"name": ""}), ("email", {"email": A})],
    )
    def test_what_cannot_be_is_said_by_the_field_and_kept(
        self, either: SiteClient, session: Session, staffed: World, field: str, typed: dict[str, str]
    ) -> None:
        answer = either.post(path(staffed), order(session, **typed))
        assert answer.status == 422
        assert answer.error_of(field)
        assert answer.one("#f-email")["value"]

    def test_an_overlap_is_allowed_and_said(self, client: SiteClient, session: Session, staffed: World) -> None:
        third = {"name": "Cia Dal", "email": "c@kommun.example", "starts_on": "2027-01-15", "ends_on": "2027-02-15"}
        client.post(f"/actors/{staffed.social.id}/staffing", third)
        answer = client.post(path(staffed), order(session))
        assert "Flera bemannar samtidigt:" in answer.said

    def test_a_function_nobody_staffs_has_nobody_to_hand_over(self, client: SiteClient, world: World) -> None:
        assert client.get(path(world)).status == 404

    def test_a_foreign_actor_a_foreign_person_and_a_foreign_plan_are_absent(
        self, client: SiteClient, session: Session, staffed: World
    ) -> None:
        office, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        foreign = an_actor(session, other, "x", "Hemlig funktion", OrganisationKind.REGION)
        person = Person(office_id=office.id, name="X", email="x@x.example", organisation_id=foreign.organisation_id)
        session.add(person)
        session.commit()
        assert client.get(f"/actors/{foreign.id}/handover").status == 404
        assert client.post(f"/actors/{foreign.id}/handover", order(session)).status == 404
        assert client.post(path(staffed), order(session, person_id=str(person.id))).error_of("person_id")
        assert client.post(f"{path(staffed)}/{person.id}/undo").status == 404


class TestVacancies:
    def test_one_to_come_is_announced_in_the_list_and_on_the_page(
        self, client: SiteClient, session: Session, staffed: World
    ) -> None:
        staffing = order(session)["leaving_id"]
        client.post(f"/actors/{staffed.social.id}/staffing/{staffing}/end", {"ends_on": "2027-01-31"})
        assert "Vakant från mån 1 feb 2027" in client.get("/actors").said
        page = client.get(f"/actors/{staffed.social.id}").said
        assert "Vakant – ingen bemannar funktionen: från mån 1 feb 2027" in page

    def test_one_that_is_soon_is_announced_on_the_front_page(
        self, client: SiteClient, session: Session, staffed: World
    ) -> None:
        staffing = order(session)["leaving_id"]
        client.post(f"/actors/{staffed.social.id}/staffing/{staffing}/end", {"ends_on": "2026-11-30"})
        assert "Socialsekreterare vuxen – Björkstad är vakant från tis 1 dec." in client.get("/?everything=1").said

    def test_it_is_red_on_the_meeting_with_its_one_act(
        self, client: SiteClient, session: Session, staffed: World
    ) -> None:
        meeting = a_video_meeting(session, staffed, now=NOW)
        session.commit()
        person = client.get(f"/meetings/{meeting.id}").soup.select(".person-line")
        lines = {one.select_one(".actor-title").text: one for one in person}  # type: ignore[union-attr]
        assert not lines["Socialsekreterare vuxen – Björkstad"].select(".person-vacant")
        vacant = lines["Klienthandläggare – Granliden"].select_one(".person-vacant")
        assert vacant is not None
        assert "vakant – ingen bemannar funktionen" in vacant.text
        assert str(vacant.a["href"]).endswith(f"/actors/{staffed.prison.id}#staff")  # type: ignore[index]

    def test_a_function_without_mailbox_and_people_cannot_be_asked_and_that_is_said(
        self, client: SiteClient, session: Session, world: World
    ) -> None:
        world.clinic.mailbox = ""
        session.commit()
        said = client.get("/slots/new").said
        assert "Beroendemottagningen – Björkstad ingen brevlåda, får inget mejl, och ingen bemannar den" in said
        assert "Ingen kan kallas" in client.get(f"/actors/{world.clinic.id}").said


class TestClosing:
    def test_it_says_what_is_taken_back_and_takes_it_back(
        self, client: SiteClient, session: Session, staffed: World
    ) -> None:
        a_booking(session, staffed, now=NOW)
        session.commit()
        close = f"/actors/{staffed.social.id}/close"
        said = client.get(close).said
        assert "53 tillfällen i veckotiden" in said
        assert "En bokad tid ligger framåt." in said
        client.post(close)
        last = written(session, to=A)[-1]
        assert (last.subject, last.method) == ("Inbjudan återtagen: möte torsdagar 09.00", "CANCEL")
        (place,) = session.scalars(select(SlotActor).where(SlotActor.actor_id == staffed.social.id))
        assert place.left_on == NOW.date()
        kept = session.scalars(select(Invitation).where(Invitation.appointment_id.is_not(None))).one()
        assert kept.withdrawn_at is None

    def test_to_look_changes_nothing(self, client: SiteClient, session: Session, staffed: World) -> None:
        before = session.scalars(select(OutboxMessage.id)).all()
        client.get(f"/actors/{staffed.social.id}/close")
        session.refresh(staffed.social)
        assert staffed.social.closed_on is None
        assert session.scalars(select(OutboxMessage.id)).all() == before


class TestOrganisations:
    def test_the_page_shows_functions_and_people(self, client: SiteClient, staffed: World) -> None:
        said = client.get(f"/organisations/{staffed.social.organisation_id}").said
        assert "Socialsekreterare vuxen – Björkstad" in said
        assert "Anna Berg" in said
        assert "behöver klientens samtycke" in said

    def test_opening_cases_without_consent_asks_once_more(
        self, either: SiteClient, session: Session, staffed: World
    ) -> None:
        organisation = session.get_one(Organisation, staffed.social.organisation_id)
        edit = f"/organisations/{organisation.id}/edit"
        typed = {"name": organisation.name, "kind": organisation.kind.value}
        answer = either.post(edit, typed)
        assert answer.status == 422
        assert "2 öppna ärenden där organisationen är med syns för den direkt" in answer.said
        session.refresh(organisation)
        assert organisation.needs_basis
        assert either.post(edit, typed | {"anyway": "1"}).goes_to == f"/organisations/{organisation.id}"
        session.refresh(organisation)
        assert not organisation.needs_basis

    def test_to_need_consent_again_needs_no_second_thought(
        self, client: SiteClient, session: Session, staffed: World
    ) -> None:
        probation = session.get_one(Organisation, staffed.probation.organisation_id)
        typed = {"name": probation.name, "kind": probation.kind.value, "needs_basis": "1"}
        assert client.post(f"/organisations/{probation.id}/edit", typed).status == 303
        session.refresh(probation)
        assert probation.needs_basis

    def test_a_taken_name_is_said_by_the_field(self, client: SiteClient, session: Session) -> None:
        first, second = session.scalars(select(Organisation).limit(2)).all()
        typed = {"name": second.name, "kind": first.kind.value, "needs_basis": "1"}
        assert client.post(f"/organisations/{first.id}/edit", typed).error_of("name")

    def test_another_offices_is_absent(self, client: SiteClient, session: Session) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        foreign = an_actor(session, other, "x", "Hemlig funktion", OrganisationKind.REGION)
        session.commit()
        absent = client.get("/organisations/00000000-0000-7000-8000-000000000000")
        refused = client.get(f"/organisations/{foreign.organisation_id}")
        assert refused.status == absent.status == 404
        assert refused.text == absent.text

    def test_they_are_listed_and_reached_from_the_actors(self, client: SiteClient) -> None:
        assert client.get("/actors").soup.select("a[href$='/organisations']")
        assert "Arbetsförmedlingen" in client.get("/organisations").said


def test_a_staffing_added_twice_is_there_once(client: SiteClient, session: Session, world: World) -> None:
    typed = {"name": "Åsa Öberg", "email": "asa@kommun.example", "starts_on": "2026-11-01"}
    for _ in range(2):
        client.post(f"/actors/{world.social.id}/staffing", typed)
    actor = session.get_one(Actor, world.social.id)
    (staffing,) = session.scalars(select(Staffing).where(Staffing.actor_id == actor.id))
    assert staffing.starts_on == dt.date(2026, 11, 1)
