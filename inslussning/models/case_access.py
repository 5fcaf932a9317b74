"""What closes a case to people who would otherwise see it, names those who may, or opens it for some hours."""

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inslussning.db.base import OfficeRow, enum_column
from inslussning.models.actors import Person
from inslussning.models.cases import Case
from inslussning.models.users import User
from inslussning.practice.protection import CasePersonKind, OpeningKind


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
    reason: Mapped[str] = mapped_column(Text, default="")
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
    reason: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    reviewed_at: Mapped[dt.datetime | None]
    reviewed_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    review_note: Mapped[str] = mapped_column(Text, default="")

    case: Mapped[Case] = relationship(lazy="raise")
    user: Mapped[User] = relationship(lazy="raise")
