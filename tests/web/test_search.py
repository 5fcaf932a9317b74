"""Searching for cases and actors."""

import pytest
from fastapi import FastAPI
from sqlalchemy.orm import Session

from inslussning.practice.organisations import OrganisationKind
from inslussning.services.search import MOST
from tests.clients import SiteClient
from tests.conftest import NOW
from tests.factories.offices import World, a_case, a_partner, an_actor, an_office


def found(client: SiteClient, text: str) -> list[str]:
    return [a.get_text() for a in client.post("/search", {"text": text}).soup.select("#results a")]


class TestCases:
    @pytest.mark.parametrize("text", ["K-101", "k101", " K 101 ", "k-101"])
    def test_its_very_code_leads_straight_to_the_case(self, either: SiteClient, world: World, text: str) -> None:
        assert either.post("/search", {"text": text}).goes_to == f"/cases/{world.near.id}"

    def test_a_part_of_the_code_lists_those_that_have_it(self, either: SiteClient) -> None:
        assert found(either, "10") == ["K-101", "K-102"]

    def test_at_most_twenty_are_shown_and_that_is_said(
        self, either: SiteClient, session: Session, world: World
    ) -> None:
        for number in range(300, 330):
            a_case(session, world.coordinator, f"K-{number}", release_at=None, actors=[])
        session.commit()
        assert len(found(either, "k-3")) == MOST
        assert "Bara de första 20" in either.post("/search", {"text": "k-3"}).said

    @pytest.mark.parametrize("text", ["%", "_", "\\", "K-10_", "K%1", "-", "'", '"', "\x00", "å" * 80])
    def test_what_means_something_to_a_database_means_nothing_here(self, either: SiteClient, text: str) -> None:
        answer = either.post("/search", {"text": text})
        assert answer.status in {200, 422}
        assert "K-101" not in answer.one("#results").get_text()


class TestActors:
    @pytest.mark.parametrize("text", ["socialsek", "SOCIALSEKRETERARE", "björkstad social", "kommun", "soc"])
    def test_one_is_found_by_what_people_call_it(self, either: SiteClient, text: str) -> None:
        assert "Socialsekreterare vuxen – Björkstad" in found(either, text)

    def test_accents_and_capitals_make_no_difference(self, either: SiteClient, session: Session, world: World) -> None:
        an_actor(session, world.coordinator, "ög", "Åldersutredare", OrganisationKind.OTHER, place="Öster")
        session.commit()
        assert found(either, "ÅLDERS öster") == ["Åldersutredare – Öster"]

    def test_every_word_has_to_fit(self, either: SiteClient) -> None:
        assert "Inget hittades" in either.post("/search", {"text": "socialsekreterare ekhamn"}).said


class TestRefusals:
    @pytest.mark.parametrize("text", ["", "   ", "x" * 81, "900101-2384"])
    def test_a_text_that_will_not_do_is_told_by_the_field(self, client: SiteClient, text: str) -> None:
        answer = client.post("/search", {"text": text})
        assert answer.status == 422
        assert answer.error_of("text")

    def test_an_empty_search_is_a_page_of_its_own(self, client: SiteClient) -> None:
        answer = client.get("/search")
        assert answer.status == 200
        assert not answer.one("#results").get_text(strip=True)

    def test_another_sites_form_is_stopped(self, client: SiteClient) -> None:
        assert client.post("/search", {"text": "K-101"}, headers={"Sec-Fetch-Site": "cross-site"}).status == 403


class TestWhoMaySee:
    @pytest.mark.usefixtures("world")
    def test_another_offices_cases_and_actors_are_not_found(self, app: FastAPI, session: Session) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        session.commit()
        stranger = SiteClient(app).signed_in(other)
        assert found(stranger, "K-10") == found(stranger, "socialsekreterare") == []

    @pytest.mark.parametrize("text", ["K-101", "socialsekreterare", "hittepå"])
    def test_a_partner_gets_the_same_answer_whatever_there_is(
        self, app: FastAPI, session: Session, world: World, text: str
    ) -> None:
        partner = a_partner(session, world, world.social)
        session.commit()
        assert "Inget hittades" in SiteClient(app).signed_in(partner).post("/search", {"text": text}).said
