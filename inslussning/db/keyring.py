"""The keyring: the few keys everything else is locked with, in a file of its own that only this account can read.

A keyring holds every key that has been in use and says which one is active. It never lies in the database or in its backup: a stolen
copy of the database is then nothing but noise. A keyring that is missing, that others can read, or whose key somebody made up by hand
is refused, and so nothing is served.
"""

import base64
import binascii
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from inslussning.config import write_private
from inslussning.errors import PracticeError
from inslussning.i18n import N_

KEY_BYTES = 32  # AES-256
OPEN_TO_OTHERS = 0o077
FEWEST_DIFFERENT = 12  # different bytes of a key; 32 random ones have fewer once in 10 ** 18

MISSING = N_(
    "Nyckelringen saknas: %(file)s. Lägg tillbaka den ur er kopia. Är installationen ny, kör: inslussning keys init"
)
SHARED = N_("Andra konton kan läsa nyckelringen. Kör: chmod 600 %(file)s")
BROKEN = N_("Nyckelringen går inte att läsa: %(file)s. Lägg tillbaka den ur er kopia.")
WEAK = N_("Nyckelringen har en nyckel som inte är slumpad: %(file)s. Kör: inslussning keys init")
THERE_ALREADY = N_("Det finns redan en nyckelring: %(file)s. Inget är ändrat.")


class KeyringProblem(PracticeError):
    """There is no keyring that can be used, so nothing can be read or written."""

    status = 503
    message = MISSING


@dataclass(frozen=True, slots=True)
class Keyring:
    """Keys by their names, and the name of the one that new locks are made for."""

    active: str
    keys: Mapping[str, bytes]

    def with_fresh_key(self) -> "Keyring":
        """Return the keyring with one more key, which is the active one; the older ones still open what they locked."""
        name = f"k{max((_number(name) for name in self.keys), default=0) + 1}"
        return Keyring(name, MappingProxyType({**self.keys, name: secrets.token_bytes(KEY_BYTES)}))

    def as_text(self) -> str:
        """Return the keyring as its file holds it."""
        keys = {name: base64.b64encode(key).decode() for name, key in self.keys.items()}
        return json.dumps({"active": self.active, "keys": keys}, indent=1)


def fresh_keyring() -> Keyring:
    """Return a keyring with one random key."""
    return Keyring("", MappingProxyType({})).with_fresh_key()


def make_keyring(file: Path) -> Keyring:
    """Write a new keyring that only this account can read. Raises KeyringProblem when there is one already."""
    if file.exists():
        raise KeyringProblem(message=THERE_ALREADY, file=str(file))
    keyring = fresh_keyring()
    save_keyring(file, keyring)
    return keyring


def save_keyring(file: Path, keyring: Keyring) -> None:
    """Put the keyring in its file, whole or not at all."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(file, keyring.as_text())


def read_keyring(file: Path) -> Keyring:
    """Return the keyring. Raises KeyringProblem when it is missing, open to others, damaged or not random."""
    try:
        mode, text = file.stat().st_mode, file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise KeyringProblem(message=MISSING, file=str(file)) from None
    except (OSError, UnicodeDecodeError):
        raise KeyringProblem(message=BROKEN, file=str(file)) from None
    if mode & OPEN_TO_OTHERS:
        raise KeyringProblem(message=SHARED, file=str(file))
    try:
        keyring = _parsed(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise KeyringProblem(message=BROKEN, file=str(file)) from None
    if any(is_made_up(key) for key in keyring.keys.values()):
        raise KeyringProblem(message=WEAK, file=str(file))
    return keyring


def is_made_up(key: bytes) -> bool:
    """Tell whether a key is none that chance would give: a row of zeros, a word, an example out of a manual."""
    return len(set(key)) < FEWEST_DIFFERENT or all(32 <= byte < 127 for byte in key)  # noqa: PLR2004 - printable ASCII


def _parsed(stored: Mapping[str, Any]) -> Keyring:
    keys = {str(name): base64.b64decode(text, validate=True) for name, text in stored["keys"].items()}
    active = str(stored["active"])
    if active not in keys or any(len(key) != KEY_BYTES for key in keys.values()):
        raise binascii.Error
    return Keyring(active, MappingProxyType(keys))


def _number(name: str) -> int:
    return int(name[1:]) if name[1:].isdecimal() else 0
