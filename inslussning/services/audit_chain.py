"""Adds entries to the access log, each sealed with a keyed code over itself and the one before (HMAC-SHA-256, RFC 2104).

The key lies outside the database, so whoever can write in the tables still cannot write an entry that fits. The numbers are dense
within an office: PostgreSQL takes a lock for the rest of the transaction, SQLite lets only one write at a time.
"""

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import Connection, Table, bindparam, func, insert, select

from inslussning.db import Session
from inslussning.db.engine import Database
from inslussning.errors import PracticeError
from inslussning.i18n import N_
from inslussning.models import AuditCase, AuditEntry
from inslussning.practice.audit import Asker, Event

KEY = "audit_key"  # in Session.info
START = "0" * 64  # what stands before the first entry of an office
SHORTEST_KEY = 32
_LOCK_OF_THE_LOG = 0x61756469  # so that no other lock of an office is the same
_ENTRY, _CASE = cast(Table, AuditEntry.__table__), cast(Table, AuditCase.__table__)
_LONGEST = {"route": 160, "objects": 400, "detail": 300, "role": 24, "network": 32}


class LogUnavailable(PracticeError):
    """The log cannot be written, so nothing is shown and nothing is changed."""

    status = 500
    message = N_("Åtkomstloggen går inte att skriva. Därför visas ingenting.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What one entry says, before it has its place in the chain. `objects` are ids."""

    at: dt.datetime
    asker: Asker
    event: Event
    office_id: UUID | None = None
    user_id: UUID | None = None
    person_id: UUID | None = None
    role: str = ""
    session_id: UUID | None = None
    route: str = ""
    objects: tuple[UUID, ...] = ()
    detail: str = ""
    network: str = ""
    case_ids: frozenset[UUID] = frozenset()

    def about(self, case_ids: Iterable[UUID], **changes: Any) -> "Line":  # noqa: ANN401 - any of the fields
        """Return the line about these cases, with other changes."""
        return replace(self, case_ids=frozenset(case_ids), **changes)


def use_key(database: Database, key: bytes) -> None:
    """Let every session of the database write the log with this key. Raises ValueError for a short one."""
    if len(key) < SHORTEST_KEY:
        raise ValueError("the key of the access log is too short")
    for maker in (database.write, database.read, database.audit):
        maker.configure(info={**(maker.kw.get("info") or {}), KEY: key})


def plain(text: str, longest: int) -> str:
    """Return a text that every database takes and no eye mistakes: what cannot be printed is written out, the rest is cut."""
    shown = "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text[: longest + 1])
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


_HEAD = (
    select(_ENTRY.c.seq, _ENTRY.c.mac)
    .where(_ENTRY.c.office_id == bindparam("office"))
    .order_by(_ENTRY.c.seq.desc())
    .limit(1)
)
_ADD_ENTRY, _ADD_CASE = insert(_ENTRY), insert(_CASE)


def append(session: Session, lines: Sequence[Line]) -> None:
    """Add entries at the end of their offices' chains, in the session's transaction; raises LogUnavailable without a key."""
    if not lines:
        return
    key = session.info.get(KEY)
    if key is None:
        raise LogUnavailable
    connection = session.connection()
    for office_id in sorted({line.office_id for line in lines if line.office_id}):
        of_office = [line for line in lines if line.office_id == office_id]
        _append(connection, key, office_id, of_office)


def _append(connection: Connection, key: bytes, office_id: UUID, lines: Sequence[Line]) -> None:
    _lock(connection, office_id)
    head = connection.execute(_HEAD, {"office": office_id}).one_or_none()
    seq, previous = (head.seq, head.mac) if head else (0, START)
    cases = []
    for line in lines:
        seq += 1
        values = _values(office_id, seq, line, previous)
        previous = values["mac"] = code(key, values, line.case_ids)
        connection.execute(_ADD_ENTRY, values)
        cases += [{"office_id": office_id, "seq": seq, "case_id": case_id} for case_id in line.case_ids]
    if cases:
        connection.execute(_ADD_CASE, cases)


def _lock(connection: Connection, office_id: UUID) -> None:
    """Let nobody else add to the office's chain until this transaction ends. SQLite holds its only write lock already."""
    if connection.dialect.name == "postgresql":
        place = int.from_bytes(office_id.bytes[-4:], signed=True)
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK_OF_THE_LOG, place)))


def _values(office_id: UUID, seq: int, line: Line, previous: str) -> dict[str, Any]:
    texts = {
        "role": line.role,
        "route": line.route,
        "objects": " ".join(str(one) for one in line.objects),
        "detail": line.detail,
        "network": line.network,
    }
    return {
        "office_id": office_id,
        "seq": seq,
        "at": line.at.astimezone(dt.UTC),
        "asker": line.asker,
        "user_id": line.user_id,
        "person_id": line.person_id,
        "session_id": line.session_id,
        "event": line.event,
        "previous": previous,
        **{name: plain(text, _LONGEST[name]) for name, text in texts.items()},
    }


_SEALED: Final = (
    *("office_id", "seq", "at", "asker", "user_id", "person_id", "role", "session_id", "event"),
    *("route", "objects", "detail", "network", "previous"),
)


def code(key: bytes, values: Mapping[Any, Any], case_ids: Iterable[UUID]) -> str:
    """Return the keyed code of an entry: over every column, its cases and the code of the entry before."""
    said = [_said(values[name]) for name in _SEALED]
    payload = json.dumps([*said, sorted(one.hex for one in case_ids)], separators=(",", ":"))
    return hmac.digest(key, payload.encode("ascii"), hashlib.sha256).hex()


def _said(value: object) -> str | int:
    """Return one value in the one way it can be written."""
    if value is None:
        return ""
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="microseconds")
    return value if isinstance(value, int) else str(value)
