"""A probation office, and the rules it has set for itself.

Deadlines and limits that law or local routine decide are dated rows the office edits, never numbers in code.
"""

import datetime as dt

from sqlalchemy import Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import String

from inslussning.db.base import OfficeRow, Row, enum_column
from inslussning.db.data_keys import KeyKind
from inslussning.practice.mail import MailSecurity


class Office(Row):
    """One probation office with its own group, forms and mailbox. `mail_*` is how its mail leaves."""

    __tablename__ = "offices"
    holds_key = KeyKind.OFFICE

    name: Mapped[str] = mapped_column(String(120))
    timezone: Mapped[str] = mapped_column(String(64))
    phone: Mapped[str] = mapped_column(String(40), default="")
    created_at: Mapped[dt.datetime]
    mail_address: Mapped[str] = mapped_column(String(254), default="")
    mail_name: Mapped[str] = mapped_column(String(80), default="")
    mail_host: Mapped[str] = mapped_column(String(255), default="")
    mail_port: Mapped[int] = mapped_column(default=587)
    mail_security: Mapped[MailSecurity] = mapped_column(enum_column(MailSecurity), default=MailSecurity.STARTTLS)
    mail_user: Mapped[str] = mapped_column(String(254), default="")


class OfficeRule(OfficeRow):
    """One number the office decides, in force from a date; the newest row not after today counts."""

    __tablename__ = "office_rules"
    __table_args__ = (UniqueConstraint("office_id", "key", "valid_from"),)

    key: Mapped[str] = mapped_column(String(40))
    value: Mapped[int]
    valid_from: Mapped[dt.date]
    source: Mapped[str] = mapped_column(String(200), default="")


class OfficeText(OfficeRow):
    """A text the office words itself; about the work, never about a client."""

    __tablename__ = "office_texts"
    __table_args__ = (UniqueConstraint("office_id", "key"),)

    key: Mapped[str] = mapped_column(String(40))
    body: Mapped[str] = mapped_column(Text)
