"""The transactional outbox: a mail is a row written with the change it tells of, and sent afterwards by a worker."""

import datetime as dt
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from inslussning.db.base import OfficeRow, enum_column
from inslussning.db.sealed import sealed_bytes
from inslussning.practice.mail import MailKind, OutboxState

_PENDING = text("state IN ('waiting', 'sending')")


class OutboxMessage(OfficeRow):
    """One mail, byte for byte as it leaves. Within a `thread` (a calendar UID) messages leave strictly by `position`."""

    __tablename__ = "outbox_messages"
    __table_args__ = (
        UniqueConstraint("thread", "position"),
        Index("ix_outbox_messages_pending", "next_try_at", "id", sqlite_where=_PENDING, postgresql_where=_PENDING),
        Index("ix_outbox_messages_office_created", "office_id", "created_at"),
    )

    kind: Mapped[MailKind] = mapped_column(enum_column(MailKind))
    thread: Mapped[str] = mapped_column(String(120))
    position: Mapped[int]
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("actors.id"))
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cases.id"), index=True)  # of a mail about one case alone
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200))
    message_id: Mapped[str] = mapped_column(String(200), unique=True)
    mime: Mapped[bytes] = sealed_bytes(deferred=True)
    state: Mapped[OutboxState] = mapped_column(enum_column(OutboxState), default=OutboxState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[dt.datetime]
    lease_until: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime]
    sent_at: Mapped[dt.datetime | None]
    error: Mapped[str] = mapped_column(String(300), default="")
