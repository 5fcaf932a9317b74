"""The pages of the client's schedule: the list, the coordinator's view, the client's own page, and the files."""

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inslussning import paths
from inslussning.models import Schedule, User
from inslussning.practice.attendance import Attendance
from inslussning.practice.organisations import OrganisationKind
from inslussning.services import actors, appointments, schedules
from tests import whitelist
from tests.clients import SiteClient
from tests.conftest import NOW, QueryCounter
from tests.factories.bookings import a_booking, details
from tests.factories.offices import World, a_case, a_partner, an_actor, an_office
from tests.factories.planning import LINKS

ABSENT = "00000000-0000-7000-8000-000000000000"
HOSTILE = "<script>alert(1)</script> {{ 7*7 }}"


def handed_over(session: Session, world: World) -> None:
    a_booking(session, world, now=NOW)
    schedules.hand_over(session, world.coordinator, world.near.id, now=NOW)
    session.commit()


class TestIndex:
    def test_it_says_how_far_each_has_come(self, either: SiteClient, session: Session, world: World) -> None:
        handed_over(session, world)
        said = either.get("/schedules").said
        assert "K-101 mån 4 jan 2027 kl. 08.30 om 6 veckor 1 Version 1, lämnad tis 24 nov Klart" in said
        assert "K-102 tors 15 apr 2027 kl. 09.00 om 5 månader Inga Inte lämnat Senast fre 9 apr 2027" in said

    def test_a_change_since_is_seen(self, client: SiteClient, session: Session, world: World) -> None:
        handed_over(session, world)
        a_booking(session, world, details(clock=dt.time(15)), now=NOW)
        session.commit()
        assert "Ändrat sedan version 1 lämnades Lämna ut den nya versionen" in client.get("/schedules").said

    def test_a_schedule_that_should_have_been_handed_over_is_late(self, app: FastAPI, world: World) -> None:
        app.state.clock = lambda: dt.datetime(2026, 12, 30, 8, tzinfo=dt.UTC)
        late = SiteClient(app).signed_in(world.coordinator).get("/schedules").one(".late")
        assert late.get_text() == "Skulle ha lämnats tis 29 dec"

    def test_an_empty_list_says_what_it_is_for(self, client: SiteClient, session: Session, world: World) -> None:
        world.near.release_at = world.far.release_at = None
        session.commit()
        assert "Inga scheman än" in client.get("/schedules").said

    def test_more_than_a_page_is_asked_for(self, either: SiteClient, session: Session, world: World) -> None:
        self._many(session, world)
        first = either.get("/schedules")
        last = re.findall(r"K-\d+", first.said)[-1]
        more = str(first.one(".more-row a")["href"])
        assert last == "K-324"
        assert "K-325" in either.get(more).said
        assert "K-324" not in either.get(more).said

    def test_htmx_gets_the_next_rows_alone(self, client: SiteClient, session: Session, world: World) -> None:
        self._many(session, world)
        more = str(client.get("/schedules").one(".more-row a")["href"])
        assert "<h1" in client.get(more).text
        assert "<h1" not in client.as_htmx().get(more).text

    def test_fifty_cost_no_more_statements_than_two(
        self, client: SiteClient, session: Session, world: World, query_counter: QueryCounter
    ) -> None:
        client.get("/schedules")
        with query_counter() as few:
            client.get("/schedules")
        self._many(session, world)
        session.expunge_all()
        with query_counter() as many:
            client.get("/schedules")
        assert len(many) == len(few) <= 12

    @staticmethod
    def _many(session: Session, world: World) -> None:
        for number in range(50):
            released = dt.datetime(2026, 12, 1, 8, tzinfo=dt.UTC) + dt.timedelta(hours=number)
            a_case(session, world.coordinator, f"K-{300 + number}", release_at=released, actors=[])
        session.commit()


class TestShow:
    def test_it_shows_the_times_and_exactly_what_the_client_gets(
        self, either: SiteClient, session: Session, world: World
    ) -> None:
        a_booking(session, world, now=NOW)
        session.commit()
        page = either.get(f"/schedules/{world.near.id}")
        own = either.get(f"/schedules/{world.near.id}/client")
        preview = re.sub(r"<(/?)h\d", r"<\1h", str(page.one(".paper .sheet")))
        assert preview == re.sub(r"<(/?)h\d", r"<\1h", str(own.one(".sheet")))

    def test_what_there_is_to_consider_stands_by_the_time(
        self, client: SiteClient, session: Session, world: World
    ) -> None:
        a_booking(session, world, details(dt.date(2027, 1, 5), dt.time(10)), now=NOW)
        session.commit()
        assert "Dagen är före en helgdag (Trettondedag jul)" in client.get(f"/schedules/{world.near.id}").said

    def test_times_that_have_come_to_lie_before_the_release_stand_apart(
        self, client: SiteClient, session: Session, world: World
    ) -> None:
        a_booking(session, world, now=NOW)
        world.near.release_at = dt.datetime(2027, 1, 25, 7, 30, tzinfo=dt.UTC)
        session.commit()
        assert "står inte i klientens schema" in client.get(f"/schedules/{world.near.id}").said

    def test_an_empty_day_leads_to_a_booking_on_it(self, client: SiteClient, world: World) -> None:
        links = [str(a["href"]) for a in client.get(f"/schedules/{world.near.id}").soup.select(".time-none a")]
        assert links[0].endswith(f"/appointments/new?case={world.near.id}&day=2027-01-05")
        assert not [link for link in links if link.endswith("2027-01-06")]  # Epiphany

    def test_the_last_day_for_the_first_meeting_is_said(self, client: SiteClient, world: World) -> None:
        assert "övervakningen senast tors 4 feb 2027" in client.get(f"/schedules/{world.near.id}").said

    def test_an_office_without_a_telephone_is_told(self, client: SiteClient, session: Session, world: World) -> None:
        world.office.phone = ""
        session.commit()
        assert "Kontoret har inget telefonnummer" in client.get(f"/schedules/{world.near.id}").said

    def test_what_people_write_is_only_text(self, client: SiteClient, session: Session, world: World) -> None:
        texts: dict[str, Any] = dict.fromkeys(("what", "place", "getting_there", "bring", "contact"), HOSTILE)
        a_booking(session, world, details(**texts), now=NOW)
        session.commit()
        for path in ("", "/client"):
            page = client.get(f"/schedules/{world.near.id}{path}")
            assert "<script>alert" not in page.text
            assert page.said.count(HOSTILE) >= 5

    def test_afterwards_the_page_asks_whether_the_client_came(
        self, client: SiteClient, session: Session, world: World
    ) -> None:
        row = a_booking(session, world, details(dt.date(2026, 11, 24), dt.time(10)), now=NOW)
        row.starts_at, row.ends_at = NOW - dt.timedelta(hours=2), NOW - dt.timedelta(hours=1)
        world.near.release_at = NOW - dt.timedelta(days=1)
        row.attendance = Attendance.CAME
        session.commit()
        page = client.get(f"/schedules/{world.near.id}")
        offered = [" ".join(b.get_text().split()) for b in page.soup.select(".came button")]
        assert offered == ["Kom", "Giltigt förfall", "Uteblev", "Inställt av oss"]
        assert page.one(".came [aria-pressed=true]")["value"] == ""

    def test_it_costs_few_statements_however_many_times(
        self, client: SiteClient, session: Session, world: World, query_counter: QueryCounter
    ) -> None:
        for clock in range(8, 17):
            a_booking(session, world, details(clock=dt.time(clock), minutes=30), now=NOW)
        session.commit()
        with query_counter() as statements:
            client.get(f"/schedules/{world.near.id}")
        assert len(statements) <= 16


class TestHandOver:
    def test_it_keeps_a_version_and_says_so(self, either: SiteClient, session: Session, world: World) -> None:
        a_booking(session, world, now=NOW)
        session.commit()
        answer = either.post(f"/schedules/{world.near.id}/hand-over")
        assert "Version 1 är lämnad" in either.get(answer.goes_to).said

    def test_pressing_twice_keeps_one(self, client: SiteClient, session: Session, world: World) -> None:
        a_booking(session, world, now=NOW)
        session.commit()
        for _ in range(2):
            client.post(f"/schedules/{world.near.id}/hand-over")
        assert session.scalar(select(func.count()).select_from(Schedule)) == 1

    def test_an_empty_one_is_refused(self, client: SiteClient, session: Session, world: World) -> None:
        answer = client.post(f"/schedules/{world.near.id}/hand-over")
        assert answer.status == 422
        assert "inga tider att lämna ut" in answer.said
        assert session.scalar(select(func.count()).select_from(Schedule)) == 0

    def test_looking_keeps_nothing(self, client: SiteClient, session: Session, world: World) -> None:
        a_booking(session, world, now=NOW)
        session.commit()
        for path in ("", "/client", "/pdf", "/ics"):
            client.get(f"/schedules/{world.near.id}{path}")
        assert session.scalar(select(func.count()).select_from(Schedule)) == 0

    def test_an_old_version_is_shown_as_it_was_with_a_stamp(
        self, either: SiteClient, session: Session, world: World
    ) -> None:
        handed_over(session, world)
        a_booking(session, world, details(clock=dt.time(15), what="Något nytt"), now=NOW)
        schedules.hand_over(session, world.coordinator, world.near.id, now=NOW + dt.timedelta(days=1))
        session.commit()
        old = either.get(f"/schedules/{world.near.id}/versions/1").said
        assert "Det finns ett nyare schema. Fråga efter version 2." in old
        assert "Något nytt" not in old
        assert "Något nytt" in either.get(f"/schedules/{world.near.id}/versions/2").said


class TestClientsPage:
    def test_it_says_the_day_the_time_and_what_to_do(self, either: SiteClient, session: Session, world: World) -> None:
        world.social.plain_name, world.social.visiting_address = "socialtjänsten", "Storgatan 12"
        actors.staff(
            session,
            world.coordinator,
            world.social.id,
            name="Åsa Öberg",
            email="asa@kommun.example",
            starts_on=dt.date(2026, 1, 1),
            ends_on=None,
        )
        a_booking(session, world, details(bring="Id-handling", getting_there="Buss 3"), now=NOW)
        session.commit()
        said = either.get(f"/schedules/{world.near.id}/client").said
        assert (
            "Torsdag 7 januari 13.00–14.00 Vi pratar om pengar Vem Åsa, socialtjänsten Var Storgatan 12 "
            "Hitta dit Buss 3 Ta med Id-handling" in said
        )
        assert "Helgdag – inga tider. Ring 010-123 45 00 om något händer." in said
        assert "Om du inte kan komma: ring 010-123 45 00 . Du får en ny tid." in said

    def test_the_number_can_be_pressed_at_top_and_bottom(self, client: SiteClient, world: World) -> None:
        page = client.get(f"/schedules/{world.near.id}/client")
        assert {str(a["href"]) for a in page.soup.select(".sheet-head a, .sheet-not a")} == {"tel:0101234500"}

    def test_nothing_tells_who_it_is_for_or_from(self, client: SiteClient, session: Session, world: World) -> None:
        world.social.plain_name = "socialtjänsten"
        a_booking(session, world, now=NOW)
        session.commit()
        page = client.get(f"/schedules/{world.near.id}/client")
        assert str(page.one("title").get_text()) == "Ditt schema"
        hidden = ("Frivården Björkstad", "Inslussning", "Maria", "Socialsekreterare", "K-102")
        assert [word for word in hidden if word in page.text] == []
        assert page.one("h1").get_text() == "Ditt schema"

    def test_it_is_one_small_style_sheet_and_no_script(self, client: SiteClient, world: World) -> None:
        page = client.get(f"/schedules/{world.near.id}/client")
        assert [str(link["href"]) for link in page.soup.select("link[rel=stylesheet]")] == ["/static/client.css"]
        assert page.soup.select("script, [style], img, iframe") == []

    def test_a_missed_time_is_never_held_against_anyone(
        self, client: SiteClient, session: Session, world: World
    ) -> None:
        row = a_booking(session, world, now=NOW)
        row.attendance = Attendance.ABSENT
        session.commit()
        said = client.get(f"/schedules/{world.near.id}/client").said.casefold()
        assert [word for word in ("uteb", "missk", "förfall") if word in said] == []

    def test_a_client_is_spoken_to_in_the_clients_language(
        self, client: SiteClient, session: Session, world: World
    ) -> None:
        session.get_one(User, world.coordinator.user_id).language = "en"
        session.commit()
        assert "Måndag 4 januari" in client.get(f"/schedules/{world.near.id}/client").said


class TestStyleSheet:
    CSS = (Path(paths.STATIC) / "client.css").read_text(encoding="utf-8")

    def test_it_is_small(self) -> None:
        assert len(self.CSS.encode()) < 5 * 1024

    @pytest.mark.parametrize("new", [":has(", "var(", "display: grid", "gap:", ":is(", ":where(", "inset", "@layer"])
    def test_an_old_telephone_understands_it(self, new: str) -> None:
        assert new not in self.CSS


class TestFiles:
    def test_the_paper_is_a_pdf_with_a_neutral_name(self, client: SiteClient, session: Session, world: World) -> None:
        a_booking(session, world, now=NOW)
        session.commit()
        answer = client.get(f"/schedules/{world.near.id}/pdf").response
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["content-disposition"] == 'attachment; filename="schema.pdf"'
        assert answer.headers["cache-control"] == "no-store"
        assert answer.content.startswith(b"%PDF-")

    def test_a_version_can_be_had_on_paper_again(self, client: SiteClient, session: Session, world: World) -> None:
        handed_over(session, world)
        assert client.get(f"/schedules/{world.near.id}/pdf?version=1").status == 200
        assert client.get(f"/schedules/{world.near.id}/pdf?version=2").status == 404

    def test_the_calendar_file_is_harmless(self, client: SiteClient, session: Session, world: World) -> None:
        a_booking(session, world, now=NOW)
        session.commit()
        answer = client.get(f"/schedules/{world.near.id}/ics").response
        assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
        assert answer.headers["content-disposition"] == 'attachment; filename="schema.ics"'
        assert whitelist.violations(answer.content) == []

    def test_a_cancelled_time_is_in_no_file(self, client: SiteClient, session: Session, world: World) -> None:
        row = a_booking(session, world, now=NOW)
        appointments.cancel(session, world.coordinator, row.id, version=row.version, links=LINKS, now=NOW)
        session.commit()
        assert client.get(f"/schedules/{world.near.id}/ics").status == 422


class TestWhoMay:
    PATHS = ("", "/client", "/versions/1", "/pdf", "/ics")

    def test_a_foreign_office_s_schedule_looks_absent(self, client: SiteClient, session: Session) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        theirs = an_actor(session, other, "x", "Hemlig funktion", OrganisationKind.REGION)
        case = a_case(session, other, "K-9", release_at=None, actors=[theirs])
        session.commit()
        for path in self.PATHS:
            refused = client.get(f"/schedules/{case.id}{path}")
            assert refused.status == 404
            assert refused.text == client.get(f"/schedules/{ABSENT}{path}").text
        assert client.post(f"/schedules/{case.id}/hand-over").status == 404

    def test_a_partner_sees_none(self, app: FastAPI, session: Session, world: World) -> None:
        partner = a_partner(session, world, world.social)
        session.commit()
        visitor = SiteClient(app).signed_in(partner)
        assert {visitor.get(f"/schedules/{world.near.id}{path}").status for path in self.PATHS} == {403}
        assert visitor.get("/schedules").status == 403

    def test_nobody_sees_one_without_signing_in(self, anonymous: SiteClient, world: World) -> None:
        for path in self.PATHS:
            assert anonymous.get(f"/schedules/{world.near.id}{path}").goes_to.startswith("/sign-in")

    @pytest.mark.parametrize("number", ["0", "-1", "x", "99999999999999999999", "1.5"])
    def test_a_version_that_is_no_number_is_absent(self, client: SiteClient, world: World, number: str) -> None:
        assert client.get(f"/schedules/{world.near.id}/versions/{number}").status == 404
        assert client.get(f"/schedules/{world.near.id}/pdf?version={number}").status in {400, 404}
