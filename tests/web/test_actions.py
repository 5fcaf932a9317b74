"""The actions' pages: the list, one action, adding one, and the buttons in a row."""

import datetime as dt
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from inslussning.models import Action, CaseActor
from inslussning.services import actions
from meetings.actions import ActionState
from tests.clients import SiteClient
from tests.conftest import NOW, TODAY, QueryCounter
from tests.factories.actions import a_closed_action, a_need, an_action
from tests.factories.offices import World, a_partner, an_office

ABSENT = "00000000-0000-7000-8000-000000000000"
NUMBER = "19900101-2384"


@pytest.fixture
def partner(app: FastAPI, session: Session, world: World) -> SiteClient:
    """A partner who staffs social services."""
    principal = a_partner(session, world, world.social)
    session.commit()
    return SiteClient(app).signed_in(principal)


def made(session: Session, world: World, **changes: object) -> Action:
    action = an_action(session, world, now=NOW, **changes)  # type: ignore[arg-type]
    session.commit()
    return action


def state_of(session: Session, key: UUID) -> ActionState:
    session.expire_all()
    return session.get_one(Action, key).state


class TestIndex:
    def test_it_lists_open_actions_with_how_late_they_are(
        self, either: SiteClient, session: Session, world: World
    ) -> None:
        made(session, world, what="Ringa om boendet", due_on=TODAY - dt.timedelta(days=4))
        said = either.get("/actions").said
        assert "Ringa om boendet" in said
        assert "4 dagar försenad" in said
        assert "1 öppen, 1 försenad" in said

    def test_htmx_gets_the_rows_without_the_page(self, client: SiteClient, session: Session, world: World) -> None:
        made(session, world)
        answer = client.as_htmx().get("/actions")
        assert not answer.soup.select("html, .filters")
        assert answer.one("#rows")

    def test_an_empty_list_offers_the_first_step(self, either: SiteClient) -> None:
        assert either.get("/actions").one(".empty a")["href"] == "/actions/new"

    def test_an_empty_choice_leads_back_to_everything(self, either: SiteClient, session: Session, world: World) -> None:
        made(session, world)
        answer = either.get(f"/actions?case={world.far.id}")
        assert "Inga åtgärder passar" in answer.said
        assert answer.one(".show-all a")["href"] == "/actions"

    def test_what_is_chosen_stays_chosen(self, client: SiteClient, session: Session, world: World) -> None:
        made(session, world)
        answer = client.get(f"/actions?actor={world.social.id}&due=month")
        assert answer.one("#f-actor option[selected]")["value"] == str(world.social.id)
        assert answer.one("#f-due option[selected]")["value"] == "month"

    def test_closed_ones_are_a_list_of_their_own(self, either: SiteClient, session: Session, world: World) -> None:
        a_closed_action(session, world, now=NOW, what="Boka en tid")
        session.commit()
        assert "Boka en tid" not in either.get("/actions").said
        assert "Klar" in either.get("/actions?show=closed").one("#action-rows").get_text()

    @pytest.mark.parametrize(
        "query",
        [
            "actor=x",
            "case=%00",
            "area=1&area=2",
            "due=never",
            "scope=%F0%9F%98%80",
            "show=all",
            "after=%00",
            "after=2026-99-99_x",
            "after=9999-12-31_" + "f" * 32,
            f"show=closed&after=0001-01-01T00:00:00.000000_{'0' * 32}",
            "actor=" + "9" * 5000,
            f"case={ABSENT}&due=late&scope=mine&actor=client",
        ],
    )
    def test_a_query_that_means_nothing_is_left_out(
        self, either: SiteClient, session: Session, world: World, query: str
    ) -> None:
        made(session, world)
        assert either.get(f"/actions?{query}").status == 200


class TestPages:
    def test_the_second_page_goes_on_where_the_first_ended(
        self, either: SiteClient, session: Session, world: World
    ) -> None:
        for number in range(27):
            made(session, world, what=f"Sak {number:02}", due_on=TODAY + dt.timedelta(days=number))
        first = either.get("/actions?due=month")
        more = str(first.one(".more-row a")["href"])
        second = either.get(more)
        texts = [
            a.get_text() for page in (first, second) for a in page.soup.select("#action-rows td:first-child > a[id]")
        ]
        assert texts == [f"Sak {number:02}" for number in range(27)]
        assert "due=month" in more
        assert not second.soup.select(".more-row")

    def test_the_list_of_a_full_page_takes_few_statements(
        self, client: SiteClient, session: Session, world: World, query_counter: QueryCounter
    ) -> None:
        for number in range(30):
            made(session, world, what=f"Sak {number}")
        client.get("/actions")
        with query_counter() as statements:
            client.get("/actions")
        asking = (
            "user_sessions",
            "staffings",
            "break_glass",
            "audit_",
        )  # who it is, what is closed to them, the access log
        beside = [s for s in statements if not any(table in s for table in asking)]
        assert len(beside) <= 5


class TestRowButtons:
    def test_without_htmx_one_comes_back_to_the_same_list(
        self, client: SiteClient, session: Session, world: World
    ) -> None:
        key = made(session, world).id
        typed = {"state": "done", "row": "1", "next": "/actions?due=late"}
        assert client.post(f"/actions/{key}/state", typed).goes_to == "/actions?due=late"
        assert state_of(session, key) is ActionState.DONE

    def test_with_htmx_the_row_comes_back_with_a_way_to_undo(
        self, client: SiteClient, session: Session, world: World
    ) -> None:
        key = made(session, world).id
        answer = client.as_htmx().post(f"/actions/{key}/state", {"state": "outcome_reached", "row": "1"})
        assert "Utfall nått" in answer.said
        assert answer.one("tr button").get_text() == "Ångra"
        client.post(f"/actions/{key}/state", {"state": "ongoing", "row": "1"})
        assert state_of(session, key).is_open

    def test_one_that_somebody_else_closed_in_another_way_says_so(
        self, client: SiteClient, session: Session, world: World
    ) -> None:
        key = made(session, world).id
        actions.set_state(session, world.coordinator, key, ActionState.DECLINED, note="Ingen tid", now=NOW)
        session.commit()
        answer = client.as_htmx().post(f"/actions/{key}/state", {"state": "done", "row": "1"})
        assert answer.status == 409
        assert "Någon annan hann" in answer.said
        assert "Avböjd" in answer.one("tr").get_text()

    @pytest.mark.parametrize("target", ["https://annan.example/", "//annan.example", "/\\annan.example", "?[", ""])
    def test_it_never_leads_off_the_site(self, client: SiteClient, session: Session, world: World, target: str) -> None:
        key = made(session, world).id
        answer = client.post(f"/actions/{key}/state", {"state": "done", "next": target})
        assert answer.goes_to in {"/", f"/actions/{key}"}


class TestShow:
    def test_it_tells_who_what_when_and_all_that_has_happened(
        self, either: SiteClient, session: Session, world: World
    ) -> None:
        need = a_need(session, world, world.near)
        key = made(session, world, need_id=need.id).id
        actions.set_state(session, world.coordinator, key, ActionState.ONGOING, note="Ringt två gånger", now=NOW)
        session.commit()
        said = either.get(f"/actions/{key}").said
        for text in ("Ringa om boendet", "Boende", "K-101", "Pågår", "Ringt två gånger", "Tillagd", "Maria Ek"):
            assert text in said

    def test_a_note_goes_with_the_new_state(self, either: SiteClient, session: Session, world: World) -> None:
        key = made(session, world).id
        answer = either.post(f"/actions/{key}/state", {"state": "done", "note": "Kontraktet är skrivet"})
        assert answer.goes_to == f"/actions/{key}"
        assert "Kontraktet är skrivet" in either.get(answer.goes_to).said

    def test_declining_without_a_reason_asks_for_one(self, either: SiteClient, session: Session, world: World) -> None:
        key = made(session, world).id
        answer = either.post(f"/actions/{key}/state", {"state": "declined"})
        assert answer.status == 422
        assert "varför" in answer.error_of("note")

    def test_a_refused_note_is_kept(self, either: SiteClient, session: Session, world: World) -> None:
        key = made(session, world).id
        answer = either.post(f"/actions/{key}/state", {"state": "done", "note": f"Ring {NUMBER}"})
        assert answer.status == 422
        assert NUMBER in answer.one("#f-note").get_text()
        assert state_of(session, key) is ActionState.PLANNED

    @pytest.mark.parametrize("state", ["", "finished", "\x00", "done " * 500])
    def test_a_state_that_does_not_exist_changes_nothing(
        self, either: SiteClient, session: Session, world: World, state: str
    ) -> None:
        key = made(session, world).id
        assert either.post(f"/actions/{key}/state", {"state": state}).status == 422
        assert state_of(session, key) is ActionState.PLANNED


class TestNewDay:
    def test_it_is_read_as_people_write_it(self, either: SiteClient, session: Session, world: World) -> None:
        action = made(session, world)
        typed = {"due_on": "VF-14", "reason": "Sjukdom", "version": str(action.version)}
        answer = either.post(f"/actions/{action.id}/reschedule", typed)
        assert answer.goes_to == f"/actions/{action.id}"
        session.expire_all()
        assert session.get_one(Action, action.id).due_on == dt.date(2026, 12, 21)

    def test_an_unclear_day_is_said_by_the_field(self, either: SiteClient, session: Session, world: World) -> None:
        action = made(session, world)
        answer = either.post(f"/actions/{action.id}/reschedule", {"due_on": "snart", "version": "1"})
        assert answer.status == 422
        assert answer.error_of("due_on")
        assert answer.one("#f-due_on")["value"] == "snart"

    def test_a_page_gone_stale_is_told_and_can_be_sent_again(
        self, either: SiteClient, session: Session, world: World
    ) -> None:
        action = made(session, world)
        stale = str(action.version)
        actions.set_state(session, world.coordinator, action.id, ActionState.ONGOING, now=NOW)
        session.commit()
        answer = either.post(f"/actions/{action.id}/reschedule", {"due_on": "2027-01-14", "version": stale})
        assert answer.status == 409
        fresh = answer.one("input[name=version]")["value"]
        again = either.post(f"/actions/{action.id}/reschedule", {"due_on": "2027-01-14", "version": str(fresh)})
        assert again.goes_to == f"/actions/{action.id}"

    def test_a_personal_number_in_the_reason_is_said_by_it(
        self, either: SiteClient, session: Session, world: World
    ) -> None:
        action = made(session, world)
        typed = {"due_on": "2027-01-14", "reason": NUMBER, "version": str(action.version)}
        assert "personnummer" in either.post(f"/actions/{action.id}/reschedule", typed).error_of("reason")


class TestNew:
    def test_one_chooses_the_case_first(self, either: SiteClient, world: World) -> None:
        answer = either.get("/actions/new")
        assert answer.one(f"option[value='{world.near.id}']").get_text() == "K-101"

    def test_it_is_added_and_leads_back_to_the_case(self, either: SiteClient, session: Session, world: World) -> None:
        typed = {"case_id": str(world.near.id), "what": "Söka bostad", "actor_id": "client", "due_on": "fre"}
        answer = either.post("/actions/new", typed)
        assert answer.goes_to == f"/cases/{world.near.id}#needs"
        added = session.scalars(select(Action)).one()
        assert (added.what, added.actor_id, added.due_on) == ("Söka bostad", None, dt.date(2026, 11, 27))

    def test_an_actor_given_an_action_takes_part(self, client: SiteClient, session: Session, world: World) -> None:
        typed = {"what": "Ringa", "actor_id": str(world.clinic.id), "due_on": "fre", "case_id": str(world.near.id)}
        client.post("/actions/new", typed)
        members = select(CaseActor.actor_id).where(CaseActor.case_id == world.near.id)
        assert world.clinic.id in session.scalars(members).all()

    def test_everything_typed_is_kept_when_something_is_wrong(self, either: SiteClient, world: World) -> None:
        typed = {"case_id": str(world.near.id), "what": f"Ring {NUMBER}", "actor_id": "", "due_on": "snart"}
        answer = either.post("/actions/new", typed)
        assert answer.status == 422
        assert answer.one("#f-what")["value"] == f"Ring {NUMBER}"
        assert answer.one("#f-due_on")["value"] == "snart"
        assert answer.error_of("actor_id")
        assert answer.error_of("due_on")

    def test_a_need_of_another_case_is_refused_by_its_field(
        self, either: SiteClient, session: Session, world: World
    ) -> None:
        need = a_need(session, world, world.far)
        session.commit()
        typed = {"case_id": str(world.near.id), "what": "Ringa", "actor_id": "client", "due_on": "fre"}
        assert either.post("/actions/new", typed | {"need_id": str(need.id)}).error_of("need_id")

    @pytest.mark.parametrize("case_id", ["", "x", ABSENT])
    def test_without_a_case_there_is_nothing_to_add_to(self, either: SiteClient, case_id: str) -> None:
        typed = {"case_id": case_id, "what": "Ringa", "actor_id": "client", "due_on": "fre"}
        assert either.post("/actions/new", typed).status == 404


class TestForeignOffice:
    def test_another_offices_action_looks_absent(self, app: FastAPI, session: Session, world: World) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        key = made(session, world).id
        stranger = SiteClient(app).signed_in(other)
        for path in ("", "/state", "/reschedule"):
            ask = stranger.get if not path else lambda p: stranger.post(p, {"state": "done", "due_on": "fre"})
            absent, refused = ask(f"/actions/{ABSENT}{path}"), ask(f"/actions/{key}{path}")
            assert refused.status == absent.status == 404
            assert refused.text == absent.text

    def test_a_case_of_another_office_gets_no_action(self, app: FastAPI, session: Session, world: World) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        session.commit()
        typed = {"case_id": str(world.near.id), "what": "Ringa", "actor_id": "client", "due_on": "fre"}
        assert SiteClient(app).signed_in(other).post("/actions/new", typed).status == 404


class TestPartner:
    def test_it_sees_its_own_actions_and_no_way_to_the_case(
        self, partner: SiteClient, session: Session, world: World
    ) -> None:
        made(session, world, what="Vår sak")
        made(session, world, what="Deras sak", actor=world.employment)
        answer = partner.get("/actions")
        assert "Vår sak" in answer.said
        assert "Deras sak" not in answer.said
        assert "K-101" in answer.said
        assert not answer.soup.select("a[href^='/cases'], #f-case, #f-actor, #f-scope, a[href='/actions/new']")

    def test_it_closes_its_own_with_a_note(self, partner: SiteClient, session: Session, world: World) -> None:
        key = made(session, world).id
        assert partner.post(f"/actions/{key}/state", {"state": "done", "note": "Klart"}).status == 303
        page = partner.get(f"/actions/{key}")
        assert "Klart" in page.said
        assert not page.soup.select("a[href^='/cases'], a[href^='/meetings'], #f-due_on")

    def test_another_functions_action_is_absent_to_the_letter(
        self, partner: SiteClient, session: Session, world: World
    ) -> None:
        key = made(session, world, actor=world.employment).id
        refused, absent = partner.get(f"/actions/{key}"), partner.get(f"/actions/{ABSENT}")
        assert refused.status == absent.status == 404
        assert refused.text == absent.text
        assert partner.post(f"/actions/{key}/state", {"state": "done"}).status == 404
        assert state_of(session, key) is ActionState.PLANNED

    @pytest.mark.parametrize("path", ["/actions/new", f"/actions/{ABSENT}/reschedule"])
    def test_adding_and_moving_are_not_its_functions(self, partner: SiteClient, path: str) -> None:
        assert partner.post(path, {"due_on": "fre"}).status == 403

    def test_it_cannot_let_an_action_rest(self, partner: SiteClient, session: Session, world: World) -> None:
        key = made(session, world).id
        assert partner.post(f"/actions/{key}/state", {"state": "dormant"}).status == 403
        assert "Lägg vilande" not in partner.get(f"/actions/{key}").said

    def test_an_empty_list_tells_what_will_come(self, partner: SiteClient) -> None:
        answer = partner.get("/actions")
        assert "din funktion" in answer.said
        assert not answer.soup.select(".empty a")
