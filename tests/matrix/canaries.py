"""Canaries: a word of its own in every text of every case, and a nose for it in whatever leaves the house.

A canary is found again in a page, a header, a redirect, a calendar file, a PDF, a mail or a log line, whatever wraps it there.
"""

import email
import email.policy
import io
import re
import secrets
import string
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from functools import lru_cache
from urllib.parse import unquote
from uuid import UUID

from pypdf import PdfReader
from sqlalchemy import JSON, Column, Enum, LargeBinary, String, Table
from sqlalchemy.orm import Session

from inslussning.db.base import Base
from inslussning.models.classification import FIELDS, FieldClass

_LETTERS = string.ascii_lowercase + string.digits
_SHAPE = re.compile("qzx[a-z0-9]{10}")
_KEY = re.compile("[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Canary:
    """Where the word stands."""

    thing: str  # which case, by its kind
    table: str
    column: str
    row: UUID

    def __str__(self) -> str:
        return f"{self.thing}'s {self.table}.{self.column}"


PLANTED = frozenset({FieldClass.CASE, FieldClass.IDENTITY, FieldClass.OFFICE, FieldClass.STAFF})
ALSO_PLANTED = {("cases", "code")}  # a fact, and what a case is called
NOT_TEXT = {
    "timezone": "a zone's name",
    "sort_key": "made of the titles",
    "uid": "random, and the recipient's own",
    "language": "sv or en",
    "appearance": "auto, light or dark",
    "key": "a code of ours",
    "code": "a code of ours",
    "recipient": "an address the product wrote to",
    "role": "a code of ours",
    "route": "a pattern of ours",
    "thread": "the random uid",
    "error": "a code of ours",
}
"""Text columns of those classes that hold nothing anybody writes, by their names."""


def text_columns(table: Table) -> Iterator[Column[object]]:
    """Yield the columns of a table that hold what people write, by the class its every column has (`models.classification`)."""
    classes = FIELDS.get(table.name, {})
    for column in table.columns:
        kind = getattr(column.type, "impl", column.type)
        is_text = (
            isinstance(kind, String)
            and not isinstance(column.type, Enum)
            and getattr(column.type, "kind", "text") == "text"
        )
        if not is_text or isinstance(column.type, JSON | LargeBinary):
            continue
        is_planted = classes.get(column.name) in PLANTED and column.name not in NOT_TEXT
        if is_planted or (table.name, column.name) in ALSO_PLANTED:
            yield column


class Aviary:
    """All canaries and all keys, and whose they are."""

    def __init__(self) -> None:
        self.canaries: dict[str, Canary] = {}
        self.keys: dict[str, tuple[str, UUID]] = {}

    def new(self, canary: Canary) -> str:
        word = "qzx" + "".join(secrets.choice(_LETTERS) for _ in range(10))
        self.canaries[word] = canary
        return word

    def own(self, thing: str, key: UUID) -> None:
        self.keys[key.hex] = (thing, key)

    def plant(self, session: Session, owned: dict[tuple[str, UUID], str]) -> None:
        """Write a canary into every text of every owned row that is not empty by construction."""
        for mapper in Base.registry.mappers:
            table = mapper.local_table
            assert isinstance(table, Table)
            columns = list(text_columns(table))  # documents and mails are written by the product from these texts
            for row in session.query(mapper.class_) if columns else ():
                if (thing := owned.get((table.name, row.id))) is None:
                    continue
                for column in columns:
                    name = mapper.get_property_by_column(column).key
                    if isinstance(text := getattr(row, name), str) and not self.words_in(text):
                        setattr(row, name, self._text(Canary(thing, table.name, column.name, row.id), column))
        session.flush()

    def _text(self, canary: Canary, column: Column[object]) -> str:
        word = self.new(canary)
        if column.name in {"email", "mailbox", "address", "mail_address"} and canary.table != "clients":
            return f"{word}@partner.example"
        if column.name == "video_link":
            return f"https://video.example/{word}"
        return word

    def words_in(self, text: str) -> set[str]:
        return {word for word in _SHAPE.findall(text.casefold()) if word in self.canaries}

    def keys_in(self, text: str) -> set[str]:
        found = (key.replace("-", "") for key in _KEY.findall(text.casefold()))
        return {key for key in found if key in self.keys}


def readable(content: bytes, media_type: str) -> str:
    """Return what can be read in an answer: unfolded, unquoted, out of the PDF and of the mail's parts."""
    if "pdf" in media_type:
        return _pdf_text(content)
    if "rfc822" in media_type:
        return mail_text(content)
    text = content.decode("utf-8", "replace")
    if "calendar" in media_type:
        text = text.replace("\r\n ", "").replace("\r\n\t", "")
    return text + "\n" + unquote(text) if "%" in text else text


@lru_cache(maxsize=256)
def _pdf_text(content: bytes) -> str:
    reader = PdfReader(io.BytesIO(content))
    return "\n".join([*(page.extract_text() for page in reader.pages), str(reader.metadata)]).replace("\u00ad", "")


@lru_cache(maxsize=4096)
def mail_text(mime: bytes) -> str:
    """Return everything a mail says: its headers and every part, decoded."""
    message = email.message_from_bytes(mime, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    texts = [f"{name}: {value}" for name, value in message.items()]
    for part in message.walk():
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            texts.append(payload.decode("utf-8", "replace").replace("\r\n ", ""))
    return "\n".join(texts)


def joined(parts: Iterable[str]) -> str:
    return "\n".join(parts)
