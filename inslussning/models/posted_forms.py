"""Forms that have been posted, so that one posted twice has one effect."""

import datetime as dt

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from inslussning.db.base import Row


class PostedForm(Row):
    """One form with what was typed in it, as a hash that only the page it was on can lead to, and where its answer sent the person."""

    __tablename__ = "posted_forms"
    __table_args__ = (Index("ix_posted_forms_posted_at", "posted_at"),)

    digest: Mapped[str] = mapped_column(String(64), unique=True)
    location: Mapped[str] = mapped_column(String(2000), default="")
    posted_at: Mapped[dt.datetime]
