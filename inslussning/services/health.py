"""Whether the installation can do its work, for whatever watches over it. One word, no details: the page is open to anyone."""

import datetime as dt
from enum import StrEnum

from sqlalchemy import exists, select
from sqlalchemy.exc import SQLAlchemyError

from inslussning.db.engine import Database
from inslussning.db.migrate import is_at_head
from inslussning.models import OutboxMessage
from inslussning.practice.mail import OutboxState

STUCK_AFTER = dt.timedelta(minutes=15)  # a worker looks every few seconds, and a mail that fails is given a later time


class Health(StrEnum):
    """Ready, or the first thing that is not."""

    READY = "ready"
    DATABASE = "database"
    MIGRATIONS = "migrations"
    OUTBOX = "outbox"


def health(database: Database, *, now: dt.datetime) -> Health:
    """Return whether the database answers, has every migration, and no mail has waited past its time for long."""
    pending = exists().where(
        OutboxMessage.state.in_([OutboxState.WAITING, OutboxState.SENDING]),
        OutboxMessage.next_try_at < now - STUCK_AFTER,
    )
    try:
        with database.read() as session:
            if not is_at_head(session.connection()):
                return Health.MIGRATIONS
            return Health.OUTBOX if session.scalar(select(pending)) else Health.READY
    except SQLAlchemyError:
        return Health.DATABASE
