"""Actions and everything that has happened to them. Without an actor, the action is the client's own."""

import datetime as dt
from uuid import UUID

from sqlalchemy import Connection, ForeignKey, Index, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inslussning.db.base import OfficeRow, enum_column
from inslussning.db.sealed import sealed_text
from inslussning.models.actors import Actor, Person
from inslussning.models.cases import Case
from inslussning.models.needs import Need
from meetings.actions import ActionState, Task


def _index(name: str, *columns: str, where: str) -> Index:
    """Return an index of the rows that meet a condition."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


class Action(OfficeRow):
    """Who does what by when, for which need. `closed_at` is set in every state that is not open."""

    __tablename__ = "actions"
    __table_args__ = (  # the lists always say the office, and SQLite picks the index that covers most of what is said
        _index("ix_actions_open_office", "office_id", "due_on", "id", where="closed_at IS NULL"),
        _index("ix_actions_open_actor", "office_id", "actor_id", "due_on", "id", where="closed_at IS NULL"),
        _index("ix_actions_closed_office", "office_id", "closed_at", "id", where="closed_at IS NOT NULL"),
        _index("ix_actions_closed_actor", "office_id", "actor_id", "closed_at", "id", where="closed_at IS NOT NULL"),
        Index("ix_actions_case", "office_id", "case_id", "closed_at", "id"),
        Index("ix_actions_meeting", "meeting_id"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    need_id: Mapped[UUID | None] = mapped_column(ForeignKey("needs.id"))
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("actors.id"))
    meeting_id: Mapped[UUID | None] = mapped_column(ForeignKey("meetings.id"))
    what: Mapped[str] = sealed_text()
    due_on: Mapped[dt.date]
    state: Mapped[ActionState] = mapped_column(enum_column(ActionState))
    created_at: Mapped[dt.datetime]
    closed_at: Mapped[dt.datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    case: Mapped[Case] = relationship(lazy="raise")
    need: Mapped[Need | None] = relationship(lazy="raise")
    actor: Mapped[Actor | None] = relationship(lazy="raise")
    events: Mapped[list["ActionEvent"]] = relationship(lazy="raise", back_populates="action", order_by="ActionEvent.at")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class

    def as_task(self) -> Task:
        """Return the value the carry-over rule knows."""
        return Task(self.id, self.case_id, self.state, self.due_on, self.meeting_id)


class ActionEvent(OfficeRow):
    """One thing that happened to an action; rows are only added."""

    __tablename__ = "action_events"

    action_id: Mapped[UUID] = mapped_column(ForeignKey("actions.id"), index=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    at: Mapped[dt.datetime]
    state: Mapped[ActionState] = mapped_column(enum_column(ActionState))
    due_on: Mapped[dt.date]
    note: Mapped[str] = sealed_text(default="")

    action: Mapped[Action] = relationship(lazy="raise", back_populates="events")
    person: Mapped[Person | None] = relationship(lazy="raise")

    def key_owner(self, connection: Connection) -> UUID:
        """Return the case of the action."""
        return connection.scalars(select(Action.case_id).where(Action.id == self.action_id)).one()
