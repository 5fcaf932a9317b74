"""The worker: sends what lies in the outbox. It can be killed at any moment and started again; nothing is lost by it.

It runs in a process of its own, or in a thread beside the site. Several may run at once. It logs ids and answers of servers, never
an address or a word of a mail.
"""

import datetime as dt
import logging
import random
from collections.abc import Callable
from threading import Event
from uuid import UUID

from sqlalchemy import select

from inslussning.clock import Clock, utc_now
from inslussning.config import Settings
from inslussning.db.engine import Database
from inslussning.models import Office
from inslussning.practice.mail import MailTrouble
from inslussning.services import outbox
from inslussning.services.audit_check import put_on_record
from inslussning.services.mailers import Account, DeliveryFailed, Mailer, QuietMailer, SmtpMailer
from inslussning.services.outbox import Failure, Parcel

log = logging.getLogger("inslussning.worker")

MailerFor = Callable[[Office], Mailer | None]


def mailers_of(settings: Settings) -> MailerFor:
    """Return what gives each office its way out, or None while the office has not said how its mail leaves."""

    def mailer_for(office: Office) -> Mailer | None:
        if settings.mail == "demo":
            return QuietMailer()
        if not office.mail_host or outbox.sender_of(office) is None:
            return None
        return SmtpMailer(
            Account(
                sender=office.mail_address,
                host=office.mail_host,
                port=office.mail_port,
                security=office.mail_security,
                user=office.mail_user,
                password=settings.mail_password() if office.mail_user else "",
            )
        )

    return mailer_for


def run(settings: Settings, database: Database, stop: Event, *, clock: Clock = utc_now) -> None:
    """Send what is due, again and again, until told to stop; a mail under way is finished first."""
    mailer_for = mailers_of(settings)
    anchored_on: dt.date | None = None
    while not stop.is_set():
        try:
            drain(database, mailer_for, clock, stop=stop)
        except Exception:  # the database may be away for a while; the worker must outlive that
            log.exception("could not look in the outbox")
        if anchored_on != (today := clock().date()) and _anchored(settings, database, clock):
            anchored_on = today
        stop.wait(settings.worker_seconds)


def _anchored(settings: Settings, database: Database, clock: Clock) -> bool:
    """Put the ends of the access logs on record, once a day; tell whether it went well, else it is tried again."""
    try:
        put_on_record(database, settings.audit_key(), settings.data_dir, now=clock())
    except Exception:  # mail must go on leaving
        log.exception("could not put the access log's ends on record")
        return False
    return True


def drain(database: Database, mailer_for: MailerFor, clock: Clock, *, stop: Event | None = None) -> int:
    """Send everything that is due and return how many were handed over.

    When the trouble is an office's server and not one mail, the rest of that office's mail is left for the next look.
    """
    mailers = _mailers(database, mailer_for)
    sent = 0
    try:
        while mailers and not (stop is not None and stop.is_set()):
            parcel = outbox.claim(database, clock(), offices=mailers.keys())
            if parcel is None:
                break
            failure = _hand_over(mailers[parcel.office_id], parcel)
            if failure is None:
                sent += outbox.record_sent(database, parcel, now=clock())
                continue
            log.warning("mail %s, try %s: %s", parcel.id, parcel.attempt, failure.as_text())
            spread = random.uniform(-1, 1)  # noqa: S311 - spreads load, guards nothing
            outbox.record_failure(database, parcel, failure, now=clock(), spread=spread)
            if failure.trouble.is_about_server:
                mailers.pop(parcel.office_id).close()
    finally:
        for mailer in mailers.values():
            mailer.close()
    return sent


def _mailers(database: Database, mailer_for: MailerFor) -> dict[UUID, Mailer]:
    with database.read() as session:
        found = {office.id: mailer_for(office) for office in session.scalars(select(Office))}
    return {office_id: mailer for office_id, mailer in found.items() if mailer is not None}


def _hand_over(mailer: Mailer, parcel: Parcel) -> Failure | None:
    try:
        mailer.send(parcel)
    except DeliveryFailed as problem:
        return problem.failure
    except Exception:  # a mail that cannot be sent must not stop the ones after it
        log.exception("mail %s could not be handed over", parcel.id)
        return Failure(MailTrouble.UNEXPECTED)
    return None
