"""What holds for an action from the day it is agreed on until somebody closes it."""

import datetime as dt
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from inslussning.db.engine import Database
from inslussning.errors import Changed, Invalid, NotAllowed, NotFound
from inslussning.models import Action, AgendaItem, CaseActor, Meeting
from inslussning.models.meetings import MeetingKind, MeetingState
from inslussning.practice.organisations import OrganisationKind
from inslussning.practice.phases import Phase
from inslussning.services import actions
from inslussning.services.actions import NewAction
from meetings.actions import ActionState
from meetings.agenda import ItemKind
from tests.conftest import NOW, TODAY
from tests.factories.actions import a_need, an_action
from tests.factories.offices import World, a_partner, an_actor, an_office

DUE = dt.date(2026, 12, 1)
NUMBER = "19900101-2384"


def a_video_meeting(session: Session, world: World, case_id: UUID, **changes: object) -> Meeting:
    values: dict[str, object] = {
        "office_id": world.office.id,
        "kind": MeetingKind.VIDEO,
        "case_id": case_id,
        "starts_at": NOW,
        "ends_at": NOW + dt.timedelta(hours=1),
        "timezone": "Europe/Stockholm",
    }
    meeting = Meeting(**(values | changes))
    session.add(meeting)
    session.flush()
    return meeting


def add(session: Session, world: World, **changes: object) -> Action:
    values: dict[str, object] = {
        "case_id": world.near.id,
        "actor_id": world.social.id,
        "what": "Ringa om boendet",
        "due_on": DUE,
    }
    return actions.add_action(session, world.coordinator, NewAction(**(values | changes)), now=NOW)  # type: ignore[arg-type]


def refused(session: Session, world: World, **changes: object) -> Invalid:
    with pytest.raises(Invalid) as problem:
        add(session, world, **changes)
    return problem.value


def member(session: Session, case_id: UUID, actor_id: UUID) -> CaseActor | None:
    return session.scalar(select(CaseActor).where(CaseActor.case_id == case_id, CaseActor.actor_id == actor_id))


class TestAdd:
    def test_a_new_action_is_planned_and_open(self, session: Session, world: World) -> None:
        action = add(session, world)
        assert (action.state, action.closed_at, action.due_on) == (ActionState.PLANNED, None, DUE)

    def test_its_history_starts_with_who_added_it(self, session: Session, world: World) -> None:
        action = add(session, world)
        (event,) = actions.history(session, world.coordinator, action.id)
        assert (event.who, event.state, event.at, event.is_first) == ("Maria Ek", ActionState.PLANNED, NOW, True)

    def test_without_an_actor_it_is_the_clients_own(self, session: Session, world: World) -> None:
        assert add(session, world, actor_id=None).actor_id is None

    def test_an_actor_new_to_the_case_takes_part_from_today(self, session: Session, world: World) -> None:
        add(session, world, actor_id=world.clinic.id)
        joined = member(session, world.near.id, world.clinic.id)
        assert joined is not None
        assert (joined.joined_on, joined.left_on) == (TODAY, None)

    def test_an_actor_that_has_left_the_case_is_not_let_in_by_the_way(self, session: Session, world: World) -> None:
        left = member(session, world.near.id, world.social.id)
        assert left is not None
        left.left_on = TODAY
        assert refused(session, world).field == "actor_id"

    def test_a_closed_actor_is_refused(self, session: Session, world: World) -> None:
        world.clinic.closed_on = TODAY
        session.merge(world.clinic)
        assert refused(session, world, actor_id=world.clinic.id).field == "actor_id"

    def test_an_actor_of_another_office_is_no_choice(self, session: Session, world: World) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        foreign = an_actor(session, other, "x", "Socialsekreterare", OrganisationKind.MUNICIPALITY)
        assert refused(session, world, actor_id=foreign.id).message == refused(session, world, actor_id=uuid4()).message

    def test_a_case_of_another_office_is_absent(self, session: Session, world: World) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        new = NewAction(case_id=world.near.id, actor_id=None, what="Ringa", due_on=DUE)
        with pytest.raises(NotFound):
            actions.add_action(session, other, new, now=NOW)

    def test_a_partner_cannot_add_one(self, session: Session, world: World) -> None:
        partner = a_partner(session, world, world.social)
        new = NewAction(case_id=world.near.id, actor_id=world.social.id, what="Ringa", due_on=DUE)
        with pytest.raises(NotAllowed):
            actions.add_action(session, partner, new, now=NOW)

    def test_a_closed_case_gets_no_more_actions(self, session: Session, world: World) -> None:
        world.near.phase = Phase.CLOSED
        session.merge(world.near)
        assert refused(session, world).field == "case_id"

    @pytest.mark.parametrize("what", ["", " \n ", "x" * 501, f"Ringa {NUMBER}"])
    def test_a_text_that_will_not_do_is_refused_by_its_field(self, session: Session, world: World, what: str) -> None:
        assert refused(session, world, what=what).field == "what"

    def test_five_hundred_characters_are_kept_whole(self, session: Session, world: World) -> None:
        assert len(add(session, world, what="å" * 500).what) == 500


class TestBelongingTogether:
    def test_a_need_of_the_case_can_be_named(self, session: Session, world: World) -> None:
        need = a_need(session, world, world.near)
        assert add(session, world, need_id=need.id).need_id == need.id

    def test_a_need_of_another_case_is_refused(self, session: Session, world: World) -> None:
        need = a_need(session, world, world.far)
        assert refused(session, world, need_id=need.id).field == "need_id"

    def test_the_cases_own_video_meeting_can_be_named(self, session: Session, world: World) -> None:
        meeting = a_video_meeting(session, world, world.near.id)
        action = add(session, world, meeting_id=meeting.id)
        assert [a.id for a in actions.agreed_at(session, world.coordinator, meeting.id)] == [action.id]

    def test_another_cases_video_meeting_is_refused(self, session: Session, world: World) -> None:
        meeting = a_video_meeting(session, world, world.far.id)
        assert refused(session, world, meeting_id=meeting.id).field == "meeting_id"

    def test_a_meeting_with_the_case_on_its_agenda_can_be_named(self, session: Session, world: World) -> None:
        meeting = a_video_meeting(session, world, world.far.id)
        item = AgendaItem(position=0, kind=ItemKind.CASE, title="Ärende", minutes=10, case_id=world.near.id)
        item.office_id, item.meeting_id = world.office.id, meeting.id
        session.add(item)
        session.flush()
        assert add(session, world, meeting_id=meeting.id).meeting_id == meeting.id

    def test_a_cancelled_meeting_agrees_on_nothing(self, session: Session, world: World) -> None:
        meeting = a_video_meeting(session, world, world.near.id, state=MeetingState.CANCELLED)
        assert refused(session, world, meeting_id=meeting.id).field == "meeting_id"


class TestState:
    @pytest.mark.parametrize("state", [ActionState.DONE, ActionState.OUTCOME_REACHED, ActionState.DORMANT])
    def test_it_is_closed_at_the_moment_it_leaves_the_open_states(
        self, session: Session, world: World, state: ActionState
    ) -> None:
        action = an_action(session, world, now=NOW)
        later = NOW + dt.timedelta(days=1)
        assert actions.set_state(session, world.coordinator, action.id, state, now=later).closed_at == later

    def test_opening_it_again_clears_the_moment(self, session: Session, world: World) -> None:
        action = an_action(session, world, now=NOW)
        actions.set_state(session, world.coordinator, action.id, ActionState.DONE, now=NOW)
        again = actions.set_state(session, world.coordinator, action.id, ActionState.ONGOING, now=NOW)
        assert (again.state, again.closed_at) == (ActionState.ONGOING, None)

    def test_every_change_is_in_the_history_with_its_note(self, session: Session, world: World) -> None:
        action = an_action(session, world, now=NOW)
        for minutes, state in enumerate([ActionState.ONGOING, ActionState.DONE], start=1):
            at = NOW + dt.timedelta(minutes=minutes)
            actions.set_state(session, world.coordinator, action.id, state, note=f"Nu {state}", now=at)
        events = actions.history(session, world.coordinator, action.id)
        assert [(e.state, e.note) for e in events] == [
            (ActionState.DONE, "Nu done"),
            (ActionState.ONGOING, "Nu ongoing"),
            (ActionState.PLANNED, ""),
        ]

    def test_a_second_click_changes_nothing(self, session: Session, world: World) -> None:
        action = an_action(session, world, now=NOW)
        for _ in range(2):
            actions.set_state(session, world.coordinator, action.id, ActionState.DONE, now=NOW)
        assert len(actions.history(session, world.coordinator, action.id)) == 2

    def test_a_note_is_kept_though_the_state_stays(self, session: Session, world: World) -> None:
        action = an_action(session, world, now=NOW)
        at = NOW + dt.timedelta(minutes=1)
        actions.set_state(session, world.coordinator, action.id, ActionState.PLANNED, note="Ringt i dag", now=at)
        assert actions.history(session, world.coordinator, action.id)[0].note == "Ringt i dag"

    def test_a_step_that_no_longer_makes_sense_means_somebody_was_first(self, session: Session, world: World) -> None:
        action = an_action(session, world, now=NOW)
        actions.set_state(session, world.coordinator, action.id, ActionState.OUTCOME_REACHED, now=NOW)
        with pytest.raises(Changed):
            actions.set_state(session, world.coordinator, action.id, ActionState.DONE, now=NOW)

    def test_declining_takes_a_reason(self, session: Session, world: World) -> None:
        action = an_action(session, world, now=NOW)
        with pytest.raises(Invalid) as problem:
            actions.set_state(session, world.coordinator, action.id, ActionState.DECLINED, now=NOW)
        assert problem.value.field == "note"

    def test_a_personal_number_in_a_note_is_refused(self, session: Session, world: World) -> None:
        action = an_action(session, world, now=NOW)
        with pytest.raises(Invalid) as problem:
            actions.set_state(session, world.coordinator, action.id, ActionState.DONE, note=NUMBER, now=NOW)
        assert problem.value.field == "note"

    def test_a_change_made_at_the_same_moment_is_not_overwritten(self, database: Database, world: World) -> None:
        with database.write.begin() as mine:
            key = an_action(mine, world, now=NOW).id
        with database.write() as mine:
            held = actions.get_action(mine, world.coordinator, key)
            with database.write.begin() as theirs:
                actions.set_state(theirs, world.coordinator, key, ActionState.ONGOING, now=NOW)
            assert held.state is ActionState.PLANNED
            with pytest.raises(Changed):
                actions.set_state(mine, world.coordinator, key, ActionState.DONE, now=NOW)


class TestNewDay:
    def test_it_moves_and_is_in_the_history(self, session: Session, world: World) -> None:
        action = an_action(session, world, now=NOW)
        later, at = DUE + dt.timedelta(days=7), NOW + dt.timedelta(minutes=1)
        actions.reschedule(session, world.coordinator, action.id, due_on=later, note="Sjukdom", now=at)
        assert [e.due_on for e in actions.history(session, world.coordinator, action.id)] == [later, DUE]

    def test_a_closed_action_keeps_its_day(self, session: Session, world: World) -> None:
        action = an_action(session, world, now=NOW)
        actions.set_state(session, world.coordinator, action.id, ActionState.DONE, now=NOW)
        with pytest.raises(Invalid) as problem:
            actions.reschedule(session, world.coordinator, action.id, due_on=TODAY, now=NOW)
        assert problem.value.field == "due_on"

    def test_a_page_that_has_gone_stale_does_not_move_it(self, session: Session, world: World) -> None:
        action = an_action(session, world, now=NOW)
        shown = action.version
        actions.set_state(session, world.coordinator, action.id, ActionState.ONGOING, now=NOW)
        with pytest.raises(Changed):
            actions.reschedule(session, world.coordinator, action.id, due_on=TODAY, version=shown, now=NOW)


class TestOpenOfCase:
    def test_the_soonest_comes_first_and_closed_ones_are_left_out(self, session: Session, world: World) -> None:
        late = an_action(session, world, now=NOW, due_on=DUE + dt.timedelta(days=9))
        soon = an_action(session, world, now=NOW, due_on=DUE)
        gone = an_action(session, world, now=NOW)
        actions.set_state(session, world.coordinator, gone.id, ActionState.DONE, now=NOW)
        an_action(session, world, now=NOW, case=world.far)
        found = actions.open_of_case(session, world.coordinator, world.near.id)
        assert [a.id for a in found] == [soon.id, late.id]
        assert found[0].actor is not None
        assert found[0].actor.organisation.name

    def test_the_last_closed_comes_first_among_the_closed(self, session: Session, world: World) -> None:
        keys = [an_action(session, world, now=NOW).id for _ in range(2)]
        for hours, key in enumerate(keys):
            at = NOW + dt.timedelta(hours=hours)
            actions.set_state(session, world.coordinator, key, ActionState.DONE, now=at)
        found = actions.closed_of_case(session, world.coordinator, world.near.id)
        assert [a.id for a in found] == keys[::-1]


class TestPartner:
    def test_it_sees_the_actions_of_its_own_functions_only(self, session: Session, world: World) -> None:
        own = an_action(session, world, now=NOW)
        an_action(session, world, now=NOW, actor=world.employment)
        partner = a_partner(session, world, world.social)
        assert [a.id for a in actions.open_of_case(session, partner, world.near.id)] == [own.id]

    def test_it_can_close_and_reopen_its_own(self, session: Session, world: World) -> None:
        action = an_action(session, world, now=NOW)
        partner = a_partner(session, world, world.social)
        actions.set_state(session, partner, action.id, ActionState.DONE, now=NOW)
        assert actions.set_state(session, partner, action.id, ActionState.ONGOING, now=NOW).closed_at is None

    def test_another_functions_action_is_absent_in_every_way(self, session: Session, world: World) -> None:
        action = an_action(session, world, now=NOW, actor=world.employment)
        partner = a_partner(session, world, world.social)
        with pytest.raises(NotFound):
            actions.set_state(session, partner, action.id, ActionState.DONE, now=NOW)
        with pytest.raises(NotAllowed):
            actions.reschedule(session, partner, action.id, due_on=TODAY, now=NOW)
        assert not actions.history(session, partner, action.id)

    def test_it_neither_moves_the_day_nor_lets_the_action_rest(self, session: Session, world: World) -> None:
        action = an_action(session, world, now=NOW)
        partner = a_partner(session, world, world.social)
        with pytest.raises(NotAllowed):
            actions.reschedule(session, partner, action.id, due_on=TODAY, now=NOW)
        with pytest.raises(NotAllowed):
            actions.set_state(session, partner, action.id, ActionState.DORMANT, now=NOW)
        assert ActionState.DORMANT not in actions.next_states(partner, action)
