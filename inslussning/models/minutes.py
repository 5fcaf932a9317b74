"""The minutes of a meeting: a state while they are written, and locked versions that are only ever added."""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inslussning.db.base import OfficeRow, enum_column
from inslussning.db.sealed import sealed_document, sealed_text
from inslussning.models.actors import Person
from inslussning.models.meetings import Meeting, case_of_meeting
from meetings.minutes import MinutesState, MinutesStatus

PARTS = {
    "": ("place",),
    "items": ("title", "code", "notes", "decisions"),
    "agreed": ("code", "what", "need"),
    "carried": ("code", "what", "need"),
}
"""What is sealed with the key of its own case, so that erasing one case leaves the rest of a weekly meeting's minutes."""


class Minutes(OfficeRow):
    """The minutes of one meeting; their draft text lives on the agenda items."""

    __tablename__ = "minutes"

    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meetings.id"), unique=True)
    state: Mapped[MinutesState] = mapped_column(enum_column(MinutesState))
    number: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = sealed_text(default="")  # why they are open again; moves to the next version
    version: Mapped[int] = mapped_column(default=1)

    revisions: Mapped[list["MinutesRevision"]] = relationship(
        lazy="raise", back_populates="minutes", order_by="MinutesRevision.number"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class

    def key_owner(self, connection: Connection) -> UUID:
        """Return the case the meeting is about, else the office."""
        return case_of_meeting(connection, self.meeting_id) or self.office_id

    def as_status(self) -> MinutesStatus:
        """Return the value the rules know."""
        return MinutesStatus(self.state, self.number)


class MinutesRevision(OfficeRow):
    """One locked version with everything it said. Never changed after it is written."""

    __tablename__ = "minutes_revisions"
    __table_args__ = (UniqueConstraint("minutes_id", "number"),)

    minutes_id: Mapped[UUID] = mapped_column(ForeignKey("minutes.id"))
    number: Mapped[int]
    finalised_at: Mapped[dt.datetime]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    reason: Mapped[str] = sealed_text(default="")  # why it was reopened after the version before
    content: Mapped[dict[str, Any]] = sealed_document(PARTS)

    minutes: Mapped[Minutes] = relationship(lazy="raise", back_populates="revisions")
    person: Mapped[Person] = relationship(lazy="raise")

    def key_owner(self, connection: Connection) -> UUID:
        """Return the case the meeting is about, else the office."""
        asked = select(Meeting.case_id).join(Minutes, Minutes.meeting_id == Meeting.id)
        return connection.scalar(asked.where(Minutes.id == self.minutes_id)) or self.office_id
