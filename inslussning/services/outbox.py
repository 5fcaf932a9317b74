"""The outbox: a mail is written as bytes in the same transaction as the change it tells of, and sent afterwards.

So no mail tells of something that was rolled back, and none is lost when a process dies. A worker borrows one message at a time
with a lease; when the lease runs out the next worker sends the same bytes, which the recipient's server and calendar recognise by
Message-ID and UID. Within a thread (a calendar UID) messages leave strictly one after the other: receivers apply what comes last.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from sqlalchemy import Select, exists, or_, select, update
from sqlalchemy.orm import aliased, undefer

from inslussning.db import Session
from inslussning.db.engine import Database
from inslussning.errors import PracticeError
from inslussning.i18n import N_
from inslussning.models import Actor, Office, OutboxMessage
from inslussning.practice.access import Function, Principal
from inslussning.practice.mail import MailKind, MailTrouble, OutboxState, next_delay
from inslussning.services import visible
from inslussning.services.mail_text import mail_text
from meetings.imip import MailText, compose, message_id
from meetings.itip import BadAddress, address_of
from meetings.vocabulary import Party

LEASE = dt.timedelta(minutes=10)  # longer than the slowest conversation with a mail server may take
PENDING = (OutboxState.WAITING, OutboxState.SENDING)
JITTER = 0.2  # up to this part is added to or taken from a delay, so that a whole queue does not come back at once


class CannotRetry(PracticeError):
    """The message has not failed, or a newer one of its thread has left: an old one must never come after it."""

    status = 409
    message = N_(
        "Mejlet kan inte skickas igen. Ett nyare mejl om samma sak har redan gått iväg, eller så väntar det redan."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A mail about to be written down; `calendar` is an iTIP message, `position` its place in the thread."""

    kind: MailKind
    thread: str
    position: int
    actor_id: UUID | None
    recipient: Party
    text: MailText
    calendar: bytes | None = None
    case_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Parcel:
    """One borrowed message: what a mailer needs, and which try this is."""

    id: UUID
    office_id: UUID
    attempt: int
    lease_until: dt.datetime
    recipient: str
    mime: bytes


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a message was not handed over; `is_final` when asking again would not help."""

    trouble: MailTrouble
    code: int | None = None
    is_final: bool = False

    def as_text(self) -> str:
        """Return what is kept with the message."""
        return f"{self.trouble} {self.code}" if self.code else str(self.trouble)


def sender_of(office: Office) -> Party | None:
    """Return whom the office's mail is from, or None until it has an address to write from."""
    return Party(office.mail_address, office.mail_name) if is_usable(office.mail_address) else None


def is_usable(address: str) -> bool:
    """Tell whether mail can be addressed to it at all."""
    try:
        return bool(address_of(Party(address)))
    except BadAddress:
        return False


def enqueue(session: Session, office: Office, draft: Draft, *, now: dt.datetime) -> OutboxMessage:
    """Write the mail down in the caller's transaction, byte for byte as it will leave.

    Raises what `meetings.imip.compose` raises; the office must have an address to write from.
    """
    identity = message_id(uuid4().hex, office.mail_address.rpartition("@")[2])
    message = OutboxMessage(
        office_id=office.id,
        kind=draft.kind,
        thread=draft.thread,
        position=draft.position,
        actor_id=draft.actor_id,
        case_id=draft.case_id,
        recipient=draft.recipient.address,
        subject=draft.text.subject[:200],
        message_id=identity,
        mime=compose(
            sender=Party(office.mail_address, office.mail_name),
            recipient=draft.recipient,
            text=draft.text,
            calendar=draft.calendar,
            message_id=identity,
            date=now,
        ),
        next_try_at=now,
        created_at=now,
    )
    session.add(message)
    return message


def post_plain(
    session: Session,
    office: Office,
    actor: Actor,
    *,
    kind: MailKind,
    text: MailText,
    now: dt.datetime,
    address: str = "",
) -> OutboxMessage | None:
    """Write down a mail without calendar to an actor's mailbox, or to a person who staffs it; None without an address to or from."""
    recipient = Party(address or actor.mailbox)
    if sender_of(office) is None or not is_usable(recipient.address):
        return None
    draft = Draft(kind=kind, thread=_own_thread(), position=0, actor_id=actor.id, recipient=recipient, text=text)
    return enqueue(session, office, draft, now=now)


def post_test(session: Session, principal: Principal, *, address: str, now: dt.datetime) -> OutboxMessage | None:
    """Write down a mail that proves the settings, to an address of the coordinator's choice; None without a sender."""
    principal.must(Function.SET_UP)
    office = session.get_one(Office, principal.office_id)
    if sender_of(office) is None or not is_usable(address):
        return None
    text = mail_text(
        "Provmejl", ["Det här är ett provmejl.", "Om du läser det fungerar utskicken."], signature=office.mail_name
    )
    draft = Draft(
        kind=MailKind.TEST, thread=_own_thread(), position=0, actor_id=None, recipient=Party(address), text=text
    )
    return enqueue(session, office, draft, now=now)


def _own_thread() -> str:
    return f"plain-{uuid4().hex}"


def host_of(base_url: str) -> str:
    """Return the installation's host name, as the part after the at sign of a UID."""
    host = urlsplit(base_url).hostname or ""
    return host if host and all(c.isalnum() or c in ".-" for c in host) and host.isascii() else "localhost"


def claim(
    database: Database, now: dt.datetime, *, offices: Collection[UUID] | None = None, lease: dt.timedelta = LEASE
) -> Parcel | None:
    """Borrow the next message that is due, of these offices, for the length of the lease; None when nothing is.

    Two workers never hold the same message: SQLite lets one writer in at a time, PostgreSQL skips rows already locked and looks
    again at those that were. A message waits while an earlier one of its thread is waiting or sending; a failed one lets it pass.
    """
    with database.transaction() as session:
        message = session.scalar(_next(now, offices))
        while message is not None and not message.mime:  # erased with its case: there is nothing left to send
            message.state = OutboxState.FAILED
            session.flush()  # so that it is not the next one again
            message = session.scalar(_next(now, offices))
        if message is None:
            return None
        message.state = OutboxState.SENDING
        message.attempts += 1
        message.lease_until = until = now + lease
        return Parcel(message.id, message.office_id, message.attempts, until, message.recipient, message.mime)


def _next(now: dt.datetime, offices: Collection[UUID] | None) -> Select[OutboxMessage]:
    earlier = aliased(OutboxMessage)
    is_due = (OutboxMessage.state == OutboxState.WAITING) & (OutboxMessage.next_try_at <= now)
    is_abandoned = (OutboxMessage.state == OutboxState.SENDING) & (OutboxMessage.lease_until <= now)
    must_wait = exists().where(
        earlier.thread == OutboxMessage.thread,
        earlier.position < OutboxMessage.position,
        earlier.state.in_(PENDING),
    )
    query = select(OutboxMessage).where(or_(is_due, is_abandoned), ~must_wait)
    if offices is not None:
        query = query.where(OutboxMessage.office_id.in_(offices))
    return (
        query.options(undefer(OutboxMessage.mime))
        .order_by(OutboxMessage.next_try_at, OutboxMessage.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=OutboxMessage)
    )


def record_sent(database: Database, parcel: Parcel, *, now: dt.datetime) -> bool:
    """Mark the message as sent; False when the lease had run out and another worker has taken over."""
    return _settle(database, parcel, {"state": OutboxState.SENT, "sent_at": now, "error": ""})


def record_failure(
    database: Database, parcel: Parcel, failure: Failure, *, now: dt.datetime, spread: float = 0.0
) -> bool:
    """Put the message back with a longer and longer delay, or give it up; False as for `record_sent`.

    `spread` is between -1 and 1 and moves the next try by up to a fifth of the delay.
    """
    delay = None if failure.is_final else next_delay(parcel.attempt)
    if delay is None:
        return _settle(database, parcel, {"state": OutboxState.FAILED, "error": failure.as_text()})
    later = now + dt.timedelta(seconds=delay * (1 + JITTER * spread))
    return _settle(database, parcel, {"state": OutboxState.WAITING, "next_try_at": later, "error": failure.as_text()})


def _settle(database: Database, parcel: Parcel, values: dict[str, object]) -> bool:
    """Write the outcome, unless the message has been borrowed again since: the end of the lease tells."""
    with database.transaction() as session:
        settled = session.execute(
            update(OutboxMessage)
            .where(
                OutboxMessage.id == parcel.id,
                OutboxMessage.state == OutboxState.SENDING,
                OutboxMessage.lease_until == parcel.lease_until,
            )
            .values(lease_until=None, **values)
            .returning(OutboxMessage.id)
        )
        return settled.first() is not None


def retry(session: Session, principal: Principal, key: UUID, *, now: dt.datetime) -> OutboxMessage:
    """Put a failed message back in the queue. Raises NotFound, or CannotRetry when it would come after a newer one."""
    principal.must(Function.COORDINATE)
    message = visible.one(session, principal, OutboxMessage, key)
    thread = session.scalars(  # the rows are locked, so that no worker borrows a later one meanwhile
        select(OutboxMessage)
        .where(OutboxMessage.thread == message.thread)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if message.state is not OutboxState.FAILED or is_overtaken(message, thread):
        raise CannotRetry
    message.state = OutboxState.WAITING
    message.attempts = 0
    message.next_try_at = now
    message.error = ""
    return message


def is_overtaken(message: OutboxMessage, thread: Collection[OutboxMessage]) -> bool:
    """Tell whether a later message of the same thread has left, or is leaving."""
    left = (OutboxState.SENT, OutboxState.SENDING)
    return any(other.position > message.position and other.state in left for other in thread)
