"""The weekly slots' pages: making one, reading its year, its actors, ending it."""

import datetime as dt

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inslussning.models import Meeting, WeeklySlot
from inslussning.practice.organisations import OrganisationKind
from inslussning.services import meetings
from tests.clients import SiteClient
from tests.conftest import NOW, QueryCounter
from tests.factories.offices import World, a_partner, an_actor, an_office
from tests.factories.planning import LINKS, a_slot

THURSDAYS = {
    "name": "Inslussning centrum",
    "weekday": "3",
    "local_start": "9",
    "minutes": "120",
    "first_on": "7/1 2027",
    "place": "Storgatan 4",
}


@pytest.fixture
def slot(session: Session, world: World) -> WeeklySlot:
    slot = a_slot(session, world.coordinator, now=NOW, actor_ids=(world.social.id, world.clinic.id))
    session.commit()
    return slot


def of_day(session: Session, slot: WeeklySlot, day: dt.date) -> Meeting:
    return session.scalars(select(Meeting).where(Meeting.slot_id == slot.id, Meeting.original_on == day)).one()


def how_many(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(WeeklySlot)) or 0


class TestIndex:
    def test_without_a_slot_it_says_what_one_is_for(self, either: SiteClient) -> None:
        answer = either.get("/slots")
        assert answer.status == 200
        assert "Ingen veckotid än" in answer.said
        assert answer.one("main .ds-button")["href"] == "/slots/new"

    @pytest.mark.usefixtures("slot")
    def test_it_shows_the_next_date_and_who_has_answered(self, either: SiteClient) -> None:
        said = either.get("/slots").said
        assert "Varje torsdag kl. 09.00" in said
        assert "tors 7 jan 2027 kl. 09.00–11.00" in said
        assert "0 av 2 har svarat" in said
        assert "53 tillfällen kvar" in said

    def test_a_partner_has_no_such_page(self, app: FastAPI, session: Session, world: World) -> None:
        partner = a_partner(session, world, world.social)
        session.commit()
        assert SiteClient(app).signed_in(partner).get("/slots").status == 403


class TestNew:
    def test_a_slot_is_made_and_its_actors_are_invited(
        self, either: SiteClient, session: Session, world: World
    ) -> None:
        answer = either.post("/slots/new", THURSDAYS | {"actor_ids": [str(world.social.id)]})
        made = session.scalars(select(WeeklySlot)).one()
        assert answer.goes_to == f"/slots/{made.id}"
        assert "Veckotiden är skapad. Ett mejl är på väg." in either.get(answer.goes_to).said

    def test_an_actor_without_mailbox_is_said_before_and_after(
        self, client: SiteClient, session: Session, world: World
    ) -> None:
        housing = an_actor(session, world.coordinator, "bo", "Boende", OrganisationKind.LANDLORD, mailbox="")
        session.commit()
        assert "Boende – Björkstad ingen brevlåda, får inget mejl" in client.get("/slots/new").said
        answer = client.post("/slots/new", THURSDAYS | {"actor_ids": [str(housing.id)]})
        assert "Brevlåda saknas för Boende – Björkstad" in client.get(answer.goes_to).said

    @pytest.mark.parametrize(
        ("field", "typed"),
        [
            ("name", ""),
            ("name", "å" * 1_000_000),
            ("weekday", "7"),
            ("local_start", "25:99"),
            ("minutes", "0"),
            ("minutes", str(10**30)),
            ("minutes", "1e30"),
            ("first_on", "31 februari"),
            ("first_on", "1/11 2026"),
            ("last_on", "6 jan 2027"),
            ("last_on", "9999-12-31"),
            ("video_link", "javascript:alert(1)"),
            ("place", "å" * 201),
        ],
        ids=lambda value: value[:12],
    )
    def test_what_cannot_be_used_is_said_by_the_field_and_kept(
        self, client: SiteClient, session: Session, field: str, typed: str
    ) -> None:
        answer = client.post("/slots/new", THURSDAYS | {field: typed})
        assert answer.status == 422
        assert answer.error_of(field)
        if field != "weekday":
            assert answer.one(f"#f-{field}")["value"] == typed
        assert answer.one("#f-place")["value"] == (typed if field == "place" else "Storgatan 4")
        assert how_many(session) == 0

    def test_a_foreign_actor_is_refused_by_the_field(self, client: SiteClient, session: Session) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        foreign = an_actor(session, other, "x", "Hemlig funktion", OrganisationKind.REGION)
        session.commit()
        answer = client.post("/slots/new", THURSDAYS | {"actor_ids": [str(foreign.id)]})
        assert answer.status == 422
        assert answer.error_of("actor_ids")
        assert "Hemlig" not in answer.said

    @pytest.mark.usefixtures("slot")
    def test_an_overlap_is_a_warning_that_can_be_said_yes_to(self, either: SiteClient, session: Session) -> None:
        other = THURSDAYS | {"name": "Öster", "local_start": "10.30"}
        answer = either.post("/slots/new", other)
        assert answer.status == 422
        assert "Krockar med veckotiden Inslussning centrum 53 gånger" in answer.one("#concerns").get_text(" ")
        assert answer.one("#f-name")["value"] == "Öster"
        assert how_many(session) == 1
        assert either.post("/slots/new", other | {"anyway": "1"}).goes_to
        assert how_many(session) == 2

    def test_days_when_people_are_away_are_shown_when_the_form_comes_back(self, client: SiteClient) -> None:
        answer = client.post("/slots/new", THURSDAYS | {"name": ""})
        assert "53 tillfällen" in answer.said
        assert "tors 6 maj 2027 Kristi himmelsfärdsdag" in answer.said

    def test_the_preview_says_the_dates_and_keeps_nothing(self, either: SiteClient, session: Session) -> None:
        answer = either.post("/slots/new/preview", THURSDAYS | {"last_on": "30 jun 2027"})
        assert "25 tillfällen" in answer.said
        assert "<html" not in answer.text
        assert how_many(session) == 0

    def test_the_preview_waits_for_what_is_missing(self, client: SiteClient) -> None:
        assert "syns tillfällena här" in client.post("/slots/new/preview", {"weekday": "3"}).said


class TestShow:
    def test_the_year_is_grouped_by_month_with_weeks_and_red_days(self, either: SiteClient, slot: WeeklySlot) -> None:
        answer = either.get(f"/slots/{slot.id}")
        assert answer.soup.select(".month-name")[4].get_text() == "Maj 2027"
        row = next(one for one in answer.soup.select(".date") if "6 maj" in one.get_text())
        assert " ".join(row.get_text(" ").split()).startswith("vecka v. 18 tors 6 maj kl. 09.00–11.00")
        assert "Kristi himmelsfärdsdag" in row.get_text()

    def test_each_coming_date_leads_to_its_meeting_and_can_be_moved_or_skipped(
        self, client: SiteClient, session: Session, slot: WeeklySlot
    ) -> None:
        meeting = of_day(session, slot, dt.date(2027, 5, 6))
        links = {one["href"] for one in client.get(f"/slots/{slot.id}").soup.select(".date a")}
        assert {f"/meetings/{meeting.id}", f"/meetings/{meeting.id}/move", f"/meetings/{meeting.id}/cancel"} <= links

    def test_a_moved_and_a_skipped_date_say_so_with_the_reason(
        self, client: SiteClient, session: Session, world: World, slot: WeeklySlot
    ) -> None:
        first, second = of_day(session, slot, dt.date(2027, 1, 7)), of_day(session, slot, dt.date(2027, 1, 14))
        later = dt.timedelta(days=1)
        meetings.move(
            session,
            world.coordinator,
            first.id,
            starts_at=first.starts_at + later,
            ends_at=first.ends_at + later,
            reason="Lokalen upptagen",
            links=LINKS,
            now=NOW,
        )
        meetings.cancel(session, world.coordinator, second.id, reason="Utbildning", links=LINKS, now=NOW)
        session.commit()
        said = client.get(f"/slots/{slot.id}").said
        assert "Flyttad till fre 8 jan kl. 09.00–11.00 Lokalen upptagen" in said
        assert "Överhoppad Utbildning" in said

    def test_it_takes_as_many_statements_for_fifty_three_dates_as_for_two(
        self, client: SiteClient, session: Session, world: World, query_counter: QueryCounter
    ) -> None:
        everyone = (world.social.id, world.clinic.id, world.employment.id, world.prison.id)
        short = a_slot(session, world.coordinator, now=NOW, last_on=dt.date(2027, 1, 14))
        long = a_slot(session, world.coordinator, now=NOW, actor_ids=everyone)
        session.commit()
        counted = []
        for one in (short, long):
            with query_counter() as statements:
                assert client.get(f"/slots/{one.id}").status == 200
            counted.append(len(statements))
        assert counted[1] <= counted[0] + 2  # the organisations and answers of those invited
        assert counted[1] <= 10

    def test_a_slot_of_another_office_looks_absent(self, client: SiteClient, session: Session) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        foreign = a_slot(session, other, now=NOW)
        session.commit()
        absent = "00000000-0000-7000-8000-000000000000"
        for path in ("", "/edit", "/end"):
            refused, missing = client.get(f"/slots/{foreign.id}{path}"), client.get(f"/slots/{absent}{path}")
            assert refused.status == missing.status == 404
            assert refused.text == missing.text


class TestActors:
    def test_an_actor_is_added_and_invited(self, either: SiteClient, world: World, slot: WeeklySlot) -> None:
        answer = either.post(f"/slots/{slot.id}/actors", {"actor_id": str(world.employment.id)})
        assert answer.goes_to == f"/slots/{slot.id}#actors"
        assert "Aktören är med i veckotiden. Ett mejl är på väg." in either.get(f"/slots/{slot.id}").said

    @pytest.mark.parametrize("typed", ["", "inte en nyckel", "00000000-0000-7000-8000-000000000000"])
    def test_no_known_actor_is_said_by_the_field(self, either: SiteClient, slot: WeeklySlot, typed: str) -> None:
        answer = either.post(f"/slots/{slot.id}/actors", {"actor_id": typed})
        assert answer.status == 422
        assert answer.error_of("actor_id")

    def test_an_actor_is_removed_after_it_has_been_said_what_happens(
        self, either: SiteClient, world: World, slot: WeeklySlot
    ) -> None:
        path = f"/slots/{slot.id}/actors/{world.clinic.id}/remove"
        assert "En mottagare får ett mejl." in either.get(path).said
        assert either.post(path).goes_to == f"/slots/{slot.id}"
        assert either.get(path).status == 404

    def test_an_actor_that_is_not_in_the_slot_has_no_such_page(
        self, client: SiteClient, world: World, slot: WeeklySlot
    ) -> None:
        assert client.get(f"/slots/{slot.id}/actors/{world.employment.id}/remove").status == 404


class TestEdit:
    def test_a_new_place_is_saved_and_mailed(self, either: SiteClient, slot: WeeklySlot) -> None:
        answer = either.post(f"/slots/{slot.id}/edit", {"name": slot.name, "place": "Torget 1"})
        assert answer.goes_to == f"/slots/{slot.id}"
        assert "Sparat. 2 mejl är på väg." in either.get(answer.goes_to).said

    def test_a_link_that_is_none_is_refused_and_kept(self, either: SiteClient, slot: WeeklySlot) -> None:
        answer = either.post(f"/slots/{slot.id}/edit", {"name": "Nytt", "video_link": "javascript:alert(1)"})
        assert answer.status == 422
        assert answer.one("#f-video_link")["value"] == "javascript:alert(1)"
        assert answer.one("#f-name")["value"] == "Nytt"


class TestEnd:
    def test_it_says_how_many_dates_and_mails_first(self, client: SiteClient, slot: WeeklySlot) -> None:
        said = client.get(f"/slots/{slot.id}/end").said
        assert "De 53 tillfällen som ligger framåt ställs in, det första tors 7 jan 2027" in said
        assert "2 mottagare får ett mejl." in said

    def test_an_ended_series_says_so_and_offers_no_changes(self, either: SiteClient, slot: WeeklySlot) -> None:
        assert either.post(f"/slots/{slot.id}/end").goes_to == f"/slots/{slot.id}"
        answer = either.get(f"/slots/{slot.id}")
        assert "Serien är avslutad" in answer.said
        assert answer.soup.select("main form") == []
        assert either.post(f"/slots/{slot.id}/edit", {"name": "Nytt"}).status == 409
