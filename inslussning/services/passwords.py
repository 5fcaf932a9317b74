"""Passwords: argon2id, any characters, long ones welcome, and none that a guesser would try early (ASVS 5.0 V6.2).

There are no rules of composition. A password is refused when guesses that know the most common passwords, names and keyboard runs
would soon reach it, and so would one made of words that everybody knows of the person: the name, the address, the office.
"""

import unicodedata
from collections.abc import Iterable
from functools import cache
from threading import BoundedSemaphore

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from zxcvbn import zxcvbn
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from inslussning.errors import Invalid
from inslussning.i18n import N_

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
ENOUGH_GUESSES = 10**8  # what a guesser tries first, when the hashes have been stolen
OWN_LETTERS = 4  # that must be left when what everybody knows of the person has been taken away
LOOKED_AT = 64  # characters: what comes after makes nothing easier to guess, and looking takes time
EVERYBODYS_WORDS = (  # noqa: SIM905 - a list of words is read more easily as a text
    "lösenord losenord inslussning inslussa frivården frivarden frivård frivard kriminalvården kriminalvarden kriminalvard "
    "samordnare partner ärende klient anstalt häkte välkommen valkommen sommar sommaren vinter vintern våren hösten sverige "
    "stockholm göteborg malmö hemligt hemlig januari februari mars april juni juli augusti september oktober november december "
    "måndag tisdag onsdag torsdag fredag lördag söndag qwertyuiopå asdfghjklöä"
).split()
COMMON = N_("Lösenordet är ett som många andra använder. Välj ett annat, gärna flera ord efter varandra.")
EASY = N_("Lösenordet är för lätt att gissa. Välj ett annat, gärna flera ord som inte hör ihop.")
ABOUT_YOU = N_("Lösenordet bygger på ditt namn, din adress eller kontoret. Välj ett annat.")

_hasher = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1),))
_one_at_a_time = BoundedSemaphore(2)  # a storm of sign-ins must not starve the pages
NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$4aZkWtxD0Zlc0VPIGNM4j1nIVV7E8ZzoPZ6sAv1nXF8"
"""A hash that no password has: it is looked at when there is nobody, so that the answer takes as long."""


def check_password(password: str, *, about: Iterable[str] = (), field: str = "password") -> None:
    """Raise Invalid, by the field, for a password that is too short, too long or easily guessed by who knows `about` the person."""
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid(field=field, message=N_("Lösenordet ska ha minst %(least)d tecken."), least=SHORTEST_PASSWORD)
    if len(password) > LONGEST_PASSWORD:
        raise Invalid(field=field, message=N_("Lösenordet får ha högst %(most)d tecken."), most=LONGEST_PASSWORD)
    folded = unicodedata.normalize("NFKC", password).casefold()
    if folded in most_common():
        raise Invalid(field=field, message=COMMON)
    if _guesses(folded, EVERYBODYS_WORDS) < ENOUGH_GUESSES:
        raise Invalid(field=field, message=EASY)
    own = _words(about)
    if own and (_left_of(folded, own) < OWN_LETTERS or _guesses(folded, [*EVERYBODYS_WORDS, *own]) < ENOUGH_GUESSES):
        raise Invalid(field=field, message=ABOUT_YOU)


@cache
def most_common() -> frozenset[str]:
    """Return the thirty thousand most used passwords of leaked lists."""
    return frozenset(FREQUENCY_LISTS["passwords"])


def _guesses(password: str, known: Iterable[str]) -> int:
    """Return how many guesses reach the password, or what is left of it without spaces and marks."""
    head, words = password[:LOOKED_AT].encode("utf-8", "replace").decode(), list(known)
    bare = "".join(c for c in head if c.isalnum())
    return min(int(zxcvbn(form, user_inputs=words)["guesses"]) for form in {head, bare or head})


def _left_of(password: str, own: Iterable[str]) -> int:
    """Return how many letters a password has beside what everybody knows of the person."""
    bare = "".join(c for c in password if c.isalpha())
    for word in sorted(own, key=len, reverse=True):
        bare = bare.replace("".join(c for c in word if c.isalpha()) or " ", " ")
    return sum(c.isalpha() for c in bare)


def _words(about: Iterable[str]) -> list[str]:
    """Return the words of what is known of the person, each alone and run together, long enough to matter."""
    texts = [text.casefold() for text in about if text]
    parts = [word for text in texts for word in "".join(c if c.isalnum() else " " for c in text).split()]
    joined = ["".join(c for c in text if c.isalnum()) for text in texts]
    return [word for word in dict.fromkeys([*parts, *joined]) if len(word) > 2]  # noqa: PLR2004 - shorter words say nothing


def hash_password(password: str, *, about: Iterable[str] = (), field: str = "password") -> str:
    """Return the argon2id hash; raise Invalid as `check_password` does."""
    check_password(password, about=about, field=field)
    with _one_at_a_time:
        return _hasher.hash(password.encode("utf-8", "replace"))


def hash_random(secret: str) -> str:
    """Return the argon2id hash of a secret that we made ourselves, too short to be kept under a plain one."""
    with _one_at_a_time:
        return _hasher.hash(secret)


def matches(password: str, hashed: str) -> bool:
    """Tell whether it is the password; it takes as long for somebody who has none."""
    with _one_at_a_time:
        is_right = _hasher.verify(password[:LONGEST_PASSWORD].encode("utf-8", "replace"), hashed or NOBODYS)
    return bool(hashed) and is_right
