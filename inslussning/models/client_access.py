"""How the client gets to see the own schedule: a code used once, and the telephone it was used on."""

import datetime as dt
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from inslussning.db.base import OfficeRow


class ClientCode(OfficeRow):
    """A code handed to the client. It opens nothing without the birth date, and only once; only a hash is kept."""

    __tablename__ = "client_codes"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    made_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]


class ClientSession(OfficeRow):
    """A telephone that may show one case's schedule for some days. Only a hash of its token is kept."""

    __tablename__ = "client_sessions"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    opened_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
