"""A mail as its recipient has it: headers, texts and the calendar part, read by other code than wrote it."""

from dataclasses import dataclass
from email import message_from_bytes, policy
from typing import Any

from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from inslussning.models import OutboxMessage


@dataclass(frozen=True)
class Received:
    """One mail. `event` is its VEVENT, None without a calendar part; `header_method` what the part's own header says."""

    to: str
    subject: str
    plain: str
    html: str
    raw: bytes
    calendar: bytes
    header_method: str
    event: Any

    @property
    def method(self) -> str:
        return str(Calendar.from_ical(self.calendar)["method"])

    @property
    def sequence(self) -> int:
        return int(self.event["sequence"])

    @property
    def excluded(self) -> list[str]:
        return [day.isoformat() for day in self.event.exdates]


def read_mail(raw: bytes) -> Received:
    mail = message_from_bytes(raw, policy=policy.default)
    parts: dict[str, Any] = {part.get_content_type(): part for part in mail.walk()}
    calendar = parts["text/calendar"].get_payload(decode=True) if "text/calendar" in parts else b""
    return Received(
        to=str(mail["To"]),
        subject=str(mail["Subject"]),
        plain=parts["text/plain"].get_content(),
        html=parts["text/html"].get_content(),
        raw=raw,
        calendar=calendar,
        header_method=parts["text/calendar"]["content-type"].params["method"] if calendar else "",
        event=Calendar.from_ical(calendar).events[0] if calendar else None,
    )


def written(session: Session, *, to: str = "") -> list[Received]:
    """Every mail in the outbox as it was written, to one address or to all, by address."""
    in_order = (OutboxMessage.recipient, OutboxMessage.created_at, OutboxMessage.position)
    query = select(OutboxMessage).options(undefer(OutboxMessage.mime)).order_by(*in_order)
    found = session.scalars(query.execution_options(populate_existing=True)).all()
    return [read_mail(message.mime) for message in found if not to or message.recipient == to]
