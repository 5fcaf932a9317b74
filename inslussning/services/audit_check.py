"""Checks the whole access log and puts its heads on record, so that an edit, a gap or a cut tail is found.

A chain alone shows every change but one: that the last entries are gone. Therefore its head is stored every day, in the database and
in a file beside it that is only added to and can be copied or printed elsewhere.
"""

import datetime as dt
import hashlib
import hmac
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple, cast
from uuid import UUID

from sqlalchemy import Row, Subquery, Table, delete, func, select, union

from inslussning.db import Session
from inslussning.db.engine import Database
from inslussning.errors import NotFound
from inslussning.i18n import N_
from inslussning.models import AuditAnchor, AuditCase, AuditEntry
from inslussning.services.audit_chain import START, code

HEADS_FILE = "audit-heads.txt"  # in the data folder
_AT_A_TIME = 2_000
_ENTRY, _CASE, _ANCHOR = (cast(Table, model.__table__) for model in (AuditEntry, AuditCase, AuditAnchor))


class Fault(StrEnum):
    """What is wrong at a place in the log."""

    CHANGED = "changed"
    MISSING = "missing"
    OUT_OF_CHAIN = "out_of_chain"
    UNREADABLE = "unreadable"
    STRAY_CASE = "stray_case"
    ANCHOR_FORGED = "anchor_forged"
    ANCHOR_DIFFERS = "anchor_differs"
    TAIL_CUT = "tail_cut"

    @property
    def label(self) -> str:
        """Return what a person is told."""
        return _FAULTS[self]


_FAULTS = {
    Fault.CHANGED: N_("posten är ändrad"),
    Fault.MISSING: N_("en eller flera poster saknas"),
    Fault.OUT_OF_CHAIN: N_("posten hör inte ihop med den före"),
    Fault.UNREADABLE: N_("posten går inte att läsa"),
    Fault.STRAY_CASE: N_("ett ärende är tillagt utan post"),
    Fault.ANCHOR_FORGED: N_("det sparade slutet är ändrat"),
    Fault.ANCHOR_DIFFERS: N_("posten är en annan än när slutet sparades"),
    Fault.TAIL_CUT: N_("slutet av loggen saknas"),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the check of one office's log showed. `place` is the number of the first bad entry, None when all is well."""

    office_id: UUID
    entries: int
    first: int
    last: int
    place: int | None = None
    fault: Fault | None = None


class Head(NamedTuple):
    """The end of an office's log at a moment."""

    office_id: UUID
    seq: int
    is_cut: bool
    at: dt.datetime
    head: str
    mac: str

    def as_text(self) -> str:
        """Return the head as a line of the file."""
        return f"{self.at.isoformat()} {self.office_id} {self.seq} {self.head} {self.mac}"


class _Bad(Exception):
    def __init__(self, place: int, fault: Fault) -> None:
        self.place, self.fault = place, fault
        super().__init__()


def verify(session: Session, key: bytes, recorded: Iterable[Head] = ()) -> list[Verdict]:
    """Return a verdict for every office that has a log; `recorded` are heads from outside the database."""
    outside = list(recorded)
    heads = [*(Head(*row) for row in session.execute(select(*_ANCHOR.c[*Head._fields]))), *outside]
    found = session.scalars(union(select(_ENTRY.c.office_id), select(_CASE.c.office_id), select(_ANCHOR.c.office_id)))
    offices = sorted({*found, *(head.office_id for head in outside)})
    return [_verdict(session, key, one, [head for head in heads if head.office_id == one]) for one in offices]


def any_entry(session: Session) -> bool:
    """Tell whether any office has a log."""
    return session.scalar(select(_ENTRY.c.seq).limit(1)) is not None


def _verdict(session: Session, key: bytes, office_id: UUID, heads: Sequence[Head]) -> Verdict:
    walk = _Walk(key, office_id, heads)
    place, fault = None, None
    try:
        walk.through(session)
    except _Bad as bad:
        place, fault = bad.place, bad.fault
    except (LookupError, ValueError, TypeError, AttributeError):  # a value that is none of its column's
        place, fault = walk.last + 1, Fault.UNREADABLE
    return Verdict(office_id, walk.entries, walk.first, walk.last, place, fault)


class _Walk:
    """One pass through an office's log, entry by entry, beside the cases and the heads that belong to it."""

    def __init__(self, key: bytes, office_id: UUID, heads: Sequence[Head]) -> None:
        self.key, self.office_id = key, office_id
        for head in heads:
            if not hmac.compare_digest(_sealed(key, head), head.mac):
                raise_at = head.seq
                self.forged: int | None = raise_at
                break
        else:
            self.forged = None
        self.heads = {head.seq: head.head for head in heads if not head.is_cut}
        self.differing = [h.seq for h in heads if not h.is_cut and self.heads[h.seq] != h.head]
        self.cuts = {head.seq: head.head for head in heads if head.is_cut}
        self.entries = self.first = self.last = 0
        self.previous = START

    def through(self, session: Session) -> None:
        """Read everything; raise at the first thing that is wrong."""
        if self.forged is not None:
            raise _Bad(self.forged, Fault.ANCHOR_FORGED)
        if self.differing:
            raise _Bad(self.differing[0], Fault.ANCHOR_DIFFERS)
        cases = groupby(_rows(session, _CASE, self.office_id), key=attrgetter("seq"))
        waiting = next(cases, None)
        for row in _rows(session, _ENTRY, self.office_id):
            self.begin(row) if not self.entries else None
            if row.seq != self.last + 1:
                raise _Bad(self.last + 1, Fault.MISSING)
            if waiting is not None and waiting[0] < row.seq:
                raise _Bad(waiting[0], Fault.STRAY_CASE)
            own: list[UUID] = []
            if waiting is not None and waiting[0] == row.seq:
                own = [one.case_id for one in waiting[1]]
                waiting = next(cases, None)
            self.entry(row, own)
        if waiting is not None:
            raise _Bad(waiting[0], Fault.STRAY_CASE)
        if any(seq > self.last for seq in (*self.heads, *self.cuts)):
            raise _Bad(self.last + 1, Fault.TAIL_CUT)

    def begin(self, row: Row[*tuple[Any, ...]]) -> None:
        """Take in where the log begins: with its first entry, or after what has been erased by rule."""
        self.first = row.seq
        if row.seq == 1:
            return
        if row.seq - 1 not in self.cuts:
            raise _Bad(1, Fault.MISSING)
        self.last, self.previous = row.seq - 1, self.cuts[row.seq - 1]

    def entry(self, row: Row[*tuple[Any, ...]], case_ids: list[UUID]) -> None:
        """Take in one entry with its cases."""
        if row.previous != self.previous:
            raise _Bad(row.seq, Fault.OUT_OF_CHAIN)
        if not hmac.compare_digest(code(self.key, row._mapping, case_ids), row.mac):
            raise _Bad(row.seq, Fault.CHANGED)
        if self.heads.get(row.seq, row.mac) != row.mac:
            raise _Bad(row.seq, Fault.ANCHOR_DIFFERS)
        self.entries += 1
        self.last, self.previous = row.seq, row.mac


def _rows(session: Session, table: Table, office_id: UUID) -> Iterator[Row[*tuple[Any, ...]]]:
    """Yield an office's rows in order, some at a time: the log may be long."""
    after = 0
    while True:
        # whole entries at a time: a page of cases must not end within one
        limit = session.scalar(select(func.max(_numbers(table, office_id, after).c.seq)))
        if limit is None:
            return
        yield from session.execute(
            select(table)
            .where(table.c.office_id == office_id, table.c.seq > after, table.c.seq <= limit)
            .order_by(table.c.seq)
        ).all()
        after = limit


def _numbers(table: Table, office_id: UUID, after: int) -> Subquery:
    return (
        select(table.c.seq)
        .where(table.c.office_id == office_id, table.c.seq > after)
        .distinct()
        .order_by(table.c.seq)
        .limit(_AT_A_TIME)
        .subquery()
    )


def _sealed(key: bytes, head: Head) -> str:
    """Return the keyed code of a head, which no entry can have."""
    said = (
        f"anchor {head.office_id.hex} {head.seq} {head.is_cut:d} {head.at.astimezone(dt.UTC).isoformat()} {head.head}"
    )
    return hmac.digest(key, said.encode("ascii", "backslashreplace"), hashlib.sha256).hex()


def anchor(session: Session, key: bytes, *, now: dt.datetime) -> list[Head]:
    """Put the end of every office's log on record where it has grown since; return the new ends."""
    latest = select(_ENTRY.c.office_id, func.max(_ENTRY.c.seq).label("seq")).group_by(_ENTRY.c.office_id).subquery()
    known = select(_ANCHOR.c.seq).where(
        _ANCHOR.c.office_id == _ENTRY.c.office_id, _ANCHOR.c.seq == _ENTRY.c.seq, ~_ANCHOR.c.is_cut
    )
    rows = session.execute(
        select(_ENTRY.c.office_id, _ENTRY.c.seq, _ENTRY.c.mac)
        .join(latest, (latest.c.office_id == _ENTRY.c.office_id) & (latest.c.seq == _ENTRY.c.seq))
        .where(~known.exists())
        .order_by(_ENTRY.c.office_id)
    )
    return [_record(session, key, Head(office, seq, False, now, mac, "")) for office, seq, mac in rows.all()]


def _record(session: Session, key: bytes, head: Head) -> Head:
    sealed = head._replace(mac=_sealed(key, head))
    session.execute(_ANCHOR.insert(), sealed._asdict())
    return sealed


def cut(session: Session, key: bytes, office_id: UUID, *, before: dt.datetime, now: dt.datetime) -> int:
    """Erase an office's entries from before a moment and return how many; the newest entry always stays.

    A signed head remains in their place, which is also what makes the database allow it.
    """
    newest = select(func.max(_ENTRY.c.seq)).where(_ENTRY.c.office_id == office_id).scalar_subquery()
    first_kept = select(func.min(_ENTRY.c.seq)).where(_ENTRY.c.office_id == office_id, _ENTRY.c.at >= before)
    kept = session.scalar(first_kept) or session.scalar(select(newest))
    last = session.execute(
        select(_ENTRY.c.seq, _ENTRY.c.mac)
        .where(_ENTRY.c.office_id == office_id, _ENTRY.c.seq < (kept or 0))
        .order_by(_ENTRY.c.seq.desc())
        .limit(1)
    ).one_or_none()
    if last is None:
        return 0
    _record(session, key, Head(office_id, last.seq, True, now, last.mac, ""))
    gone = 0
    for table in (_CASE, _ENTRY):
        erased = session.execute(delete(table).where(table.c.office_id == office_id, table.c.seq <= last.seq))
        gone = erased.rowcount  # type: ignore[attr-defined] # a DELETE's result has it
    return gone


def put_on_record(database: Database, key: bytes, folder: Path, *, now: dt.datetime) -> list[Head]:
    """Put the end of every office's log on record, in the database and in the file beside it; return the new ends."""
    with database.transaction() as session:
        heads = anchor(session, key, now=now)
    write_heads(folder, heads)
    return heads


def write_heads(folder: Path, heads: Iterable[Head]) -> None:
    """Add heads to the file beside the database."""
    lines = [head.as_text() + "\n" for head in heads]
    if lines:
        with (folder / HEADS_FILE).open("a", encoding="ascii") as file:
            file.writelines(lines)


def read_heads(folder: Path) -> list[Head]:
    """Return the heads of the file, none when there is no file; raises NotFound for a line that cannot be understood."""
    file = folder / HEADS_FILE
    if not file.exists():
        return []
    return [_head(line) for line in file.read_text(encoding="ascii").splitlines() if line.strip()]


def _head(line: str) -> Head:
    try:
        at, office, seq, head, mac = line.split()
        return Head(UUID(office), int(seq), False, dt.datetime.fromisoformat(at), head, mac)
    except ValueError:
        raise NotFound(message=N_("En rad i audit-heads.txt går inte att läsa.")) from None
