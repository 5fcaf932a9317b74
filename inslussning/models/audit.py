"""The access log: entries chained by a keyed code, the cases each concerns, the heads that were put on record, and the samples checked.

Rows point at nobody by foreign key: the log outlasts what it speaks of. It is only ever added to; the database refuses the rest
(migration 0003audit). Only `services.audit*` reads or writes it.
"""

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inslussning.db.base import Base, OfficeRow, enum_column
from inslussning.db.sealed import sealed_text
from inslussning.models.actors import Person
from inslussning.practice.audit import Asker, Event


class AuditEntry(Base):
    """One thing that was done or refused. `seq` is dense within the office, so that a missing entry is seen."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_at", "office_id", "at"),
        Index("ix_audit_entries_person", "office_id", "person_id", "seq"),
        Index("ix_audit_entries_event", "office_id", "event", "seq"),
    )

    office_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[dt.datetime]
    asker: Mapped[Asker] = mapped_column(enum_column(Asker))
    user_id: Mapped[UUID | None]
    person_id: Mapped[UUID | None]
    role: Mapped[str] = mapped_column(String(24), default="")
    session_id: Mapped[UUID | None]
    event: Mapped[Event] = mapped_column(enum_column(Event))
    route: Mapped[str] = mapped_column(String(160), default="")
    objects: Mapped[str] = mapped_column(String(400), default="")  # ids with a space between
    detail: Mapped[str] = mapped_column(String(300), default="")  # ids and codes, never names or texts
    network: Mapped[str] = mapped_column(String(32), default="")
    previous: Mapped[str] = mapped_column(String(64))
    mac: Mapped[str] = mapped_column(String(64))


class AuditCase(Base):
    """A case that an entry concerns."""

    __tablename__ = "audit_cases"
    __table_args__ = (Index("ix_audit_cases_case", "office_id", "case_id", "seq"),)

    office_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    case_id: Mapped[UUID] = mapped_column(primary_key=True)


class AuditAnchor(Base):
    """The head of an office's chain as it was at a moment. With `is_cut`, entries up to it may be erased by rule."""

    __tablename__ = "audit_anchors"

    office_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    is_cut: Mapped[bool] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime]
    head: Mapped[str] = mapped_column(String(64))
    mac: Mapped[str] = mapped_column(String(64))


class AuditSample(OfficeRow):
    """An entry drawn by chance to be checked, and what the check showed."""

    __tablename__ = "audit_samples"
    __table_args__ = (
        UniqueConstraint("office_id", "week_on", "seq"),
        CheckConstraint("(checked_at IS NULL) = (checked_by IS NULL)", name="checked_by_somebody"),
    )

    week_on: Mapped[dt.date]  # the Monday of the week the entry is from
    seq: Mapped[int] = mapped_column(Integer)
    drawn_at: Mapped[dt.datetime]
    checked_at: Mapped[dt.datetime | None]
    checked_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    is_in_order: Mapped[bool | None]
    note: Mapped[str] = sealed_text(default="")

    checker: Mapped[Person | None] = relationship(lazy="raise")
