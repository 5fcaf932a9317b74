"""Consent, the decisions that stand in for it, and what the client answered when asked.

A consent is for one actor and some subject areas, over a time, and can be revoked at any moment. What the client does not want shared
is kept word for word. Rows are ended, never removed: what was shared, and on what ground, must be possible to tell afterwards.
"""

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inslussning.db.base import OfficeRow, enum_column
from inslussning.db.sealed import sealed_text
from inslussning.models.actors import Actor, Person
from inslussning.models.needs import NeedArea
from inslussning.practice.consent import Answer, Form, ReasonCode


class Consent(OfficeRow):
    """The client's consent for one actor in one case; both days included."""

    __tablename__ = "consents"
    __table_args__ = (
        CheckConstraint("valid_until >= valid_from", name="until_after_from"),
        Index("ix_consents_case_actor", "case_id", "actor_id"),
        Index("ix_consents_actor", "office_id", "actor_id", "valid_until"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    actor_id: Mapped[UUID] = mapped_column(ForeignKey("actors.id"))
    valid_from: Mapped[dt.date]
    valid_until: Mapped[dt.date]
    given_on: Mapped[dt.date]
    form: Mapped[Form] = mapped_column(enum_column(Form))
    given_through: Mapped[str] = sealed_text(default="")  # "klienthandläggaren på Granliden"
    not_shared: Mapped[str] = sealed_text(default="")  # the client's own words
    documented_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    documented_at: Mapped[dt.datetime]
    revoked_at: Mapped[dt.datetime | None]
    revoked_form: Mapped[Form | None] = mapped_column(enum_column(Form))
    revoked_through: Mapped[str] = sealed_text(default="")
    revoked_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    version: Mapped[int] = mapped_column(default=1)

    actor: Mapped[Actor] = relationship(lazy="raise")
    documenter: Mapped[Person] = relationship(lazy="raise", foreign_keys=[documented_by])
    areas: Mapped[list["ConsentArea"]] = relationship(lazy="raise", cascade="all, delete-orphan")

    @property
    def area_names(self) -> list[str]:
        """Return what it covers, in the office's own order."""
        return [one.area.name for one in sorted(self.areas, key=lambda one: one.area.position)]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class


class ConsentArea(OfficeRow):
    """One subject area that a consent covers."""

    __tablename__ = "consent_areas"
    __table_args__ = (UniqueConstraint("consent_id", "area_id"),)

    consent_id: Mapped[UUID] = mapped_column(ForeignKey("consents.id", ondelete="CASCADE"))
    area_id: Mapped[UUID] = mapped_column(ForeignKey("need_areas.id"))

    area: Mapped[NeedArea] = relationship(lazy="raise")


class LegalBasis(OfficeRow):
    """A ground for sharing without consent: the office's own list, each in force over a time. Law is data here."""

    __tablename__ = "legal_bases"
    __table_args__ = (UniqueConstraint("office_id", "name", "valid_from"),)

    name: Mapped[str] = mapped_column(String(120))
    citation: Mapped[str] = mapped_column(String(120))
    explanation: Mapped[str] = mapped_column(String(500), default="")
    valid_from: Mapped[dt.date]
    valid_until: Mapped[dt.date | None]
    position: Mapped[int]


class DisclosureDecision(OfficeRow):
    """A named person's reasoned decision that an actor may have information without consent, until a day."""

    __tablename__ = "disclosure_decisions"
    __table_args__ = (Index("ix_disclosure_decisions_case_actor", "case_id", "actor_id"),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    actor_id: Mapped[UUID] = mapped_column(ForeignKey("actors.id"), index=True)
    basis_id: Mapped[UUID] = mapped_column(ForeignKey("legal_bases.id"))
    reason: Mapped[str] = sealed_text()
    decided_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[dt.datetime]
    valid_from: Mapped[dt.date]
    valid_until: Mapped[dt.date]
    ended_at: Mapped[dt.datetime | None]

    actor: Mapped[Actor] = relationship(lazy="raise")
    basis: Mapped[LegalBasis] = relationship(lazy="raise")
    decider: Mapped[Person] = relationship(lazy="raise", foreign_keys=[decided_by])
    areas: Mapped[list["DisclosureArea"]] = relationship(lazy="raise", cascade="all, delete-orphan")


class DisclosureArea(OfficeRow):
    """One subject area that a decision covers."""

    __tablename__ = "disclosure_areas"
    __table_args__ = (UniqueConstraint("decision_id", "area_id"),)

    decision_id: Mapped[UUID] = mapped_column(ForeignKey("disclosure_decisions.id", ondelete="CASCADE"))
    area_id: Mapped[UUID] = mapped_column(ForeignKey("need_areas.id"))

    area: Mapped[NeedArea] = relationship(lazy="raise")


class ConsentQuestion(OfficeRow):
    """The client was asked to take part, and answered. A no is an outcome of its own."""

    __tablename__ = "consent_questions"
    __table_args__ = (Index("ix_consent_questions_case_asked", "case_id", "asked_on"),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    asked_on: Mapped[dt.date]
    form: Mapped[Form] = mapped_column(enum_column(Form))
    answer: Mapped[Answer] = mapped_column(enum_column(Answer))
    reason_code: Mapped[str] = mapped_column(String(40), default="")
    note: Mapped[str] = sealed_text(default="")
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))

    again: Mapped[list["AskAgain"]] = relationship(
        lazy="raise", order_by="AskAgain.on_day", cascade="all, delete-orphan"
    )

    @property
    def reason(self) -> str:
        """Return the words for the reason, "" when none was asked for."""
        return ReasonCode(self.reason_code).label if self.reason_code else ""


class AskAgain(OfficeRow):
    """A day on which to ask again after a no."""

    __tablename__ = "ask_again"
    __table_args__ = (Index("ix_ask_again_open", "office_id", "on_day"),)

    question_id: Mapped[UUID] = mapped_column(ForeignKey("consent_questions.id", ondelete="CASCADE"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    on_day: Mapped[dt.date]
    done_at: Mapped[dt.datetime | None]
