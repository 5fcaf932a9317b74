"""How long things are kept, and the receipt of what has been erased. The receipt names nobody and outlives what it is about."""

import datetime as dt
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inslussning.db.base import OfficeRow
from inslussning.models.actors import Organisation, Person
from inslussning.practice.disposal import Retention


class DisposalRule(OfficeRow):
    """How many months something is kept after the case is closed; without an organisation, whole cases."""

    __tablename__ = "disposal_rules"
    __table_args__ = (UniqueConstraint("office_id", "organisation_id", "valid_from"),)

    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    months: Mapped[int]
    valid_from: Mapped[dt.date]
    source: Mapped[str] = mapped_column(String(200))

    organisation: Mapped[Organisation | None] = relationship(lazy="raise")

    def as_retention(self) -> Retention:
        """Return the value the rules know."""
        return Retention(self.organisation_id, self.months, self.valid_from, self.source)


class Disposal(OfficeRow):
    """A receipt: what was erased, by which rule, by whom. `case_id` is no reference: the case is gone."""

    __tablename__ = "disposals"
    __table_args__ = (Index("ix_disposals_office_at", "office_id", "disposed_at"),)

    case_id: Mapped[UUID]
    code: Mapped[str] = mapped_column(String(20))
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"))  # None: the whole case
    months: Mapped[int]
    source: Mapped[str] = mapped_column(String(200))
    started_on: Mapped[dt.date]
    due_on: Mapped[dt.date]
    disposed_at: Mapped[dt.datetime]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    counts: Mapped[dict[str, int]] = mapped_column(JSON)

    organisation: Mapped[Organisation | None] = relationship(lazy="raise")
    person: Mapped[Person] = relationship(lazy="raise")
