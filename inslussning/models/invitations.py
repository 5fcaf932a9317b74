"""Invitations: one per recipient, each with a UID and a counter of its own (RFC 5546 §2.1)."""

import datetime as dt
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Connection, ForeignKey, Index, String, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inslussning.db.base import OfficeRow, enum_column
from inslussning.db.sealed import sealed_text
from inslussning.models.actors import Actor, Person
from meetings.vocabulary import Response

_WHOLE = text("meeting_id IS NULL")


class Invitation(OfficeRow):
    """One recipient's invitation to a weekly slot, a single meeting or a booked time: an actor's mailbox, or a person who staffs it.

    `person_id` is set for a person. In a series each person is asked from `from_on` to `until_on`, the first and last original
    days of the time that person answers for the actor; an empty address is a vacancy, which can be answered by telephone.

    `sequence` is the last number sent for the UID, exceptions included, and `numbers` the last one of each component: "" is
    the whole, else the original date of an occurrence. `messages` orders its mails. A series counts from `from_on`, so that
    somebody who joins in March is not asked about January. `case_id` repeats the case of what it is for, so that an invitation is
    hidden with its case; `held_at` is since when a mail waits for somebody to let it go, the case having protected identity.
    """

    __tablename__ = "invitations"
    __table_args__ = (
        UniqueConstraint("slot_id", "actor_id", "address", "from_on"),
        UniqueConstraint("meeting_id", "actor_id", "address"),
        UniqueConstraint("appointment_id", "actor_id", "address"),
        CheckConstraint(
            "(CASE WHEN slot_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN meeting_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN appointment_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_subject",
        ),
    )

    actor_id: Mapped[UUID] = mapped_column(ForeignKey("actors.id"), index=True)
    slot_id: Mapped[UUID | None] = mapped_column(ForeignKey("weekly_slots.id"))
    meeting_id: Mapped[UUID | None] = mapped_column(ForeignKey("meetings.id"))
    appointment_id: Mapped[UUID | None] = mapped_column(ForeignKey("appointments.id"))
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cases.id"), index=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"), index=True)
    address: Mapped[str] = mapped_column(String(254))
    uid: Mapped[str] = mapped_column(String(120), unique=True)
    sequence: Mapped[int] = mapped_column(default=0)
    dtstamp: Mapped[dt.datetime]
    numbers: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    messages: Mapped[int] = mapped_column(default=0)
    from_on: Mapped[dt.date | None]
    until_on: Mapped[dt.date | None]
    withdrawn_at: Mapped[dt.datetime | None]  # taken back from this recipient
    cancelled_at: Mapped[dt.datetime | None]  # the whole of it was called off
    held_at: Mapped[dt.datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    actor: Mapped[Actor] = relationship(lazy="raise")
    person: Mapped[Person | None] = relationship(lazy="raise")
    responses: Mapped[list["InvitationResponse"]] = relationship(lazy="raise", back_populates="invitation")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class


class InvitationResponse(OfficeRow):
    """An answer: to one occurrence, or to everything the invitation is for when no meeting is named."""

    __tablename__ = "invitation_responses"
    __table_args__ = (
        UniqueConstraint("invitation_id", "meeting_id"),
        Index(
            "uq_invitation_responses_whole", "invitation_id", unique=True, sqlite_where=_WHOLE, postgresql_where=_WHOLE
        ),
    )

    invitation_id: Mapped[UUID] = mapped_column(ForeignKey("invitations.id"))
    meeting_id: Mapped[UUID | None] = mapped_column(ForeignKey("meetings.id"), index=True)
    answer: Mapped[Response] = mapped_column(enum_column(Response))
    note: Mapped[str] = sealed_text(default="")
    answered_at: Mapped[dt.datetime]

    invitation: Mapped[Invitation] = relationship(lazy="raise", back_populates="responses")

    def key_owner(self, connection: Connection) -> UUID:
        """Return the case that the invitation is about, else the office."""
        asked = select(Invitation.case_id).where(Invitation.id == self.invitation_id)
        return connection.scalars(asked).one() or self.office_id
