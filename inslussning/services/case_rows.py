"""Every row that belongs to a case, in every table, found by following the references of the database itself.

A list of tables kept by hand would forget the next one. The order of the answer is the order in which the rows can be erased.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import cast
from uuid import UUID

from sqlalchemy import Table, delete, select

from inslussning.db import Session
from inslussning.db.base import Base
from inslussning.models import Case, Invitation, OutboxMessage
from inslussning.practice.mail import OutboxState

KEPT = frozenset({"audit_entries", "audit_cases", "audit_anchors", "disposals"})
"""What says what has been done outlives the case, by rules of its own."""

_CHUNK = 500
_UNDER_WAY = (OutboxState.WAITING, OutboxState.SENDING)

Found = dict[Table, set[UUID]]


def rows_of_case(session: Session, case_id: UUID) -> Found:
    """Return the keys of all rows that belong to the case, the rows that refer to others first."""
    case = cast(Table, Case.__table__)
    found: Found = {case: {case_id}}
    for table in Base.metadata.sorted_tables:  # a table comes after those it refers to
        if table.name in KEPT or table is case:
            continue
        links = [fk for fk in table.foreign_keys if fk.column.table in found and fk.column.name == "id"]
        keys = {
            key
            for fk in links
            for some in _chunks(found[fk.column.table])
            for key in session.scalars(select(table.c.id).where(fk.parent.in_(some)))
        }
        if keys:
            found[table] = keys
    _add_mails(session, found)
    return dict(reversed(found.items()))


def _add_mails(session: Session, found: Found) -> None:
    """Add the mails of the case's invitations, which share the calendar's own name with them; those under way are let go first."""
    invitations, mails = cast(Table, Invitation.__table__), cast(Table, OutboxMessage.__table__)
    for some in _chunks(found.get(invitations, set())):
        threads = select(invitations.c.uid).where(invitations.c.id.in_(some))
        sent = select(mails.c.id).where(mails.c.thread.in_(threads), mails.c.state.not_in(_UNDER_WAY))
        keys = set(session.scalars(sent))
        if keys:
            found[mails] = found.get(mails, set()) | keys


def erase(session: Session, found: Mapping[Table, set[UUID]]) -> None:
    """Remove the rows, in the order they were given."""
    for table, keys in found.items():
        for some in _chunks(keys):
            session.execute(delete(table).where(table.c.id.in_(some)))


def any_left(session: Session, case_id: UUID) -> bool:
    """Tell whether any table still names the case."""
    naming = [t for t in Base.metadata.sorted_tables if "case_id" in t.c and t.name not in KEPT]
    return any(session.scalar(select(t.c.id).where(t.c.case_id == case_id).limit(1)) for t in naming)


def _chunks(keys: set[UUID]) -> Iterator[list[UUID]]:
    left = iter(sorted(keys))
    while some := list(islice(left, _CHUNK)):
        yield some
