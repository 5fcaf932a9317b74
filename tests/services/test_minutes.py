"""The minutes: written item by item, locked as versions, opened again with a reason; nothing acknowledged is lost."""

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inslussning.errors import Changed, Invalid, NotFound
from inslussning.models import Meeting, MeetingAttendance, Minutes, MinutesRevision
from inslussning.models.meetings import MeetingState
from inslussning.practice.attendance import Attendance
from inslussning.services import actions, agenda, minutes
from inslussning.services.actions import NewAction
from inslussning.services.drafts import MeetingCancelled, MinutesLocked
from inslussning.services.minutes import FollowUp, ItemChanged, ItemDraft
from inslussning.services.minutes_content import MinutesContent
from meetings.actions import ActionState
from meetings.minutes import MinutesState
from tests.conftest import NOW
from tests.factories.actions import a_need, an_action
from tests.factories.minutes import HELD, HELD_ON, a_held_meeting, beside, item_of, items_of, written
from tests.factories.offices import World, an_actor, an_office
from tests.factories.planning import LINKS, a_video_meeting


@pytest.fixture
def meeting(session: Session, world: World) -> Meeting:
    return a_held_meeting(session, world, now=NOW, actors=(world.social, world.clinic))


def finalise(session: Session, world: World, meeting: Meeting, *, seen: str | None = None) -> MinutesContent:
    revision, _ = minutes.finalise(session, world.coordinator, meeting.id, seen=seen, links=LINKS, now=HELD)
    return MinutesContent.model_validate(revision.content)


def state(session: Session, meeting: Meeting) -> MinutesState | None:
    return session.scalar(select(Minutes.state).where(Minutes.meeting_id == meeting.id))


class TestSaveItem:
    def test_the_first_text_opens_the_draft(self, session: Session, world: World, meeting: Meeting) -> None:
        assert state(session, meeting) is None
        saved = written(session, world, item_of(session, meeting, world.near), notes="Nycklar den 4 januari.")
        assert state(session, meeting) is MinutesState.DRAFT
        assert saved == (2, HELD)

    def test_an_unchanged_text_changes_nothing(self, session: Session, world: World, meeting: Meeting) -> None:
        item = item_of(session, meeting, world.near)
        assert written(session, world, item) == (1, None)
        assert state(session, meeting) is None

    def test_two_who_began_from_the_same_version_cannot_both_save(
        self, session: Session, world: World, meeting: Meeting
    ) -> None:
        item = item_of(session, meeting, world.near)
        written(session, world, item, notes="Den ena")
        late = ItemDraft(notes="Den andra", decisions="", version=1)
        with pytest.raises(ItemChanged):
            minutes.save_item(session, world.coordinator, meeting.id, item.id, late, now=HELD)
        assert item_of(session, meeting, world.near).notes == "Den ena"

    def test_a_late_save_of_the_very_same_text_is_no_conflict(
        self, session: Session, world: World, meeting: Meeting
    ) -> None:
        item = item_of(session, meeting, world.near)
        written(session, world, item, notes="Samma")
        again = ItemDraft(notes="Samma", decisions="", version=1)
        assert minutes.save_item(session, world.coordinator, meeting.id, item.id, again, now=HELD).version == 2

    def test_a_page_whose_answer_was_lost_does_not_collide_with_itself(
        self, session: Session, world: World, meeting: Meeting
    ) -> None:
        item = item_of(session, meeting, world.near)
        for text in ("Ny", "Nyck", "Nycklar"):
            draft = ItemDraft(notes=text, decisions="", version=1, writer="a page")
            minutes.save_item(session, world.coordinator, meeting.id, item.id, draft, now=HELD)
        assert item_of(session, meeting, world.near).notes == "Nycklar"

    def test_a_page_that_was_overtaken_by_another_is_told(
        self, session: Session, world: World, meeting: Meeting
    ) -> None:
        item = item_of(session, meeting, world.near)
        who, key = world.coordinator, meeting.id
        mine = ItemDraft(notes="Mitt", decisions="", version=1, writer="mine")
        minutes.save_item(session, who, key, item.id, mine, now=HELD)
        theirs = ItemDraft(notes="Mitt och ditt", decisions="", version=2, writer="theirs")
        minutes.save_item(session, who, key, item.id, theirs, now=HELD)
        with pytest.raises(ItemChanged):
            minutes.save_item(
                session,
                who,
                key,
                item.id,
                ItemDraft(notes="Mitt igen", decisions="", version=2, writer="mine"),
                now=HELD,
            )

    def test_a_personal_number_is_refused_by_its_field(self, session: Session, world: World, meeting: Meeting) -> None:
        item = item_of(session, meeting, world.near)
        with pytest.raises(Invalid) as refused:
            written(session, world, item, decisions="Gäller 19800101-1234.")
        assert refused.value.field == "decisions"

    def test_more_than_fits_is_refused_by_its_field(self, session: Session, world: World, meeting: Meeting) -> None:
        with pytest.raises(Invalid) as refused:
            written(session, world, item_of(session, meeting, world.near), notes="å" * 20_001)
        assert refused.value.field == "notes"

    def test_an_item_of_another_meeting_is_not_found(self, session: Session, world: World, meeting: Meeting) -> None:
        other = items_of(session, a_video_meeting(session, world, now=NOW))[0]
        with pytest.raises(NotFound):
            minutes.save_item(
                session,
                world.coordinator,
                meeting.id,
                other.id,
                ItemDraft(notes="x", decisions="", version=1),
                now=HELD,
            )

    def test_another_offices_meeting_is_not_found(self, session: Session, world: World, meeting: Meeting) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        item = item_of(session, meeting, world.near)
        with pytest.raises(NotFound):
            minutes.save_item(
                session, other, meeting.id, item.id, ItemDraft(notes="x", decisions="", version=1), now=HELD
            )


class TestAgree:
    def an_action(self, world: World, meeting: Meeting) -> NewAction:
        return NewAction(
            case_id=world.near.id, actor_id=None, what="Ringa banken", due_on=HELD_ON, meeting_id=meeting.id
        )

    def test_an_agreed_action_opens_the_draft(self, session: Session, world: World, meeting: Meeting) -> None:
        action = minutes.agree(session, world.coordinator, self.an_action(world, meeting), now=HELD)
        assert action.meeting_id == meeting.id
        assert state(session, meeting) is MinutesState.DRAFT

    def test_an_action_agreed_on_names_its_meeting(self, session: Session, world: World) -> None:
        new = NewAction(case_id=world.near.id, actor_id=None, what="Ringa banken", due_on=HELD_ON)
        with pytest.raises(ValueError, match="names its meeting"):
            minutes.agree(session, world.coordinator, new, now=HELD)


class TestFollowUp:
    def test_an_earlier_action_is_closed_with_a_note(self, session: Session, world: World, meeting: Meeting) -> None:
        action = an_action(session, world, now=NOW)
        told = FollowUp(case_id=world.near.id, state=ActionState.OUTCOME_REACHED, note="Flyttar in den 4:e")
        minutes.follow_up(session, world.coordinator, meeting.id, action.id, told, now=HELD)
        assert action.state is ActionState.OUTCOME_REACHED
        assert actions.history(session, world.coordinator, action.id)[0].note == "Flyttar in den 4:e"

    def test_an_earlier_action_gets_a_new_day(self, session: Session, world: World, meeting: Meeting) -> None:
        action = an_action(session, world, now=NOW)
        told = FollowUp(case_id=world.near.id, due_on=dt.date(2026, 12, 10))
        minutes.follow_up(session, world.coordinator, meeting.id, action.id, told, now=HELD)
        assert (action.due_on, action.state) == (dt.date(2026, 12, 10), ActionState.PLANNED)

    def test_a_note_alone_leaves_the_action_where_it_stands(
        self, session: Session, world: World, meeting: Meeting
    ) -> None:
        action = an_action(session, world, now=NOW)
        told = FollowUp(case_id=world.near.id, note="Har ringt, inget svar")
        minutes.follow_up(session, world.coordinator, meeting.id, action.id, told, now=HELD)
        assert action.state is ActionState.PLANNED
        assert len(actions.history(session, world.coordinator, action.id)) == 2

    def test_nothing_said_is_refused(self, session: Session, world: World, meeting: Meeting) -> None:
        action = an_action(session, world, now=NOW)
        with pytest.raises(Invalid) as refused:
            minutes.follow_up(
                session, world.coordinator, meeting.id, action.id, FollowUp(case_id=world.near.id), now=HELD
            )
        assert refused.value.field == "due_on"

    def test_an_action_of_another_case_is_not_found(self, session: Session, world: World, meeting: Meeting) -> None:
        action = an_action(session, world, now=NOW)
        told = FollowUp(case_id=world.far.id, state=ActionState.DONE)
        with pytest.raises(NotFound):
            minutes.follow_up(session, world.coordinator, meeting.id, action.id, told, now=HELD)


class TestAttendance:
    def marks(self, session: Session, meeting: Meeting) -> dict[object, Attendance]:
        query = select(MeetingAttendance.actor_id, MeetingAttendance.attendance)
        found = session.execute(query.where(MeetingAttendance.meeting_id == meeting.id))
        return {row.actor_id: row.attendance for row in found}

    def test_a_mark_is_set_changed_and_taken_away(self, session: Session, world: World, meeting: Meeting) -> None:
        for mark in (Attendance.CAME, Attendance.EXCUSED):
            minutes.set_attendance(session, world.coordinator, meeting.id, world.social.id, mark)
            assert self.marks(session, meeting) == {world.social.id: mark}
        minutes.set_attendance(session, world.coordinator, meeting.id, world.social.id, None)
        assert self.marks(session, meeting) == {}

    def test_a_meeting_is_not_called_off_actor_by_actor(self, session: Session, world: World, meeting: Meeting) -> None:
        with pytest.raises(Invalid):
            minutes.set_attendance(session, world.coordinator, meeting.id, world.social.id, Attendance.CANCELLED_BY_US)

    def test_another_offices_actor_is_not_found(self, session: Session, world: World, meeting: Meeting) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        foreign = an_actor(session, other, "x", "Annan", world.social.organisation.kind)
        with pytest.raises(NotFound):
            minutes.set_attendance(session, world.coordinator, meeting.id, foreign.id, Attendance.CAME)


class TestFinalise:
    def test_the_version_says_everything_the_draft_said(self, session: Session, world: World, meeting: Meeting) -> None:
        need = a_need(session, world, world.near)
        earlier = an_action(session, world, now=NOW, what="Sedan tidigare")
        agreed = an_action(session, world, now=HELD, what="Från i dag", need_id=need.id, meeting_id=meeting.id)
        written(session, world, item_of(session, meeting, world.near), notes="Vill bo kvar.", decisions="Tas upp igen.")
        minutes.set_attendance(session, world.coordinator, meeting.id, world.social.id, Attendance.CAME)
        content = finalise(session, world, meeting)
        item = content.items[1]
        assert (item.code, item.notes, item.decisions) == ("K-101", "Vill bo kvar.", "Tas upp igen.")
        assert [(a.key, a.actor_id, a.need) for a in content.agreed] == [(agreed.id, world.social.id, "Boende")]
        assert [a.key for a in content.carried] == [earlier.id]
        assert [(p.actor_id, p.attendance) for p in content.attendance] == [(world.social.id, Attendance.CAME)]
        assert content.next_meeting_at == meeting.starts_at + dt.timedelta(days=7)
        assert content.name == "Inslussning centrum"

    def test_the_clients_own_action_has_no_actor(self, session: Session, world: World, meeting: Meeting) -> None:
        new = NewAction(
            case_id=world.near.id, actor_id=None, what="Ringa banken", due_on=HELD_ON, meeting_id=meeting.id
        )
        minutes.agree(session, world.coordinator, new, now=HELD)
        (said,) = finalise(session, world, meeting).agreed
        assert (said.actor_id, said.who) == (None, "")

    def test_a_later_change_of_an_actor_does_not_rewrite_the_version(
        self, session: Session, world: World, meeting: Meeting
    ) -> None:
        an_action(session, world, now=HELD, meeting_id=meeting.id)
        finalise(session, world, meeting)
        world.social.function = "Något annat"
        session.flush()
        kept = minutes.get_content(session, world.coordinator, meeting.id, 1)
        assert kept.agreed[0].who == "Socialsekreterare vuxen – Björkstad"

    def test_a_meeting_can_be_finalised_without_a_word(self, session: Session, world: World, meeting: Meeting) -> None:
        finalise(session, world, meeting)
        assert state(session, meeting) is MinutesState.FINALISED

    def test_what_was_not_read_through_is_not_locked(self, session: Session, world: World, meeting: Meeting) -> None:
        seen = minutes.review(session, world.coordinator, meeting.id, now=HELD).content.fingerprint()
        written(session, world, items_of(session, meeting)[0], notes="Kom till efteråt")
        with pytest.raises(Changed):
            finalise(session, world, meeting, seen=seen)
        again = minutes.review(session, world.coordinator, meeting.id, now=HELD).content.fingerprint()
        assert finalise(session, world, meeting, seen=again).items[0].notes == "Kom till efteråt"

    def test_finalised_minutes_cannot_be_finalised_again(
        self, session: Session, world: World, meeting: Meeting
    ) -> None:
        finalise(session, world, meeting)
        with pytest.raises(MinutesLocked):
            finalise(session, world, meeting)

    def test_nothing_changes_in_finalised_minutes(self, session: Session, world: World, meeting: Meeting) -> None:
        item, action = item_of(session, meeting, world.near), an_action(session, world, now=NOW)
        finalise(session, world, meeting)
        who, key = world.coordinator, meeting.id
        done = FollowUp(case_id=world.near.id, state=ActionState.DONE)
        new = NewAction(case_id=world.near.id, actor_id=None, what="Mer", due_on=HELD_ON, meeting_id=key)
        changes: tuple[Callable[[], object], ...] = (
            lambda: written(session, world, item, notes="För sent"),
            lambda: minutes.set_attendance(session, who, key, world.social.id, Attendance.CAME),
            lambda: minutes.agree(session, who, new, now=HELD),
            lambda: minutes.follow_up(session, who, key, action.id, done, now=HELD),
        )
        for change in changes:
            with pytest.raises(MinutesLocked):
                change()

    def test_a_cancelled_meeting_has_no_minutes(self, session: Session, world: World, meeting: Meeting) -> None:
        meeting.state = MeetingState.CANCELLED
        session.flush()
        with pytest.raises(MeetingCancelled):
            finalise(session, world, meeting)
        with pytest.raises(MeetingCancelled):
            written(session, world, items_of(session, meeting)[0], notes="x")


class TestReopen:
    def test_a_correction_is_the_next_version_and_the_first_is_kept(
        self, session: Session, world: World, meeting: Meeting
    ) -> None:
        item = item_of(session, meeting, world.near)
        written(session, world, item, notes="Den 3 januari")
        finalise(session, world, meeting)
        minutes.reopen(session, world.coordinator, meeting.id, reason="Fel datum")
        written(session, world, item_of(session, meeting, world.near), notes="Den 4 januari")
        finalise(session, world, meeting)
        found = minutes.revisions(session, world.coordinator, meeting.id)
        assert [(v.number, v.reason, v.by) for v in found] == [(2, "Fel datum", "Maria Ek"), (1, "", "Maria Ek")]
        texts = [minutes.get_content(session, world.coordinator, meeting.id, n).items[1].notes for n in (1, 2)]
        assert texts == ["Den 3 januari", "Den 4 januari"]

    def test_the_reason_belongs_to_one_correction_only(self, session: Session, world: World, meeting: Meeting) -> None:
        finalise(session, world, meeting)
        minutes.reopen(session, world.coordinator, meeting.id, reason="Fel datum")
        finalise(session, world, meeting)
        assert session.scalar(select(Minutes.reason)) == ""

    @pytest.mark.parametrize("reason", ["", "  ", "å" * 201, "Om 19800101-1234"])
    def test_a_reason_that_will_not_do_is_refused(
        self, session: Session, world: World, meeting: Meeting, reason: str
    ) -> None:
        finalise(session, world, meeting)
        with pytest.raises(Invalid) as refused:
            minutes.reopen(session, world.coordinator, meeting.id, reason=reason)
        assert refused.value.field == "reason"

    def test_open_minutes_cannot_be_opened(self, session: Session, world: World, meeting: Meeting) -> None:
        with pytest.raises(Changed):
            minutes.reopen(session, world.coordinator, meeting.id, reason="Fel datum")
        written(session, world, items_of(session, meeting)[0], notes="Ett utkast")
        with pytest.raises(Changed):
            minutes.reopen(session, world.coordinator, meeting.id, reason="Fel datum")

    def test_a_version_that_is_not_there_is_not_found(self, session: Session, world: World, meeting: Meeting) -> None:
        finalise(session, world, meeting)
        with pytest.raises(NotFound):
            minutes.get_content(session, world.coordinator, meeting.id, 2)

    def test_another_offices_version_is_not_found(self, session: Session, world: World, meeting: Meeting) -> None:
        finalise(session, world, meeting)
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        with pytest.raises(NotFound):
            minutes.get_content(session, other, meeting.id, 1)
        assert minutes.revisions(session, other, meeting.id) == []
        with pytest.raises(NotFound):
            minutes.review(session, other, meeting.id, now=HELD)

    def test_finalising_never_touches_an_earlier_version(
        self, session: Session, world: World, meeting: Meeting
    ) -> None:
        first = finalise(session, world, meeting)
        for number in (2, 3):
            minutes.reopen(session, world.coordinator, meeting.id, reason="Mer att säga")
            written(session, world, item_of(session, meeting, world.far), notes=f"Tillägg {number}")
            finalise(session, world, meeting)
        assert session.scalar(select(func.count()).select_from(MinutesRevision)) == 3
        assert minutes.get_content(session, world.coordinator, meeting.id, 1) == first


class TestCarryOver:
    def test_an_open_action_follows_its_case_from_meeting_to_meeting(
        self, session: Session, world: World, meeting: Meeting
    ) -> None:
        action = an_action(session, world, now=HELD, meeting_id=meeting.id)
        finalise(session, world, meeting)
        for later in beside(session, meeting)[1:4]:
            agenda.add_case(session, world.coordinator, later.id, world.near.id, today=HELD_ON)
            assert [a.key for a in finalise(session, world, later).carried] == [action.id]
