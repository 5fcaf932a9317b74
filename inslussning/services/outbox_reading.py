"""What has been written and what became of it: the office's own list of its mail, and what one mail says."""

import re
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import undefer

from inslussning.db import Session
from inslussning.errors import NotFound
from inslussning.models import Actor, Office, OutboxMessage
from inslussning.practice.access import Principal
from inslussning.practice.mail import MailKind, MailTrouble, OutboxState
from inslussning.services import outbox, visible
from meetings import imip
from meetings.imip import Notice

PAGE = 25
LINK = re.compile(r"(/join/)[\w-]+")
HIDDEN = r"\1…"  # whoever reads the outbox must not be able to use the link


class Line(NamedTuple):
    """A message in the list with the title of the actor it is for, if any."""

    message: OutboxMessage
    actor: str

    @property
    def trouble(self) -> MailTrouble | None:
        """Return what last went wrong."""
        word = self.message.error.partition(" ")[0]
        return MailTrouble(word) if word else None

    @property
    def code(self) -> str:
        """Return the mail server's number for it, or nothing."""
        return self.message.error.partition(" ")[2]


class Shown(NamedTuple):
    """One message in full: the text a person reads, the calendar's part, and whether it may be sent again."""

    line: Line
    text: str
    notice: Notice | None
    can_retry: bool


class Setup(NamedTuple):
    """What the office's mail lacks before it can be written, and before it can leave."""

    has_address: bool
    has_server: bool


def list_messages(
    session: Session, principal: Principal, *, state: OutboxState | None = None, after: UUID | None = None
) -> tuple[list[Line], bool]:
    """Return a page of messages, newest first, and whether there are more; `after` is the last one already shown."""
    query = _lines(principal).order_by(OutboxMessage.created_at.desc(), OutboxMessage.id.desc()).limit(PAGE + 1)
    if state is not None:
        query = query.where(OutboxMessage.state == state)
    if after is not None:
        last = visible.one(session, principal, OutboxMessage, after)
        is_older = or_(
            OutboxMessage.created_at < last.created_at,
            and_(OutboxMessage.created_at == last.created_at, OutboxMessage.id < last.id),
        )
        query = query.where(is_older)
    found = [_line(message, actor) for message, actor in session.execute(query).all()]
    return found[:PAGE], len(found) > PAGE


def counts(session: Session, principal: Principal) -> dict[OutboxState, int]:
    """Return how many messages there are in each state."""
    rows = session.execute(
        select(OutboxMessage.state, func.count().label("messages"))
        .where(visible.rows(OutboxMessage, principal))
        .group_by(OutboxMessage.state)
    ).all()
    return dict.fromkeys(OutboxState, 0) | {row.state: row.messages for row in rows}


def get_message(session: Session, principal: Principal, key: UUID) -> Shown:
    """Return one message in full; raises NotFound."""
    message = visible.one(session, principal, OutboxMessage, key, undefer(OutboxMessage.mime))
    actor = session.get(Actor, message.actor_id) if message.actor_id else None
    text, notice = imip.read(message.mime)
    if message.kind is MailKind.ACCOUNT:
        text = LINK.sub(HIDDEN, text)
    return Shown(_line(message, actor), text, notice, _can_retry(session, message))


def get_mime(session: Session, principal: Principal, key: UUID) -> bytes:
    """Return the message's bytes as they leave; raises NotFound, also for one whose link lets its holder sign in."""
    message = visible.one(session, principal, OutboxMessage, key, undefer(OutboxMessage.mime))
    if message.kind is MailKind.ACCOUNT:
        raise NotFound
    return message.mime


def setup_of(session: Session, principal: Principal) -> Setup:
    """Tell what the office has said of its mail."""
    office = session.get_one(Office, principal.office_id)
    return Setup(outbox.sender_of(office) is not None, bool(office.mail_host))


def _lines(principal: Principal) -> Select[OutboxMessage, Actor | None]:
    return (
        select(OutboxMessage, Actor)
        .outerjoin(Actor, Actor.id == OutboxMessage.actor_id)
        .where(visible.rows(OutboxMessage, principal))
    )


def _line(message: OutboxMessage, actor: Actor | None) -> Line:
    return Line(message, actor.title if actor else "")


def _can_retry(session: Session, message: OutboxMessage) -> bool:
    thread: Sequence[OutboxMessage] = session.scalars(
        select(OutboxMessage).where(OutboxMessage.thread == message.thread)
    ).all()
    return message.state is OutboxState.FAILED and not outbox.is_overtaken(message, thread)
