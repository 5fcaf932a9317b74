"""What an office begins with, given to a new one when it is made and to an older one when the product has learnt something new.

What the office has already is left as it is. The statements name tables and columns by hand, so that a migration can call this
whatever the models have become since.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnClause,
    Connection,
    Date,
    Integer,
    String,
    TableClause,
    Text,
    Uuid,
    column,
    insert,
    select,
    table,
)

from inslussning.db.types import new_id
from inslussning.practice.office_defaults import KEPT_MONTHS, LEGAL_BASES, RULES, TEXTS

EPOCH = dt.date(2000, 1, 1)  # what a new office starts with holds for all its past


def _rows(name: str, *columns: ColumnClause[Any]) -> TableClause:
    return table(name, column("id", Uuid()), column("office_id", Uuid()), *columns)


_OFFICES = table("offices", column("id", Uuid()))
_RULES = _rows(
    "office_rules",
    column("key", String()),
    column("value", Integer()),
    column("valid_from", Date()),
    column("source", String()),
)
_TEXTS = _rows("office_texts", column("key", String()), column("body", Text()))
_KEPT = _rows(
    "disposal_rules",
    column("organisation_id", Uuid()),
    column("months", Integer()),
    column("valid_from", Date()),
    column("source", String()),
)
_BASES = _rows(
    "legal_bases",
    column("name", String()),
    column("citation", String()),
    column("explanation", String()),
    column("valid_from", Date()),
    column("valid_until", Date()),
    column("position", Integer()),
)


def complete(connection: Connection, office_ids: Iterable[UUID] | None = None) -> None:
    """Give offices, all of them unless some are named, the rules, texts and grounds they lack."""
    keys = connection.execute(select(_OFFICES.c.id)).scalars().all() if office_ids is None else list(office_ids)
    for key in keys:
        _complete(connection, key)


def _complete(connection: Connection, office_id: UUID) -> None:
    rules = _have(connection, _RULES, office_id)
    for rule, value, source in RULES:
        if rule.value not in rules:
            row: dict[str, object] = {"key": rule.value, "value": value, "valid_from": EPOCH, "source": source}
            connection.execute(insert(_RULES).values(id=new_id(), office_id=office_id, **row))
    texts = _have(connection, _TEXTS, office_id)
    for key, body in TEXTS:
        if key.value not in texts:
            connection.execute(insert(_TEXTS).values(id=new_id(), office_id=office_id, key=key.value, body=body))
    if connection.execute(select(_KEPT.c.id).where(_KEPT.c.office_id == office_id).limit(1)).first() is None:
        months, source = KEPT_MONTHS
        row = {"organisation_id": None, "months": months, "valid_from": EPOCH, "source": source}
        connection.execute(insert(_KEPT).values(id=new_id(), office_id=office_id, **row))
    if connection.execute(select(_BASES.c.id).where(_BASES.c.office_id == office_id).limit(1)).first() is None:
        for position, basis in enumerate(LEGAL_BASES):
            row = {**basis._asdict(), "valid_from": EPOCH, "valid_until": None, "position": position}
            connection.execute(insert(_BASES).values(id=new_id(), office_id=office_id, **row))


def _have(connection: Connection, rows: TableClause, office_id: UUID) -> set[str]:
    return set(connection.execute(select(rows.c.key).where(rows.c.office_id == office_id)).scalars())
