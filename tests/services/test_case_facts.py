"""The facts that decide what is missing in a case."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy.orm import Session

from inslussning.models.meetings import MeetingState
from inslussning.practice.attention import CaseFacts
from inslussning.practice.phases import Phase
from inslussning.services import actions, case_facts, cases, offices
from meetings.actions import ActionState
from tests.conftest import NOW, TODAY, QueryCounter
from tests.factories.actions import a_need, an_action
from tests.factories.case_parts import a_schedule, a_video_meeting, an_appointment
from tests.factories.offices import World, a_case, a_partner, an_office

RELEASE = dt.datetime(2027, 1, 4, 7, 30, tzinfo=dt.UTC)


@pytest.fixture
def facts(session: Session, world: World) -> Any:
    """The facts of K-101 as they stand when asked for."""

    def now() -> CaseFacts:
        session.flush()
        found = case_facts.of_cases(session, world.coordinator, [world.near.id], today=TODAY)
        return found[world.near.id]

    return now


class TestOfOneCase:
    def test_a_case_with_nothing_in_it(self, facts: Any, world: World) -> None:
        assert facts() == CaseFacts(
            key=world.near.id,
            code="K-101",
            phase=Phase.PLAN,
            release_on=dt.date(2027, 1, 4),
            actors=2,
            needs=0,
            needs_without_action=0,
            has_video_meeting=False,
            has_appointment_first_week=False,
            has_schedule_handed_over=False,
        )

    def test_the_release_day_is_the_offices_own(self, facts: Any, world: World) -> None:
        world.near.release_at = dt.datetime(2027, 1, 3, 23, 30, tzinfo=dt.UTC)
        assert facts().release_on == dt.date(2027, 1, 4)

    def test_an_actor_that_has_left_is_not_counted(self, facts: Any, session: Session, world: World) -> None:
        cases.leave(session, world.coordinator, world.near.id, world.social.id, today=TODAY)
        assert facts().actors == 1

    def test_a_need_lacks_action_until_one_is_agreed(self, facts: Any, session: Session, world: World) -> None:
        need = a_need(session, world, world.near)
        a_need(session, world, world.near, area="Skulder")
        assert (facts().needs, facts().needs_without_action) == (2, 2)
        an_action(session, world, now=NOW, need_id=need.id)
        assert facts().needs_without_action == 1

    @pytest.mark.parametrize(
        ("state", "without"), [(ActionState.DONE, 0), (ActionState.DECLINED, 1), (ActionState.DORMANT, 1)]
    )
    def test_an_action_given_up_leaves_the_need_without_one(
        self, facts: Any, session: Session, world: World, state: ActionState, without: int
    ) -> None:
        need = a_need(session, world, world.near)
        action = an_action(session, world, now=NOW, need_id=need.id)
        actions.set_state(session, world.coordinator, action.id, state, note="Orsak", now=NOW)
        assert facts().needs_without_action == without

    def test_a_met_need_wants_no_action(self, facts: Any, session: Session, world: World) -> None:
        a_need(session, world, world.near).met_on = TODAY
        assert (facts().needs, facts().needs_without_action) == (1, 0)

    def test_a_video_meeting_before_the_release_counts(self, facts: Any, session: Session, world: World) -> None:
        a_video_meeting(session, world.near, RELEASE - dt.timedelta(days=20))
        assert facts().has_video_meeting

    @pytest.mark.parametrize(
        ("days", "state"), [(-20, MeetingState.CANCELLED), (3, MeetingState.PLANNED)], ids=["cancelled", "after"]
    )
    def test_a_video_meeting_that_is_not_held_before_the_release_does_not(
        self, facts: Any, session: Session, world: World, days: int, state: MeetingState
    ) -> None:
        a_video_meeting(session, world.near, RELEASE + dt.timedelta(days=days), state=state)
        assert not facts().has_video_meeting

    def test_without_a_release_date_any_video_meeting_counts(self, facts: Any, session: Session, world: World) -> None:
        world.near.release_at = None
        a_video_meeting(session, world.near, RELEASE)
        assert facts().has_video_meeting

    @pytest.mark.parametrize(
        ("after", "counts"),
        [
            (dt.timedelta(hours=-1), False),
            (dt.timedelta(0), True),
            (dt.timedelta(days=7), True),
            (dt.timedelta(days=8), False),
        ],
    )
    def test_the_first_week_is_the_offices_own_number_of_days(
        self, facts: Any, session: Session, world: World, after: dt.timedelta, counts: bool
    ) -> None:
        an_appointment(session, world.near, world.social, RELEASE + after)
        assert facts().has_appointment_first_week is counts

    def test_a_cancelled_time_is_no_time(self, facts: Any, session: Session, world: World) -> None:
        an_appointment(session, world.near, world.social, RELEASE, cancelled_at=NOW)
        assert not facts().has_appointment_first_week

    def test_a_schedule_that_was_handed_over_is_seen(self, facts: Any, session: Session, world: World) -> None:
        a_schedule(session, world.coordinator, world.near, NOW)
        assert facts().has_schedule_handed_over


class TestOfTheOffice:
    def test_open_cases_come_by_code_and_closed_ones_do_not(self, session: Session, world: World) -> None:
        a_case(session, world.coordinator, "K-9", release_at=None, actors=[])
        world.far.phase = Phase.CLOSED
        session.flush()
        found = case_facts.open_cases(session, world.coordinator, today=TODAY)
        assert [f.code for f in found] == ["K-9", "K-101"]

    def test_another_office_and_a_partner_see_none(self, session: Session, world: World) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        for principal in (other, a_partner(session, world, world.social)):
            assert case_facts.open_cases(session, principal, today=TODAY) == ()
            assert case_facts.of_cases(session, principal, [world.near.id], today=TODAY) == {}

    def test_sixty_cases_take_as_many_statements_as_two(
        self, session: Session, world: World, query_counter: QueryCounter
    ) -> None:
        with query_counter() as of_two:
            case_facts.open_cases(session, world.coordinator, today=TODAY)
        for number in range(60):
            a_case(session, world.coordinator, f"X-{number}", release_at=RELEASE, actors=[world.social])
        with query_counter() as of_sixty:
            case_facts.open_cases(session, world.coordinator, today=TODAY)
        assert len(of_sixty) == len(of_two) == 2


class TestActionCounts:
    def test_open_actions_are_counted_and_those_past_their_day_apart(self, session: Session, world: World) -> None:
        an_action(session, world, now=NOW)
        an_action(session, world, now=NOW, due_on=TODAY)
        an_action(session, world, now=NOW, due_on=TODAY - dt.timedelta(days=1))
        done = an_action(session, world, now=NOW)
        actions.set_state(session, world.coordinator, done.id, ActionState.DONE, now=NOW)
        keys = [world.near.id, world.far.id]
        found = case_facts.action_counts(session, world.coordinator, keys, today=TODAY)
        assert found == {world.near.id: (3, 1)}


def test_the_offices_numbers_reach_the_rules_about_what_is_late(session: Session, world: World) -> None:
    rules = case_facts.attention_rules(offices.rules(session, world.office.id, TODAY))
    assert (rules.planning_starts_months, rules.video_before_days, rules.schedule_before_days) == (6, 21, 6)


def test_a_case_asked_for_by_key_may_be_closed(session: Session, world: World) -> None:
    world.near.phase = Phase.CLOSED
    session.flush()
    found = case_facts.of_cases(session, world.coordinator, [world.near.id], today=TODAY)
    assert found[world.near.id].phase is Phase.CLOSED
