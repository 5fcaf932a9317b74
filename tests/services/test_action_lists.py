"""The lists of actions: what is shown, in which order, and that no page loses a row or shows one twice."""

import datetime as dt
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from inslussning.db.engine import Database
from inslussning.models import Action, ActionEvent, Actor, Person
from inslussning.practice.access import CaseScope, Principal
from inslussning.practice.action_words import ActionDue, ActionScope
from inslussning.practice.organisations import OrganisationKind
from inslussning.services import action_lists, actions, visible
from inslussning.services.action_lists import PAGE, ActionPage, Wanted
from inslussning.services.actors import staff
from meetings.actions import ActionState
from tests.conftest import NOW, TODAY
from tests.factories.actions import a_closed_action, a_need, an_action
from tests.factories.offices import World, a_partner, an_actor, an_office, principal_for


def shown(session: Session, principal: Principal, after: str = "", **wanted: object) -> ActionPage:
    return action_lists.open_page(session, principal, Wanted(**wanted), today=TODAY, after=after)  # type: ignore[arg-type]


def keys(page: ActionPage) -> list[UUID]:
    return [row.key for row in page.rows]


def days(number: int) -> dt.date:
    return TODAY + dt.timedelta(days=number)


class TestOrder:
    def test_the_most_overdue_comes_first(self, session: Session, world: World) -> None:
        made = [an_action(session, world, now=NOW, due_on=days(n)).id for n in (3, -9, 0, -1)]
        assert keys(shown(session, world.coordinator)) == [made[1], made[3], made[2], made[0]]

    def test_a_row_says_what_who_where_and_when(self, session: Session, world: World) -> None:
        need = a_need(session, world, world.near)
        an_action(session, world, now=NOW, what="Söka bostad", need_id=need.id, due_on=days(2))
        (row,) = shown(session, world.coordinator).rows
        assert row[1:6] == (
            "Söka bostad",
            days(2),
            ActionState.PLANNED,
            "Socialsekreterare vuxen – Björkstad",
            "municipality",
        )
        assert row[6:] == (world.near.id, "K-101", "Boende")

    def test_one_action_alone_says_the_same_as_in_the_list(self, session: Session, world: World) -> None:
        need = a_need(session, world, world.near)
        made = an_action(session, world, now=NOW, need_id=need.id)
        alone = action_lists.row_of(world.coordinator, actions.get_action(session, world.coordinator, made.id))
        assert [alone] == shown(session, world.coordinator).rows

    def test_the_clients_own_has_nobody(self, session: Session, world: World) -> None:
        new = actions.NewAction(case_id=world.near.id, actor_id=None, what="Ringa hem", due_on=TODAY)
        made = actions.add_action(session, world.coordinator, new, now=NOW)
        (row,) = shown(session, world.coordinator, clients_own=True).rows
        assert (row.actor, row.kind) == (None, None)
        assert row == action_lists.row_of(world.coordinator, actions.get_action(session, world.coordinator, made.id))


class TestNarrowing:
    def test_by_day(self, session: Session, world: World) -> None:
        made = {n: an_action(session, world, now=NOW, due_on=days(n)).id for n in (-8, -1, 0, 5, 6, 30, 31)}
        wanted = {
            ActionDue.LATE: [-8, -1],
            ActionDue.WEEK: [-1, 0, 5],  # the tests' today is a Tuesday
            ActionDue.MONTH: [0, 5, 6, 30],
            ActionDue.ALL: [-8, -1, 0, 5, 6, 30, 31],
        }
        found = {due: keys(shown(session, world.coordinator, due=due)) for due in wanted}
        assert found == {due: [made[n] for n in numbers] for due, numbers in wanted.items()}

    def test_by_actor_case_and_area_together(self, session: Session, world: World) -> None:
        need = a_need(session, world, world.near)
        made = an_action(session, world, now=NOW, need_id=need.id)
        an_action(session, world, now=NOW)
        an_action(session, world, now=NOW, actor=world.employment, need_id=need.id)
        an_action(session, world, now=NOW, case=world.far)
        who, where, what = world.social.id, world.near.id, need.area_id
        page = shown(session, world.coordinator, actor_id=who, case_id=where, area_id=what)
        assert keys(page) == [made.id]
        assert (page.open, page.late) == (1, 0)

    def test_mine_are_those_of_the_functions_i_staff(self, session: Session, world: World) -> None:
        me = session.get_one(Person, world.coordinator.person_id)
        staff(
            session, world.coordinator, world.probation.id, name=me.name, email=me.email, starts_on=TODAY, ends_on=None
        )
        made = an_action(session, world, now=NOW, actor=world.probation)
        an_action(session, world, now=NOW)
        again = principal_for(session, world.office, me.email)
        assert keys(shown(session, again, scope=ActionScope.MINE)) == [made.id]

    def test_our_organisations_are_those_of_all_its_functions(self, session: Session, world: World) -> None:
        made = an_action(session, world, now=NOW, actor=world.probation)
        an_action(session, world, now=NOW)
        assert keys(shown(session, world.coordinator, scope=ActionScope.ORGANISATION)) == [made.id]

    def test_an_actor_of_another_office_has_nothing_here(self, session: Session, world: World) -> None:
        an_action(session, world, now=NOW)
        assert not shown(session, world.coordinator, actor_id=uuid4()).rows


class TestScope:
    def test_another_offices_actions_are_absent(self, session: Session, world: World) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        an_action(session, world, now=NOW)
        assert shown(session, other) == ActionPage([], "", 0, 0)

    def test_a_partner_sees_and_counts_its_own_only(self, session: Session, world: World) -> None:
        made = an_action(session, world, now=NOW, due_on=days(-1))
        an_action(session, world, now=NOW, actor=world.employment)
        page = shown(session, a_partner(session, world, world.social))
        assert (keys(page), page.open, page.late) == ([made.id], 1, 1)

    def test_a_partner_who_staffs_nothing_sees_nothing(self, session: Session, world: World) -> None:
        an_action(session, world, now=NOW)
        partner = a_partner(session, world, world.social)
        nobody = replace(partner, actor_ids=frozenset(), scope=CaseScope())
        assert shown(session, nobody) == ActionPage([], "", 0, 0)

    def test_a_partner_is_offered_no_names_to_choose_among(self, session: Session, world: World) -> None:
        partner = a_partner(session, world, world.social)
        assert action_lists.choices(session, partner, Wanted()) == ([], [], [])

    @pytest.mark.parametrize("role", ["coordinator", "partner"])
    def test_the_built_statements_show_what_the_rule_shows(self, session: Session, world: World, role: str) -> None:
        for actor in (world.social, world.employment, world.clinic):
            an_action(session, world, now=NOW, actor=actor)
        principal = world.coordinator if role == "coordinator" else a_partner(session, world, world.clinic)
        rule = set(session.scalars(select(Action.id).where(visible.actions(principal))))
        assert set(keys(shown(session, principal))) == rule


class TestChoices:
    def test_they_are_what_is_in_use_and_what_is_chosen(self, session: Session, world: World) -> None:
        session.get_one(Actor, world.clinic.id).closed_on = TODAY
        session.flush()
        offered = action_lists.choices(session, world.coordinator, Wanted())
        assert world.clinic.id not in dict(offered.actors)
        assert [code for _, code in offered.cases] == ["K-101", "K-102"]
        assert offered.areas[0][1] == "Boende"
        chosen = action_lists.choices(session, world.coordinator, Wanted(actor_id=world.clinic.id))
        assert world.clinic.id in dict(chosen.actors)


class TestClosed:
    def test_the_last_closed_comes_first(self, session: Session, world: World) -> None:
        made = [an_action(session, world, now=NOW).id for _ in range(3)]
        for hours, key in enumerate(made):
            at = NOW + dt.timedelta(hours=hours)
            actions.set_state(session, world.coordinator, key, ActionState.DONE, now=at)
        an_action(session, world, now=NOW)
        page = action_lists.closed_page(session, world.coordinator, Wanted())
        assert keys(page) == made[::-1]
        assert page.rows[0].day == NOW + dt.timedelta(hours=2)

    def test_its_pages_follow_each_other_though_all_were_closed_at_once(self, session: Session, world: World) -> None:
        made = {a_closed_action(session, world, now=NOW).id for _ in range(PAGE + 3)}
        first = action_lists.closed_page(session, world.coordinator, Wanted())
        second = action_lists.closed_page(session, world.coordinator, Wanted(), after=first.after)
        assert (len(first.rows), len(second.rows), second.after) == (PAGE, 3, "")
        assert set(keys(first) + keys(second)) == made


class TestPages:
    @pytest.mark.parametrize("after", ["x", "2026-13-01_" + "0" * 32, "2026-12-01_zz", "_", "2026-12-01", "\x00"])
    def test_a_place_that_is_none_of_ours_is_the_beginning(self, session: Session, world: World, after: str) -> None:
        made = an_action(session, world, now=NOW)
        assert keys(shown(session, world.coordinator, after=after)) == [made.id]
        assert action_lists.closed_page(session, world.coordinator, Wanted(), after=after).rows == []

    def test_a_place_before_the_chosen_days_shows_those_days_only(self, session: Session, world: World) -> None:
        an_action(session, world, now=NOW, due_on=days(-3))
        place = f"{days(-9).isoformat()}_{'0' * 32}"
        assert not shown(session, world.coordinator, after=place, due=ActionDue.MONTH).rows

    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        due=st.lists(st.integers(-3, 3), min_size=1, max_size=70),
        added=st.lists(st.integers(-3, 3), max_size=8),
    )
    def test_no_row_is_lost_or_doubled_while_others_are_added(
        self, database: Database, world: World, due: list[int], added: list[int]
    ) -> None:
        with database.write() as session:
            session.execute(delete(ActionEvent))
            session.execute(delete(Action))
            before = {_insert(session, world, n) for n in due}
            found: list[UUID] = []
            page = shown(session, world.coordinator)
            while True:
                found += keys(page)
                if not page.after:
                    break
                if added:
                    _insert(session, world, added.pop())
                page = shown(session, world.coordinator, after=page.after)
            session.rollback()
        assert len(found) == len(set(found))
        assert before <= set(found)


def _insert(session: Session, world: World, day: int) -> UUID:
    action = Action(
        office_id=world.office.id,
        case_id=world.near.id,
        actor_id=world.social.id,
        what="Ringa",
        due_on=days(day),
        state=ActionState.PLANNED,
        created_at=NOW,
    )
    session.add(action)
    session.flush()
    return action.id


class TestForeignKind:
    def test_an_actor_of_any_kind_keeps_its_own_stripe(self, session: Session, world: World) -> None:
        landlord = an_actor(session, world.coordinator, "bo", "Bostadsbolaget", OrganisationKind.LANDLORD, place="")
        an_action(session, world, now=NOW, actor=landlord)
        (row,) = shown(session, world.coordinator).rows
        assert (row.actor, row.kind) == ("Bostadsbolaget", "landlord")
