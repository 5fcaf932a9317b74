"""The reviewer reads the access log, finds in it and checks samples; a case's words are nowhere in it."""

import datetime as dt
import io
import json
import re

import pytest
from fastapi import FastAPI
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from inslussning.db.base import Base
from inslussning.models import AuditEntry, AuditSample
from inslussning.practice.access import Role
from inslussning.practice.audit import Asker, Event
from inslussning.practice.register import LABELS, LEFT_OUT, PARTS
from inslussning.services import audit_chain, case_rows
from inslussning.services.audit_chain import Line
from tests.clients import SiteClient
from tests.conftest import NOW
from tests.factories.actions import a_need, an_action
from tests.factories.bookings import a_booking
from tests.factories.minutes import a_held_meeting, item_of, written
from tests.factories.offices import World, a_partner

LAST_WEEK = dt.date(2026, 11, 16)
SECRET = "Kanariefågeln sjunger"


@pytest.fixture
def reviewer(app: FastAPI, session: Session, world: World) -> SiteClient:
    person = a_partner(session, world, world.probation, email="granskare@x.example", name="Gun Ask", role=Role.REVIEWER)
    session.commit()
    return SiteClient(app).signed_in(person)


def entries(session: Session, world: World, count: int, *, at: dt.datetime = NOW) -> None:
    line = Line(
        at=at,
        asker=Asker.USER,
        event=Event.READ,
        office_id=world.office.id,
        person_id=world.coordinator.person_id,
        role=Role.COORDINATOR.value,
    )
    audit_chain.append(session, [line.about([world.near.id]) for _ in range(count)])
    session.commit()


class TestReading:
    def test_only_the_reviewer_reads_it(self, client: SiteClient) -> None:
        assert client.get("/log").status == 403

    def test_it_says_who_what_and_which_case_but_nothing_of_the_case(
        self, world: World, session: Session, client: SiteClient, reviewer: SiteClient
    ) -> None:
        an_action(session, world, now=NOW, what=SECRET)
        session.commit()
        assert SECRET in client.get(f"/cases/{world.near.id}").text
        answer = reviewer.get("/log")
        assert all(word in answer.said for word in ("Visade", world.near.code, "Maria Ek", "Samordnare"))
        assert SECRET not in answer.text

    def test_the_newest_come_first_and_more_on_demand(
        self, world: World, session: Session, reviewer: SiteClient
    ) -> None:
        entries(session, world, 30)
        first = reviewer.get("/log")
        numbers = [int(link.get_text()) for link in first.soup.select("td a[href^='/log/entries/']")]
        assert numbers == sorted(numbers, reverse=True)
        assert len(numbers) == 25
        more = first.one("a[hx-get]")["hx-get"]
        rest = reviewer.as_htmx().get(str(more))
        others = [int(link.get_text()) for link in rest.soup.select("a[href^='/log/entries/']")]
        assert max(others) < min(numbers)

    def test_it_is_narrowed_to_a_case_by_its_code(self, world: World, session: Session, reviewer: SiteClient) -> None:
        entries(session, world, 1)
        answer = reviewer.post("/log/find", {"code": world.near.code.lower(), "person": "", "event": "read", "day": ""})
        assert answer.goes_to == f"/log?case={world.near.id}&event=read"
        assert world.near.code in reviewer.get(answer.goes_to).one("tbody").get_text()
        assert "Inga poster" in reviewer.get(f"/log?case={world.far.id}&event=read").said

    def test_it_is_narrowed_to_a_person_and_a_day(self, world: World, session: Session, reviewer: SiteClient) -> None:
        entries(session, world, 1)
        found = reviewer.post("/log/find", {"code": "", "person": str(world.coordinator.person_id), "day": "24/11"})
        page = reviewer.get(found.goes_to)
        assert "Maria Ek" in page.one("tbody").get_text()
        assert "Gun Ask" not in page.one("tbody").get_text()
        assert "Inga poster" in reviewer.get("/log?day=2020-01-01").said

    def test_a_code_nobody_has_is_said_by_the_field(self, reviewer: SiteClient) -> None:
        answer = reviewer.post("/log/find", {"code": "Z-9"})
        assert answer.status == 422
        assert answer.error_of("code") == "Det finns inget ärende med den koden."
        assert answer.one("#f-code")["value"] == "Z-9"

    def test_one_entry_has_a_page(self, world: World, session: Session, reviewer: SiteClient) -> None:
        entries(session, world, 1)
        seq = session.scalars(select(AuditEntry.seq).where(AuditEntry.event == Event.READ)).one()
        assert world.near.code in reviewer.get(f"/log/entries/{seq}").said
        assert reviewer.get("/log/entries/99999").status == 404

    def test_reading_the_log_is_logged(self, session: Session, reviewer: SiteClient) -> None:
        reviewer.get("/log")
        session.expire_all()
        last = session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
        assert last is not None
        assert (last.event, last.detail, last.role) == (Event.LISTED, "log", Role.REVIEWER)


class TestSamples:
    def test_as_many_as_the_office_says_are_drawn_once(
        self, world: World, session: Session, reviewer: SiteClient
    ) -> None:
        entries(session, world, 40, at=NOW - dt.timedelta(days=7))
        assert "inte dragna" in reviewer.get("/log/samples").said
        for _ in range(2):
            assert reviewer.post(f"/log/samples/{LAST_WEEK}/draw").goes_to == f"/log/samples/{LAST_WEEK}"
        assert len(session.scalars(select(AuditSample)).all()) == 10
        assert "0 av 10" in reviewer.get("/log/samples").said

    def test_a_week_that_is_not_over_is_not_drawn(self, reviewer: SiteClient) -> None:
        answer = reviewer.post("/log/samples/2026-11-23/draw")
        assert answer.status == 422
        assert "Veckan är inte slut än." in answer.said

    @pytest.mark.parametrize("week", ["2026-11-17", "nonsense"])
    def test_a_week_begins_on_a_monday(self, reviewer: SiteClient, week: str) -> None:
        assert reviewer.get(f"/log/samples/{week}").status == 404

    def test_a_check_is_kept_with_who_and_what(self, world: World, session: Session, reviewer: SiteClient) -> None:
        sample = self._a_sample(session, world, reviewer)
        assert reviewer.post(f"/log/samples/{LAST_WEEK}/{sample.id}", {"in_order": "1"}).status == 303
        assert "I ordning Kontrollerad" in reviewer.get(f"/log/samples/{LAST_WEEK}").said
        assert "Gun Ask" in reviewer.get(f"/log/samples/{LAST_WEEK}").said

    def test_what_is_not_in_order_needs_words(self, world: World, session: Session, reviewer: SiteClient) -> None:
        sample = self._a_sample(session, world, reviewer)
        answer = reviewer.post(f"/log/samples/{LAST_WEEK}/{sample.id}", {"note": " "})
        assert answer.status == 422
        assert answer.error_of("note").startswith("Skriv vad som inte stämmer")
        done = reviewer.post(f"/log/samples/{LAST_WEEK}/{sample.id}", {"note": "Fel ärende. Tagit upp det."})
        assert done.status == 303
        assert "Inte i ordning" in reviewer.get(f"/log/samples/{LAST_WEEK}").said

    def _a_sample(self, session: Session, world: World, reviewer: SiteClient) -> AuditSample:
        entries(session, world, 1, at=NOW - dt.timedelta(days=7))
        reviewer.post(f"/log/samples/{LAST_WEEK}/draw")
        return session.scalars(select(AuditSample)).one()


class TestRegisterExtract:
    @pytest.fixture
    def full(self, session: Session, world: World) -> World:
        a_need(session, world, world.near)
        an_action(session, world, now=NOW, what=SECRET)
        a_booking(session, world, now=NOW)
        meeting = a_held_meeting(session, world, now=NOW, actors=(world.social,))
        written(session, world, item_of(session, meeting, world.near), notes="Om bostaden")
        written(session, world, item_of(session, meeting, world.far), notes="Någon annans ord")
        session.commit()
        return world

    def test_the_page_says_what_it_holds(self, full: World, client: SiteClient) -> None:
        answer = client.get(f"/cases/{full.near.id}/register")
        assert all(word in answer.said for word in ("Registerutdrag", "Åtgärder", "Dina samtycken", "Behov"))

    def test_the_data_is_everything_of_this_case_and_nothing_of_another(
        self, full: World, client: SiteClient, session: Session
    ) -> None:
        client.get(f"/cases/{full.near.id}")
        answer = client.get(f"/cases/{full.near.id}/register/data")
        assert answer.status == 200, answer.said
        parts = {part["rubrik"]: part["poster"] for part in json.loads(answer.response.content)["delar"]}
        kept = {table.name for table in case_rows.rows_of_case(session, full.near.id)} & dict(PARTS).keys()
        assert len(kept) >= 6
        assert {heading for name, heading in PARTS if name in kept} <= parts.keys()
        text = answer.response.content.decode()
        assert SECRET in text
        assert "Om bostaden" in text
        assert "Någon annans ord" not in text
        assert full.far.code not in text
        reading = parts["Vilka som har läst eller ändrat"][0]
        assert {"Vem": "Samordnare, Frivården Björkstad"} in reading

    def test_the_paper_says_the_same_and_can_be_read_aloud(self, full: World, client: SiteClient) -> None:
        answer = client.get(f"/cases/{full.near.id}/register/paper")
        assert answer.status == 200, answer.said
        paper = PdfReader(io.BytesIO(answer.response.content))
        text = re.sub(r"\s+", " ", " ".join(page.extract_text() for page in paper.pages))
        assert SECRET in text
        assert "Dina samtycken" in text
        assert b"/MarkInfo" in answer.response.content
        assert paper.metadata is not None
        assert paper.metadata.title == "Registerutdrag"

    def test_handing_it_out_is_logged_by_name(self, full: World, client: SiteClient, session: Session) -> None:
        client.get(f"/cases/{full.near.id}/register/paper")
        session.expire_all()
        found = session.scalars(select(AuditEntry.event).order_by(AuditEntry.seq.desc()).limit(1)).all()
        assert found == [Event.REGISTER_EXTRACT]

    def test_another_offices_case_is_absent(self, client: SiteClient) -> None:
        assert client.get("/cases/00000000-0000-7000-8000-000000000000/register").status == 404


def test_every_column_that_can_belong_to_a_case_is_said_or_left_out_for_a_reason() -> None:
    names = dict(PARTS)
    covered = {*names, "consent_areas", "disclosure_areas"}
    reached = {"cases"}
    for table in Base.metadata.sorted_tables:
        if table.name not in case_rows.KEPT and any(
            fk.column.table.name in reached and fk.column.name == "id" for fk in table.foreign_keys
        ):
            reached.add(table.name)
    assert reached <= covered
    columns = {column.name for name in names for column in Base.metadata.tables[name].columns}
    assert columns == columns & (LABELS.keys() | LEFT_OUT.keys())
    assert not LABELS.keys() & LEFT_OUT.keys()
