"""What every table has: a client-made key, named constraints and strict relations."""

import datetime as dt
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Connection, Enum, ForeignKey, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from inslussning.db.types import UTCDateTime, new_id

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The declarative base: aware times, named constraints."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {dt.datetime: UTCDateTime}  # noqa: RUF012 - SQLAlchemy reads it from the class


class Row(Base):
    """A row with a key made by us, so that links between new rows are known before they are saved."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)


class OfficeRow(Row):
    """A row that belongs to exactly one office: the partition of all case data."""

    __abstract__ = True

    office_id: Mapped[UUID] = mapped_column(ForeignKey("offices.id", ondelete="CASCADE"), index=True)
    holds_key: ClassVar[StrEnum | None] = None  # a `KeyKind` for rows that others' texts are sealed under

    def key_owner(self, connection: Connection) -> UUID:  # noqa: ARG002 - some tables have to look it up
        """Return whose data key seals the row's texts: its case's where it has one, else its office's."""
        case_id: UUID | None = getattr(self, "case_id", None)
        return case_id or self.office_id


def enum_column(kind: type[StrEnum]) -> Enum:
    """Store an enum as its readable value with a check, the same on SQLite and PostgreSQL."""
    return Enum(
        kind,
        values_callable=lambda members: [m.value for m in members],
        native_enum=False,
        length=24,
        validate_strings=True,
    )
