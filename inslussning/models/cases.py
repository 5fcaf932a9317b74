"""The case: one collaboration around one release, named by a code. Who the client is is sealed, and lists show the code."""

import datetime as dt
from uuid import UUID

from sqlalchemy import Connection, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inslussning.db.base import OfficeRow, enum_column
from inslussning.db.data_keys import KeyKind
from inslussning.db.sealed import sealed_text
from inslussning.models.actors import Actor
from inslussning.practice.phases import Phase
from inslussning.practice.protection import Protection

RESTRICTED = text("(sealed_at IS NOT NULL OR protection <> 'none')")  # in brackets: it is joined to others by AND


class Client(OfficeRow):
    """The person the group works with; may have a new case later. Who it is is sealed with the client's own key.

    `personal_number_mark` finds the client by the whole number and by nothing less: it is keyed, so that it says nothing by itself.
    """

    __tablename__ = "clients"
    __table_args__ = (Index("ix_clients_personal_number_mark", "office_id", "personal_number_mark"),)
    holds_key = KeyKind.CLIENT

    name: Mapped[str] = sealed_text(default="")
    birth_date: Mapped[str] = sealed_text(default="")  # ISO 8601
    personal_number: Mapped[str] = sealed_text(default="")
    address: Mapped[str] = sealed_text(default="")
    phone: Mapped[str] = sealed_text(default="")
    email: Mapped[str] = sealed_text(default="")
    personal_number_mark: Mapped[str] = mapped_column(String(64), default="", server_default="")
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class

    def key_owner(self, connection: Connection) -> UUID:  # noqa: ARG002 - needs no looking up
        """Return the client itself."""
        return self.id


class Case(OfficeRow):
    """One collaboration around one release. `version` guards against two people saving at once."""

    __tablename__ = "cases"
    holds_key = KeyKind.CASE
    __table_args__ = (
        UniqueConstraint("office_id", "code"),
        Index("ix_cases_office_release", "office_id", "release_at"),
        Index("ix_cases_restricted", "office_id", sqlite_where=RESTRICTED, postgresql_where=RESTRICTED),
    )

    client_id: Mapped[UUID] = mapped_column(ForeignKey("clients.id"), index=True)
    code: Mapped[str] = mapped_column(String(20))
    sort_key: Mapped[str] = mapped_column(String(80), default="")
    phase: Mapped[Phase] = mapped_column(enum_column(Phase))
    release_at: Mapped[dt.datetime | None]
    supervision_ends_on: Mapped[dt.date | None]
    prison_actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("actors.id"))
    lead_actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("actors.id"))
    opened_on: Mapped[dt.date]
    closed_on: Mapped[dt.date | None]
    sealed_at: Mapped[dt.datetime | None]  # open to the named alone
    protection: Mapped[Protection] = mapped_column(
        enum_column(Protection), default=Protection.NONE, server_default=Protection.NONE.value
    )
    version: Mapped[int] = mapped_column(default=1)

    prison: Mapped[Actor | None] = relationship(lazy="raise", foreign_keys=[prison_actor_id])
    lead: Mapped[Actor | None] = relationship(lazy="raise", foreign_keys=[lead_actor_id])
    members: Mapped[list["CaseActor"]] = relationship(lazy="raise", back_populates="case")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class

    @property
    def is_restricted(self) -> bool:
        """Tell whether only the named may see the case."""
        return self.sealed_at is not None or self.protection is not Protection.NONE


class CaseActor(OfficeRow):
    """An actor that takes part in a case, from a day until it has left."""

    __tablename__ = "case_actors"
    __table_args__ = (UniqueConstraint("case_id", "actor_id"),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    actor_id: Mapped[UUID] = mapped_column(ForeignKey("actors.id"), index=True)
    joined_on: Mapped[dt.date]
    left_on: Mapped[dt.date | None]

    case: Mapped[Case] = relationship(lazy="raise", back_populates="members")
    actor: Mapped[Actor] = relationship(lazy="raise")
