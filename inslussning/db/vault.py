"""The vault: seals and opens values with AES-256-GCM (NIST SP 800-38D), one data key for each case, client and office.

A sealed value is text, `v1.<whose key>.<nonce and ciphertext>`, bound by its associated data to the table, column, row and owner it was
written for: moved anywhere else it does not open. Data keys lie in the database, each locked with a key of the keyring; so changing the
keyring's key locks those anew and touches no text, and destroying one erases everything it sealed, in backups too.

A data key is born with its owner's row, in the same transaction, and never changes. That makes it safe to remember once that has been
committed; what a transaction made or destroyed and took back is forgotten (`db.key_life`). It is remembered for a
short while only, so that what is destroyed by another process does not stay readable. That there is no key is never remembered.
"""

import os
import time
from binascii import Error as NotBase64
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Lock
from typing import NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Connection, bindparam, insert, select

from inslussning.db.data_keys import DataKey, KeyKind
from inslussning.db.keyring import KEY_BYTES, Keyring, KeyringProblem, read_keyring
from inslussning.db.types import new_id
from inslussning.i18n import N_

VERSION = "v1"
NONCE_BYTES = 12  # 96 random bits: the odds of two alike under one key stay below one in 2**32 for 2**32 values
LIFE_SECONDS = 60.0
MOST_KEYS = 20_000
OWNERS_AT_ONCE = 5_000
FOREIGN = N_("Nyckelringen öppnar inte den här databasen: %(file)s. Lägg tillbaka den nyckelring som hör till den.")

_KEYS = DataKey.__table__
_FIND = select(_KEYS.c.owner_id, _KEYS.c.kid, _KEYS.c.wrapped).where(
    _KEYS.c.owner_id.in_(bindparam("owners", expanding=True))
)
Connect = Callable[[], Connection]


class SealBroken(Exception):
    """A value does not open where it lies: damaged, moved, or never sealed. Names the place, never the value."""


class NoKey(Exception):
    """The owner of a value has no data key, or the keyring has no key for it."""


class Held(NamedTuple):
    """A remembered data key, None when it has been destroyed, and until when it is remembered."""

    key: bytes | None
    cipher: AESGCM | None
    until: float


class Vault:
    """Seals and opens; one for each process, shared by its threads."""

    def __init__(
        self, keyring: Keyring, *, file: Path | None = None, life: float = LIFE_SECONDS, most: int = MOST_KEYS
    ) -> None:
        self._keyring = keyring
        self._file = file
        self._read_at = _changed_at(file)
        self._life = life
        self._most = most
        self._held: dict[str, Held] = {}
        self._lock = Lock()

    @classmethod
    def at(cls, file: Path) -> "Vault":
        """Return the vault of a keyring file; raises KeyringProblem when it cannot be used."""
        return cls(read_keyring(file), file=file)

    def keyring(self) -> Keyring:
        """Return the keyring as its file holds it now: it may have been given a new key while we run."""
        if self._file is not None and _changed_at(self._file) != self._read_at:
            self._read_at = _changed_at(self._file)
            self._keyring = read_keyring(self._file)
        return self._keyring

    # --- data keys

    def fresh_row(self, owner_id: UUID, office_id: UUID, kind: KeyKind) -> dict[str, object]:
        """Return the row of a new data key for an owner that has just been made, and remember the key."""
        key = os.urandom(KEY_BYTES)
        keyring = self.keyring()
        self._remember(owner_id.hex, key)
        return {
            "id": new_id(),
            "office_id": office_id,
            "owner_id": owner_id,
            "kind": kind,
            "kid": keyring.active,
            "wrapped": wrap(keyring, keyring.active, owner_id, key),
        }

    def make_key(self, connection: Connection, owner_id: UUID, office_id: UUID, kind: KeyKind) -> None:
        """Give a new owner its data key, in the owner's own transaction."""
        self.make_keys(connection, [(owner_id, office_id, kind)])

    def make_keys(self, connection: Connection, owners: Iterable[tuple[UUID, UUID, KeyKind]]) -> None:
        """Give new owners, each with its office and kind, their data keys, in one statement however many they are."""
        connection.execute(insert(DataKey), [self.fresh_row(*owner) for owner in owners])

    def remembers(self, owner: str) -> bool:
        """Tell whether the owner's key is at hand, so that nothing has to be fetched."""
        held = self._held.get(owner)
        return held is not None and held.until >= time.monotonic()

    def forget(self, owner_id: UUID) -> None:
        """Drop a key from memory: it has been destroyed."""
        self._held.pop(owner_id.hex, None)

    def forget_all(self) -> None:
        """Drop every key from memory."""
        self._held.clear()

    def prepare(self, connect: Connect, owners: Iterable[str]) -> None:
        """Fetch the owners' keys that are not remembered, in one statement however many they are."""
        now = time.monotonic()
        held = self._held
        self._fetch(connect, [o for o in set(owners) if (found := held.get(o)) is None or found.until < now])

    def _fetch(self, connect: Connect, owners: list[str]) -> dict[str, Held]:
        """Read keys and remember them; returned too, since another thread may drop what has just been remembered."""
        found = {}
        for start in range(0, len(owners), OWNERS_AT_ONCE):
            some = [UUID(hex=o) for o in owners[start : start + OWNERS_AT_ONCE]]
            for owner, kid, wrapped in connect().execute(_FIND, {"owners": some}):
                found[owner.hex] = self._remember(owner.hex, self._unwrap(owner, kid, wrapped) if wrapped else None)
        return found

    def _holding(self, connect: Connect, owner: str) -> Held:
        held = self._held.get(owner)
        if held is None or held.until < time.monotonic():
            held = self._fetch(connect, [owner]).get(owner)
            if held is None:
                raise NoKey(owner)
        return held

    def _remember(self, owner: str, key: bytes | None) -> Held:
        held = Held(key, AESGCM(key) if key else None, time.monotonic() + self._life)
        with self._lock:
            self._held.pop(owner, None)
            while len(self._held) >= self._most:
                del self._held[next(iter(self._held))]  # the one fetched longest ago
            self._held[owner] = held
        return held

    def _unwrap(self, owner: UUID, kid: str, wrapped: str) -> bytes:
        keyring = self._keyring if kid in self._keyring.keys else self.keyring()
        return unwrap(keyring, kid, owner, wrapped)

    # --- values

    def seal(self, connect: Connect, owner: UUID, place: str, value: bytes) -> str:
        """Return the value sealed with the owner's key for a place (`table.column.row`). Raises NoKey."""
        name = owner.hex
        cipher = self._holding(connect, name).cipher
        if cipher is None:
            raise NoKey(name)
        nonce = os.urandom(NONCE_BYTES)
        sealed = nonce + cipher.encrypt(nonce, value, f"{place}.{name}".encode())
        return f"{VERSION}.{name}.{b2a_base64(sealed, newline=False).decode()}"

    def open(self, connect: Connect, place: str, sealed: str) -> bytes | None:
        """Return the value sealed for this very place, or None when its key has been destroyed. Raises SealBroken and NoKey."""
        owner = owner_of(sealed, place)
        cipher = self._holding(connect, owner).cipher
        if cipher is None:
            return None
        try:
            packed = a2b_base64(sealed[len(VERSION) + len(owner) + 2 :])
            return cipher.decrypt(packed[:NONCE_BYTES], packed[NONCE_BYTES:], f"{place}.{owner}".encode())
        except (InvalidTag, NotBase64, ValueError):
            raise SealBroken(place) from None

    def blind(self, connect: Connect, owner: UUID, purpose: str, value: str) -> str:
        """Return a keyed mark of a value (HMAC-SHA-256 under a key of its own), alike for equal values of one owner and purpose."""
        key = self._holding(connect, owner.hex).key
        if key is None:
            raise NoKey(owner.hex)
        own = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"blind.{purpose}".encode()).derive(key)
        mark = HMAC(own, SHA256())
        mark.update(value.encode())
        return mark.finalize().hex()


def owner_of(sealed: str, place: str) -> str:
    """Return whose key a value is sealed with, as hex; raises SealBroken for what is no sealed value."""
    version, _, rest = sealed.partition(".")
    owner, dot, _ = rest.partition(".")
    if version != VERSION or not dot or len(owner) != 32:  # noqa: PLR2004 - the digits of a UUID
        raise SealBroken(place)
    return owner


def wrap(keyring: Keyring, kid: str, owner: UUID, key: bytes) -> str:
    """Return a data key locked with one of the keyring's."""
    nonce = os.urandom(NONCE_BYTES)
    locked = AESGCM(keyring.keys[kid]).encrypt(nonce, key, f"data_keys.{owner.hex}.{kid}".encode())
    return b2a_base64(nonce + locked, newline=False).decode()


def unwrap(keyring: Keyring, kid: str, owner: UUID, wrapped: str) -> bytes:
    """Return a data key out of its lock; raises NoKey when the keyring has no key, or another one, for it."""
    if kid not in keyring.keys:
        raise NoKey(owner.hex)
    try:
        packed = a2b_base64(wrapped)
        aad = f"data_keys.{owner.hex}.{kid}".encode()
        return AESGCM(keyring.keys[kid]).decrypt(packed[:NONCE_BYTES], packed[NONCE_BYTES:], aad)
    except (InvalidTag, NotBase64, ValueError):
        raise NoKey(owner.hex) from None


def check(connection: Connection, keyring: Keyring, *, file: str = "") -> None:
    """Raise KeyringProblem unless the keyring opens what the database holds: one data key of every name is tried."""
    kids = connection.scalars(select(_KEYS.c.kid).where(_KEYS.c.wrapped != "").distinct()).all()
    for kid in kids:
        owner, wrapped = connection.execute(
            select(_KEYS.c.owner_id, _KEYS.c.wrapped).where(_KEYS.c.kid == kid, _KEYS.c.wrapped != "").limit(1)
        ).one()
        try:
            unwrap(keyring, kid, owner, wrapped)
        except NoKey:
            raise KeyringProblem(message=FOREIGN, file=file) from None


def _changed_at(file: Path | None) -> int:
    try:
        return file.stat().st_mtime_ns if file is not None else 0
    except OSError:
        return 0
