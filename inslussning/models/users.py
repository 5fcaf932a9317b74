"""People who may sign in, their sessions on the server, and the failures that slow a guesser down."""

import datetime as dt
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inslussning.db.base import OfficeRow, Row, enum_column
from inslussning.models.actors import Person
from inslussning.practice.access import Role


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
    """A signed-in browser. Only a hash of its token is kept, so the database alone lets nobody in."""

    __tablename__ = "user_sessions"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[dt.datetime]
    seen_at: Mapped[dt.datetime]
    browser: Mapped[str] = mapped_column(String(80), default="")


class SignInFailure(Row):
    """One failed try; what it is counted by is kept only as a hash."""

    __tablename__ = "sign_in_failures"
    __table_args__ = (Index("ix_sign_in_failures_key_at", "key", "at"),)

    key: Mapped[str] = mapped_column(String(64))
    at: Mapped[dt.datetime]
