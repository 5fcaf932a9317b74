"""A booked time for the client with one actor after release."""

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inslussning.db.base import OfficeRow, enum_column
from inslussning.db.sealed import sealed_text
from inslussning.models.actors import Actor
from inslussning.models.cases import Case
from inslussning.practice.attendance import Attendance


class Appointment(OfficeRow):
    """A booked time. The texts are written for the client: plain words, no agency jargon."""

    __tablename__ = "appointments"
    __table_args__ = (
        Index("ix_appointments_case_starts", "case_id", "starts_at"),
        Index("ix_appointments_actor_starts", "actor_id", "starts_at"),
        Index("ix_appointments_office_starts", "office_id", "starts_at"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    actor_id: Mapped[UUID] = mapped_column(ForeignKey("actors.id"))
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime]
    what: Mapped[str] = sealed_text()
    place: Mapped[str] = sealed_text(default="")
    getting_there: Mapped[str] = sealed_text(default="")
    bring: Mapped[str] = sealed_text(default="")
    contact: Mapped[str] = sealed_text(default="")
    attendance: Mapped[Attendance | None] = mapped_column(enum_column(Attendance))
    cancelled_at: Mapped[dt.datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    case: Mapped[Case] = relationship(lazy="raise")
    actor: Mapped[Actor] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class
