"""Need areas, which each office names itself, and a client's needs in them."""

import datetime as dt
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inslussning.db.base import OfficeRow
from inslussning.db.sealed import sealed_text


class NeedArea(OfficeRow):
    """Housing, money, work …: the office's own list, in the office's own order."""

    __tablename__ = "need_areas"
    __table_args__ = (UniqueConstraint("office_id", "name"),)

    name: Mapped[str] = mapped_column(String(60))
    position: Mapped[int]
    closed_on: Mapped[dt.date | None]


class Need(OfficeRow):
    """What this client needs in one area, open until it is met."""

    __tablename__ = "needs"
    __table_args__ = (Index("ix_needs_case_area", "case_id", "area_id"),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    area_id: Mapped[UUID] = mapped_column(ForeignKey("need_areas.id"), index=True)
    text: Mapped[str] = sealed_text(default="")
    opened_on: Mapped[dt.date]
    met_on: Mapped[dt.date | None]

    area: Mapped[NeedArea] = relationship(lazy="raise")
