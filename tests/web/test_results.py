"""Uppföljning: numbers that tell of nobody, and a case read only with a reason."""

import datetime as dt

import pytest
from fastapi import FastAPI
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from inslussning.models import BreakGlass, Case
from inslussning.practice.access import Principal, Role
from inslussning.practice.phases import Phase
from inslussning.practice.protection import OpeningKind
from inslussning.practice.results import Number, Portion, half_year
from inslussning.services import results
from meetings.actions import ActionState
from tests.clients import SiteClient
from tests.conftest import NOW, TODAY
from tests.factories.actions import an_action
from tests.factories.offices import World, a_case, a_partner

LAST_WEEK = TODAY - dt.timedelta(days=7)


@pytest.fixture
def manager(session: Session, world: World) -> Principal:
    """A manager who staffs a function in both cases: it opens nothing."""
    return a_partner(session, world, world.social, email="chef@kv.example", role=Role.MANAGER)


@pytest.fixture
def site(app: FastAPI, session: Session, manager: Principal) -> SiteClient:
    session.commit()
    return SiteClient(app).signed_in(manager)


def cases(session: Session, world: World, count: int, phase: Phase) -> None:
    for number in range(count):
        case = a_case(session, world.coordinator, f"K-{phase[:1]}{number}", release_at=None, actors=[])
        case.phase = phase
    session.commit()


class TestNumbers:
    def test_a_phase_with_few_cases_is_not_told(self, session: Session, world: World, manager: Principal) -> None:
        cases(session, world, 4, Phase.VSP)
        assert dict(results.results(session, manager).phases)[Phase.VSP] == Number(None)

    def test_the_total_is_left_out_when_it_would_tell_one(
        self, session: Session, world: World, manager: Principal
    ) -> None:
        for phase in (Phase.VSP, Phase.INITIATE, Phase.PLAN, Phase.CARRY_OUT):
            cases(session, world, 5, phase)
        assert results.results(session, manager).cases == Number(22)
        session.execute(update(Case).where(Case.code == "K-v0").values(phase=Phase.CLOSED))
        assert results.results(session, manager).cases is None

    def test_actions_kept_are_those_done_by_their_day(self, session: Session, world: World, manager: Principal) -> None:
        for number in range(12):
            action = an_action(session, world, now=NOW, what=f"Sak {number}", due_on=LAST_WEEK)
            if number < 6:
                action.state, action.closed_at = ActionState.DONE, NOW - dt.timedelta(days=8)
            elif number < 7:
                action.state, action.closed_at = ActionState.DONE, NOW
        session.flush()
        row = next(r for r in results.results(session, manager).rows if r.half == half_year(LAST_WEEK))
        assert row.kept == Portion(6, 12)

    def test_what_was_declined_is_no_promise(self, session: Session, world: World, manager: Principal) -> None:
        for number in range(6):
            action = an_action(session, world, now=NOW, what=f"Sak {number}", due_on=LAST_WEEK)
            action.state, action.closed_at = ActionState.DECLINED, NOW
        session.flush()
        assert results.results(session, manager).rows[0].kept == Portion(None, None)

    def test_the_staffs_numbers_leave_out_what_is_closed_to_them(
        self, session: Session, world: World, manager: Principal
    ) -> None:
        cases(session, world, 4, Phase.PLAN)
        session.execute(update(Case).where(Case.id == world.near.id).values(sealed_at=NOW))
        session.commit()
        inspector = a_partner(session, world, world.probation, email="fri@kv.example", role=Role.COORDINATOR)
        seen = [dict(results.results(session, who).phases)[Phase.PLAN] for who in (manager, inspector)]
        assert seen == [Number(6), Number(5)]


class TestPage:
    def test_an_empty_office_says_few_everywhere_and_no_codes(self, site: SiteClient) -> None:
        page = site.get("/results")
        assert page.status == 200
        assert "färre än 5" in page.said
        assert "K-10" not in page.said

    def test_a_manager_begins_there(self, site: SiteClient) -> None:
        assert site.get("/").goes_to == "/results"

    def test_a_partner_has_no_such_page(self, app: FastAPI, session: Session, world: World) -> None:
        partner = a_partner(session, world, world.social)
        session.commit()
        assert SiteClient(app).signed_in(partner).get("/results").status == 403


class TestOpening:
    def test_before_it_is_opened_a_case_is_not_there(self, site: SiteClient, world: World) -> None:
        assert site.get(f"/shared/cases/{world.near.id}").status == 404
        assert "K-101" not in site.get("/shared/cases").said

    def test_a_reason_opens_it_for_a_while(self, site: SiteClient, session: Session, world: World) -> None:
        answer = site.post("/results/open", {"code": "K-101", "reason": "Klagomål från klientens ombud"})
        assert answer.goes_to == f"/shared/cases/{world.near.id}"
        opened = session.scalars(select(BreakGlass)).one()
        assert (opened.kind, opened.expires_at > NOW) == (OpeningKind.MANAGEMENT, True)
        page = site.get(answer.goes_to)
        assert "Ärende K-101" in page.said
        assert not page.soup.select("main form")

    @pytest.mark.parametrize("how", ["absent", "sealed"])
    def test_what_is_not_there_and_what_may_not_be_opened_get_the_same_answer(
        self, site: SiteClient, session: Session, world: World, how: str
    ) -> None:
        if how == "sealed":
            session.execute(update(Case).where(Case.id == world.near.id).values(sealed_at=NOW))
            session.commit()
        code = "K-101" if how == "sealed" else "K-999"
        answer = site.post("/results/open", {"code": code, "reason": "Klagomål"})
        assert answer.status == 422
        assert answer.error_of("code") == "Det finns inget ärende med den koden att öppna."
        assert answer.one("#f-code")["value"] == code

    def test_without_a_reason_nothing_is_opened(self, site: SiteClient, session: Session) -> None:
        answer = site.post("/results/open", {"code": "K-101", "reason": ""})
        assert answer.status == 422
        assert session.scalars(select(BreakGlass)).all() == []
