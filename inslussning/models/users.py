"""People who may sign in, their sessions on the server, and the failures that slow a guesser down."""

import datetime as dt
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inslussning.db.base import OfficeRow, Row, enum_column
from inslussning.models.actors import Person
from inslussning.practice.access import Role
from inslussning.practice.sign_in import Strength

IDLE_MINUTES = 600  # for a session opened without a word on it


class User(OfficeRow):
    """A person who may sign in. The address is unique over the whole installation."""

    __tablename__ = "users"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), unique=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[Role] = mapped_column(enum_column(Role))
    language: Mapped[str] = mapped_column(String(5), default="sv")
    appearance: Mapped[str] = mapped_column(String(5), default="auto")
    disabled_at: Mapped[dt.datetime | None]

    person: Mapped[Person] = relationship(lazy="raise")


class UserSession(Row):
    """A signed-in browser. Only a hash of its token is kept, so the database alone lets nobody in.

    `ends_at` and `idle_minutes` are the office's rules when it began; one without an end, from before there were rules, has ended.
    """

    __tablename__ = "user_sessions"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[dt.datetime]
    seen_at: Mapped[dt.datetime]
    idle_minutes: Mapped[int] = mapped_column(default=IDLE_MINUTES, server_default=str(IDLE_MINUTES))
    ends_at: Mapped[dt.datetime | None]
    proved_at: Mapped[dt.datetime | None]
    strength: Mapped[Strength] = mapped_column(
        enum_column(Strength), default=Strength.PASSWORD, server_default=Strength.PASSWORD
    )
    must_add_factor: Mapped[bool] = mapped_column(default=False, server_default=false())
    browser: Mapped[str] = mapped_column(String(80), default="")


class SignInFailure(Row):
    """One failed try; what it is counted by is kept only as a hash."""

    __tablename__ = "sign_in_failures"
    __table_args__ = (Index("ix_sign_in_failures_key_at", "key", "at"),)

    key: Mapped[str] = mapped_column(String(64))
    at: Mapped[dt.datetime]
