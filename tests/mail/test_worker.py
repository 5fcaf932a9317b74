"""The worker as a process: it sends what is due, outlives trouble, and may be killed at the worst moment."""

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import undefer

from inslussning import worker
from inslussning.clock import utc_now
from inslussning.config import Settings
from inslussning.db.engine import Database
from inslussning.db.keyring import save_keyring
from inslussning.models import Office, OutboxMessage
from inslussning.practice.mail import MailSecurity, OutboxState
from inslussning.services.mailers import Account, QuietMailer, SmtpMailer
from inslussning.services.outbox import LEASE, Parcel
from tests.databases import VAULT
from tests.factories.offices import an_office
from tests.mail.smtp_server import HANG, SmtpServer, smtp_server
from tests.services.test_outbox import a_message

SENDER = "samordning@bjorkstad.example"
MOST_LOOKS = 100  # at the clock, before a test gives up
PATIENCE = 60  # seconds a test waits for another process before it fails


@pytest.fixture
def waiting(own_database: Database) -> Database:
    """Two mails of one thread, due by the real clock."""
    with own_database.transaction() as session:
        office, _ = an_office(session, now=utc_now())
        for position in range(2):
            a_message(session, office, position=position).next_try_at = utc_now() - LEASE
    return own_database


def send_to(database: Database, server: SmtpServer) -> None:
    """Let the office's mail leave by the test's server."""
    with database.transaction() as session:
        values = {"mail_host": "127.0.0.1", "mail_port": server.port, "mail_security": MailSecurity.NONE}
        session.execute(update(Office).values(**values))


def states(database: Database) -> list[OutboxState]:
    with database.read() as session:
        return list(session.scalars(select(OutboxMessage.state).order_by(OutboxMessage.position)))


def first_of(database: Database) -> OutboxMessage:
    with database.read() as session:
        query = select(OutboxMessage).where(OutboxMessage.position == 0).options(undefer(OutboxMessage.mime))
        message = session.scalars(query).one()
        assert message.mime, "opened while its session is"
        return message


def test_what_a_killed_worker_held_is_sent_again_with_the_same_bytes_when_its_lease_ends(
    waiting: Database, tmp_path: Path
) -> None:
    """It is killed after the server has its mail and before it has the server's answer."""
    with smtp_server() as before:
        send_to(waiting, before)
        before.to_mail.append(HANG)
        save_keyring(Settings(data_dir=tmp_path).keyring_file, VAULT.keyring())
        url = waiting.engine.url.set(drivername=waiting.engine.url.get_backend_name())
        process = subprocess.Popen(
            [sys.executable, "-m", "inslussning", "worker", "--data", str(tmp_path)],
            env=os.environ | {"INSLUSSNING_DATABASE_URL": url.render_as_string(hide_password=False)},
        )
        arrived = before.has_mail.wait(PATIENCE)
        process.send_signal(signal.SIGKILL)
        process.wait(PATIENCE)
    assert arrived
    died = utc_now()
    assert states(waiting) == [OutboxState.SENDING, OutboxState.WAITING]
    assert worker.drain(waiting, lambda _office: QuietMailer(), lambda: died) == 0
    with smtp_server() as after:
        mailer = SmtpMailer(Account(SENDER, "127.0.0.1", after.port, MailSecurity.NONE), patience=5)
        assert worker.drain(waiting, lambda _office: mailer, lambda: died + LEASE) == 2
    assert after.taken[0].content == before.taken[0].content == first_of(waiting).mime
    assert states(waiting) == [OutboxState.SENT, OutboxState.SENT]


class TestRunning:
    def test_it_sends_what_is_due_until_told_to_stop(self, waiting: Database, tmp_path: Path) -> None:
        with smtp_server() as server:
            send_to(waiting, server)
            stop = threading.Event()
            settings = Settings(data_dir=tmp_path, worker_seconds=0.05)
            thread = threading.Thread(target=worker.run, args=(settings, waiting, stop))
            thread.start()
            arrived = server.has_mail.wait(PATIENCE)
            stop.set()
            thread.join(PATIENCE)
        assert arrived
        assert not thread.is_alive()
        assert states(waiting)[0] is OutboxState.SENT

    def test_it_outlives_a_look_that_fails(
        self, waiting: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        stop, looks = threading.Event(), []

        def clock() -> dt.datetime:
            looks.append("look")
            if len(looks) == 1:
                raise OSError("the disk is full")
            if states(waiting)[0] is OutboxState.SENT or len(looks) == MOST_LOOKS:
                stop.set()
            return utc_now()

        worker.run(Settings(data_dir=tmp_path, mail="demo", worker_seconds=0.05), waiting, stop, clock=clock)
        assert "could not look in the outbox" in caplog.text
        assert states(waiting)[0] is OutboxState.SENT

    def test_told_to_stop_it_finishes_the_mail_under_way_and_takes_no_other(self, waiting: Database) -> None:
        stop = threading.Event()

        class StoppingMailer(QuietMailer):
            def send(self, _parcel: Parcel) -> None:
                stop.set()

        assert worker.drain(waiting, lambda _office: StoppingMailer(), utc_now, stop=stop) == 1
        assert states(waiting) == [OutboxState.SENT, OutboxState.WAITING]

    def test_a_mail_that_cannot_be_sent_at_all_is_tried_later_and_logged_without_its_words(
        self, waiting: Database, caplog: pytest.LogCaptureFixture
    ) -> None:
        class BrokenMailer(QuietMailer):
            def send(self, _parcel: Parcel) -> None:
                raise ZeroDivisionError

        assert worker.drain(waiting, lambda _office: BrokenMailer(), utc_now) == 0
        message = first_of(waiting)
        assert (message.state, message.error) == (OutboxState.WAITING, "unexpected")
        assert str(message.id) in caplog.text
        assert message.recipient not in caplog.text


class TestWayOut:
    def test_in_the_demo_no_mail_leaves(self, tmp_path: Path) -> None:
        mailer_for = worker.mailers_of(Settings(data_dir=tmp_path, mail="demo"))
        assert isinstance(mailer_for(Office(mail_host="smtp.example")), QuietMailer)

    @pytest.mark.parametrize(
        ("address", "host"), [("", "smtp.example"), ("inte en adress", "smtp.example"), (SENDER, "")]
    )
    def test_an_office_that_has_not_said_how_has_none(self, tmp_path: Path, address: str, host: str) -> None:
        office = Office(mail_address=address, mail_name="Samordning", mail_host=host)
        assert worker.mailers_of(Settings(data_dir=tmp_path))(office) is None

    def test_the_password_comes_from_its_file_and_only_with_a_user(self, tmp_path: Path) -> None:
        settings = Settings(data_dir=tmp_path)
        settings.save_mail_password("hemligt")
        common = {"mail_address": SENDER, "mail_name": "", "mail_host": "smtp.example", "mail_port": 587}
        for user, password in (("samordning", "hemligt"), ("", "")):
            office = Office(**common, mail_security=MailSecurity.STARTTLS, mail_user=user)
            mailer = worker.mailers_of(settings)(office)
            assert isinstance(mailer, SmtpMailer)
            assert mailer.account == Account(SENDER, "smtp.example", 587, MailSecurity.STARTTLS, user, password)
