"""A case closed to a colleague, seen from the meeting the colleague is in: the hour adds up, and nothing of what others see is lost."""

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from inslussning.errors import Invalid, NotFound
from inslussning.models import AgendaItem, Meeting, MinutesRevision
from inslussning.practice.access import Principal
from inslussning.services import agenda, case_people, home, meeting_page, minutes, planning, protection
from inslussning.services.minutes import ItemDraft
from inslussning.services.minutes_content import MinutesContent
from tests.conftest import NOW, TODAY
from tests.factories.actions import an_action
from tests.factories.minutes import a_weekly_meeting
from tests.factories.offices import World
from tests.factories.planning import LINKS, a_video_meeting
from tests.services.test_case_people import a_colleague, again

SECRET = "Kanariefågeln sjunger"


@pytest.fixture
def meeting(session: Session, world: World) -> Meeting:
    """A meeting with both cases on its agenda, something written about the first."""
    meeting = a_weekly_meeting(session, world, now=NOW, actors=(world.social,))
    for case in (world.near, world.far):
        agenda.add_case(session, world.coordinator, meeting.id, case.id, today=TODAY)
    item = of_case(session, meeting, world)
    draft = ItemDraft(notes=SECRET, decisions="Bestämt", version=item.version)
    minutes.save_item(session, world.coordinator, meeting.id, item.id, draft, now=NOW)
    return meeting


@pytest.fixture
def colleague(session: Session, world: World, meeting: Meeting) -> Principal:
    """Somebody who is kept out of the first case."""
    assert meeting.id
    colleague = a_colleague(session, world)
    case_people.exclude(session, world.coordinator, world.near.id, colleague.person_id, reason="Släkt", now=NOW)
    return again(session, world, colleague)


def of_case(session: Session, meeting: Meeting, world: World) -> AgendaItem:
    query = select(AgendaItem).where(AgendaItem.meeting_id == meeting.id, AgendaItem.case_id == world.near.id)
    return session.scalars(query).one()


class TestTheAgenda:
    def test_the_hour_adds_up_with_the_time_alone(
        self, session: Session, world: World, meeting: Meeting, colleague: Principal
    ) -> None:
        theirs = meeting_page.sitting(session, colleague, meeting.id, today=TODAY)
        full = meeting_page.sitting(session, world.coordinator, meeting.id, today=TODAY)
        assert [(line.minutes, line.starts_at) for line in theirs.lines] == [
            (line.minutes, line.starts_at) for line in full.lines
        ]
        (hidden,) = [line for line in theirs.lines if line.is_hidden]
        assert (hidden.title, hidden.code, hidden.case_id, hidden.done) == ("Ärende", "", None, False)
        assert "K-101" not in str(theirs.lines)
        assert not [line for line in full.lines if line.is_hidden]

    def test_a_hidden_item_is_never_opened(
        self, session: Session, world: World, meeting: Meeting, colleague: Principal
    ) -> None:
        theirs = meeting_page.sitting(session, colleague, meeting.id, today=TODAY)
        key = of_case(session, meeting, world).id
        assert theirs.line(key) is None
        first = theirs.line(None)
        assert first is not None
        assert not first.is_hidden
        around = [one for line in theirs.known for one in theirs.beside(line.key) if one]
        assert key not in {one.key for one in around}

    def test_a_hidden_item_is_not_written_moved_timed_or_removed(
        self, session: Session, world: World, meeting: Meeting, colleague: Principal
    ) -> None:
        item = of_case(session, meeting, world)
        draft = ItemDraft(notes="Annat", decisions="", version=item.version)
        with pytest.raises(NotFound):
            minutes.save_item(session, colleague, meeting.id, item.id, draft, now=NOW)
        with pytest.raises(NotFound):
            agenda.move_item(session, colleague, meeting.id, item.id, by=1)
        with pytest.raises(NotFound):
            agenda.remove_item(session, colleague, meeting.id, item.id)
        was = item.minutes
        agenda.set_minutes(session, colleague, meeting.id, {item.id: was + 30})
        session.refresh(item)
        assert (item.notes, item.minutes) == (SECRET, was)

    def test_a_hidden_case_cannot_be_added(
        self, session: Session, world: World, meeting: Meeting, colleague: Principal
    ) -> None:
        with pytest.raises(Invalid, match="i listan"):
            agenda.add_case(session, colleague, meeting.id, world.near.id, today=TODAY)

    def test_the_first_page_counts_what_one_may_open(
        self, session: Session, world: World, meeting: Meeting, colleague: Principal
    ) -> None:
        before = meeting.starts_at - dt.timedelta(days=1)
        mine, theirs = (home.home(session, who, now=before).slot for who in (world.coordinator, colleague))
        assert mine is not None
        assert theirs is not None
        assert (mine.cases, theirs.cases) == (2, 1)


class TestTheMinutes:
    def test_who_may_not_see_it_locks_all_of_it(
        self, session: Session, world: World, meeting: Meeting, colleague: Principal
    ) -> None:
        seen = minutes.review(session, colleague, meeting.id, now=NOW)
        assert SECRET not in seen.content.model_dump_json()
        revision, _ = minutes.finalise(
            session, colleague, meeting.id, seen=seen.content.fingerprint(), links=LINKS, now=NOW
        )
        kept = MinutesContent.model_validate(session.get_one(MinutesRevision, revision.id).content)
        assert SECRET in kept.model_dump_json()
        assert SECRET in minutes.get_content(session, world.coordinator, meeting.id, 1).model_dump_json()

    def test_a_locked_version_shows_the_time_alone(
        self, session: Session, world: World, meeting: Meeting, colleague: Principal
    ) -> None:
        minutes.finalise(session, world.coordinator, meeting.id, links=LINKS, now=NOW)
        theirs = minutes.get_content(session, colleague, meeting.id, 1)
        full = minutes.get_content(session, world.coordinator, meeting.id, 1)
        assert [item.minutes for item in theirs.items] == [item.minutes for item in full.items]
        told = theirs.model_dump_json()
        assert not [secret for secret in (SECRET, "K-101", "Bestämt", str(world.near.id)) if secret in told]

    def test_what_is_written_about_it_meanwhile_is_no_change_to_who_may_not_see(
        self, session: Session, world: World, meeting: Meeting, colleague: Principal
    ) -> None:
        seen = minutes.review(session, colleague, meeting.id, now=NOW)
        item = of_case(session, meeting, world)
        draft = ItemDraft(notes=f"{SECRET} igen", decisions="", version=item.version)
        minutes.save_item(session, world.coordinator, meeting.id, item.id, draft, now=NOW)
        assert minutes.review(session, colleague, meeting.id, now=NOW).content == seen.content


class TestExtracts:
    def test_a_link_tells_nothing_of_a_case_open_to_the_named_alone(
        self, session: Session, world: World, meeting: Meeting
    ) -> None:
        an_action(session, world, now=NOW, what=SECRET, meeting_id=meeting.id)
        protection.seal(session, world.coordinator, world.near.id, [world.coordinator.person_id], now=NOW)
        own = again(session, world, world.coordinator)
        delivery = minutes.review(session, own, meeting.id, now=NOW).delivery
        assert delivery.receivers == ()
        assert [one.codes for one in delivery.withheld] == [("K-101",)]


class TestTheClock:
    def test_an_overlap_with_a_hidden_video_meeting_is_told_without_its_name(
        self, session: Session, world: World, colleague: Principal
    ) -> None:
        hidden = a_video_meeting(session, world, now=NOW, case_id=world.near.id)
        found = planning.of_video(
            session, colleague, world.far, starts_at=hidden.starts_at, ends_at=hidden.ends_at, now=NOW
        )
        told = [one.message % one.params for one in found]
        assert [one for one in told if one.startswith("Krockar med ett annat möte")]
        assert "K-101" not in str(told)
