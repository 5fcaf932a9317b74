"""One form, one effect: a form that is posted twice, by a second click or by a net that stuttered, is carried out once.

Each form on a page carries a key of its own. The key and what was typed are claimed in the same transaction as the change; whoever
comes second waits for the first, changes nothing, and is sent to where the first was sent (ASVS 5.0 V2.3.3, V2.3.4). A form that was
refused, or that htmx answers in place, is not remembered: it is meant to be posted again.
"""

import datetime as dt

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as insert_in_postgres
from sqlalchemy.dialects.sqlite import insert as insert_in_sqlite

from inslussning.db import Session
from inslussning.db.types import new_id
from inslussning.errors import PracticeError
from inslussning.models import PostedForm

REMEMBERED = dt.timedelta(days=2)  # a browser that comes back to a page left open over night


class AlreadyPosted(PracticeError):
    """The same form has been posted before; its answer led to `location`."""

    status = 303

    def __init__(self, location: str) -> None:
        self.location = location
        super().__init__()


def claim(session: Session, digest: str, *, now: dt.datetime) -> None:
    """Take the form for this transaction. Raises AlreadyPosted when another has carried it out; waits for one that is about to."""
    session.execute(delete(PostedForm).where(PostedForm.posted_at < now - REMEMBERED))
    insert = insert_in_sqlite if session.get_bind().dialect.name == "sqlite" else insert_in_postgres
    row = {"id": new_id(), "digest": digest, "location": "", "posted_at": now}
    taken = session.execute(
        insert(PostedForm).values(row).on_conflict_do_nothing(index_elements=["digest"]).returning(PostedForm.id)
    ).all()
    if not taken:
        location = session.scalar(select(PostedForm.location).where(PostedForm.digest == digest))
        raise AlreadyPosted(location or "/")


def settle(session: Session, digest: str, location: str) -> None:
    """Remember where the form led; one that led nowhere is forgotten, since it changed nothing or stays on the page."""
    if location:
        session.execute(update(PostedForm).where(PostedForm.digest == digest).values(location=location))
    else:
        session.execute(delete(PostedForm).where(PostedForm.digest == digest))
