"""What is added and changed on a case's page: actors and needs."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from inslussning.models import CaseActor, Need, NeedArea
from inslussning.practice.organisations import OrganisationKind
from inslussning.practice.phases import Phase
from inslussning.services import cases
from tests.clients import SiteClient
from tests.conftest import NOW, TODAY
from tests.factories.actions import a_need
from tests.factories.offices import World, an_actor, an_office

ABSENT = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
def path(world: World) -> str:
    return f"/cases/{world.near.id}"


@pytest.fixture
def need(session: Session, world: World) -> Need:
    need = a_need(session, world, world.near)
    session.commit()
    return need


def an_area(session: Session, world: World, name: str = "Boende") -> str:
    return str(next(a.id for a in cases.need_areas(session, world.coordinator) if a.name == name))


class TestActors:
    def test_an_actor_is_let_in_and_leaves(self, either: SiteClient, session: Session, world: World, path: str) -> None:
        assert either.post(f"{path}/actors", {"joining_id": str(world.clinic.id)}).goes_to == f"{path}#actors"
        member = select(CaseActor.left_on).where(
            CaseActor.case_id == world.near.id, CaseActor.actor_id == world.clinic.id
        )
        assert session.scalars(member).all() == [None]
        assert either.post(f"{path}/actors/{world.clinic.id}/leave").goes_to == f"{path}#actors"
        assert session.scalars(member).all() == [TODAY]

    def test_choosing_nobody_is_said_by_the_field(self, either: SiteClient, path: str) -> None:
        answer = either.post(f"{path}/actors", {"joining_id": ""})
        assert answer.status == 422
        assert "Välj en aktör" in answer.error_of("joining_id")

    def test_an_actor_of_another_office_cannot_be_told_from_an_absent_one(
        self, client: SiteClient, session: Session, path: str
    ) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        foreign = an_actor(session, other, "x", "Hemlig", OrganisationKind.REGION)
        session.commit()
        said = [client.post(f"{path}/actors", {"joining_id": key}) for key in (str(foreign.id), ABSENT)]
        assert said[0].error_of("joining_id") == said[1].error_of("joining_id")
        gone = [client.post(f"{path}/actors/{key}/leave") for key in (foreign.id, ABSENT)]
        assert [a.status for a in gone] == [404, 404]
        assert gone[0].text == gone[1].text

    def test_the_lead_cannot_leave(self, client: SiteClient, session: Session, world: World, path: str) -> None:
        cases.join(session, world.coordinator, world.near.id, world.probation.id, today=TODAY)
        session.commit()
        answer = client.post(f"{path}/actors/{world.probation.id}/leave")
        assert answer.status == 422
        assert "huvudansvarig" in answer.one(".ds-error-summary").get_text()


class TestNeeds:
    def test_a_need_is_added_met_and_opened_again(
        self, either: SiteClient, session: Session, world: World, path: str
    ) -> None:
        typed = {"area_id": an_area(session, world), "text": "Eget\nkontrakt"}
        assert either.post(f"{path}/needs", typed).goes_to == f"{path}#needs"
        need = session.scalars(select(Need)).one()
        assert need.text == "Eget\nkontrakt"
        either.post(f"/needs/{need.id}/meet")
        assert "Tillgodosett tis 24 nov" in either.get(path).said
        either.post(f"/needs/{need.id}/reopen")
        assert "Tillgodosett tis 24 nov" not in either.get(path).said

    def test_a_need_is_put_in_other_words(
        self, either: SiteClient, session: Session, world: World, need: Need, path: str
    ) -> None:
        page = either.get(f"/needs/{need.id}")
        assert page.one("#f-area_id option[selected]").get_text() == "Boende"
        typed = {"area_id": an_area(session, world, "Fritid"), "text": "Simma"}
        assert either.post(f"/needs/{need.id}", typed).goes_to == f"{path}#needs"
        assert "Fritid" in either.get(path).said
        assert "Simma" in either.get(path).said

    def test_words_that_will_not_do_for_a_need_are_kept_and_explained(
        self, either: SiteClient, session: Session, need: Need
    ) -> None:
        session.get_one(NeedArea, need.area_id).closed_on = TODAY
        session.commit()
        answer = either.post(f"/needs/{need.id}", {"area_id": str(need.area_id), "text": "19900101-2384"})
        assert answer.status == 422
        assert "personnummer" in answer.error_of("text")
        assert answer.one("#f-text").get_text() == "19900101-2384"
        assert answer.one("#f-area_id option[selected]").get_text() == "Boende"

    def test_a_need_without_an_area_is_kept_and_explained(self, either: SiteClient, path: str) -> None:
        answer = either.post(f"{path}/needs", {"area_id": "", "text": "Ett rum"})
        assert answer.status == 422
        assert "Välj ett behovsområde" in answer.error_of("area_id")
        assert answer.one("#f-text").get_text() == "Ett rum"

    @pytest.mark.parametrize("text", ["19900101-2384", "å" * 1_000_000])
    def test_a_text_that_will_not_do_is_kept_and_explained(
        self, client: SiteClient, session: Session, world: World, path: str, text: str
    ) -> None:
        answer = client.post(f"{path}/needs", {"area_id": an_area(session, world), "text": text})
        assert answer.status == 422
        assert answer.error_of("text")
        assert answer.one("#f-text").get_text() == text

    def test_markup_in_a_need_is_text(self, client: SiteClient, session: Session, world: World, path: str) -> None:
        client.post(f"{path}/needs", {"area_id": an_area(session, world), "text": "<b>bo</b>"})
        assert "<b>bo</b>" in client.get(path).said

    def test_an_area_and_a_need_of_another_office_look_absent(
        self, client: SiteClient, session: Session, need: Need, path: str
    ) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        area = cases.need_areas(session, other)[0].id
        session.commit()
        said = [client.post(f"{path}/needs", {"area_id": str(key)}).error_of("area_id") for key in (area, ABSENT)]
        assert said[0] == said[1]
        foreign = SiteClient(client.app).signed_in(other)
        for ask in (foreign.get, foreign.post):
            absent, refused = ask(f"/needs/{ABSENT}"), ask(f"/needs/{need.id}")
            assert refused.status == absent.status == 404
            assert refused.text == absent.text
        for tail in ("meet", "reopen"):
            assert foreign.post(f"/needs/{need.id}/{tail}").status == 404

    def test_nothing_is_added_to_a_closed_case(
        self, client: SiteClient, session: Session, world: World, path: str
    ) -> None:
        area = an_area(session, world)
        cases.get_case(session, world.coordinator, world.near.id).phase = Phase.CLOSED
        session.commit()
        assert client.post(f"{path}/needs", {"area_id": area}).status == 422
        assert client.post(f"{path}/actors", {"joining_id": str(world.clinic.id)}).status == 422
