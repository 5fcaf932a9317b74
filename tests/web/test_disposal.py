"""The pages of erasing: what is due, what would go, the second word, the receipt, and the rules."""

import datetime as dt
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from inslussning.models import Case, Disposal, DisposalRule
from inslussning.practice.phases import Phase
from tests.clients import SiteClient
from tests.conftest import NOW
from tests.factories.actions import an_action
from tests.factories.offices import World, a_case, an_office


@pytest.fixture
def closed(session: Session, world: World) -> Case:
    an_action(session, world, now=NOW)
    world.near.phase, world.near.closed_on = Phase.CLOSED, dt.date(2024, 1, 15)
    session.commit()
    return world.near


class TestList:
    def test_an_office_with_nothing_due_is_told_what_the_page_is_for(self, either: SiteClient, world: World) -> None:
        shown = either.get("/disposal")
        assert world.office.name
        assert "Inget att gallra" in shown.said
        assert "Inga kvitton än" in shown.said

    def test_what_is_due_leads_to_its_preview(self, client: SiteClient, closed: Case) -> None:
        shown = client.get("/disposal")
        assert "K-101" in shown.said
        assert shown.soup.find("a", href=f"/disposal/{closed.id}/whole")


class TestErasing:
    def test_the_preview_says_what_goes(self, client: SiteClient, closed: Case) -> None:
        said = client.get(f"/disposal/{closed.id}/whole").said
        assert "1 åtgärder" in said
        assert "24 månader. Lokal rutin" in said

    def test_it_takes_the_tick(self, client: SiteClient, session: Session, closed: Case) -> None:
        refused = client.post(f"/disposal/{closed.id}/whole")
        assert refused.status == 422
        assert "Bekräfta" in refused.error_of("sure")
        assert session.scalars(select(Disposal)).all() == []

    def test_it_ends_in_a_receipt(self, client: SiteClient, closed: Case) -> None:
        done = client.post(f"/disposal/{closed.id}/whole", {"sure": "1"})
        assert done.goes_to.startswith("/disposal/receipts/")
        assert "1 åtgärder" in client.get(done.goes_to).said
        assert client.get(f"/cases/{closed.id}").status == 404
        assert "Inget att gallra" in client.get("/disposal").said

    @pytest.mark.parametrize("part", ["whole", "00000000-0000-7000-8000-000000000001", "allt"])
    def test_a_foreign_case_is_as_absent_as_none(self, client: SiteClient, session: Session, part: str) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        foreign = a_case(session, other, "E-900", release_at=None, actors=[])
        foreign.phase, foreign.closed_on = Phase.CLOSED, dt.date(2024, 1, 15)
        session.commit()
        seen = [client.get(f"/disposal/{key}/{part}") for key in (foreign.id, uuid4())]
        assert [answer.status for answer in seen] == [404, 404]
        assert seen[0].said == seen[1].said
        assert client.post(f"/disposal/{foreign.id}/{part}", {"sure": "1"}).status == 404


class TestRules:
    def test_a_rule_is_added_and_taken_back(self, client: SiteClient, session: Session, world: World) -> None:
        organisation = str(world.social.organisation_id)
        said = {"organisation_id": organisation, "months": "6", "valid_from": "2027-02-01", "source": "Avtal"}
        assert client.post("/disposal/rules", said).goes_to == "/disposal/rules"
        assert "Avtal" in client.get("/disposal/rules").said
        row = session.scalars(select(DisposalRule).where(DisposalRule.months == 6)).one()
        client.post(f"/disposal/rules/{row.id}/withdraw")
        assert "Avtal" not in client.get("/disposal/rules").said

    @pytest.mark.parametrize(
        ("field", "typed"), [("months", "0"), ("months", "x"), ("valid_from", "2020-01-01"), ("source", "")]
    )
    def test_bad_input_lands_by_its_field_and_is_kept(self, client: SiteClient, field: str, typed: str) -> None:
        said = {"months": "6", "valid_from": "2027-02-01", "source": "Avtal"} | {field: typed}
        refused = client.post("/disposal/rules", said)
        assert refused.status == 422
        assert refused.error_of(field)
        assert refused.one(f"#f-{field}")["value"] == typed
