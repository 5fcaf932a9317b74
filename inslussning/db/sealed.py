"""Sealed columns: text about a client is plain in Python and sealed in the database, and nobody has to remember it.

`what: Mapped[str] = sealed_text()` declares one. Reading the attribute opens the value, once and only when it is asked for; what is set
is sealed as the row is written, when its key, and so the place it is bound to, is known. The column's type takes nothing but sealed
values, so plain text cannot reach the database by any way: an attribute, a bulk insert, an UPDATE or a comparison in a query all fail. A
value read that was never sealed fails as well. The empty text is kept as it is: that a field is empty is not a secret, and rules ask.

A value whose key has been destroyed reads as "Gallrat".
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Dialect, LargeBinary, Text, event
from sqlalchemy.orm import (
    InstrumentedAttribute,
    MappedColumn,
    Mapper,
    Session,
    mapped_column,
    object_session,
)
from sqlalchemy.orm.attributes import instance_state
from sqlalchemy.types import TypeDecorator

from inslussning.db.base import Base
from inslussning.db.data_keys import KeyKind
from inslussning.db.key_life import make_keys
from inslussning.db.sealed_parts import ERASED, Owners, dumps, open_parts, owner_or_none, seal_parts
from inslussning.db.types import new_id
from inslussning.db.vault import Connect, SealBroken, Vault

VAULT = "vault"  # in Session.info
AHEAD = "data keys made ahead"  # in Session.info, by the flush under way
_CLOSED = object()


class PlainText(TypeError):
    """Something that was not sealed was about to be written, or compared with what is."""


class NoVault(RuntimeError):
    """The session was opened without a vault, so nothing sealed can be read or written through it."""


class Token:
    """A sealed value as it was read. It is no text: shown by mistake it fails instead of showing anything."""

    __slots__ = ("opened", "raw")

    def __init__(self, raw: str, opened: Any = _CLOSED) -> None:  # noqa: ANN401 - text, bytes or a document
        self.raw = raw
        self.opened = opened

    def __repr__(self) -> str:
        """Return what a log may show."""
        return "<sealed>"

    def __str__(self) -> str:
        """Refuse."""
        raise PlainText("a sealed value has to be opened before it is shown")


class Unsealed:
    """A value that has been set and is sealed when the row is written."""

    __slots__ = ("content",)

    def __init__(self, content: Any) -> None:  # noqa: ANN401 - text, bytes or a document
        self.content = content

    def __repr__(self) -> str:
        """Return what a log may show."""
        return "<to be sealed>"


class Codec(NamedTuple):
    """How values become bytes and come back, and what stands in for one that has been erased."""

    write: Callable[[Any], bytes]
    read: Callable[[bytes], Any]
    erased: Any


TEXT = Codec(str.encode, bytes.decode, ERASED)
DOCUMENT = Codec(dumps, json.loads, {})
BYTES = Codec(bytes, bytes, b"")
CODECS = {"text": TEXT, "document": DOCUMENT, "bytes": BYTES}


class Sealed(TypeDecorator[Any]):
    """A column that takes and gives sealed values only. `parts`: see `sealed_document`."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: str = "text", parts: tuple[tuple[str, tuple[str, ...]], ...] = ()) -> None:
        super().__init__()
        self.kind = kind
        self.parts = parts

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ANN401, ARG002 - SQLAlchemy's signature
        """Return what is stored; raise PlainText for everything that is not sealed."""
        if value is None or (type(value) is str and not value):
            return value
        if type(value) is Token:
            return value.raw
        raise PlainText("this column takes sealed values only")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002 - SQLAlchemy's signature
        """Return the value still sealed; it is opened when somebody asks for it."""
        return Token(value) if value else value


class SealedBytes(TypeDecorator[Any]):
    """The same for bytes, such as a finished mail."""

    impl = LargeBinary
    cache_ok = True
    kind = "bytes"
    parts: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:  # noqa: ANN401, ARG002 - SQLAlchemy's signature
        """Return what is stored; raise PlainText for everything that is not sealed."""
        if value is None:
            return None
        if type(value) is Token:
            return value.raw.encode()
        raise PlainText("this column takes sealed values only")

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002 - SQLAlchemy's signature
        """Return the value still sealed; it is opened when somebody asks for it."""
        return None if value is None else Token(bytes(value).decode("ascii", "replace"))


SEALED_TYPES = (Sealed, SealedBytes)


def sealed_text(*, default: str | None = None) -> MappedColumn[Any]:
    """Declare a text that is sealed with its row's key (`key_owner`). Its longest length belongs in the form."""
    if default is None:
        return mapped_column(Sealed())
    return mapped_column(Sealed(), default=default, server_default=default)


def sealed_bytes(*, deferred: bool = False) -> MappedColumn[Any]:
    """Declare bytes that are sealed with their row's key."""
    return mapped_column(SealedBytes(), deferred=deferred)


def sealed_document(parts: Mapping[str, Sequence[str]] | None = None) -> MappedColumn[Any]:
    """Declare a JSON document that is sealed, whole or in parts.

    With `parts` the named fields of each element of its lists are sealed with the key of that element's own case (`case_id`), or of
    the row's where it has none, and the rest with the office's. "" names fields of the document itself.
    """
    named = tuple((name, tuple(fields)) for name, fields in (parts or {}).items())
    return mapped_column(Sealed("document", named))


class SealedAttribute(InstrumentedAttribute[Any]):
    """What stands on the class in place of the plain attribute: opens on reading, marks for sealing on writing."""

    __slots__ = ()
    inherit_cache = True

    def __get__(self, instance: Any, owner: Any) -> Any:  # noqa: ANN401 - a descriptor
        """Return the opened value."""
        value = super().__get__(instance, owner)
        if type(value) is Token:
            return value.opened if value.opened is not _CLOSED else _open(instance, self.key, value)
        return value.content if type(value) is Unsealed else value

    def __set__(self, instance: Any, value: Any) -> None:  # noqa: ANN401 - a descriptor
        """Take a value to be sealed. One that is already there changes nothing: it would only be sealed anew."""
        if instance_state(instance).has_identity and self.__get__(instance, type(instance)) == value:
            return
        is_plain = value is None or (type(value) is str and not value)
        super().__set__(instance, value if is_plain else Unsealed(value))


def vault_of(session: Session) -> Vault:
    """Return the session's vault; raises NoVault."""
    vault = session.info.get(VAULT)
    if not isinstance(vault, Vault):
        raise NoVault("this session was opened without a vault")
    return vault


def place_of(table: str, column: str, row: UUID) -> str:
    """Return what a value is bound to."""
    return f"{table}.{column}.{row.hex}"


def _session_of(instance: object) -> Session:
    session = object_session(instance)
    if session is None:
        raise NoVault("a sealed value is opened while its session is")
    return session


def _open(instance: Any, key: str, token: Token) -> Any:  # noqa: ANN401 - any mapped row
    session = _session_of(instance)
    column = instance.__mapper__.columns[key]
    vault = vault_of(session)
    if not vault.remembers(owner_or_none(token.raw)):
        vault.prepare(session.connection, _owners_at_hand(session, token))
    found = open_value(session, column, instance, token.raw)
    token.opened = CODECS[column.type.kind].erased if found is None else found
    return token.opened


def open_value(session: Session, column: Any, row: Any, raw: str) -> Any:  # noqa: ANN401 - any column of any row
    """Return one value opened, None when it has been erased. Raises SealBroken, also for a row that was moved to another case."""
    place = place_of(column.table.name, column.name, row.id)
    case_id = row.__dict__.get("case_id")
    if case_id is not None and owner_or_none(raw) not in {case_id.hex, row.office_id.hex, ""}:
        raise SealBroken(place)
    return _opened(vault_of(session), session.connection, column.type, place, raw)


def _owners_at_hand(session: Session, token: Token) -> Iterable[str]:
    """Yield whose keys the page at hand will need: of everything sealed that the session has read and not opened."""
    found = {owner_or_none(token.raw)}
    for row in session.identity_map.values():
        for name in _columns(type(row)):
            value = row.__dict__.get(name)
            if type(value) is Token and value.opened is _CLOSED:
                found.add(owner_or_none(value.raw))
    return found - {""}


def _opened(vault: Vault, connect: Connect, kind: Any, place: str, raw: str) -> Any:  # noqa: ANN401 - a sealed type
    """Return the value, None when it has been erased."""
    if kind.parts:
        return open_parts(vault, connect, place, raw)
    found = vault.open(connect, place, raw)
    return None if found is None else CODECS[kind.kind].read(found)


def open_column(session: Session, column: Any, cells: Sequence[tuple[UUID, Any]]) -> list[Any]:  # noqa: ANN401 - a column of any table
    """Return the values of one column, opened: `cells` are row keys with what a statement read. Keys come in one statement.

    For lists built on Core statements, after they have been cut to what is shown. A cell that is None or empty stays so.
    """
    vault, place, kind = vault_of(session), f"{column.table.name}.{column.name}.", column.type
    vault.prepare(session.connection, {owner_or_none(value.raw) for _, value in cells if type(value) is Token} - {""})
    erased = CODECS[kind.kind].erased
    shown = []
    for row, value in cells:
        if type(value) is Token:
            found = _opened(vault, session.connection, kind, place + row.hex, value.raw)
            shown.append(erased if found is None else found)
        else:
            shown.append(value)
    return shown


def open_cells(session: Session, row: UUID, *cells: tuple[Any, Any]) -> list[Any]:
    """Return values of one row, opened: each is a column with what a statement read of it."""
    return [open_column(session, column, [(row, value)])[0] for column, value in cells]


# --- writing


def _seal_row(_mapper: Mapper[Any], connection: Connection, row: Any) -> None:  # noqa: ANN401 - any mapped row
    """Seal what has been set since the row was read. Runs within the flush, when all keys are known."""
    held = row.__dict__
    for name in _columns(type(row)):
        value = held.get(name)
        if type(value) is Unsealed:
            held[name] = _sealed(connection, row, name, value.content)


def _seal_new_row(mapper: Mapper[Any], connection: Connection, row: Any) -> None:  # noqa: ANN401 - any mapped row
    """Seal a row that is written for the first time, or again after a rollback: then the key it was sealed with is gone."""
    if row.id is None:
        row.id = new_id()
    for name in _columns(type(row)):
        value = row.__dict__.get(name)
        if type(value) is Token and value.opened is not _CLOSED:
            row.__dict__[name] = Unsealed(value.opened)
    kind = type(row).holds_key
    if kind is not None and row.id not in _session_of(row).info.get(AHEAD, ()):
        session = _session_of(row)
        make_keys(session, vault_of(session), [(row.id, row.office_id, kind)])
    _seal_row(mapper, connection, row)


def _make_office_key(_mapper: Mapper[Any], _connection: Connection, office: Any) -> None:  # noqa: ANN401 - db knows no models
    session = _session_of(office)
    make_keys(session, vault_of(session), [(office.id, office.id, KeyKind.OFFICE)])


def _sealed(connection: Connection, row: Any, name: str, content: Any) -> Token:  # noqa: ANN401 - any mapped row, any content
    vault = vault_of(_session_of(row))
    column = row.__mapper__.columns[name]
    raw = seal_value(vault, connection, column, row.id, Owners(row.key_owner(connection), row.office_id), content)
    return Token(raw, content)


def seal_value(
    vault: Vault,
    connection: Connection,
    column: Any,  # noqa: ANN401 - a column of any table
    row: UUID,
    owners: Owners,
    content: Any,  # noqa: ANN401 - text, bytes or a document
) -> str:
    """Return a value sealed for its place, as the column stores it."""
    place = place_of(column.table.name, column.name, row)

    def connect() -> Connection:
        return connection

    if column.type.parts:
        return seal_parts(vault, connect, column.type.parts, place, owners, content)
    return vault.seal(connect, owners.row, place, CODECS[column.type.kind].write(content))


@event.listens_for(Session, "before_flush")
def _make_keys_ahead(session: Session, _context: object, _instances: object) -> None:
    """Give all the new clients and cases of a flush their keys at once: a list of a hundred cases is no hundred statements.

    A row whose office is made in the same flush, or not told yet, gets its key when it is written: the office has to be there first.
    """
    new = [(row, getattr(type(row), "holds_key", None)) for row in session.new]
    fresh = {row.id for row, kind in new if kind is KeyKind.OFFICE}
    owners = []
    for row, kind in new:
        if kind in {None, KeyKind.OFFICE} or row.office_id is None or row.office_id in fresh:
            continue
        if row.id is None:
            row.id = new_id()
        owners.append((row.id, row.office_id, kind))
    session.info[AHEAD] = {owner_id for owner_id, *_ in owners}
    if owners:
        make_keys(session, vault_of(session), owners)


# --- wiring


def _columns(model: type) -> tuple[str, ...]:
    found: tuple[str, ...] = _SEALED_OF.get(model, ())
    return found


_SEALED_OF: dict[type, tuple[str, ...]] = {}


@event.listens_for(Mapper, "mapper_configured")
def _take_over(mapper: Mapper[Any], model: type) -> None:
    """Put our attribute in place of the plain one for every sealed column, and seal what is written."""
    names = tuple(p.key for p in mapper.column_attrs if isinstance(p.columns[0].type, SEALED_TYPES))
    for name in names:
        getattr(model, name).__class__ = SealedAttribute
    holds_key = getattr(model, "holds_key", None)
    if holds_key is KeyKind.OFFICE:
        event.listen(model, "after_insert", _make_office_key)
    elif names or holds_key is not None:
        _SEALED_OF[model] = names
        event.listen(model, "before_insert", _seal_new_row)
        event.listen(model, "before_update", _seal_row)


def sealed_columns() -> list[Any]:
    """Return every sealed column of every table, in order."""
    tables = Base.metadata.sorted_tables
    return [column for table in tables for column in table.columns if isinstance(column.type, SEALED_TYPES)]
