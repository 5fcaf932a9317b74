"""Typed text made safe to keep, to sort and to hand to a spreadsheet.

Browsers, mail and spreadsheets deliver control characters, half surrogate pairs and invisible marks that turn text
around on the screen. Databases refuse some of them, calendar files let others through, and a reader is fooled by the
rest, so all text passes here on its way in (OWASP ASVS 5.0 V1.1.1 and V1.2.10).
"""

import re
import unicodedata
from datetime import date

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Controls but tab and newline, marks that override the direction, half surrogate pairs, and what is no character.
_UNWANTED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]")

# What is not itself in a sort key: a space comes before a number, which starts with its length, 1–9, and å after z.
_ALPHABET = {" ": "0", "z": "z0", "å": "z1", "ä": "z2", "æ": "z2", "ö": "z3", "ø": "z3"}
_BETWEEN_WORDS = re.compile(r"[\W_]+")
_SORTED_AS_ONE = re.compile(r"[0-9]{1,9}|.")

_PERSONAL_NUMBER = re.compile(
    r"(?<![0-9])(?P<century>19|20)?(?P<year>[0-9]{2})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"
    r"(?P<mark>[-+ ]?)(?P<last>[0-9]{4})(?![0-9])"
)
_DATE_LIKE_PERSONAL_NUMBER = re.compile(
    r"(?<![0-9])(?P<century>19|20)(?P<year>[0-9]{2})[- ](?P<month>[0-9]{2})[- ](?P<day>[0-9]{2})"
    r"(?P<mark>[-+])(?P<last>[0-9]{4})(?![0-9])"
)
_COORDINATION = 60  # added to the day in a coordination number, where day and month may be unknown
_MONTHS = range(13)
_DAYS = range(_COORDINATION, _COORDINATION + 32)

_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")


def clean(text: str) -> str:
    """Return the text composed (NFC), with plain line ends, nothing invisible that misleads, and no outer space."""
    return unicodedata.normalize("NFC", _UNWANTED.sub("", _LINE_ENDS.sub("\n", text))).strip()


def one_line(text: str) -> str:
    """Return the text clean, on one line, with single spaces."""
    return " ".join(clean(text).split())


def sort_key(text: str, longest: int = 400) -> str:
    """Return a key whose plain order is the Swedish one, at most `longest` characters.

    Å, ä and ö come after z, é is e, digits come before letters and "K-2" before "K-10". Latin text becomes 0–9 and
    a–z only, so that a database sorts it the same whatever its collation.
    """
    words = _BETWEEN_WORDS.sub(" ", _bare(text)).strip()
    return "".join(map(_rank, _SORTED_AS_ONE.findall(words)))[:longest]


def looks_like_personal_number(text: str) -> bool:
    """Tell whether a personal or coordination number seems to stand in the text, which we never keep.

    Ten digits that could as well be a telephone number or a time of day also need the right check digit.
    """
    plain = _bare(text)
    found = [*_PERSONAL_NUMBER.finditer(plain), *_DATE_LIKE_PERSONAL_NUMBER.finditer(plain)]
    return any(_has_birthday(match) and (_is_marked(match) or _has_check_digit(match)) for match in found)


def csv_safe(value: str) -> str:
    """Return the value so that no spreadsheet takes it for a formula: an apostrophe comes first where one could."""
    risky = value.startswith(_STARTS_FORMULA) or value.lstrip().startswith(_STARTS_FORMULA)
    return f"'{value}" if risky else value


def _rank(token: str) -> str:
    """Return a sortable form of a number, a space or a letter; none begins another, so their order is kept."""
    if token[0] in "0123456789":
        number = token.lstrip("0") or "0"
        return f"{len(number)}{number}"
    return _ALPHABET.get(token, token)


def _bare(text: str) -> str:
    """Return the text in small letters without accents but those of å, ä and ö, with ASCII digits and dashes."""
    kept = []
    for char in unicodedata.normalize("NFC", text.casefold()):
        category = unicodedata.category(char)
        if category == "Nd":
            kept.append(str(unicodedata.decimal(char)))
        elif category == "Pd" or char == "\u2212":
            kept.append("-")
        elif char in _ALPHABET:
            kept.append(char)
        elif category not in {"Mn", "Cf"}:
            kept.append(" " if char.isspace() else unicodedata.normalize("NFKD", char)[0])
    return "".join(kept)


def _has_birthday(match: re.Match[str]) -> bool:
    month, day = int(match["month"]), int(match["day"])
    if day >= _COORDINATION:
        return month in _MONTHS and day in _DAYS
    try:
        return bool(date(int((match["century"] or "20") + match["year"]), month, day))
    except ValueError:
        return False


def _is_marked(match: re.Match[str]) -> bool:
    """Tell whether the way it is written already says what it is."""
    if match["mark"]:
        return match["mark"] != " "
    return match["century"] is not None or not match["year"].startswith("0")


def _has_check_digit(match: re.Match[str]) -> bool:
    digits = match["year"] + match["month"] + match["day"] + match["last"]
    return sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(digits)) % 10 == 0
