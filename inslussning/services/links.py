"""Signed links for people without an account: one purpose, one subject, and an end.

A link carries the ids it opens and a signature, so nothing has to be stored and nothing can be guessed. Whether it still holds is
decided when it is used, against the meeting's date and the office's own rule. The key never leaves the data folder.
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer, URLSafeTimedSerializer

from inslussning.errors import NotFound


class Purpose(StrEnum):
    """What a link opens; a link for one purpose never opens another."""

    ANSWER = "answer"
    EXTRACT = "extract"


@dataclass(frozen=True, slots=True)
class Links:
    """Makes and reads signed links under the installation's address."""

    key: str
    base_url: str

    def token(self, purpose: Purpose, *ids: UUID) -> str:
        """Return the part of a link that proves itself."""
        return str(URLSafeSerializer(self.key, salt=f"link.{purpose}").dumps([i.hex for i in ids]))

    def read(self, purpose: Purpose, token: str) -> tuple[UUID, ...]:
        """Return the ids a link opens; raise NotFound for anything we did not sign for this purpose."""
        try:
            return tuple(UUID(hex=part) for part in URLSafeSerializer(self.key, salt=f"link.{purpose}").loads(token))
        except (BadData, ValueError, TypeError, AttributeError):
            raise NotFound from None

    def address(self, purpose: Purpose, *ids: UUID) -> str:
        """Return the whole address to put in a mail."""
        return f"{self.base_url.rstrip('/')}/{purpose}/{self.token(purpose, *ids)}"

    def sign_notice(self, text: str) -> str:
        """Sign a line for the next page."""
        return str(URLSafeTimedSerializer(self.key, salt="notice").dumps(text))

    def read_notice(self, signed: str) -> str:
        """Return the line if we signed it within the last minute, else nothing."""
        try:
            return str(URLSafeTimedSerializer(self.key, salt="notice").loads(signed, max_age=60))
        except BadData:
            return ""
