"""The table of data keys: one for each case, client and office, locked with a key of the keyring.

What a key has sealed is gone for good once the key is: that is how a case is erased from backups and old minutes too.
"""

import datetime as dt
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from inslussning.db.base import OfficeRow, enum_column


class KeyKind(StrEnum):
    """What a key belongs to."""

    OFFICE = "office"
    CASE = "case"
    CLIENT = "client"


class DataKey(OfficeRow):
    """The key of one case, client or office. `owner_id` is its row's key; `wrapped` is empty once the key is destroyed."""

    __tablename__ = "data_keys"
    __table_args__ = (Index("ix_data_keys_kid", "kid"),)

    owner_id: Mapped[UUID] = mapped_column(unique=True)
    kind: Mapped[KeyKind] = mapped_column(enum_column(KeyKind))
    kid: Mapped[str] = mapped_column(String(20))
    wrapped: Mapped[str] = mapped_column(Text)
    destroyed_at: Mapped[dt.datetime | None]
