"""When a time ends, as people say it: a clock time, or how long it lasts.

"14.00", "45 min", "1,5 timme" and "en kvart" are all natural answers to the same question, so one field takes them all.
"""

import re
from datetime import time, timedelta

from inslussning.errors import Invalid
from inslussning.i18n import N_
from inslussning.practice.date_reading import plain_text
from inslussning.practice.dates import read_time


class LengthUnclear(Invalid):
    """The text is neither a time of day nor a length; the message says what to write instead."""

    message = N_("Skriv när tiden slutar eller hur lång den är, till exempel 14.00 eller 45 min.")


TOO_LONG = N_("Tiden får vara högst 12 timmar. Dela upp den.")

_LONGEST = timedelta(hours=12)
_LENGTH = re.compile(
    r"(?:(?P<hours>\d{1,2}(?:\.\d{1,2})?) ?(?:h|t|tim|timma|timme|timmar|hour|hours)\.?)?"
    r"(?: ?(?:och )?(?P<minutes>\d{1,3}) ?(?:m|min|minut|minuter|minute|minutes)\.?)?"
)
_WORDS = {
    "en kvart": timedelta(minutes=15),
    "en halvtimme": timedelta(minutes=30),
    "halvtimme": timedelta(minutes=30),
    "en timme": timedelta(hours=1),
    "en och en halv timme": timedelta(minutes=90),
    "tva timmar": timedelta(hours=2),  # the text is read without accents
}


def read_end(text: str) -> time | timedelta:
    """Return the time of day or the length the text means; raise LengthUnclear or TimeUnclear when it means none."""
    plain = plain_text(text.replace(",", "."))
    if not plain:
        raise LengthUnclear
    length = _WORDS.get(plain) or _read_length(plain)
    if length is None:
        return read_time(text)
    if length > _LONGEST:
        raise LengthUnclear(message=TOO_LONG)
    if not length:
        raise LengthUnclear
    return length


def _read_length(plain: str) -> timedelta | None:
    match = _LENGTH.fullmatch(plain)
    if match is None:
        return None
    hours = float(match["hours"] or 0)
    return timedelta(minutes=round(60 * hours) + int(match["minutes"] or 0))
