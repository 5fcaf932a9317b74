"""What leaves when a slot, a meeting or a booked time is made, changed and called off."""

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from inslussning.models import Actor, Invitation, Meeting, OutboxMessage, WeeklySlot
from inslussning.practice.mail import MailKind, OutboxState
from inslussning.services import invitations, slots
from inslussning.services.slots import SlotDetails
from meetings.recurrence import at
from tests.conftest import NOW
from tests.factories.bookings import a_booking
from tests.factories.offices import World, a_consent
from tests.factories.planning import LINKS, STOCKHOLM, a_slot, a_video_meeting
from tests.received import Received, written
from tests.whitelist import violations

LATER = NOW + dt.timedelta(days=1)
SOCIAL, CLINIC = "soc@partner.example", "bero@partner.example"


@pytest.fixture
def slot(session: Session, world: World) -> WeeklySlot:
    """Thursdays 9–11 through June 2027, social services and employment office invited."""
    return a_slot(
        session,
        world.coordinator,
        now=NOW,
        last_on=dt.date(2027, 6, 24),
        video_link="https://video.example/rum",
        actor_ids=(world.social.id, world.employment.id),
    )


def date_of(session: Session, slot: WeeklySlot, day: dt.date) -> Meeting:
    return session.scalars(select(Meeting).where(Meeting.slot_id == slot.id, Meeting.original_on == day)).one()


def move(session: Session, world: World, meeting: Meeting, day: dt.date, *, now: dt.datetime = LATER) -> None:
    """Hold a date at nine on another day."""
    was = meeting.starts_at, meeting.ends_at
    meeting.starts_at = at(day, dt.time(9), STOCKHOLM)
    meeting.ends_at = meeting.starts_at + dt.timedelta(hours=2)
    invitations.occurrence_moved(session, world.coordinator, meeting, was=was, links=LINKS, now=now)


def skip(session: Session, world: World, meeting: Meeting, *, now: dt.datetime = LATER) -> None:
    meeting.state = meeting.state.CANCELLED
    session.flush()  # the mails are written from the rows
    invitations.occurrence_cancelled(session, world.coordinator, meeting, links=LINKS, now=now)


def latest(session: Session, to: str = SOCIAL) -> Received:
    return written(session, to=to)[-1]


MAY_6, MAY_5, MAY_13 = dt.date(2027, 5, 6), dt.date(2027, 5, 5), dt.date(2027, 5, 13)


@pytest.mark.usefixtures("slot")
class TestInvitingToASlot:
    def test_each_actor_gets_one_mail_with_a_uid_of_its_own(self, session: Session) -> None:
        mails = written(session)
        assert [mail.to for mail in mails] == ["af@partner.example", SOCIAL]
        assert len({str(mail.event["uid"]) for mail in mails}) == 2

    def test_the_mail_is_a_weekly_series_of_the_slots_own_hours(self, session: Session) -> None:
        event = latest(session).event
        assert event.start.isoformat() == "2027-01-07T09:00:00+01:00"
        assert event["rrule"].to_ical() == b"FREQ=WEEKLY;UNTIL=20270624T070000Z;BYDAY=TH"
        assert (latest(session).method, latest(session).sequence) == ("REQUEST", 0)

    def test_the_subject_and_the_lines_say_when(self, session: Session) -> None:
        mail = latest(session)
        assert mail.subject == "Inbjudan: möte torsdagar 09.00"
        assert "Torsdagar kl. 09.00–11.00, från tors 7 jan 2027 till tors 24 juni 2027." in mail.plain

    def test_place_and_link_are_only_behind_the_answer_link(self, session: Session) -> None:
        mail = latest(session)
        assert mail.event["location"] == "Se länken"
        assert b"Storgatan" not in mail.raw
        assert b"video.example" not in mail.raw
        assert "http://127.0.0.1:8000/answer/" in mail.plain
        assert "http://127.0.0.1:8000/answer/" in mail.event["description"]

    def test_an_actor_that_has_asked_for_it_gets_place_and_link(
        self, session: Session, world: World, slot: WeeklySlot
    ) -> None:
        world.clinic.wants_place = True
        slots.add_actor(session, world.coordinator, slot.id, world.clinic.id, links=LINKS, now=NOW)
        mail = latest(session, CLINIC)
        assert mail.event["location"] == "Storgatan 4"
        assert mail.event["conference"] == "https://video.example/rum"
        assert mail.event["description"].startswith("Videolänk: https://video.example/rum")
        assert "Plats: Storgatan 4" in mail.plain

    def test_nothing_leaves_that_is_not_on_the_approved_list(self, session: Session) -> None:
        assert [violations(mail.calendar) for mail in written(session)] == [[], []]

    def test_an_actor_already_invited_is_left_alone(self, session: Session, world: World, slot: WeeklySlot) -> None:
        again = invitations.invite_slot(session, world.coordinator, slot, [world.social], links=LINKS, now=LATER)
        assert again.count == 0
        assert len(written(session)) == 2

    def test_an_actor_without_mailbox_is_named_and_can_answer_by_telephone(
        self, session: Session, world: World, slot: WeeklySlot
    ) -> None:
        world.clinic.mailbox = ""
        sent = invitations.invite_slot(session, world.coordinator, slot, [world.clinic], links=LINKS, now=NOW)
        assert (sent.count, sent.without_mailbox) == (0, ("Beroendemottagningen – Björkstad",))
        assert len(written(session)) == 2
        asked = invitations.answers(session, world.coordinator, date_of(session, slot, MAY_6))
        assert ("Beroendemottagningen – Björkstad", "") in [(one.title, one.address) for one in asked]


class TestJoiningLate:
    @pytest.fixture
    def joined(self, session: Session, world: World, slot: WeeklySlot) -> list[Received]:
        """The clinic joins on 1 March, when one date has moved and two are skipped."""
        march = dt.datetime(2027, 3, 1, 9, tzinfo=dt.UTC)
        skip(session, world, date_of(session, slot, dt.date(2027, 1, 14)))
        skip(session, world, date_of(session, slot, MAY_13))
        move(session, world, date_of(session, slot, MAY_6), MAY_5)
        invitations.invite_slot(session, world.coordinator, slot, [world.clinic], links=LINKS, now=march)
        return written(session, to=CLINIC)

    def test_the_series_begins_with_the_next_date(self, joined: list[Received]) -> None:
        assert joined[0].event.start.isoformat() == "2027-03-04T09:00:00+01:00"

    def test_every_skipped_date_ahead_is_left_out(self, joined: list[Received]) -> None:
        assert joined[0].excluded == ["2027-05-13T09:00:00+02:00"]

    def test_a_moved_date_comes_as_a_message_of_its_own(self, joined: list[Received]) -> None:
        assert len(joined) == 2
        assert joined[1].event["recurrence-id"].dt.isoformat() == "2027-05-06T09:00:00+02:00"
        assert joined[1].event.start.isoformat() == "2027-05-05T09:00:00+02:00"
        assert [mail.sequence for mail in joined] == [0, 1]

    @pytest.mark.usefixtures("joined")
    def test_it_is_not_asked_about_what_has_been(self, session: Session, world: World, slot: WeeklySlot) -> None:
        january = date_of(session, slot, dt.date(2027, 1, 7))
        titles = [i.title for i in invitations.answers(session, world.coordinator, january)]
        assert titles == ["Arbetsförmedlare – Björkstad", "Socialsekreterare vuxen – Björkstad"]

    @pytest.mark.usefixtures("joined")
    def test_it_hears_nothing_of_changes_before_its_first_date(
        self, session: Session, world: World, slot: WeeklySlot
    ) -> None:
        skip(session, world, date_of(session, slot, dt.date(2027, 2, 4)))
        assert len(written(session, to=CLINIC)) == 2


class TestMovingADate:
    def test_the_mail_says_from_when_to_when(self, session: Session, world: World, slot: WeeklySlot) -> None:
        move(session, world, date_of(session, slot, MAY_6), MAY_5)
        mail = latest(session)
        assert mail.subject == "Ändrad tid: möte tors 6 maj 2027 09.00 flyttas till ons 5 maj 2027 09.00"
        assert "Övriga torsdagar är som vanligt." in mail.plain

    def test_only_that_date_is_sent_with_the_next_number(
        self, session: Session, world: World, slot: WeeklySlot
    ) -> None:
        move(session, world, date_of(session, slot, MAY_6), MAY_5)
        mail = latest(session)
        assert (mail.method, mail.sequence) == ("REQUEST", 1)
        assert "rrule" not in mail.event
        assert mail.event["recurrence-id"].dt.isoformat() == "2027-05-06T09:00:00+02:00"

    def test_moved_again_it_keeps_its_name_and_takes_another_number(
        self, session: Session, world: World, slot: WeeklySlot
    ) -> None:
        move(session, world, date_of(session, slot, MAY_6), MAY_5)
        move(session, world, date_of(session, slot, MAY_6), dt.date(2027, 5, 7))
        mail = latest(session)
        assert mail.sequence == 2
        assert mail.event["recurrence-id"].dt.isoformat() == "2027-05-06T09:00:00+02:00"
        assert "ons 5 maj 2027 09.00 flyttas till fre 7 maj 2027 09.00" in mail.subject

    def test_a_date_moved_across_the_change_to_summer_time_keeps_its_wall_clock(
        self, session: Session, world: World, slot: WeeklySlot
    ) -> None:
        move(session, world, date_of(session, slot, dt.date(2027, 4, 1)), dt.date(2027, 3, 26))
        event = latest(session).event
        assert event.start.isoformat() == "2027-03-26T09:00:00+01:00"
        assert event["recurrence-id"].dt.isoformat() == "2027-04-01T09:00:00+02:00"

    def test_moved_back_it_is_told_of_and_no_longer_different(
        self, session: Session, world: World, slot: WeeklySlot
    ) -> None:
        move(session, world, date_of(session, slot, MAY_6), MAY_5)
        move(session, world, date_of(session, slot, MAY_6), MAY_6)
        assert latest(session).sequence == 2
        invitations.invite_slot(session, world.coordinator, slot, [world.clinic], links=LINKS, now=LATER)
        assert len(written(session, to=CLINIC)) == 1

    def test_a_shorter_meeting_says_when_it_ends(self, session: Session, world: World, slot: WeeklySlot) -> None:
        meeting = date_of(session, slot, MAY_6)
        was = meeting.starts_at, meeting.ends_at
        meeting.ends_at -= dt.timedelta(hours=1)
        invitations.occurrence_moved(session, world.coordinator, meeting, was=was, links=LINKS, now=LATER)
        assert latest(session).subject.endswith("tors 6 maj 2027 09.00 slutar 10.00 i stället för 11.00")

    def test_the_same_time_is_a_detail(self, session: Session, world: World, slot: WeeklySlot) -> None:
        move(session, world, date_of(session, slot, MAY_6), MAY_6)
        assert latest(session).subject == "Ändrade uppgifter: möte tors 6 maj 2027 09.00"
        assert latest(session).sequence == 0


class TestSkippingADate:
    def test_it_is_cancelled_by_its_original_start_alone(
        self, session: Session, world: World, slot: WeeklySlot
    ) -> None:
        skip(session, world, date_of(session, slot, MAY_13))
        mail = latest(session)
        assert (mail.method, mail.header_method, mail.sequence) == ("CANCEL", "CANCEL", 1)
        assert mail.event["recurrence-id"].dt.isoformat() == "2027-05-13T09:00:00+02:00"
        assert mail.subject == "Inställt: möte tors 13 maj 2027 09.00"

    def test_why_stays_in_the_house(self, session: Session, world: World, slot: WeeklySlot) -> None:
        meeting = date_of(session, slot, MAY_13)
        meeting.reason = "klienten tackade nej"
        skip(session, world, meeting)
        assert "klienten" not in latest(session).plain

    def test_every_later_message_about_the_whole_still_leaves_it_out(
        self, session: Session, world: World, slot: WeeklySlot
    ) -> None:
        skip(session, world, date_of(session, slot, MAY_13))
        details = SlotDetails(name=slot.name, place="Nygatan 1")
        slots.change_details(session, world.coordinator, slot.id, details, links=LINKS, now=LATER)
        assert latest(session).excluded == ["2027-05-13T09:00:00+02:00"]


class TestDetails:
    @pytest.fixture
    def changed(self, session: Session, world: World, slot: WeeklySlot) -> list[Received]:
        """One date is moved, then the place changes."""
        move(session, world, date_of(session, slot, MAY_6), MAY_5)
        details = SlotDetails(name=slot.name, place="Nygatan 1")
        slots.change_details(session, world.coordinator, slot.id, details, links=LINKS, now=LATER)
        return written(session, to=SOCIAL)

    def test_each_part_repeats_its_own_number_with_a_later_stamp(self, changed: list[Received]) -> None:
        invited, moved, whole, date = changed
        assert (whole.sequence, date.sequence) == (invited.sequence, moved.sequence) == (0, 1)
        assert whole.event["dtstamp"].dt > invited.event["dtstamp"].dt
        assert date.event["dtstamp"].dt > moved.event["dtstamp"].dt

    def test_the_mail_says_that_the_answer_holds(self, changed: list[Received]) -> None:
        assert changed[2].subject == "Ändrade uppgifter: möte torsdagar 09.00"
        assert "ditt svar gäller" in changed[2].plain

    @pytest.mark.usefixtures("changed")
    def test_the_next_move_still_takes_a_number_never_used(
        self, session: Session, world: World, slot: WeeklySlot
    ) -> None:
        move(session, world, date_of(session, slot, MAY_6), dt.date(2027, 5, 7))
        assert latest(session).sequence == 2


class TestEnding:
    def test_the_whole_series_is_cancelled_once(self, session: Session, world: World, slot: WeeklySlot) -> None:
        sent = slots.end_slot(session, world.coordinator, slot.id, links=LINKS, now=LATER)
        mail = latest(session)
        assert sent.count == 2
        assert (mail.method, mail.sequence, mail.event["status"]) == ("CANCEL", 1, "CANCELLED")
        assert "recurrence-id" not in mail.event
        assert invitations.end_slot(session, world.coordinator, slot, links=LINKS, now=LATER).count == 0

    def test_an_actor_that_leaves_is_taken_back_not_told_that_it_is_cancelled(
        self, session: Session, world: World, slot: WeeklySlot
    ) -> None:
        slots.remove_actor(session, world.coordinator, slot.id, world.social.id, links=LINKS, now=LATER)
        mail = latest(session)
        assert mail.subject == "Inbjudan återtagen: möte torsdagar 09.00"
        assert (mail.method, mail.sequence) == ("CANCEL", 1)
        assert "status" not in mail.event

    def test_the_others_hear_nothing_of_it(self, session: Session, world: World, slot: WeeklySlot) -> None:
        slots.remove_actor(session, world.coordinator, slot.id, world.social.id, links=LINKS, now=LATER)
        assert len(written(session, to="af@partner.example")) == 1

    def test_who_comes_back_gets_a_uid_never_used_before(
        self, session: Session, world: World, slot: WeeklySlot
    ) -> None:
        slots.remove_actor(session, world.coordinator, slot.id, world.social.id, links=LINKS, now=LATER)
        slots.add_actor(session, world.coordinator, slot.id, world.social.id, links=LINKS, now=LATER)
        first, last = (mail for mail in written(session, to=SOCIAL) if mail.method == "REQUEST")
        assert first.event["uid"] != last.event["uid"]
        assert last.sequence == 0


class TestSingleMeeting:
    @pytest.fixture
    def meeting(self, session: Session, world: World) -> Meeting:
        return a_video_meeting(session, world, now=NOW)

    @pytest.mark.usefixtures("meeting")
    def test_the_invitation_names_day_and_hour(self, session: Session) -> None:
        assert latest(session).subject == "Inbjudan: möte tis 9 feb 2027 13.00"
        assert latest(session).event["summary"] == "Möte 13.00"

    def test_a_new_time_takes_the_next_number(self, session: Session, world: World, meeting: Meeting) -> None:
        was = meeting.starts_at, meeting.ends_at
        meeting.starts_at, meeting.ends_at = (instant + dt.timedelta(hours=1) for instant in was)
        sent = invitations.meeting_changed(session, world.coordinator, meeting, was=was, links=LINKS, now=LATER)
        assert sent.count == 2
        assert latest(session).sequence == 1
        assert "13.00 flyttas till tis 9 feb 2027 14.00" in latest(session).subject

    def test_a_new_place_keeps_the_number(self, session: Session, world: World, meeting: Meeting) -> None:
        meeting.place = "Nygatan 1"
        was = meeting.starts_at, meeting.ends_at
        invitations.meeting_changed(session, world.coordinator, meeting, was=was, links=LINKS, now=LATER)
        assert latest(session).sequence == 0

    def test_cancelled_it_is_cancelled_once(self, session: Session, world: World, meeting: Meeting) -> None:
        for _ in range(2):
            invitations.meeting_cancelled(session, world.coordinator, meeting, links=LINKS, now=LATER)
        assert [mail.method for mail in written(session, to=SOCIAL)] == ["REQUEST", "CANCEL"]


class TestBookedTime:
    def test_the_mail_says_nothing_of_what_or_where(self, session: Session, world: World) -> None:
        a_booking(session, world, now=NOW)
        mail = latest(session)
        assert mail.subject == "Inbjudan: bokad tid tors 7 jan 2027 13.00"
        assert "pengar" not in mail.plain + str(mail.event)

    def test_given_to_another_actor_it_is_taken_back_from_the_first(self, session: Session, world: World) -> None:
        a_consent(session, world.coordinator, world.near, world.clinic)
        booked = a_booking(session, world, now=NOW)
        booked.actor_id = world.clinic.id
        session.flush()  # the mails are written from the rows
        was = booked.starts_at, booked.ends_at
        invitations.appointment_changed(session, world.coordinator, booked, was=was, links=LINKS, now=LATER)
        assert latest(session, SOCIAL).subject.startswith("Inbjudan återtagen: bokad tid")
        assert latest(session, CLINIC).subject.startswith("Inbjudan: bokad tid")

    def test_moved_and_cancelled_it_says_so(self, session: Session, world: World) -> None:
        booked = a_booking(session, world, now=NOW)
        was = booked.starts_at, booked.ends_at
        booked.starts_at, booked.ends_at = (instant + dt.timedelta(days=1) for instant in was)
        invitations.appointment_changed(session, world.coordinator, booked, was=was, links=LINKS, now=LATER)
        assert "flyttas till fre 8 jan 2027 13.00" in latest(session).subject
        booked.cancelled_at = LATER
        invitations.appointment_cancelled(session, world.coordinator, booked, links=LINKS, now=LATER)
        assert latest(session).plain.startswith("Bokad tid fre 8 jan 2027 13.00 är inställd.")


class TestBeforeMailIsSetUp:
    @pytest.fixture
    def unsent(self, session: Session, world: World) -> WeeklySlot:
        """A slot made while the office has no address, with a date moved since."""
        world.office.mail_address = ""
        slot = a_slot(session, world.coordinator, now=NOW, actor_ids=(world.social.id,))
        move(session, world, date_of(session, slot, MAY_6), MAY_5)
        return slot

    def test_invitations_are_made_but_nothing_is_written(self, session: Session, unsent: WeeklySlot) -> None:
        assert written(session) == []
        assert session.scalars(select(Invitation).where(Invitation.slot_id == unsent.id)).one().messages == 0

    def test_who_waits_is_told(self, session: Session, world: World) -> None:
        world.office.mail_address = ""
        slot = a_slot(session, world.coordinator, now=NOW)
        sent = invitations.invite_slot(session, world.coordinator, slot, [world.social], links=LINKS, now=NOW)
        assert (sent.count, sent.waiting) == (0, 1)

    @pytest.mark.usefixtures("unsent")
    def test_with_an_address_everything_is_sent_as_it_is_now(self, session: Session, world: World) -> None:
        world.office.mail_address = "samordning@bjorkstad.example"
        sent = invitations.send_missing(session, world.coordinator, links=LINKS, now=LATER)
        assert sent.count == 1
        assert [mail.sequence for mail in written(session)] == [0, 1]
        assert invitations.send_missing(session, world.coordinator, links=LINKS, now=LATER).count == 0

    def test_what_was_never_said_is_not_taken_back(self, session: Session, world: World, unsent: WeeklySlot) -> None:
        slots.remove_actor(session, world.coordinator, unsent.id, world.social.id, links=LINKS, now=LATER)
        world.office.mail_address = "samordning@bjorkstad.example"
        assert invitations.send_missing(session, world.coordinator, links=LINKS, now=LATER).count == 0
        assert written(session) == []

    @pytest.mark.usefixtures("unsent")
    def test_what_has_been_is_not_sent(self, session: Session, world: World) -> None:
        world.office.mail_address = "samordning@bjorkstad.example"
        after = dt.datetime(2028, 6, 1, tzinfo=dt.UTC)
        assert invitations.send_missing(session, world.coordinator, links=LINKS, now=after).count == 0
        assert written(session) == []


class TestNewMailbox:
    @pytest.mark.usefixtures("slot")
    def test_what_has_left_is_taken_back_and_sent_anew(self, session: Session, world: World) -> None:
        sent_one(session, SOCIAL)
        change_mailbox(session, world.social, "ny@partner.example")
        told = invitations.mailbox_changed(session, world.coordinator, world.social, links=LINKS, now=LATER)
        assert told.count == 1
        assert [mail.method for mail in written(session, to=SOCIAL)] == ["REQUEST", "CANCEL"]
        assert latest(session, "ny@partner.example").sequence == 0

    @pytest.mark.usefixtures("slot")
    def test_what_has_not_left_never_does(self, session: Session, world: World) -> None:
        change_mailbox(session, world.social, "ny@partner.example")
        invitations.mailbox_changed(session, world.coordinator, world.social, links=LINKS, now=LATER)
        assert written(session, to=SOCIAL) == []
        assert len(written(session, to="ny@partner.example")) == 1

    def test_an_actor_that_had_none_is_now_written_to(self, session: Session, world: World) -> None:
        change_mailbox(session, world.social, "")
        a_slot(session, world.coordinator, now=NOW, actor_ids=(world.social.id,))
        change_mailbox(session, world.social, "ny@partner.example")
        invitations.mailbox_changed(session, world.coordinator, world.social, links=LINKS, now=LATER)
        assert [mail.to for mail in written(session)] == ["ny@partner.example"]


def change_mailbox(session: Session, actor: Actor, address: str) -> None:
    actor.mailbox = address
    session.flush()  # the mails are written from the rows


def sent_one(session: Session, address: str) -> None:
    for message in session.scalars(select(OutboxMessage).where(OutboxMessage.recipient == address)):
        message.state = OutboxState.SENT


class TestOrder:
    def test_the_mails_of_an_invitation_are_one_thread_in_the_order_written(
        self, session: Session, world: World, slot: WeeklySlot
    ) -> None:
        move(session, world, date_of(session, slot, MAY_6), MAY_5)
        slots.end_slot(session, world.coordinator, slot.id, links=LINKS, now=LATER)
        uid = str(latest(session).event["uid"])
        rows = session.execute(
            select(OutboxMessage.position, OutboxMessage.kind)
            .where(OutboxMessage.thread == uid)
            .order_by(OutboxMessage.position)
        ).all()
        assert [tuple(row) for row in rows] == [
            (0, MailKind.INVITATION),
            (1, MailKind.UPDATE),
            (2, MailKind.CANCELLATION),
        ]

    def test_numbers_and_stamps_never_fall_even_when_the_clock_does(
        self, session: Session, world: World, slot: WeeklySlot
    ) -> None:
        earlier = NOW - dt.timedelta(hours=3)
        move(session, world, date_of(session, slot, MAY_6), MAY_5, now=LATER)
        move(session, world, date_of(session, slot, MAY_6), dt.date(2027, 5, 7), now=earlier)
        mails = sorted(written(session, to=SOCIAL), key=lambda mail: mail.sequence)
        assert [mail.sequence for mail in mails] == [0, 1, 2]
        stamps = [mail.event["dtstamp"].dt for mail in mails]
        assert stamps == sorted(stamps)
