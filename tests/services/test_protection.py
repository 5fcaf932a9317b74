"""Protected identity: where a client is leaves the house by no mail, file, paper, page or extract, and nothing leaves by itself."""

import io
from dataclasses import replace
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from inslussning.errors import Invalid, NotFound
from inslussning.models import Appointment, CaseRelease, Invitation, OutboxMessage, Person
from inslussning.practice.access import Principal
from inslussning.practice.mail import MailKind, OutboxState
from inslussning.practice.protection import ASK_YOUR_OFFICER, Protection, ReleaseKind
from inslussning.services import (
    actions,
    actors,
    answer_links,
    appointments,
    meetings,
    outbox,
    protection,
    releases,
    schedule_calendar,
    schedule_pdf,
    schedules,
)
from inslussning.services.invitation_mails import answer_address
from inslussning.services.releases import NotReleased
from meetings.actions import ActionState
from tests.conftest import NOW, TODAY
from tests.factories.actions import an_action
from tests.factories.bookings import a_booking, details
from tests.factories.offices import World, a_partner
from tests.factories.planning import LINKS, a_video_meeting
from tests.received import Received, written
from tests.services.test_case_people import again

PLACE, WAY, CONTACT, LINK = (
    "Kanarievägen 7",
    "Buss till Kanariehållplatsen",
    "Kanarie 070-1",
    "https://kanarie.example/rum",
)
CANARY = "kanarie"
TEXTS: dict[str, Any] = {"place": PLACE, "getting_there": WAY, "contact": CONTACT}
REASON = "Aktören måste veta när"


@pytest.fixture
def booked(session: Session, world: World) -> Appointment:
    """A time told of before the client was protected, to an actor that has asked for the place."""
    world.social.wants_place = True
    world.social.visiting_address = "Kanarietorget 1"
    return a_booking(session, world, details(**TEXTS), now=NOW)


def told_by(mail: Received) -> str:
    """Everything a recipient could read in a mail, however it is encoded."""
    return "".join((mail.raw.decode(), mail.subject, mail.plain, mail.html, mail.calendar.decode())).casefold()


def left(session: Session) -> None:
    """Let every mail in the queue leave."""
    for message in session.scalars(select(OutboxMessage)):
        message.state, message.sent_at = OutboxState.SENT, NOW


def protect(session: Session, world: World, kind: Protection = Protection.MARKED) -> Principal:
    """Protect the case; return its coordinator on the next request."""
    own = world.coordinator
    protection.protect(session, own, world.near.id, kind, [own.person_id], links=LINKS, now=NOW)
    return again(session, world, own)


def of_booking(session: Session, booked: Appointment) -> Invitation:
    return session.scalars(select(Invitation).where(Invitation.appointment_id == booked.id)).one()


class TestSettingTheFlag:
    @pytest.mark.usefixtures("booked")
    def test_what_has_left_is_sent_again_without_the_place(self, session: Session, world: World) -> None:
        assert CANARY in written(session)[0].plain.casefold()
        left(session)
        protect(session, world)
        first, second = written(session)
        assert (first.event["uid"], second.sequence) == (second.event["uid"], first.sequence + 1)
        assert "location" not in second.event
        assert CANARY not in told_by(second)
        assert second.event.start == first.event.start

    def test_what_still_waits_to_leave_never_does(self, session: Session, world: World, booked: Appointment) -> None:
        protect(session, world)
        assert written(session) == []
        assert of_booking(session, booked).held_at == NOW

    @pytest.mark.usefixtures("booked")
    def test_it_is_told_once_however_the_kind_changes(self, session: Session, world: World) -> None:
        left(session)
        own = protect(session, world)
        protection.protect(
            session, own, world.near.id, Protection.POPULATION_REGISTER, [own.person_id], links=LINKS, now=NOW
        )
        assert len(written(session)) == 2

    @pytest.mark.usefixtures("booked")
    def test_taking_it_away_sends_nothing(self, session: Session, world: World) -> None:
        left(session)
        own = protect(session, world)
        protection.protect(session, own, world.near.id, Protection.NONE, [], links=LINKS, now=NOW)
        assert len(written(session)) == 2

    def test_somebody_must_be_left_to_read(self, session: Session, world: World) -> None:
        with pytest.raises(Invalid):
            protection.protect(session, world.coordinator, world.near.id, Protection.MARKED, [], links=LINKS, now=NOW)

    @pytest.mark.usefixtures("booked")
    def test_an_answer_that_was_given_stands(self, session: Session, world: World) -> None:
        left(session)
        own = protect(session, world)
        assert "svar gäller" in written(session)[1].plain
        assert own.scope.share(world.near.id) is not None


class TestNothingLeavesByItself:
    def test_a_new_time_is_held(self, session: Session, world: World) -> None:
        own = protect(session, world)
        kept = appointments.book(
            session,
            own,
            case_id=world.near.id,
            actor_id=world.social.id,
            details=details(**TEXTS),
            confirmed=True,
            links=LINKS,
            now=NOW,
        )
        assert (kept.sent.count, kept.sent.held) == (0, 1)
        assert written(session) == []
        assert [one.actor for one in releases.waiting(session, own, world.near.id, now=NOW)] == [world.social.title]

    def test_a_moved_time_is_held(self, session: Session, world: World, booked: Appointment) -> None:
        left(session)
        own = protect(session, world)
        sent = len(written(session))
        changed = appointments.change(
            session,
            own,
            booked.id,
            details(clock=details().starts_at.time().replace(hour=15), **TEXTS),
            version=booked.version,
            confirmed=True,
            links=LINKS,
            now=NOW,
        )
        assert changed.sent.held == 1
        assert len(written(session)) == sent

    def test_a_cancellation_leaves_for_it_says_nothing_new(
        self, session: Session, world: World, booked: Appointment
    ) -> None:
        left(session)
        own = protect(session, world)
        appointments.cancel(session, own, booked.id, version=booked.version, links=LINKS, now=NOW)
        last = written(session)[-1]
        assert last.method == "CANCEL"
        assert CANARY not in told_by(last)

    def test_a_video_meeting_is_held_with_its_link(self, session: Session, world: World) -> None:
        own = protect(session, world)
        world.coordinator = own
        meeting = a_video_meeting(session, world, now=NOW, case_id=world.near.id, place=PLACE, video_link=LINK)
        assert written(session) == []
        for one in releases.waiting(session, own, world.near.id, now=NOW):
            releases.send(session, own, world.near.id, one.invitation_id, reason=REASON, links=LINKS, now=NOW)
        mails = written(session)
        assert len(mails) == 2
        for mail in mails:
            assert "location" not in mail.event
            assert CANARY not in told_by(mail)
        assert meetings.get_meeting(session, own, meeting.id).video_link == LINK


class TestLettingAMailGo:
    def test_it_says_when_and_never_where(self, session: Session, world: World, booked: Appointment) -> None:
        own = protect(session, world)
        key = of_booking(session, booked).id
        releases.send(session, own, world.near.id, key, reason=REASON, links=LINKS, now=NOW)
        (mail,) = written(session)
        assert CANARY not in told_by(mail)
        assert mail.event.start is not None
        (act,) = releases.acts(session, own, world.near.id)
        assert (act.kind, act.reason, act.by) == (ReleaseKind.INVITATION, REASON, "Maria Ek")

    def test_it_goes_once(self, session: Session, world: World, booked: Appointment) -> None:
        own = protect(session, world)
        key = of_booking(session, booked).id
        releases.send(session, own, world.near.id, key, reason=REASON, links=LINKS, now=NOW)
        with pytest.raises(NotFound):
            releases.send(session, own, world.near.id, key, reason=REASON, links=LINKS, now=NOW)

    def test_a_reason_is_needed(self, session: Session, world: World, booked: Appointment) -> None:
        own = protect(session, world)
        with pytest.raises(Invalid) as refused:
            releases.send(session, own, world.near.id, of_booking(session, booked).id, reason="", links=LINKS, now=NOW)
        assert refused.value.field == "reason"

    def test_without_a_mailbox_it_does_not_count_as_gone(
        self, session: Session, world: World, booked: Appointment
    ) -> None:
        own = protect(session, world)
        invitation = of_booking(session, booked)
        invitation.address = ""
        with pytest.raises(Invalid):
            releases.send(session, own, world.near.id, invitation.id, reason=REASON, links=LINKS, now=NOW)

    def test_of_another_case_it_is_absent(self, session: Session, world: World, booked: Appointment) -> None:
        own = protect(session, world)
        with pytest.raises(NotFound):
            releases.waiting_one(session, own, world.far.id, of_booking(session, booked).id, now=NOW)


class TestWhatTheClientGets:
    @pytest.mark.usefixtures("booked")
    def test_the_sheet_says_whom_to_ask_and_never_where(self, session: Session, world: World) -> None:
        own = protect(session, world)
        told = str(schedules.live(session, own, world.near.id, now=NOW).sheet.as_json())
        assert CANARY not in told.casefold()
        assert ASK_YOUR_OFFICER in told

    def test_words_that_name_the_place_give_way(self, session: Session, world: World) -> None:
        a_booking(session, world, details(what=f"Möte på {PLACE}", bring=f"Nyckel till {PLACE}", **TEXTS), now=NOW)
        own = protect(session, world)
        told = str(schedules.live(session, own, world.near.id, now=NOW).sheet.as_json())
        assert CANARY not in told.casefold()
        assert "Bokad tid" in told

    @pytest.mark.usefixtures("booked")
    def test_a_version_handed_over_before_is_masked_too(self, session: Session, world: World) -> None:
        schedules.hand_over(session, world.coordinator, world.near.id, now=NOW)
        own = protect(session, world)
        it, _ = schedules.version(session, own, world.near.id, 1)
        assert CANARY not in str(it.as_json()).casefold()
        assert ASK_YOUR_OFFICER in str(it.as_json())

    @pytest.mark.usefixtures("booked")
    def test_the_paper_holds_no_place(self, session: Session, world: World) -> None:
        own = protect(session, world)
        current = schedules.live(session, own, world.near.id, now=NOW)
        made = schedule_pdf.schedule_pdf(current.sheet, current.edition, now=NOW)
        text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(made)).pages)
        assert CANARY not in text.casefold()
        assert "frivårdsinspektör" in text

    @pytest.mark.usefixtures("booked")
    def test_the_calendar_file_leaves_by_an_act_alone(self, session: Session, world: World) -> None:
        own = protect(session, world)
        with pytest.raises(NotReleased):
            schedule_calendar.calendar_file(session, own, world.near.id, now=NOW)
        act = releases.hand_out(session, own, world.near.id, ReleaseKind.CALENDAR, reason=REASON, now=NOW)
        made = schedule_calendar.calendar_file(session, own, world.near.id, released=act, now=NOW).decode()
        assert CANARY not in made.casefold()
        assert "LOCATION" not in made

    @pytest.mark.usefixtures("booked")
    def test_an_act_for_one_case_lets_nothing_go_of_another(self, session: Session, world: World) -> None:
        own = protect(session, world)
        act = CaseRelease(case_id=world.far.id)
        with pytest.raises(NotReleased):
            schedule_calendar.calendar_file(session, own, world.near.id, released=act, now=NOW)


class TestAProtectedColleague:
    def test_is_not_named_outside_the_own_organisation(self, session: Session, world: World) -> None:
        actors.staff(
            session,
            world.coordinator,
            world.social.id,
            name="Sara Kanarie",
            email="sara@kommun.example",
            starts_on=TODAY,
            ends_on=None,
        )
        a_booking(session, world, now=NOW)
        assert "Sara" in str(schedules.live(session, world.coordinator, world.near.id, now=NOW).sheet.as_json())
        person = session.scalars(select(Person).where(Person.email == "sara@kommun.example")).one()
        actors.protect_person(session, world.coordinator, world.social.id, person.id, protected=True)
        assert "Sara" not in str(schedules.live(session, world.coordinator, world.near.id, now=NOW).sheet.as_json())

    def test_is_somebody_who_staffs_the_function(self, session: Session, world: World) -> None:
        own = world.coordinator
        with pytest.raises(NotFound):
            actors.protect_person(session, own, world.social.id, own.person_id, protected=True)

    def test_is_left_out_of_an_actions_history_for_others(self, session: Session, world: World) -> None:
        partner = a_partner(session, world, world.social)
        action = an_action(session, world, now=NOW)
        actions.set_state(session, partner, action.id, ActionState.ONGOING, now=NOW)
        other = a_partner(session, world, world.social, email="b@kommun.example", name="Bo Ek")
        session.get_one(Person, partner.person_id).protected = True
        assert actions.history(session, world.coordinator, action.id)[0].who == "Per Lind"
        assert actions.history(session, other, action.id)[0].who == "Per Lind"
        stranger = replace(other, organisation_id=world.clinic.organisation_id)
        assert actions.history(session, stranger, action.id)[0].who == ""


class TestWhoHoldsALink:
    def test_reads_when_and_never_where(self, session: Session, world: World, booked: Appointment) -> None:
        left(session)
        protect(session, world)
        invitation = of_booking(session, booked)
        token = answer_address(LINKS, invitation).rpartition("/")[2]
        opened = answer_links.open_link(session, LINKS, token, now=NOW)
        asked = answer_links.question(session, opened, now=NOW)
        assert asked.is_secret
        assert CANARY not in str(asked).casefold().replace(asked.actor.casefold(), "")
        made = answer_links.own_calendar(session, LINKS, opened, now=NOW).decode()
        assert CANARY not in made.casefold()
        assert "LOCATION" not in made


@pytest.mark.usefixtures("booked")
def test_an_ordinary_case_lets_everything_go_as_before(session: Session, world: World) -> None:
    assert releases.waiting(session, world.coordinator, world.near.id, now=NOW) == []
    assert schedule_calendar.calendar_file(session, world.coordinator, world.near.id, now=NOW)
    assert PLACE in str(schedules.live(session, world.coordinator, world.near.id, now=NOW).sheet.as_json())


@pytest.mark.usefixtures("booked")
def test_a_mail_on_its_way_while_the_flag_is_set_is_followed_by_one_without_the_place(
    session: Session, world: World
) -> None:
    for message in session.scalars(select(OutboxMessage)):
        message.state, message.lease_until = OutboxState.SENDING, NOW + outbox.LEASE
    protect(session, world)
    kinds = session.scalars(select(OutboxMessage.kind).order_by(OutboxMessage.position)).all()
    assert kinds == [MailKind.INVITATION, MailKind.UPDATE]
