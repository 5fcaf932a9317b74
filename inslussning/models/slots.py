"""The weekly slot: the same hour every week, kept as wall time in a zone so that 09.00 stays 09.00 in summer."""

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inslussning.db.base import OfficeRow
from inslussning.models.actors import Actor
from meetings.vocabulary import Series, Weekday


class WeeklySlot(OfficeRow):
    """A group's recurring time. Its occurrences are stored as meetings when it is created."""

    __tablename__ = "weekly_slots"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday_in_week"),
        CheckConstraint("last_on >= first_on", name="last_after_first"),
    )

    name: Mapped[str] = mapped_column(String(80))
    weekday: Mapped[int]
    local_start: Mapped[dt.time]
    minutes: Mapped[int]
    timezone: Mapped[str] = mapped_column(String(64))
    first_on: Mapped[dt.date]
    last_on: Mapped[dt.date]
    place: Mapped[str] = mapped_column(String(200), default="")
    video_link: Mapped[str] = mapped_column(String(500), default="")
    ended_at: Mapped[dt.datetime | None]

    members: Mapped[list["SlotActor"]] = relationship(lazy="raise", back_populates="slot")

    def as_series(self) -> Series:
        """Return the slot as the value the recurrence rules know."""
        return Series(
            uid=str(self.id),
            weekday=Weekday(self.weekday),
            starts_at=self.local_start,
            duration=dt.timedelta(minutes=self.minutes),
            zone=self.timezone,
            first=self.first_on,
            last=self.last_on,
        )


class SlotActor(OfficeRow):
    """An actor with a standing place in the weekly slot."""

    __tablename__ = "slot_actors"
    __table_args__ = (UniqueConstraint("slot_id", "actor_id"),)

    slot_id: Mapped[UUID] = mapped_column(ForeignKey("weekly_slots.id"))
    actor_id: Mapped[UUID] = mapped_column(ForeignKey("actors.id"), index=True)
    left_on: Mapped[dt.date | None]

    slot: Mapped[WeeklySlot] = relationship(lazy="raise", back_populates="members")
    actor: Mapped[Actor] = relationship(lazy="raise")
