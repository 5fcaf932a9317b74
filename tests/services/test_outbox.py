"""The outbox: what is borrowed when, what becomes of it, and that two workers never hold the same mail."""

import datetime as dt
import threading
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, undefer

from inslussning.db.engine import Database
from inslussning.errors import NotFound
from inslussning.models import Office, OutboxMessage
from inslussning.practice.access import Principal
from inslussning.practice.mail import BACK_OFF_SECONDS, MailKind, MailTrouble, OutboxState
from inslussning.services import outbox
from inslussning.services.outbox import LEASE, CannotRetry, Draft, Failure, Parcel
from meetings.imip import MailText
from meetings.vocabulary import Party
from tests.conftest import NOW
from tests.factories.offices import World, an_office, principal_for

TEXT = MailText("Ämne", "Text\n", "<p>Text</p>")
MINUTE = dt.timedelta(minutes=1)
BUSY, NO_SUCH_ADDRESS = Failure(MailTrouble.BUSY, 451), Failure(MailTrouble.RECIPIENT, 550, is_final=True)


def a_message(session: Session, office: Office, *, thread: str = "a", position: int = 0) -> OutboxMessage:
    recipient = Party("soc@partner.example")
    draft = Draft(kind=MailKind.UPDATE, thread=thread, position=position, actor_id=None, recipient=recipient, text=TEXT)
    message = outbox.enqueue(session, office, draft, now=NOW)
    session.flush()  # its key is the test's way to name it
    return message


def claimed(database: Database, now: dt.datetime = NOW) -> Parcel:
    parcel = outbox.claim(database, now)
    assert parcel is not None
    return parcel


def state_of(database: Database, key: UUID) -> tuple[OutboxState, dt.datetime]:
    with database.read() as session:
        message = session.get_one(OutboxMessage, key)
        return message.state, message.next_try_at


class TestClaiming:
    @pytest.fixture
    def thread(self, session: Session, world: World) -> list[OutboxMessage]:
        """Three mails of one thread, written last first."""
        messages = [a_message(session, world.office, position=position) for position in (2, 1, 0)]
        session.commit()
        return messages[::-1]

    def test_a_thread_leaves_in_order_one_at_a_time(self, database: Database, thread: list[OutboxMessage]) -> None:
        for message in thread:
            parcel = claimed(database)
            assert parcel.id == message.id
            assert outbox.claim(database, NOW) is None
            outbox.record_sent(database, parcel, now=NOW)

    def test_an_earlier_mail_that_waits_for_a_new_try_holds_the_rest_back(
        self, database: Database, thread: list[OutboxMessage]
    ) -> None:
        outbox.record_failure(database, claimed(database), BUSY, now=NOW)
        assert outbox.claim(database, NOW + dt.timedelta(seconds=29)) is None
        assert claimed(database, NOW + dt.timedelta(seconds=30)).id == thread[0].id

    def test_an_earlier_mail_that_failed_lets_the_rest_pass(
        self, database: Database, thread: list[OutboxMessage]
    ) -> None:
        outbox.record_failure(database, claimed(database), NO_SUCH_ADDRESS, now=NOW)
        assert claimed(database).id == thread[1].id

    @pytest.mark.usefixtures("thread")
    def test_another_thread_does_not_wait(self, database: Database, session: Session, world: World) -> None:
        other = a_message(session, world.office, thread="b")
        session.commit()
        assert other.id in {claimed(database).id, claimed(database).id}

    @pytest.mark.usefixtures("thread")
    def test_an_office_that_cannot_send_keeps_its_mail(self, database: Database, session: Session) -> None:
        office, _ = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        session.commit()
        assert outbox.claim(database, NOW, offices=[office.id]) is None


class TestLease:
    @pytest.fixture
    def message(self, session: Session, world: World) -> OutboxMessage:
        message = a_message(session, world.office)
        session.commit()
        return message

    @pytest.mark.usefixtures("message")
    def test_a_borrowed_mail_is_nobody_elses_until_the_lease_ends(self, database: Database) -> None:
        claimed(database)
        assert outbox.claim(database, NOW + LEASE - MINUTE) is None

    def test_after_a_dead_worker_the_same_bytes_are_sent(self, database: Database, message: OutboxMessage) -> None:
        first = claimed(database)
        second = claimed(database, NOW + LEASE)
        assert (second.id, second.mime, second.recipient) == (message.id, first.mime, first.recipient)
        assert b"Message-ID: " + message.message_id.encode() in second.mime

    def test_a_worker_that_comes_back_late_changes_nothing(self, database: Database, message: OutboxMessage) -> None:
        late = claimed(database)
        claimed(database, NOW + LEASE)
        assert not outbox.record_sent(database, late, now=NOW + LEASE)
        assert not outbox.record_failure(database, late, NO_SUCH_ADDRESS, now=NOW + LEASE)
        assert state_of(database, message.id)[0] is OutboxState.SENDING


class TestOutcome:
    @pytest.fixture
    def message(self, session: Session, world: World) -> OutboxMessage:
        message = a_message(session, world.office)
        session.commit()
        return message

    def test_a_handed_over_mail_is_sent(self, database: Database, session: Session, message: OutboxMessage) -> None:
        assert outbox.record_sent(database, claimed(database), now=NOW + MINUTE)
        session.refresh(message)
        assert (message.state, message.sent_at, message.error) == (OutboxState.SENT, NOW + MINUTE, "")

    def test_a_new_try_comes_after_a_longer_and_longer_time(self, database: Database, message: OutboxMessage) -> None:
        now, waits = NOW, []
        for _ in BACK_OFF_SECONDS:
            outbox.record_failure(database, claimed(database, now), BUSY, now=now)
            later = state_of(database, message.id)[1]
            waits.append((later - now).total_seconds())
            now = later
        assert waits == list(BACK_OFF_SECONDS)
        outbox.record_failure(database, claimed(database, now), BUSY, now=now)
        assert state_of(database, message.id)[0] is OutboxState.FAILED

    @pytest.mark.parametrize(("spread", "seconds"), [(-1.0, 24), (0.5, 33), (1.0, 36)])
    def test_tries_are_spread_by_a_fifth_at_most(
        self, database: Database, message: OutboxMessage, spread: float, seconds: int
    ) -> None:
        outbox.record_failure(database, claimed(database), BUSY, now=NOW, spread=spread)
        assert state_of(database, message.id)[1] == NOW + dt.timedelta(seconds=seconds)

    def test_a_last_word_from_the_server_fails_at_once_with_the_reason(
        self, database: Database, session: Session, message: OutboxMessage
    ) -> None:
        outbox.record_failure(database, claimed(database), NO_SUCH_ADDRESS, now=NOW)
        session.refresh(message)
        assert (message.state, message.error) == (OutboxState.FAILED, "recipient 550")


class TestRetry:
    @pytest.fixture
    def failed(self, database: Database, session: Session, world: World) -> OutboxMessage:
        """A failed mail with another after it in its thread."""
        first = a_message(session, world.office)
        a_message(session, world.office, position=1)
        session.commit()
        outbox.record_failure(database, claimed(database), NO_SUCH_ADDRESS, now=NOW)
        session.refresh(first)
        return first

    def test_a_failed_mail_waits_again_before_the_one_after_it(
        self, database: Database, session: Session, coordinator: Principal, failed: OutboxMessage
    ) -> None:
        outbox.retry(session, coordinator, failed.id, now=NOW)
        session.commit()
        parcel = claimed(database)
        assert (parcel.id, parcel.attempt) == (failed.id, 1)

    def test_it_is_refused_when_a_newer_one_has_left(
        self, database: Database, session: Session, coordinator: Principal, failed: OutboxMessage
    ) -> None:
        outbox.record_sent(database, claimed(database), now=NOW)
        with pytest.raises(CannotRetry):
            outbox.retry(session, coordinator, failed.id, now=NOW)

    def test_it_is_refused_for_a_mail_that_waits(self, session: Session, coordinator: Principal, world: World) -> None:
        waiting = a_message(session, world.office, thread="b")
        with pytest.raises(CannotRetry):
            outbox.retry(session, coordinator, waiting.id, now=NOW)

    def test_another_offices_mail_looks_absent(self, session: Session, failed: OutboxMessage) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        with pytest.raises(NotFound):
            outbox.retry(session, other, failed.id, now=NOW)


class TestPlainMail:
    def test_it_goes_to_the_actors_mailbox_in_a_thread_of_its_own(self, session: Session, world: World) -> None:
        first = outbox.post_plain(session, world.office, world.social, kind=MailKind.EXTRACT, text=TEXT, now=NOW)
        other = outbox.post_plain(session, world.office, world.social, kind=MailKind.EXTRACT, text=TEXT, now=NOW)
        assert first is not None
        assert other is not None
        assert first.recipient == "soc@partner.example"
        assert first.thread != other.thread

    def test_without_a_mailbox_nothing_is_written(self, session: Session, world: World) -> None:
        world.social.mailbox = ""
        assert not outbox.post_plain(session, world.office, world.social, kind=MailKind.EXTRACT, text=TEXT, now=NOW)

    def test_without_an_address_to_write_from_nothing_is_written(self, session: Session, world: World) -> None:
        world.office.mail_address = ""
        assert not outbox.post_plain(session, world.office, world.social, kind=MailKind.EXTRACT, text=TEXT, now=NOW)
        assert not outbox.post_test(session, world.coordinator, address="jag@kontor.example", now=NOW)

    def test_a_test_mail_goes_to_the_address_given(self, session: Session, world: World) -> None:
        posted = outbox.post_test(session, world.coordinator, address="jag@kontor.example", now=NOW)
        assert posted is not None
        assert (posted.recipient, posted.kind) == ("jag@kontor.example", MailKind.TEST)


@pytest.mark.parametrize(
    ("base_url", "host"),
    [
        ("https://samverkan.example:8443/", "samverkan.example"),
        ("http://127.0.0.1:8000", "127.0.0.1"),
        ("http://[::1]:8000", "localhost"),
        ("", "localhost"),
    ],
)
def test_a_uid_ends_with_the_host_people_reach_the_site_at(base_url: str, host: str) -> None:
    assert outbox.host_of(base_url) == host


class TestTwoWorkers:
    """With real commits, on a database of the test's own."""

    THREADS, LENGTH, WORKERS = 12, 5, 4

    @pytest.fixture
    def full(self, own_database: Database) -> Database:
        with own_database.transaction() as session:
            office, _ = an_office(session, now=NOW)
            for thread in range(self.THREADS):
                for position in range(self.LENGTH):
                    a_message(session, office, thread=f"thread {thread}", position=position)
        return own_database

    def test_every_mail_is_held_by_one_worker_and_each_thread_keeps_its_order(self, full: Database) -> None:
        taken: list[UUID] = []
        lock, together = threading.Lock(), threading.Barrier(self.WORKERS)

        def work() -> None:
            together.wait()
            for _ in range(1000):
                parcel = outbox.claim(full, NOW)
                if parcel is None:
                    if left(full) == 0:
                        return
                    continue  # another worker holds the threads that are left
                with lock:
                    taken.append(parcel.id)
                outbox.record_sent(full, parcel, now=NOW)

        workers = [threading.Thread(target=work) for _ in range(self.WORKERS)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert len(taken) == len(set(taken)) == self.THREADS * self.LENGTH
        with full.read() as session:
            places = {m.id: (m.thread, m.position) for m in session.scalars(select(OutboxMessage))}
        for thread in range(self.THREADS):
            order = [places[key][1] for key in taken if places[key][0] == f"thread {thread}"]
            assert order == sorted(order)

    def test_a_mail_is_not_retried_while_a_worker_takes_the_one_after_it(self, full: Database) -> None:
        with full.transaction() as session:
            principal = principal_of(session)
            thread = select(OutboxMessage.id).where(OutboxMessage.thread == "thread 0", OutboxMessage.position == 0)
            first = session.scalars(thread).one()
            failed = OutboxMessage.id == first
            session.execute(update(OutboxMessage).where(failed).values(state=OutboxState.FAILED))
            session.execute(
                update(OutboxMessage)
                .where(OutboxMessage.thread != "thread 0")
                .values(next_try_at=NOW + dt.timedelta(days=1))
            )
        assert claimed(full).id != first
        with pytest.raises(CannotRetry), full.transaction() as session:
            outbox.retry(session, principal, first, now=NOW)

    def test_the_bytes_are_the_same_however_often_they_are_borrowed(self, full: Database) -> None:
        with full.read() as session:
            written = {
                m.id: m.mime for m in session.scalars(select(OutboxMessage).options(undefer(OutboxMessage.mime)))
            }
        for attempt in range(3):
            parcel = claimed(full, NOW + attempt * LEASE)
            assert parcel.mime == written[parcel.id]


def left(database: Database) -> int:
    with database.read() as session:
        pending = OutboxMessage.state.in_((OutboxState.WAITING, OutboxState.SENDING))
        return len(session.scalars(select(OutboxMessage.id).where(pending)).all())


def principal_of(session: Session) -> Principal:
    return principal_for(session, session.scalars(select(Office)).one(), "samordnare@bjorkstad.example")
