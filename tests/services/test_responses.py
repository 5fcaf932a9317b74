"""What actors answer, which answer counts, and when it stops counting."""

import datetime as dt
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from inslussning.errors import Invalid, NotAllowed, NotFound
from inslussning.models import Invitation, Meeting, OutboxMessage, WeeklySlot
from inslussning.practice.mail import MailKind, OutboxState
from inslussning.services import invitations, slots
from inslussning.services.invitations import Invitee
from meetings.vocabulary import Response
from tests.conftest import NOW
from tests.factories.bookings import a_booking
from tests.factories.offices import World, a_partner, an_office
from tests.factories.planning import LINKS, a_slot, a_video_meeting
from tests.received import written

LATER = NOW + dt.timedelta(days=1)
SOCIAL, EMPLOYMENT = "soc@partner.example", "af@partner.example"


@pytest.fixture
def slot(session: Session, world: World) -> WeeklySlot:
    chosen = (world.social.id, world.employment.id)
    return a_slot(session, world.coordinator, now=NOW, last_on=dt.date(2027, 6, 24), actor_ids=chosen)


@pytest.fixture
def first(session: Session, slot: WeeklySlot) -> Meeting:
    return session.scalars(select(Meeting).where(Meeting.slot_id == slot.id).order_by(Meeting.starts_at)).all()[0]


@pytest.fixture
def second(session: Session, slot: WeeklySlot) -> Meeting:
    return session.scalars(select(Meeting).where(Meeting.slot_id == slot.id).order_by(Meeting.starts_at)).all()[1]


def invitation_of(session: Session, world: World) -> UUID:
    """The invitation of social services."""
    return session.scalars(select(Invitation.id).where(Invitation.actor_id == world.social.id)).one()


def say(session: Session, world: World, answer: Response, meeting: Meeting | None = None, note: str = "") -> None:
    """Social services answer by telephone."""
    invitations.record_answer(
        session,
        world.coordinator,
        invitation_of(session, world),
        meeting_id=meeting.id if meeting else None,
        answer=answer,
        note=note,
        now=NOW,
    )


def social(session: Session, world: World, meeting: Meeting) -> Invitee:
    found = invitations.answers(session, world.coordinator, meeting)
    return next(one for one in found if one.actor_id == world.social.id)


def move(session: Session, world: World, meeting: Meeting) -> None:
    """Hold the date a day earlier."""
    was = meeting.starts_at, meeting.ends_at
    meeting.starts_at, meeting.ends_at = (instant - dt.timedelta(days=1) for instant in was)
    invitations.occurrence_moved(session, world.coordinator, meeting, was=was, links=LINKS, now=LATER)


class TestWhichAnswerCounts:
    def test_silence_is_no_answer(self, session: Session, world: World, first: Meeting) -> None:
        assert social(session, world, first)[5:] == (Response.NEEDS_ACTION, "", None)

    def test_an_answer_to_all_counts_for_each_date(
        self, session: Session, world: World, first: Meeting, second: Meeting
    ) -> None:
        say(session, world, Response.ACCEPTED)
        assert [social(session, world, one).answer for one in (first, second)] == [Response.ACCEPTED] * 2

    def test_an_answer_to_one_date_counts_before_the_one_to_all(
        self, session: Session, world: World, first: Meeting, second: Meeting
    ) -> None:
        say(session, world, Response.DECLINED, second, note="Utbildning den dagen")
        say(session, world, Response.ACCEPTED)
        assert social(session, world, first).answer is Response.ACCEPTED
        assert social(session, world, second)[5:] == (Response.DECLINED, "Utbildning den dagen", NOW)

    def test_a_later_answer_takes_the_place_of_an_earlier(self, session: Session, world: World, first: Meeting) -> None:
        say(session, world, Response.ACCEPTED, first)
        say(session, world, Response.TENTATIVE, first)
        assert social(session, world, first).answer is Response.TENTATIVE

    def test_an_actor_that_left_is_still_among_those_asked_before(
        self, session: Session, world: World, slot: WeeklySlot, first: Meeting, second: Meeting
    ) -> None:
        say(session, world, Response.ACCEPTED)
        between = first.ends_at + dt.timedelta(hours=1)
        slots.remove_actor(session, world.coordinator, slot.id, world.social.id, links=LINKS, now=between)
        assert social(session, world, first).answer is Response.ACCEPTED
        asked = invitations.answers(session, world.coordinator, second)
        assert [one.actor_id for one in asked] == [world.employment.id]

    def test_an_answer_to_a_single_meeting_is_kept_for_the_whole_of_it(self, session: Session, world: World) -> None:
        meeting = a_video_meeting(session, world, now=NOW)
        say(session, world, Response.ACCEPTED, meeting)
        assert social(session, world, meeting).answer is Response.ACCEPTED


class TestWhatIsRefused:
    @pytest.mark.usefixtures("slot")
    def test_a_meeting_the_invitation_is_not_for(self, session: Session, world: World) -> None:
        for foreign in (
            uuid4(),
            a_video_meeting(session, world, now=NOW, actor_ids=(world.clinic.id,), client_from_prison=False).id,
        ):
            with pytest.raises(NotFound):
                invitations.record_answer(
                    session,
                    world.coordinator,
                    invitation_of(session, world),
                    meeting_id=foreign,
                    answer=Response.ACCEPTED,
                    now=NOW,
                )

    def test_a_personal_number_in_the_note(self, session: Session, world: World, first: Meeting) -> None:
        with pytest.raises(Invalid) as problem:
            say(session, world, Response.ACCEPTED, first, note="Gäller 19850709-9805")
        assert problem.value.field == "note"

    @pytest.mark.usefixtures("slot")
    def test_another_offices_invitation_is_not_there(self, session: Session, world: World) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        key = invitation_of(session, world)
        with pytest.raises(NotFound):
            invitations.record_answer(session, other, key, meeting_id=None, answer=Response.ACCEPTED, now=NOW)

    @pytest.mark.usefixtures("slot")
    def test_a_partner_may_not_answer_for_the_office(self, session: Session, world: World) -> None:
        partner = a_partner(session, world, world.social)
        key = invitation_of(session, world)
        with pytest.raises(NotAllowed):
            invitations.record_answer(session, partner, key, meeting_id=None, answer=Response.ACCEPTED, now=NOW)


class TestWhatVoidsAnAnswer:
    def test_a_moved_date_is_asked_about_again(
        self, session: Session, world: World, first: Meeting, second: Meeting
    ) -> None:
        say(session, world, Response.ACCEPTED)
        move(session, world, second)
        assert social(session, world, second)[5:] == (Response.NEEDS_ACTION, "", None)
        assert social(session, world, first).answer is Response.ACCEPTED

    def test_also_what_was_answered_to_that_date_alone(self, session: Session, world: World, second: Meeting) -> None:
        say(session, world, Response.DECLINED, second, note="Semester")
        move(session, world, second)
        assert social(session, world, second)[5:] == (Response.NEEDS_ACTION, "", None)

    def test_a_new_answer_to_the_moved_date_counts(self, session: Session, world: World, second: Meeting) -> None:
        say(session, world, Response.ACCEPTED)
        move(session, world, second)
        say(session, world, Response.DECLINED, second)
        assert social(session, world, second).answer is Response.DECLINED

    def test_a_new_time_of_a_single_meeting(self, session: Session, world: World) -> None:
        meeting = a_video_meeting(session, world, now=NOW)
        say(session, world, Response.ACCEPTED)
        was = meeting.starts_at, meeting.ends_at
        meeting.starts_at, meeting.ends_at = (instant + dt.timedelta(hours=1) for instant in was)
        invitations.meeting_changed(session, world.coordinator, meeting, was=was, links=LINKS, now=LATER)
        assert social(session, world, meeting).answer is Response.NEEDS_ACTION

    def test_a_new_place_does_not(self, session: Session, world: World) -> None:
        meeting = a_video_meeting(session, world, now=NOW)
        say(session, world, Response.ACCEPTED)
        was = meeting.starts_at, meeting.ends_at
        meeting.place = "Nygatan 1"
        invitations.meeting_changed(session, world.coordinator, meeting, was=was, links=LINKS, now=LATER)
        assert social(session, world, meeting).answer is Response.ACCEPTED

    def test_an_answer_to_a_booked_time_goes_with_its_old_hour(self, session: Session, world: World) -> None:
        booked = a_booking(session, world, now=NOW)
        say(session, world, Response.ACCEPTED)
        was = booked.starts_at, booked.ends_at
        booked.starts_at, booked.ends_at = (instant + dt.timedelta(days=1) for instant in was)
        invitations.appointment_changed(session, world.coordinator, booked, was=was, links=LINKS, now=LATER)
        invitation = session.get_one(Invitation, invitation_of(session, world))
        session.refresh(invitation, ["responses"])
        assert invitation.responses == []


class TestReminding:
    def test_only_the_silent_are_reminded(self, session: Session, world: World, first: Meeting) -> None:
        say(session, world, Response.DECLINED, first)
        sent = invitations.remind_silent(session, world.coordinator, first, links=LINKS, now=LATER)
        assert sent.count == 1
        assert len(written(session, to=SOCIAL)) == 1
        reminder = written(session, to=EMPLOYMENT)[-1]
        assert reminder.subject == "Påminnelse: möte tors 7 jan 2027 09.00"
        assert reminder.event is None

    def test_a_button_pressed_twice_reminds_once(self, session: Session, world: World, first: Meeting) -> None:
        counts = [
            invitations.remind_silent(session, world.coordinator, first, links=LINKS, now=LATER + wait).count
            for wait in (dt.timedelta(0), dt.timedelta(minutes=1), dt.timedelta(hours=2))
        ]
        assert counts == [2, 0, 2]

    def test_who_has_no_mailbox_is_named(self, session: Session, world: World) -> None:
        world.social.mailbox = ""
        meeting = a_video_meeting(session, world, now=NOW)
        sent = invitations.remind_silent(session, world.coordinator, meeting, links=LINKS, now=LATER)
        assert sent.without_mailbox == ("Socialsekreterare vuxen – Björkstad",)

    def test_before_the_office_has_an_address_nobody_is_reminded(
        self, session: Session, world: World, first: Meeting
    ) -> None:
        world.office.mail_address = ""
        sent = invitations.remind_silent(session, world.coordinator, first, links=LINKS, now=LATER)
        assert (sent.count, sent.waiting) == (0, 2)

    def test_a_reminder_never_leaves_before_the_invitation(
        self, session: Session, world: World, first: Meeting
    ) -> None:
        invitations.remind_silent(session, world.coordinator, first, links=LINKS, now=LATER)
        row = session.scalars(
            select(OutboxMessage).where(OutboxMessage.kind == MailKind.REMINDER, OutboxMessage.recipient == SOCIAL)
        ).one()
        invitation = session.get_one(Invitation, invitation_of(session, world))
        assert (row.thread, row.position, row.state) == (invitation.uid, 1, OutboxState.WAITING)
