"""What closes a case to people who would otherwise see it, names those who may, or opens it for some hours."""

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inslussning.db.base import OfficeRow, enum_column
from inslussning.db.sealed import sealed_text
from inslussning.models.actors import Actor, Person
from inslussning.models.cases import Case
from inslussning.models.users import User
from inslussning.practice.protection import CasePersonKind, OpeningKind, ReleaseKind


class CasePerson(OfficeRow):
    """A person who is kept out of a case, or named as one of the few who may see a restricted one."""

    __tablename__ = "case_people"
    __table_args__ = (
        UniqueConstraint("case_id", "person_id"),
        Index("ix_case_people_person", "office_id", "person_id", "kind"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    kind: Mapped[CasePersonKind] = mapped_column(enum_column(CasePersonKind))
    reason: Mapped[str] = sealed_text(default="")
    set_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    set_at: Mapped[dt.datetime]

    person: Mapped[Person] = relationship(lazy="raise", foreign_keys=[person_id])


class BreakGlass(OfficeRow):
    """A case opened beyond the rule: in an emergency, or by a manager with a reason. Always looked at afterwards."""

    __tablename__ = "break_glass"
    __table_args__ = (
        CheckConstraint("expires_at > opened_at", name="expires_after_opened"),
        Index("ix_break_glass_user", "user_id", "expires_at"),
        Index("ix_break_glass_queue", "office_id", "reviewed_at", "opened_at"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[OpeningKind] = mapped_column(enum_column(OpeningKind))
    reason_kind: Mapped[str] = mapped_column(String(120), default="")  # as the office's own list had it
    reason: Mapped[str] = sealed_text()
    purpose: Mapped[str] = sealed_text(default="")  # what one needs to know, said at the second choice
    opened_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    reviewed_at: Mapped[dt.datetime | None]
    reviewed_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    review_note: Mapped[str] = sealed_text(default="")
    version: Mapped[int] = mapped_column(default=1)

    case: Mapped[Case] = relationship(lazy="raise")
    user: Mapped[User] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class


class OpeningTry(OfficeRow):
    """Somebody asked whether a code is a closed case: what slows a guesser down, and proves the first of the two choices.

    `case_id` is set when it was one; the second choice is offered for some minutes after that.
    """

    __tablename__ = "opening_tries"
    __table_args__ = (Index("ix_opening_tries_user_at", "user_id", "at"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cases.id"), index=True)
    reason_kind: Mapped[str] = mapped_column(String(120), default="")
    reason: Mapped[str] = sealed_text()
    at: Mapped[dt.datetime]


class CaseRelease(OfficeRow):
    """One act by which something about a protected case left the house: what, to whom, why, and who let it go."""

    __tablename__ = "case_releases"
    __table_args__ = (Index("ix_case_releases_case", "case_id", "released_at"),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    kind: Mapped[ReleaseKind] = mapped_column(enum_column(ReleaseKind))
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("actors.id"))  # who got it; the client when there is none
    reason: Mapped[str] = sealed_text()
    released_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    released_at: Mapped[dt.datetime]

    actor: Mapped[Actor | None] = relationship(lazy="raise")
    releaser: Mapped[Person] = relationship(lazy="raise")
