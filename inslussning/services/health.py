"""Whether the installation can do its work, for whatever watches over it. One word, no details: the page is open to anyone."""

import datetime as dt
from enum import StrEnum

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import aliased

from inslussning.db.engine import Database
from inslussning.db.keyring import KeyringProblem
from inslussning.db.migrate import is_at_head
from inslussning.db.sealed import vault_of
from inslussning.db.vault import check
from inslussning.models import OutboxMessage
from inslussning.practice.mail import OutboxState

STUCK_AFTER = dt.timedelta(minutes=15)  # a worker looks every few seconds, and a mail that fails is given a later time
_PENDING = [OutboxState.WAITING, OutboxState.SENDING]


class Health(StrEnum):
    """Ready, or the first thing that is not."""

    READY = "ready"
    DATABASE = "database"
    MIGRATIONS = "migrations"
    KEYS = "keys"
    OUTBOX = "outbox"


def health(database: Database, *, now: dt.datetime) -> Health:
    """Return whether the database answers, has every migration, opens with our keyring, and no mail has waited past its time for long."""
    try:
        with database.read() as session:
            if not is_at_head(session.connection()):
                return Health.MIGRATIONS
            try:
                check(session.connection(), vault_of(session).keyring())
            except KeyringProblem:
                return Health.KEYS
            return Health.OUTBOX if session.scalar(select(_is_stuck(now - STUCK_AFTER))) else Health.READY
    except SQLAlchemyError:
        return Health.DATABASE


def _is_stuck(since: dt.datetime) -> ColumnElement[bool]:
    """Return the condition that a mail whose turn it is has been left alone since then; one behind another has no turn yet."""
    earlier = aliased(OutboxMessage)
    is_left = or_(
        (OutboxMessage.state == OutboxState.WAITING) & (OutboxMessage.next_try_at < since),
        (OutboxMessage.state == OutboxState.SENDING) & (OutboxMessage.lease_until < since),
    )
    is_behind = exists().where(
        earlier.thread == OutboxMessage.thread,
        earlier.position < OutboxMessage.position,
        earlier.state.in_(_PENDING),
    )
    return exists().where(OutboxMessage.state.in_(_PENDING), is_left, ~is_behind)
