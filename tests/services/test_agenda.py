"""The agenda: proposed from the template and the cases' state, then the meeting's own to change."""

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inslussning.errors import Invalid, NotFound
from inslussning.models import AgendaItem, Case, Meeting
from inslussning.models.meetings import MeetingState
from inslussning.practice.phases import Phase
from inslussning.services import actions, agenda, minutes
from inslussning.services.agenda import ItemInUse
from inslussning.services.drafts import MeetingCancelled, MinutesLocked
from meetings.actions import ActionState
from meetings.agenda import ItemKind
from tests.conftest import NOW, TODAY
from tests.factories.actions import an_action
from tests.factories.minutes import HELD, HELD_ON, a_held_meeting, a_weekly_meeting, item_of, items_of, written
from tests.factories.offices import World, a_case, an_office
from tests.factories.planning import LINKS, a_video_meeting


@pytest.fixture
def meeting(session: Session, world: World) -> Meeting:
    return a_weekly_meeting(session, world, now=NOW)


@pytest.fixture
def held(session: Session, world: World) -> Meeting:
    return a_held_meeting(session, world, now=NOW)


def proposed(session: Session, world: World, meeting: Meeting) -> list[str]:
    found = agenda.propose(session, world.coordinator, meeting, today=TODAY)
    return [item.code for item in found.items if item.code]


def a_case_released(session: Session, world: World, code: str, day: dt.date | None) -> Case:
    at = dt.datetime.combine(day, dt.time(8), dt.UTC) if day else None
    return a_case(session, world.coordinator, code, release_at=at, actors=[world.social])


def names(session: Session, meeting: Meeting) -> list[str]:
    codes = {case.id: case.code for case in session.scalars(select(Case))}
    return [codes[i.case_id] if i.case_id else i.title for i in items_of(session, meeting)]


class TestPropose:
    def test_cases_within_the_planning_horizon_are_proposed_nearest_first(
        self, session: Session, world: World, meeting: Meeting
    ) -> None:
        assert proposed(session, world, meeting) == ["K-101", "K-102"]

    def test_a_case_beyond_the_horizon_waits(self, session: Session, world: World, meeting: Meeting) -> None:
        a_case_released(session, world, "K-103", dt.date(2027, 5, 24))
        a_case_released(session, world, "K-104", dt.date(2027, 5, 25))
        assert proposed(session, world, meeting) == ["K-101", "K-102", "K-103"]

    def test_a_case_beyond_it_with_something_to_do_is_taken_up(
        self, session: Session, world: World, meeting: Meeting
    ) -> None:
        far = a_case_released(session, world, "K-103", dt.date(2028, 1, 1))
        undated = a_case_released(session, world, "K-104", None)
        for case in (far, undated):
            an_action(session, world, now=NOW, case=case)
        assert proposed(session, world, meeting) == ["K-101", "K-102", "K-103", "K-104"]

    def test_the_just_released_are_taken_up_a_week(self, session: Session, world: World, meeting: Meeting) -> None:
        a_case_released(session, world, "K-103", TODAY - dt.timedelta(days=7))
        a_case_released(session, world, "K-104", TODAY - dt.timedelta(days=8))
        assert proposed(session, world, meeting) == ["K-101", "K-102", "K-103"]

    def test_a_closed_case_is_left_alone(self, session: Session, world: World, meeting: Meeting) -> None:
        an_action(session, world, now=NOW)
        world.near.phase = Phase.CLOSED
        session.flush()
        assert proposed(session, world, meeting) == ["K-102"]

    def test_it_says_how_many_actions_are_open_and_late(self, session: Session, world: World, meeting: Meeting) -> None:
        an_action(session, world, now=NOW, due_on=TODAY)
        an_action(session, world, now=NOW, due_on=TODAY - dt.timedelta(days=1))
        done = an_action(session, world, now=NOW, due_on=TODAY)
        actions.set_state(session, world.coordinator, done.id, ActionState.DONE, now=NOW)
        found = agenda.propose(session, world.coordinator, meeting, today=TODAY).items[1]
        assert (found.code, found.open, found.overdue) == ("K-101", 2, 1)

    def test_it_says_by_how_much_it_is_too_long(self, session: Session, world: World, meeting: Meeting) -> None:
        meeting.ends_at = meeting.starts_at + dt.timedelta(minutes=32)
        found = agenda.propose(session, world.coordinator, meeting, today=TODAY)
        assert (found.minutes, found.over) == (39, 7)

    def test_another_office_stays_out_of_it(self, session: Session, world: World, meeting: Meeting) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        a_case(session, other, "X-1", release_at=dt.datetime(2026, 12, 1, tzinfo=dt.UTC), actors=[])
        assert "X-1" not in proposed(session, world, meeting)

    def test_a_video_meeting_takes_up_its_own_case_alone(self, session: Session, world: World) -> None:
        video = a_video_meeting(session, world, now=NOW)
        assert proposed(session, world, video) == ["K-102"]


class TestUseProposal:
    def test_the_proposal_becomes_the_agenda(self, session: Session, held: Meeting) -> None:
        assert names(session, held) == [
            "Välkomna, närvaro och sekretess",
            "K-101",
            "K-102",
            "Nya ärenden",
            "Nästa möte",
        ]

    def test_a_case_can_be_left_out(self, session: Session, world: World, meeting: Meeting) -> None:
        agenda.use_proposal(session, world.coordinator, meeting.id, leave_out={world.near.id}, today=HELD_ON)
        assert "K-101" not in names(session, meeting)

    def test_pressed_twice_it_makes_one_agenda(self, session: Session, world: World, held: Meeting) -> None:
        before = names(session, held)
        agenda.use_proposal(session, world.coordinator, held.id, today=HELD_ON)
        assert names(session, held) == before

    def test_a_changed_template_does_not_reach_it(self, session: Session, held: Meeting) -> None:
        before = [(i.title, i.minutes) for i in items_of(session, held)]
        session.execute(AgendaItem.metadata.tables["agenda_templates"].update().values(items=[]))
        assert [(i.title, i.minutes) for i in items_of(session, held)] == before

    def test_a_cancelled_meeting_gets_none(self, session: Session, world: World, meeting: Meeting) -> None:
        meeting.state = MeetingState.CANCELLED
        session.flush()
        with pytest.raises(MeetingCancelled):
            agenda.use_proposal(session, world.coordinator, meeting.id, today=HELD_ON)


class TestChange:
    def test_a_standing_item_comes_last(self, session: Session, world: World, held: Meeting) -> None:
        agenda.add_standing(session, world.coordinator, held.id, title="Sommaruppehåll", minutes=5)
        assert names(session, held)[-1] == "Sommaruppehåll"

    def test_a_title_with_a_personal_number_is_refused(self, session: Session, world: World, held: Meeting) -> None:
        with pytest.raises(Invalid) as refused:
            agenda.add_standing(session, world.coordinator, held.id, title="Om 19800101-1234", minutes=5)
        assert refused.value.field == "title"

    def test_a_case_comes_after_the_last_case_with_the_templates_length(
        self, session: Session, world: World, held: Meeting
    ) -> None:
        case = a_case_released(session, world, "K-103", None)
        item = agenda.add_case(session, world.coordinator, held.id, case.id, today=HELD_ON)
        assert names(session, held)[3] == "K-103"
        assert (item.kind, item.minutes) == (ItemKind.CASE, 12)

    def test_a_first_case_on_an_empty_agenda_is_added(self, session: Session, world: World, meeting: Meeting) -> None:
        agenda.add_case(session, world.coordinator, meeting.id, world.near.id, today=HELD_ON)
        assert names(session, meeting) == ["K-101"]

    def test_a_case_is_there_only_once(self, session: Session, world: World, held: Meeting) -> None:
        with pytest.raises(Invalid) as refused:
            agenda.add_case(session, world.coordinator, held.id, world.near.id, today=HELD_ON)
        assert refused.value.field == "case_id"

    def test_a_closed_case_is_refused(self, session: Session, world: World, meeting: Meeting) -> None:
        world.near.phase = Phase.CLOSED
        session.flush()
        with pytest.raises(Invalid):
            agenda.add_case(session, world.coordinator, meeting.id, world.near.id, today=HELD_ON)

    def test_another_offices_case_is_refused_like_one_that_is_not_there(
        self, session: Session, world: World, held: Meeting
    ) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        foreign = a_case(session, other, "X-1", release_at=None, actors=[])
        with pytest.raises(Invalid, match="Välj ett ärende"):
            agenda.add_case(session, world.coordinator, held.id, foreign.id, today=HELD_ON)

    def test_a_video_meeting_takes_no_second_case(self, session: Session, world: World) -> None:
        video = a_video_meeting(session, world, now=NOW)
        with pytest.raises(Invalid):
            agenda.add_case(session, world.coordinator, video.id, world.near.id, today=HELD_ON)

    def test_an_item_moves_up_and_down_and_stops_at_the_ends(
        self, session: Session, world: World, held: Meeting
    ) -> None:
        first = items_of(session, held)[0]
        agenda.move_item(session, world.coordinator, held.id, first.id, by=1)
        assert names(session, held)[:2] == ["K-101", "Välkomna, närvaro och sekretess"]
        for _ in range(3):
            agenda.move_item(session, world.coordinator, held.id, first.id, by=-1)
        assert names(session, held)[0] == "Välkomna, närvaro och sekretess"

    def test_moving_an_item_does_not_disturb_who_writes_in_it(
        self, session: Session, world: World, held: Meeting
    ) -> None:
        item = item_of(session, held, world.near)
        version = item.version
        agenda.move_item(session, world.coordinator, held.id, item.id, by=1)
        agenda.set_minutes(session, world.coordinator, held.id, {item.id: 20})
        assert item_of(session, held, world.near).version == version

    def test_items_get_their_minutes(self, session: Session, world: World, held: Meeting) -> None:
        item = item_of(session, held, world.near)
        agenda.set_minutes(session, world.coordinator, held.id, {item.id: 25, held.id: 3})
        assert [i.minutes for i in items_of(session, held)] == [5, 25, 12, 5, 5]

    @pytest.mark.parametrize("minutes_typed", [0, -1, 241])
    def test_minutes_out_of_range_are_refused_by_their_box(
        self, session: Session, world: World, held: Meeting, minutes_typed: int
    ) -> None:
        item = item_of(session, held, world.near)
        with pytest.raises(Invalid) as refused:
            agenda.set_minutes(session, world.coordinator, held.id, {item.id: minutes_typed})
        assert refused.value.field == f"minutes-{item.id}"


class TestRemove:
    def test_an_item_nobody_has_written_in_can_be_taken_away(
        self, session: Session, world: World, held: Meeting
    ) -> None:
        agenda.remove_item(session, world.coordinator, held.id, item_of(session, held, world.near).id)
        assert "K-101" not in names(session, held)

    def test_an_item_with_text_stays(self, session: Session, world: World, held: Meeting) -> None:
        item = items_of(session, held)[0]
        written(session, world, item, notes="Alla hälsades välkomna.")
        with pytest.raises(ItemInUse):
            agenda.remove_item(session, world.coordinator, held.id, item.id)

    def test_an_item_with_actions_stays(self, session: Session, world: World, held: Meeting) -> None:
        an_action(session, world, now=NOW, meeting_id=held.id)
        with pytest.raises(ItemInUse):
            agenda.remove_item(session, world.coordinator, held.id, item_of(session, held, world.near).id)
        agenda.remove_item(session, world.coordinator, held.id, item_of(session, held, world.far).id)

    def test_an_item_of_another_meeting_is_not_found(self, session: Session, world: World, held: Meeting) -> None:
        video = a_video_meeting(session, world, now=NOW)
        foreign = items_of(session, video)[0]
        changes: tuple[Callable[[], object], ...] = (
            lambda: agenda.remove_item(session, world.coordinator, held.id, foreign.id),
            lambda: agenda.move_item(session, world.coordinator, held.id, foreign.id, by=1),
        )
        for change in changes:
            with pytest.raises(NotFound):
                change()
        assert session.scalar(select(func.count()).where(AgendaItem.meeting_id == video.id)) == 9


class TestLocked:
    def test_nothing_of_the_agenda_changes_once_the_minutes_are_finalised(
        self, session: Session, world: World, held: Meeting
    ) -> None:
        minutes.finalise(session, world.coordinator, held.id, links=LINKS, now=HELD)
        item = items_of(session, held)[0]
        case = a_case_released(session, world, "K-103", None)
        who, key = world.coordinator, held.id
        changes: tuple[Callable[[], object], ...] = (
            lambda: agenda.use_proposal(session, who, key, today=HELD_ON),
            lambda: agenda.add_standing(session, who, key, title="Mer", minutes=5),
            lambda: agenda.add_case(session, who, key, case.id, today=HELD_ON),
            lambda: agenda.remove_item(session, who, key, item.id),
            lambda: agenda.move_item(session, who, key, item.id, by=1),
            lambda: agenda.set_minutes(session, who, key, {item.id: 9}),
        )
        for change in changes:
            with pytest.raises(MinutesLocked):
                change()
