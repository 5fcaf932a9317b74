"""The mail around a calendar message (RFC 6047), and the same mail without one.

The shape is the one every client tried shows as an invitation: the calendar part last among the alternatives, with its
method in the header, and the same bytes once more as a file. One mail has one recipient. The bytes depend on nothing
but the arguments, so a resend after a crash is the same mail and can be recognised as such. What was written can be
read back, so that people see what a mail says without a calendar of their own.
"""

import re
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address, AddressHeader
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import EmailPolicy, default
from hashlib import sha256
from typing import Any

from icalendar import Calendar

from meetings.itip import Method, NaiveInstant, address_of, mailto, one_line, several_lines
from meetings.vocabulary import Party, Refusal

FILE_NAME = "invite.ics"
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9._+-]{1,100}@[A-Za-z0-9.-]{1,100}>")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9 '+/-]{0,40}")  # words that RFC 5322 lets stand without quotes
_PLAIN_SUBJECT = re.compile(r"[ -~]{0,60}")
_WORD_OCTETS = 39  # so that an encoded word and the longest header name fit the 76 characters of RFC 2047 §2


class BadMessageId(Refusal):
    """A Message-ID is not a token at a host name between angle brackets."""


class UnknownMethod(Refusal):
    """A calendar part has no METHOD, or one that is never mailed."""


class SomeoneElsesCalendar(Refusal):
    """A calendar part is not from this sender to this recipient and to nobody else."""


@dataclass(frozen=True, slots=True)
class MailText:
    """What a person reads: a subject, and one text in two forms. It names no client and no case."""

    subject: str
    plain: str
    html: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What a calendar part says, for people to read: instants are aware; `original` names one date of a series."""

    method: Method
    summary: str
    location: str
    starts: datetime
    ends: datetime
    sequence: int
    weekly_until: datetime | None = None
    left_out: tuple[datetime, ...] = ()
    original: datetime | None = None


class _Wire(EmailPolicy):
    """Writes names and subjects so that folding a long one cannot change what it says.

    The standard library drops the quotes of a name it folds, and `"Ek, Eva, eva@example.org …"` is three recipients.
    """

    def fold_binary(self, name: str, value: str) -> bytes:
        """Return the header as it goes on the wire, in ASCII and with CRLF."""
        if isinstance(value, AddressHeader):
            (address,) = value.addresses
            shown = _encoded(address.display_name, _PLAIN_NAME)
            gap = "\r\n " if shown.startswith("=?") else " "
            return f"{name}: {shown}{gap}<{address.addr_spec}>\r\n".encode("ascii")
        if name == "Subject":
            return f"{name}: {_encoded(value, _PLAIN_SUBJECT)}\r\n".encode("ascii")
        return super().fold_binary(name, value)


_WIRE = _Wire(linesep="\r\n", cte_type="7bit")


def message_id(token: str, domain: str) -> str:
    """Return the Message-ID of a random token at our own domain; raise BadMessageId when it would not be one."""
    return _checked_id(f"<{token}@{domain}>")


def compose(
    *,
    sender: Party,
    recipient: Party,
    text: MailText,
    calendar: bytes | None,
    message_id: str,
    date: datetime,
) -> bytes:
    """Return the mail, ready for the wire; its method, when it has a calendar part, is that part's own.

    Raise BadAddress, BadMessageId, NaiveInstant, UnknownMethod or SomeoneElsesCalendar rather than write a doubtful
    mail. Whoever sends it names `recipient` as the only envelope recipient.
    """
    if date.utcoffset() is None:
        raise NaiveInstant(date)
    mail = EmailMessage(policy=_WIRE)
    mail["From"] = mail["Reply-To"] = _mailbox(sender)
    mail["To"] = _mailbox(recipient)
    mail["Subject"] = one_line(text.subject).replace("=?", "= ?")  # else the library decodes what was typed
    mail["Date"] = date
    mail["Message-ID"] = _checked_id(message_id)
    mail.set_content(several_lines(text.plain), cte="quoted-printable")
    mail.add_alternative(several_lines(text.html), subtype="html", cte="quoted-printable")
    if calendar is None:
        mail["Auto-Submitted"] = "auto-generated"  # never on invitations: some servers skip such mail unread
    else:
        _attach(mail, calendar, _method(calendar, sender, recipient))
    for number, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        digest = sha256(f"{number} {message_id}".encode("ascii")).hexdigest()
        part.set_boundary(f"=_{digest[:32]}")  # neither base64 nor quoted-printable can contain "=_"
    return mail.as_bytes()


def read(mail: bytes) -> tuple[str, Notice | None]:
    """Return the plain text of a mail that `compose` wrote, and what its calendar part says, if it has one."""
    parsed = BytesParser(EmailMessage, policy=default).parsebytes(mail)
    parts: dict[str, Any] = {part.get_content_type(): part for part in parsed.walk()}
    plain = several_lines(parts["text/plain"].get_content())
    if "text/calendar" not in parts:
        return plain, None
    calendar: Any = Calendar.from_ical(parts["text/calendar"].get_content())
    event = calendar.events[0]
    rule, original = event.get("rrule"), event.get("recurrence-id")
    return plain, Notice(
        method=Method(calendar["method"]),
        summary=str(event["summary"]),
        location=str(event.get("location", "")),
        starts=event.start,
        ends=event.end,
        sequence=int(event["sequence"]),
        weekly_until=rule["UNTIL"][0] if rule else None,
        left_out=tuple(event.exdates),
        original=original.dt if original else None,
    )


def _attach(mail: EmailMessage, calendar: bytes, method: Method) -> None:
    parameters = {"charset": "utf-8", "method": method.value, "component": "VEVENT"}
    mail.add_alternative(calendar, maintype="text", subtype="calendar", params=parameters)
    mail.add_attachment(calendar, maintype="application", subtype="ics", filename=FILE_NAME, params={"name": FILE_NAME})


def _method(calendar: bytes, sender: Party, recipient: Party) -> Method:
    content = Calendar.from_ical(calendar)
    method = content.get("method", "")
    if method not in tuple(Method):
        raise UnknownMethod(method)
    parties = [(event.get("organizer"), event.get("attendee")) for event in content.events]
    if parties != [(mailto(sender), mailto(recipient))]:
        raise SomeoneElsesCalendar(recipient.address)
    return Method(method)


def _mailbox(party: Party) -> Address:
    return Address(one_line(party.name), addr_spec=address_of(party))


def _checked_id(message_id: str) -> str:
    if _MESSAGE_ID.fullmatch(message_id) is None:
        raise BadMessageId(message_id)
    return message_id


def _encoded(text: str, plain: re.Pattern[str]) -> str:
    """Return the text as it is if `plain` allows that, else as encoded words, one a line."""
    if plain.fullmatch(text):
        return text
    words = [b""]
    for letter in text:
        octets = letter.encode()
        if len(words[-1]) + len(octets) > _WORD_OCTETS:
            words.append(b"")
        words[-1] += octets
    return "\r\n ".join(f"=?utf-8?b?{b64encode(word).decode('ascii')}?=" for word in words)
