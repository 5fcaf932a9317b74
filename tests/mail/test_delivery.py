"""Mails on their way over a real conversation with a real mail server, read by another library than wrote them."""

import datetime as dt
import os
import shutil
import ssl
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from icalendar import Calendar
from sqlalchemy import select

from inslussning import worker
from inslussning.db.engine import Database
from inslussning.models import Meeting, OutboxMessage
from inslussning.models.meetings import MeetingState
from inslussning.practice.mail import MailSecurity, OutboxState
from inslussning.services import invitations, slots
from inslussning.services.mailers import Account, Mailer, QuietMailer, SmtpMailer
from tests.conftest import NOW
from tests.factories.bookings import a_booking, details
from tests.factories.offices import a_consent, a_world
from tests.factories.planning import LINKS, a_slot, a_video_meeting
from tests.mail.smtp_server import DROP, PASSWORD, USER, SmtpServer, certificate, free_port, rude_server, smtp_server
from tests.received import read_mail
from tests.whitelist import addresses, violations

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None and "CI" not in os.environ, reason="certificates are made with openssl"
)

SENDER = "samordning@bjorkstad.example"
LATER = NOW + dt.timedelta(days=1)
MAILBOXES = {f"{short}@partner.example" for short in ("soc", "af", "bero", "gran", "fri")}
CANARIES = (
    *("K-101", "K-102", "Kanariefågel", "Inslussning centrum", "Frivården", "Socialsekreterare", "Beroende"),
    *("Arbetsförmedlare", "Klienthandläggare", "Granliden", "Storgatan", "video.example", "Maria Ek"),
)


@pytest.fixture(scope="module")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    return certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def server(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> Iterator[SmtpServer]:
    """A server that wants STARTTLS and a password."""
    with smtp_server(starttls=contexts[0], needs_sign_in=True) as server:
        yield server


@pytest.fixture
def mailer(server: SmtpServer, contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> SmtpMailer:
    account = Account(SENDER, "127.0.0.1", server.port, MailSecurity.STARTTLS, USER, PASSWORD)
    return SmtpMailer(account, tls=contexts[1], patience=5)


@pytest.fixture
def invited(own_database: Database) -> Database:
    """Two actors asked to a weekly slot: two mails wait."""
    with own_database.transaction() as session:
        world = a_world(session, now=NOW)
        chosen = (world.social.id, world.employment.id)
        a_slot(session, world.coordinator, now=NOW, last_on=dt.date(2027, 6, 24), actor_ids=chosen)
    return own_database


@pytest.fixture
def eventful(own_database: Database) -> Database:
    """Everything that is ever mailed about, with words planted that must stay in the house."""
    with own_database.transaction() as session:
        world = a_world(session, now=NOW)
        chosen = (world.social.id, world.employment.id, world.clinic.id)
        link = "https://video.example/kanariefagel"
        slot = a_slot(session, world.coordinator, now=NOW, actor_ids=chosen, video_link=link)
        dates = session.scalars(select(Meeting).where(Meeting.slot_id == slot.id).order_by(Meeting.starts_at)).all()
        moved, skipped = dates[3], dates[5]
        for meeting in (moved, skipped):
            meeting.reason = "Kanariefågel om K-101"
        was = moved.starts_at, moved.ends_at
        moved.starts_at, moved.ends_at = (instant - dt.timedelta(days=1) for instant in was)
        skipped.state = MeetingState.CANCELLED
        invitations.occurrence_moved(session, world.coordinator, moved, was=was, links=LINKS, now=LATER)
        invitations.occurrence_cancelled(session, world.coordinator, skipped, links=LINKS, now=LATER)
        place = slots.SlotDetails(name="Kanariefågel", place="Storgatan 5", video_link=link)
        slots.change_details(session, world.coordinator, slot.id, place, links=LINKS, now=LATER)
        slots.remove_actor(session, world.coordinator, slot.id, world.clinic.id, links=LINKS, now=LATER)
        invitations.remind_silent(session, world.coordinator, dates[0], links=LINKS, now=LATER)
        slots.end_slot(session, world.coordinator, slot.id, links=LINKS, now=LATER)
        a_video_meeting(session, world, now=NOW)
        booked = details(what="Kanariefågel om pengar", place="Storgatan 9", contact="Kanariefågel")
        a_consent(session, world.coordinator, world.near, world.clinic)
        a_booking(session, world, booked, now=NOW, actor=world.clinic)
    return own_database


def send(database: Database, mailer: Mailer, now: dt.datetime = LATER) -> int:
    return worker.drain(database, lambda _office: mailer, lambda: now)


def rows(database: Database) -> list[OutboxMessage]:
    with database.read() as session:
        return list(session.scalars(select(OutboxMessage).order_by(OutboxMessage.recipient, OutboxMessage.position)))


def states(database: Database) -> list[tuple[OutboxState, str]]:
    return [(row.state, row.error) for row in rows(database)]


def all_text(content: bytes) -> str:
    """Everything in a mail, as it is on the wire and with every part decoded."""
    mail = message_from_bytes(content, policy=policy.default)
    parts = [part.get_payload(decode=True) for part in mail.walk() if not part.is_multipart()]
    headers = "\n".join(str(value) for value in mail.values())
    decoded = b"\n".join(part for part in parts if isinstance(part, bytes)).decode()
    return "\n".join([content.decode("ascii"), headers, decoded, decoded.replace("\r\n ", "")])


class TestEverythingThatLeaves:
    @pytest.fixture
    def taken(self, eventful: Database, server: SmtpServer, mailer: SmtpMailer) -> SmtpServer:
        """The server after the whole queue has been sent."""
        assert send(eventful, mailer) == len(rows(eventful)) == 23
        return server

    def test_each_mail_has_one_recipient_in_the_envelope_and_the_header(self, taken: SmtpServer) -> None:
        for mail in taken.taken:
            assert mail.sender == SENDER
            assert len(mail.recipients) == 1
            assert read_mail(mail.content).to == mail.recipients[0]

    def test_it_was_sent_privately_over_one_conversation(self, taken: SmtpServer) -> None:
        assert all(mail.private for mail in taken.taken)
        assert taken.passwords == [PASSWORD]
        assert taken.conversations == 2  # before and after STARTTLS

    def test_the_method_is_the_same_in_header_and_body(self, taken: SmtpServer) -> None:
        mails = [read_mail(mail.content) for mail in taken.taken]
        assert {mail.method for mail in mails if mail.event} == {"REQUEST", "CANCEL"}
        assert all(mail.header_method == mail.method for mail in mails if mail.event)

    def test_each_calendar_has_one_attendee_one_event_and_one_zone(self, taken: SmtpServer) -> None:
        for mail in taken.taken:
            received = read_mail(mail.content)
            if not received.event:
                continue
            calendar = Calendar.from_ical(received.calendar)
            assert [part.name for part in calendar.subcomponents] == ["VTIMEZONE", "VEVENT"]
            assert str(received.event["attendee"]) == f"mailto:{mail.recipients[0]}"
            assert str(received.event["organizer"]) == f"mailto:{SENDER}"
            assert addresses(received.calendar) == {mail.recipients[0], SENDER}

    def test_nothing_is_in_a_calendar_that_is_not_approved(self, taken: SmtpServer) -> None:
        calendars = [read_mail(mail.content).calendar for mail in taken.taken]
        assert [violations(calendar) for calendar in calendars if calendar] == [[]] * 21

    def test_no_byte_tells_of_a_client_a_case_an_agency_or_another_recipient(self, taken: SmtpServer) -> None:
        for mail in taken.taken:
            text = all_text(mail.content)
            others = MAILBOXES - set(mail.recipients)
            assert [word for word in (*CANARIES, *others) if word.casefold() in text.casefold()] == []

    def test_each_uid_hears_its_numbers_in_rising_order(self, taken: SmtpServer) -> None:
        heard: dict[str, list[int]] = {}
        for mail in taken.taken:
            event = read_mail(mail.content).event
            if event and "recurrence-id" not in event:
                heard.setdefault(str(event["uid"]), []).append(int(event["sequence"]))
        assert all(numbers == sorted(numbers) for numbers in heard.values())


class TestServersThatMisbehave:
    def test_come_back_later_means_that(self, invited: Database, server: SmtpServer, mailer: SmtpMailer) -> None:
        server.to_mail.append("451 4.3.0 Try again later")
        assert send(invited, mailer, NOW) == 1
        assert (OutboxState.WAITING, "busy 451") in states(invited)
        assert send(invited, mailer) == 1
        assert states(invited) == [(OutboxState.SENT, "")] * 2

    def test_an_address_that_does_not_exist_fails_at_once(
        self, invited: Database, server: SmtpServer, mailer: SmtpMailer
    ) -> None:
        server.to_recipient.append("550 5.1.1 No such user")
        assert send(invited, mailer) == 1
        assert sorted(states(invited)) == [(OutboxState.FAILED, "recipient 550"), (OutboxState.SENT, "")]

    def test_an_address_that_is_full_today_is_tried_again(
        self, invited: Database, server: SmtpServer, mailer: SmtpMailer
    ) -> None:
        server.to_recipient.append("452 4.2.2 Mailbox full")
        send(invited, mailer)
        assert (OutboxState.WAITING, "busy 452") in states(invited)

    def test_a_mail_it_will_not_have_fails_at_once(
        self, invited: Database, server: SmtpServer, mailer: SmtpMailer
    ) -> None:
        server.to_mail.append("554 5.7.1 Refused")
        assert send(invited, mailer) == 1
        assert (OutboxState.FAILED, "rejected 554") in states(invited)

    def test_a_conversation_broken_after_the_mail_is_taken_up_again_with_the_same_bytes(
        self, invited: Database, server: SmtpServer, mailer: SmtpMailer
    ) -> None:
        server.to_mail.append(DROP)
        assert send(invited, mailer, NOW) == 1
        assert (OutboxState.WAITING, "dropped") in states(invited)
        assert send(invited, mailer) == 1
        first, _, again = server.taken
        assert (again.recipients, again.content) == (first.recipients, first.content)

    def test_a_goodbye_without_an_answer_changes_nothing(
        self, invited: Database, server: SmtpServer, contexts: tuple[ssl.SSLContext, ssl.SSLContext]
    ) -> None:
        server.ignores_goodbye = True
        account = Account(SENDER, "127.0.0.1", server.port, MailSecurity.STARTTLS, USER, PASSWORD)
        impatient = SmtpMailer(account, tls=contexts[1], patience=1)
        assert send(invited, impatient) == 2
        assert states(invited) == [(OutboxState.SENT, "")] * 2

    def test_a_conversation_the_server_has_tired_of_is_opened_anew(
        self, invited: Database, server: SmtpServer, mailer: SmtpMailer
    ) -> None:
        server.drops_idle = True
        assert send(invited, mailer) == 2
        assert len(server.passwords) == 2

    def test_a_server_that_hangs_up_at_once_is_away(self, invited: Database) -> None:
        with rude_server() as port:
            account = Account(SENDER, "127.0.0.1", port, MailSecurity.NONE)
            assert send(invited, SmtpMailer(account, patience=5)) == 0
        assert (OutboxState.WAITING, "unreachable") in states(invited)

    def test_a_server_that_is_away_is_tried_with_one_mail(self, invited: Database) -> None:
        away = SmtpMailer(Account(SENDER, "127.0.0.1", free_port(), MailSecurity.NONE), patience=5)
        assert send(invited, away) == 0
        assert sorted(states(invited)) == [(OutboxState.WAITING, ""), (OutboxState.WAITING, "unreachable")]


class TestPrivacyOfTheConversation:
    def test_a_certificate_nobody_vouches_for_stops_everything(self, invited: Database, server: SmtpServer) -> None:
        account = Account(SENDER, "127.0.0.1", server.port, MailSecurity.STARTTLS, USER, PASSWORD)
        assert send(invited, SmtpMailer(account, patience=5)) == 0
        assert (OutboxState.WAITING, "insecure") in states(invited)
        assert (server.taken, server.passwords) == ([], [])

    def test_a_certificate_for_another_server_stops_everything(self, invited: Database, tmp_path: Path) -> None:
        theirs, trusting = certificate(tmp_path, "annan.example")
        with smtp_server(starttls=theirs) as server:
            account = Account(SENDER, "127.0.0.1", server.port, MailSecurity.STARTTLS)
            assert send(invited, SmtpMailer(account, tls=trusting, patience=5)) == 0
        assert server.taken == []

    def test_a_server_without_starttls_gets_nothing(self, invited: Database) -> None:
        with smtp_server() as server:
            account = Account(SENDER, "127.0.0.1", server.port, MailSecurity.STARTTLS)
            assert send(invited, SmtpMailer(account, patience=5)) == 0
        assert server.taken == []
        assert (OutboxState.WAITING, "insecure") in states(invited)

    def test_a_wrong_password_is_said_and_everything_waits(
        self, invited: Database, server: SmtpServer, contexts: tuple[ssl.SSLContext, ssl.SSLContext]
    ) -> None:
        account = Account(SENDER, "127.0.0.1", server.port, MailSecurity.STARTTLS, USER, "fel")
        assert send(invited, SmtpMailer(account, tls=contexts[1], patience=5)) == 0
        assert (OutboxState.WAITING, "sign_in 535") in states(invited)

    def test_a_server_that_knows_another_way_to_sign_in(
        self, invited: Database, contexts: tuple[ssl.SSLContext, ssl.SSLContext]
    ) -> None:
        with smtp_server(starttls=contexts[0], needs_sign_in=True, without="PLAIN") as server:
            account = Account(SENDER, "127.0.0.1", server.port, MailSecurity.STARTTLS, USER, "fel men i ASCII")
            assert send(invited, SmtpMailer(account, tls=contexts[1], patience=5)) == 0
        assert server.passwords == ["fel men i ASCII"]
        assert (OutboxState.WAITING, "sign_in 535") in states(invited)

    def test_tls_from_the_first_byte(self, invited: Database, contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
        with smtp_server(tls=contexts[0]) as server:
            account = Account(SENDER, "127.0.0.1", server.port, MailSecurity.TLS)
            assert send(invited, SmtpMailer(account, tls=contexts[1], patience=5)) == 2
        assert all(mail.private for mail in server.taken)

    def test_a_server_on_the_same_machine_may_do_without(self, invited: Database) -> None:
        with smtp_server() as server:
            account = Account(SENDER, "127.0.0.1", server.port, MailSecurity.NONE)
            assert send(invited, SmtpMailer(account, patience=5)) == 2


class TestQuietTwin:
    def test_every_mail_counts_as_sent_and_none_leaves(self, invited: Database) -> None:
        assert send(invited, QuietMailer()) == 2
        assert states(invited) == [(OutboxState.SENT, "")] * 2

    def test_an_office_without_a_server_keeps_its_mail(self, invited: Database) -> None:
        assert worker.drain(invited, lambda _office: None, lambda: LATER) == 0
        assert states(invited) == [(OutboxState.WAITING, "")] * 2


def test_a_sender_the_server_refuses_is_the_offices_trouble_not_the_mails(
    invited: Database, server: SmtpServer, mailer: SmtpMailer
) -> None:
    server.to_sender.append("550 5.7.1 Sender not allowed")
    assert send(invited, mailer, NOW) == 0
    assert sorted(states(invited)) == [(OutboxState.WAITING, ""), (OutboxState.WAITING, "sender 550")]
    assert send(invited, mailer) == 2
