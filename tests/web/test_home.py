"""Idag: the next weekly slot, what needs somebody, who is on the way out."""

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from inslussning.config import Settings
from inslussning.models import Case, OutboxMessage, WeeklySlot
from inslussning.practice.mail import MailKind
from inslussning.practice.phases import Phase
from inslussning.services import actions, slots
from inslussning.services.actions import NewAction
from inslussning.services.links import Links
from inslussning.services.slots import NewSlot
from meetings.vocabulary import Weekday
from tests.clients import SiteClient
from tests.conftest import NOW, TODAY, QueryCounter
from tests.factories.offices import World, a_case, a_partner


@pytest.fixture
def slot(session: Session, world: World, settings: Settings) -> WeeklySlot:
    """Thursdays at nine with three actors; the next is 26 November."""
    new = NewSlot(
        name="Björkstad",
        weekday=Weekday.THURSDAY,
        local_start=dt.time(9),
        minutes=120,
        first_on=TODAY,
        actor_ids=(world.social.id, world.employment.id, world.clinic.id),
    )
    slot = slots.create_slot(session, world.coordinator, new, links=Links("key", settings.base_url), now=NOW)
    session.commit()
    return slot


class TestEmptyOffice:
    def test_without_a_slot_it_says_how_to_begin(self, client: SiteClient) -> None:
        said = client.get("/").said
        assert "Kom igång" in said
        assert "Skapa veckotiden" in said


@pytest.mark.usefixtures("slot")
class TestNextSlot:
    def test_it_shows_the_next_date_and_who_has_not_answered(self, client: SiteClient) -> None:
        said = client.get("/").said
        assert "tors 26 nov" in said.lower()
        assert "09.00–11.00" in said
        assert "3 inget svar" in said
        assert "Påminn dem som inte svarat (3)" in said

    def test_reminding_sends_one_mail_to_each_silent_actor(self, client: SiteClient, session: Session) -> None:
        form = client.get("/").one("form[action$='/remind']")
        client.post(str(form["action"]))
        reminded = session.scalars(select(OutboxMessage.recipient).where(OutboxMessage.kind == MailKind.REMINDER)).all()
        assert sorted(reminded) == ["af@partner.example", "bero@partner.example", "soc@partner.example"]


class TestAttention:
    def test_an_overdue_action_is_listed_with_its_one_way_on(
        self, client: SiteClient, session: Session, world: World
    ) -> None:
        new = NewAction(case_id=world.near.id, actor_id=world.social.id, what="Ansöka om bistånd", due_on=TODAY)
        action = actions.add_action(session, world.coordinator, new, now=NOW)
        action.due_on = TODAY - dt.timedelta(days=4)
        session.commit()
        answer = client.get("/")
        assert "för 4 dagar sedan: Ansöka om bistånd" in answer.said
        assert answer.one(f"a[href='/actions/{action.id}']")

    def test_a_function_nobody_staffs_needs_somebody(self, client: SiteClient) -> None:
        assert "Ingen bemannar Socialsekreterare vuxen" in client.get("/?everything=true").said

    def test_only_the_seven_most_urgent_are_shown_until_asked_for(
        self, client: SiteClient, session: Session, world: World
    ) -> None:
        for number in range(12):
            a_case(session, world.coordinator, f"K-2{number:02}", release_at=NOW + dt.timedelta(days=30), actors=[])
        session.commit()
        assert len(client.get("/").soup.select(".todo > li")) == 7
        assert len(client.get("/?everything=true").soup.select(".todo > li")) > 12

    def test_htmx_gets_only_the_list(self, client: SiteClient) -> None:
        text = client.as_htmx().get("/?everything=true").text
        assert "Kräver dig" in text
        assert "<html" not in text


class TestReleases:
    def test_coming_releases_stand_nearest_first(self, client: SiteClient) -> None:
        said = client.get("/").said
        assert said.index("K-101 mån 4 jan 2027") < said.index("K-102 tors 15 apr 2027")

    def test_a_closed_case_is_not_on_the_way_out(self, client: SiteClient, session: Session, world: World) -> None:
        case = session.get_one(Case, world.far.id)
        case.phase, case.closed_on = Phase.CLOSED, TODAY
        session.commit()
        assert "K-102" not in client.get("/").one(".releases").get_text()


class TestWhoMaySee:
    def test_a_partner_has_a_start_page_of_its_own(self, anonymous: SiteClient, session: Session, world: World) -> None:
        partner = a_partner(session, world, world.social)
        session.commit()
        page = anonymous.signed_in(partner).get("/")
        assert "Dina åtgärder" in page.said
        assert "Kräver dig" not in page.said

    @pytest.mark.usefixtures("world")
    def test_nobody_signed_in_is_asked_to(self, anonymous: SiteClient) -> None:
        assert anonymous.get("/").goes_to == "/sign-in?next=/"


class TestSpeed:
    @pytest.mark.usefixtures("slot")
    def test_the_number_of_statements_does_not_grow_with_the_office(
        self, client: SiteClient, session: Session, world: World, query_counter: QueryCounter
    ) -> None:
        with query_counter() as few:
            client.get("/")
        for number in range(40):
            a_case(
                session,
                world.coordinator,
                f"K-3{number:02}",
                release_at=NOW + dt.timedelta(days=number),
                actors=[world.social],
            )
        session.commit()
        with query_counter() as many:
            client.get("/")
        assert len(many) == len(few)
        assert len(many) <= 24
