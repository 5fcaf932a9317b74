"""One dated meeting, its agenda and who came."""

import datetime as dt
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Connection, ForeignKey, Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inslussning.db.base import OfficeRow, enum_column
from inslussning.db.sealed import sealed_text
from inslussning.models.actors import Actor
from inslussning.models.cases import Case
from inslussning.models.slots import WeeklySlot
from inslussning.practice.attendance import Attendance
from meetings.agenda import ItemKind


class MeetingKind(StrEnum):
    """An occurrence of the weekly slot, or a video meeting with the client before release."""

    WEEKLY = "weekly"
    VIDEO = "video"


class MeetingState(StrEnum):
    """Planned until it is cancelled; a cancelled meeting keeps its row and its reason."""

    PLANNED = "planned"
    CANCELLED = "cancelled"


class Meeting(OfficeRow):
    """One dated meeting. `original_on` is the wall date the weekly rule gave it, however it has moved since."""

    __tablename__ = "meetings"
    __table_args__ = (
        UniqueConstraint("slot_id", "original_on"),
        Index("ix_meetings_office_starts", "office_id", "starts_at"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("(kind = 'weekly') = (slot_id IS NOT NULL)", name="weekly_has_slot"),
    )

    kind: Mapped[MeetingKind] = mapped_column(enum_column(MeetingKind))
    state: Mapped[MeetingState] = mapped_column(enum_column(MeetingState), default=MeetingState.PLANNED)
    slot_id: Mapped[UUID | None] = mapped_column(ForeignKey("weekly_slots.id"))
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cases.id"), index=True)
    original_on: Mapped[dt.date | None]
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime]
    timezone: Mapped[str] = mapped_column(String(64))
    place: Mapped[str] = sealed_text(default="")
    video_link: Mapped[str] = sealed_text(default="")
    client_from_prison: Mapped[bool] = mapped_column(default=False)  # the client joins a video meeting from there
    reason: Mapped[str] = sealed_text(default="")
    version: Mapped[int] = mapped_column(default=1)

    slot: Mapped[WeeklySlot | None] = relationship(lazy="raise")
    case: Mapped[Case | None] = relationship(lazy="raise")
    agenda: Mapped[list["AgendaItem"]] = relationship(
        lazy="raise", back_populates="meeting", order_by="AgendaItem.position"
    )
    attendances: Mapped[list["MeetingAttendance"]] = relationship(lazy="raise", back_populates="meeting")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class

    @property
    def is_planned(self) -> bool:
        """Tell whether the meeting is still to be held, or was."""
        return self.state is MeetingState.PLANNED


def case_of_meeting(connection: Connection, meeting_id: UUID) -> UUID | None:
    """Return the case that a meeting is about, if it is about one."""
    return connection.scalar(select(Meeting.case_id).where(Meeting.id == meeting_id))


class AgendaItem(OfficeRow):
    """One item with its minutes while they are a draft. Each item has a version of its own, so two writers rarely meet.

    A page whose answer was lost on the way knows an old version of what it saved itself: `writer` says that it was its own.
    """

    __tablename__ = "agenda_items"
    __table_args__ = (
        Index("ix_agenda_items_meeting_position", "meeting_id", "position"),
        Index("ix_agenda_items_case", "case_id"),
    )

    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meetings.id"))
    position: Mapped[int]
    kind: Mapped[ItemKind] = mapped_column(enum_column(ItemKind))
    title: Mapped[str] = sealed_text()
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cases.id"))
    minutes: Mapped[int]
    notes: Mapped[str] = sealed_text(default="")
    decisions: Mapped[str] = sealed_text(default="")
    saved_at: Mapped[dt.datetime | None]
    writer: Mapped[str] = mapped_column(String(32), default="")  # the open page that saved last
    version: Mapped[int] = mapped_column(default=1)

    meeting: Mapped[Meeting] = relationship(lazy="raise", back_populates="agenda")
    case: Mapped[Case | None] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class

    def key_owner(self, connection: Connection) -> UUID:
        """Return the item's case, or the one the whole meeting is about; a standing item of a weekly time is the office's."""
        return self.case_id or case_of_meeting(connection, self.meeting_id) or self.office_id


class AgendaTemplate(OfficeRow):
    """An office's standing items for one kind of meeting, in force from a date; meetings copy it, so changes never rewrite history."""

    __tablename__ = "agenda_templates"
    __table_args__ = (UniqueConstraint("office_id", "meeting_kind", "valid_from"),)

    meeting_kind: Mapped[MeetingKind] = mapped_column(enum_column(MeetingKind))
    valid_from: Mapped[dt.date]
    items: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # [{"kind", "title", "minutes"}]


class MeetingAttendance(OfficeRow):
    """Whether an actor came. No row means nobody has said."""

    __tablename__ = "meeting_attendances"
    __table_args__ = (UniqueConstraint("meeting_id", "actor_id"),)

    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meetings.id"))
    actor_id: Mapped[UUID] = mapped_column(ForeignKey("actors.id"))
    attendance: Mapped[Attendance] = mapped_column(enum_column(Attendance))

    meeting: Mapped[Meeting] = relationship(lazy="raise", back_populates="attendances")
    actor: Mapped[Actor] = relationship(lazy="raise")
