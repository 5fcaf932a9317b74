"""Signed links for people without an account: one purpose, one subject, and an end.

A link carries the ids it opens and a signature, so nothing has to be stored and nothing can be guessed. Whether it still holds is
decided when it is used, against the meeting's date and the office's own rule. The key never leaves the data folder.
"""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from itsdangerous import BadData, Signer, URLSafeTimedSerializer

from inslussning.errors import NotFound

_ID_BYTES = 16


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
        """Return the part of a link that proves itself: the ids as bytes, so that it fits on a line of a mail."""
        packed = urlsafe_b64encode(b"".join(one.bytes for one in ids)).rstrip(b"=")
        return self._signer(purpose).sign(packed).decode("ascii")

    def read(self, purpose: Purpose, token: str) -> tuple[UUID, ...]:
        """Return the ids a link opens; raise NotFound for anything we did not sign for this purpose."""
        try:
            packed = self._signer(purpose).unsign(token)
            found = urlsafe_b64decode(packed + b"=" * (-len(packed) % 4))
            return tuple(UUID(bytes=found[at : at + _ID_BYTES]) for at in range(0, len(found), _ID_BYTES))
        except (BadData, ValueError):
            raise NotFound from None

    def _signer(self, purpose: Purpose) -> Signer:
        return Signer(self.key, salt=f"link.{purpose}", digest_method=hashlib.sha256)

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
