"""Who the client is: written down by the office's staff, sealed, found by name, and seen by nobody else."""

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.orm import Session

from inslussning.models import CasePerson, Client
from inslussning.practice.protection import CasePersonKind, Protection
from tests.clients import SiteClient
from tests.conftest import NOW
from tests.factories.offices import World, a_partner, an_office

IMPOSSIBLE = "19800230-0000"  # there is no 30 February
TYPED = {
    "name": "Alva Exempel",
    "birth_date": "1980-02-03",
    "personal_number": IMPOSSIBLE,
    "address": "Storgatan 1, Björkstad",
    "phone": "070-000 00 00",
    "email": "alva@klient.example",
    "version": "1",
}


def at(world: World) -> str:
    return f"/cases/{world.near.id}/client"


def a_named_person(world: World) -> CasePerson:
    """The coordinator, named as one of the few who may see the case."""
    return CasePerson(
        office_id=world.office.id,
        case_id=world.near.id,
        person_id=world.coordinator.person_id,
        kind=CasePersonKind.NAMED,
        set_by=world.coordinator.person_id,
        set_at=NOW,
    )


class TestWriting:
    def test_what_is_written_stands_on_the_case(self, either: SiteClient, world: World) -> None:
        assert either.post(at(world), TYPED).goes_to == f"/cases/{world.near.id}"
        said = either.get(f"/cases/{world.near.id}").said
        for word in ("Alva Exempel", "1980-02-03", IMPOSSIBLE, "Storgatan 1, Björkstad", "alva@klient.example"):
            assert word in said

    def test_the_database_holds_none_of_it(self, client: SiteClient, session: Session, world: World) -> None:
        client.post(at(world), TYPED)
        rows = session.execute(text("SELECT * FROM clients")).all()
        held = " ".join(str(value) for row in rows for value in row)
        for word in ("Alva", "1980", "Storgatan", "070", "klient.example", "0000-"):
            assert word not in held.replace("-0000-", "")

    def test_everything_may_be_left_out(self, either: SiteClient, world: World) -> None:
        assert either.post(at(world), {"version": "1"}).goes_to
        assert "Inga uppgifter om klienten än" in either.get(f"/cases/{world.near.id}").said

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("birth_date", "1980"),
            ("birth_date", "1980-13-01"),
            ("personal_number", "800230-0000"),
            ("personal_number", "x"),
            ("email", "alva"),
            ("phone", "ring mig"),
            ("name", "x" * 121),
        ],
    )
    def test_what_will_not_do_is_said_by_the_field_and_kept(
        self, either: SiteClient, world: World, field: str, value: str
    ) -> None:
        answer = either.post(at(world), TYPED | {field: value})
        assert answer.status == 422
        assert answer.error_of(field)
        assert answer.one(f"#f-{field}")["value"] == value

    def test_of_two_who_write_at_once_the_later_is_told(self, client: SiteClient, world: World) -> None:
        client.post(at(world), TYPED)
        answer = client.post(at(world), TYPED | {"name": "Någon annan"})
        assert answer.status == 409
        assert answer.one("#f-name")["value"] == "Någon annan"

    def test_other_fields_still_refuse_a_personal_number(self, client: SiteClient, world: World) -> None:
        answer = client.post(at(world), TYPED | {"address": "19900101-2384"})
        assert answer.status == 422
        assert "personnummer" in answer.error_of("address")


class TestProtected:
    def test_the_way_to_the_client_is_neither_shown_nor_changed(
        self, client: SiteClient, session: Session, world: World
    ) -> None:
        client.post(at(world), TYPED)
        row = session.get_one(Client, world.near.client_id)
        session.refresh(row)
        world.near.protection = Protection.MARKED
        session.add(a_named_person(world))
        session.commit()
        page = client.get(f"/cases/{world.near.id}").said
        assert "Alva Exempel" in page
        assert "Storgatan" not in page
        client.post(at(world), {"name": "Alva", "address": "En annan gata", "version": str(row.version)})
        session.refresh(row)
        assert (row.name, row.address) == ("Alva", "Storgatan 1, Björkstad")


class TestSomebodyElse:
    def test_a_partner_sees_and_writes_nothing(self, app: FastAPI, session: Session, world: World) -> None:
        partner = a_partner(session, world, world.social)
        session.commit()
        client = SiteClient(app).signed_in(partner)
        assert client.get(at(world)).status in {403, 404}
        assert client.post(at(world), TYPED).status in {403, 404}

    def test_another_office_meets_an_absent_page(self, app: FastAPI, session: Session, world: World) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        session.commit()
        client = SiteClient(app).signed_in(other)
        assert client.get(at(world)).status == 404
        assert client.post(at(world), TYPED).status == 404


class TestSearch:
    @pytest.mark.parametrize("words", ["alva", "EXEMPEL alva", "xemp", IMPOSSIBLE, "198002300000"])
    def test_the_client_is_found_by_name_and_whole_number(self, either: SiteClient, world: World, words: str) -> None:
        either.post(at(world), TYPED)
        answer = either.post("/search", {"text": words})
        assert [a.get_text() for a in answer.soup.select("#results a")] == ["K-101"]
        assert "Alva Exempel" in answer.one("#results").get_text()

    @pytest.mark.parametrize("words", ["a", "alva svensson", "19800230-0001"])
    def test_nothing_less_finds_anybody(self, client: SiteClient, world: World, words: str) -> None:
        client.post(at(world), TYPED)
        assert "K-101" not in client.post("/search", {"text": words}).one("#results").get_text()

    def test_half_a_number_is_refused(self, client: SiteClient) -> None:
        assert "tolv siffror" in client.post("/search", {"text": "900101-2384"}).error_of("text")

    def test_a_partner_finds_nobody_by_name(self, app: FastAPI, session: Session, world: World) -> None:
        SiteClient(app).signed_in(world.coordinator).post(at(world), TYPED)
        partner = a_partner(session, world, world.social)
        session.commit()
        answer = SiteClient(app).signed_in(partner).post("/search", {"text": "alva"})
        assert "Alva" not in answer.one("#results").get_text()
        assert "K-101" not in answer.text
