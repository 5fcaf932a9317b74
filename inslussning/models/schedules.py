"""The client's schedule as it was handed over: numbered versions, so that an old paper can be told from a new one."""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from inslussning.db.base import OfficeRow
from inslussning.db.sealed import sealed_document


class Schedule(OfficeRow):
    """One handed-over version with everything it said."""

    __tablename__ = "schedules"
    __table_args__ = (UniqueConstraint("case_id", "number"),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    number: Mapped[int]
    handed_over_at: Mapped[dt.datetime]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    content: Mapped[dict[str, Any]] = sealed_document()
