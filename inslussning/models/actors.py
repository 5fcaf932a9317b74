"""Organisations, their functions (actors), and the people who staff them for a while.

Everything that lasts points at an actor, never at a person: people change jobs, the function remains.
"""

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false, true
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inslussning.db.base import OfficeRow, enum_column
from inslussning.practice.organisations import OrganisationKind


def _is_foreign(context: DefaultExecutionContext) -> bool:
    kind: OrganisationKind = context.get_current_parameters()["kind"]  # type: ignore[no-untyped-call] # SQLAlchemy left it untyped
    return not kind.is_own_agency


class Organisation(OfficeRow):
    """A legal body. Information crosses its border on a basis only, unless it is of the office's own agency."""

    __tablename__ = "organisations"
    __table_args__ = (UniqueConstraint("office_id", "name"),)

    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[OrganisationKind] = mapped_column(enum_column(OrganisationKind))
    needs_basis: Mapped[bool] = mapped_column(default=_is_foreign, server_default=true())  # consent, or a decision


class Actor(OfficeRow):
    """A function in an organisation at a place, with its own mailbox."""

    __tablename__ = "actors"
    __table_args__ = (
        UniqueConstraint("office_id", "organisation_id", "function", "place"),
        UniqueConstraint("office_id", "short_name"),
    )

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    function: Mapped[str] = mapped_column(String(120))
    place: Mapped[str] = mapped_column(String(80), default="")
    short_name: Mapped[str] = mapped_column(String(20))
    plain_name: Mapped[str] = mapped_column(String(80), default="")  # what the client calls it: "socialtjänsten"
    mailbox: Mapped[str] = mapped_column(String(254), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    visiting_address: Mapped[str] = mapped_column(String(200), default="")
    wants_place: Mapped[bool] = mapped_column(
        default=False
    )  # has itself asked for place and video link in its calendar
    closed_on: Mapped[dt.date | None]
    sort_key: Mapped[str] = mapped_column(String(400), default="", index=True)

    organisation: Mapped[Organisation] = relationship(lazy="raise")
    staffings: Mapped[list["Staffing"]] = relationship(lazy="raise", back_populates="actor")

    @property
    def title(self) -> str:
        """Return the function with its place, as people say it."""
        return f"{self.function} – {self.place}" if self.place else self.function

    def can_be_asked(self, today: dt.date) -> bool:
        """Tell whether a mail to the function has somewhere to go, today or from a day to come; staffing must be loaded."""
        return bool(self.mailbox) or any(one.ends_on is None or one.ends_on >= today for one in self.staffings)


class Person(OfficeRow):
    """A professional."""

    __tablename__ = "people"
    __table_args__ = (UniqueConstraint("office_id", "email"),)

    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(254))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    protected: Mapped[bool] = mapped_column(
        default=False, server_default=false()
    )  # unnamed outside the own organisation

    organisation: Mapped[Organisation] = relationship(lazy="raise")


class Staffing(OfficeRow):
    """Who answers for a function over an interval; both days included, open-ended without an end."""

    __tablename__ = "staffings"
    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="ends_after_start"),
        Index("ix_staffings_person_actor", "person_id", "actor_id"),
    )

    actor_id: Mapped[UUID] = mapped_column(ForeignKey("actors.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date | None]

    actor: Mapped[Actor] = relationship(lazy="raise", back_populates="staffings")
    person: Mapped[Person] = relationship(lazy="raise")


class StaffChange(OfficeRow):
    """A hand-over of a function from one person to another on a date, with what it takes to undo it exactly.

    `was_ends_on` is the last day the leaving staffing had before; `arriving_id` is the staffing that was made, none when the
    person answered for the function already.
    """

    __tablename__ = "staff_changes"

    actor_id: Mapped[UUID] = mapped_column(ForeignKey("actors.id"), index=True)
    leaving_id: Mapped[UUID] = mapped_column(ForeignKey("staffings.id"))
    arriving_id: Mapped[UUID | None] = mapped_column(ForeignKey("staffings.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))  # who takes over
    last_on: Mapped[dt.date]
    was_ends_on: Mapped[dt.date | None]
    decided_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[dt.datetime]
    undone_at: Mapped[dt.datetime | None]

    leaving: Mapped[Staffing] = relationship(lazy="raise", foreign_keys=[leaving_id])
    person: Mapped[Person] = relationship(lazy="raise", foreign_keys=[person_id])
