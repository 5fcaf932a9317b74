"""Upkeep of what is sealed: giving an older installation its keys, changing the keyring's key, and trying every value.

All of it reads the tables as they lie, column by column, so that it holds for every sealed column there is and will be.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Column, LargeBinary, Table, Text, exists, select, type_coerce, update
from sqlalchemy.orm import Session

from inslussning.db.base import Base, OfficeRow
from inslussning.db.data_keys import DataKey, KeyKind
from inslussning.db.engine import Database
from inslussning.db.key_life import make_keys
from inslussning.db.keyring import Keyring, read_keyring, save_keyring
from inslussning.db.sealed import SEALED_TYPES, SealedBytes, Token, open_value, seal_value, vault_of
from inslussning.db.sealed_parts import PARTS, Owners
from inslussning.db.vault import NoKey, SealBroken, unwrap, wrap

ROWS_AT_ONCE = 500
_SEALED_TEXT = re.compile(r"v1\.[0-9a-f]{32}\.[A-Za-z0-9+/]+={0,2}")
_KEYS = DataKey.__table__


class Bad(NamedTuple):
    """A value that does not open: where it lies, and nothing of what it says."""

    table: str
    column: str
    row: UUID


class Verified(NamedTuple):
    """How many sealed values opened, how many have been erased, and those that are neither."""

    opened: int
    erased: int
    bad: tuple[Bad, ...]


class Cell(NamedTuple):
    """One value as the database holds it, with what its row says of whose it is."""

    column: Column[Any]
    row: Any
    raw: str | bytes

    @property
    def text(self) -> str:
        """Return the value as text; bytes that were never sealed come out as noise, which is not mistaken for a sealed value."""
        return self.raw.decode("ascii", "replace") if isinstance(self.raw, bytes) else self.raw

    @property
    def is_sealed(self) -> bool:
        """Tell whether the value has the form of a sealed one."""
        if self.column.type.__dict__.get("parts"):
            return self.text.startswith(PARTS)
        return _SEALED_TEXT.fullmatch(self.text) is not None


def models() -> list[type[OfficeRow]]:
    """Return every model of the office's rows, parents before children."""
    order = {table: at for at, table in enumerate(Base.metadata.sorted_tables)}
    found = [m.class_ for m in Base.registry.mappers if issubclass(m.class_, OfficeRow)]
    return sorted(found, key=lambda model: order[model.__table__])  # type: ignore[index] # a table, typed as FromClause


def cells(session: Session, model: type[OfficeRow]) -> Iterator[Cell]:
    """Yield every value of the model's sealed columns that is not empty, a bounded number of rows at a time."""
    table: Table = model.__table__  # type: ignore[assignment] # a table, typed as FromClause
    sealed = [column for column in table.columns if isinstance(column.type, SEALED_TYPES)]
    shown = [_as_it_lies(column) if column in sealed else column for column in table.columns]
    after = UUID(int=0)
    while sealed:
        rows = session.execute(
            select(*shown).where(table.c.id > after).order_by(table.c.id).limit(ROWS_AT_ONCE)
        ).mappings()
        found = rows.all()
        for row in found:
            kept = SimpleNamespace(**row)
            yield from (Cell(column, kept, row[column.name]) for column in sealed if row[column.name])
        if len(found) < ROWS_AT_ONCE:
            return
        after = found[-1]["id"]


def _as_it_lies(column: Column[Any]) -> Any:  # noqa: ANN401 - an expression of either type
    kind = LargeBinary() if isinstance(column.type, SealedBytes) else Text()
    return type_coerce(column, kind).label(column.name)


# --- an older installation


def lacks_keys(session: Session) -> bool:
    """Tell whether some office, client or case has no data key: the database is from before there were any."""
    return any(session.scalar(select(exists(_without_key(table).limit(1)))) for table in _owners())


def holds_keys(session: Session) -> bool:
    """Tell whether the database has any data key, and so belongs to a keyring."""
    return bool(session.scalar(select(exists().where(_KEYS.c.wrapped != ""))))


def seal_leftovers(session: Session) -> int:
    """Give every owner that lacks one its data key, and seal every value that is not; return how many values were sealed.

    Done twice it changes nothing. The old text may still lie in free pages afterwards: see `compact`.
    """
    for table, kind in _owners().items():
        for row in session.execute(_without_key(table)).all():
            office_id = row.id if table.name == "offices" else row.office_id
            make_keys(session, vault_of(session), [(row.id, office_id, kind)])
    return sum(_seal_rows(session, model) for model in models())


def _owners() -> dict[Table, KeyKind]:
    found = (m.class_ for m in Base.registry.mappers if getattr(m.class_, "holds_key", None) is not None)
    return {model.__table__: model.holds_key for model in sorted(found, key=lambda model: model.__name__)}


def _without_key(table: Table) -> Any:  # noqa: ANN401 - a select of these columns
    columns = (table.c.id,) if table.name == "offices" else (table.c.id, table.c.office_id)
    return select(*columns).where(~exists().where(_KEYS.c.owner_id == table.c.id))


def _seal_rows(session: Session, model: type[OfficeRow]) -> int:
    vault, connection = vault_of(session), session.connection()
    count = 0
    for cell in list(cells(session, model)):
        if cell.is_sealed:
            continue
        content: Any = cell.raw
        if cell.column.type.kind == "document":  # type: ignore[attr-defined] # a sealed type
            content = json.loads(content)
        owners = Owners(model.key_owner(cell.row, connection), cell.row.office_id)
        token = Token(seal_value(vault, connection, cell.column, cell.row.id, owners, content))
        table = cell.column.table
        session.execute(update(table).where(table.c.id == cell.row.id).values({cell.column.name: token}))
        count += 1
    return count


def compact(database: Database) -> None:
    """Write the database anew, so that nothing of what was there before lies left in free space. Needs the database alone."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        raw: Any = connection.connection.dbapi_connection
        if connection.dialect.name == "sqlite":
            raw.execute("VACUUM")
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            raw.execute("VACUUM (FULL)")


# --- the keyring's key


def rotate(database: Database, file: Path) -> int:
    """Give the keyring a fresh active key and lock every data key with it; return how many. Texts are not touched.

    The site may be running: processes read the keyring anew when they meet a key they do not know, and the old ones stay in it.
    """
    keyring = read_keyring(file).with_fresh_key()
    save_keyring(file, keyring)
    count = 0
    while done := _rewrap(database, keyring):
        count += done
    return count


def _rewrap(database: Database, keyring: Keyring) -> int:
    old = (_KEYS.c.kid != keyring.active) & (_KEYS.c.wrapped != "")
    with database.transaction() as session:
        query = select(_KEYS.c.id, _KEYS.c.owner_id, _KEYS.c.kid, _KEYS.c.wrapped).where(old)
        rows = session.execute(query.limit(ROWS_AT_ONCE).with_for_update()).all()
        for row in rows:
            key = unwrap(keyring, row.kid, row.owner_id, row.wrapped)
            fresh = {"kid": keyring.active, "wrapped": wrap(keyring, keyring.active, row.owner_id, key)}
            session.execute(update(DataKey.__table__).where(_KEYS.c.id == row.id).values(fresh))  # type: ignore[arg-type] # a table
        return len(rows)


# --- every value


def verify(session: Session) -> Verified:
    """Open every sealed value there is, one by one."""
    opened = erased = 0
    bad = []
    for model in models():
        for cell in cells(session, model):
            column, key = cell.column, cell.row.id
            try:
                found = open_value(session, column, cell.row, cell.text)
            except (SealBroken, NoKey, ValueError):
                bad.append(Bad(column.table.name, column.name, key))
            else:
                opened, erased = opened + (found is not None), erased + (found is None)
    return Verified(opened, erased, tuple(bad))
