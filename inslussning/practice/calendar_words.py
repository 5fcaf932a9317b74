"""The names of days and months, and the words around them, in Swedish and English.

Plain tables instead of a locale library: one page may write hundreds of dates, and the forms people here use
("tors 7 jan", "kl. 13.00") are not the ones a locale database gives.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language, weekdays from Monday, months from January."""

    weekdays: tuple[str, ...]
    weekdays_short: tuple[str, ...]
    months: tuple[str, ...]
    months_short: tuple[str, ...]
    between: str  # hours and minutes
    at: str
    near: Mapping[int, str]
    ahead: str
    behind: str
    units: tuple[str, str, str, str]  # days, weeks, months, years; never needed in the singular


SWEDISH = Words(
    weekdays=("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag"),
    weekdays_short=("mån", "tis", "ons", "tors", "fre", "lör", "sön"),
    months=(
        *("januari", "februari", "mars", "april", "maj", "juni"),
        *("juli", "augusti", "september", "oktober", "november", "december"),
    ),
    months_short=("jan", "feb", "mars", "apr", "maj", "juni", "juli", "aug", "sep", "okt", "nov", "dec"),
    between=".",
    at="kl.",
    near={-1: "i går", 0: "i dag", 1: "i morgon"},
    ahead="om %d %s",
    behind="för %d %s sedan",
    units=("dagar", "veckor", "månader", "år"),
)
ENGLISH = Words(
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    weekdays_short=("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    months=(
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    months_short=("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    between=":",
    at="at",
    near={-1: "yesterday", 0: "today", 1: "tomorrow"},
    ahead="in %d %s",
    behind="%d %s ago",
    units=("days", "weeks", "months", "years"),
)


def words(lang: str) -> Words:
    """Return the words of a language; every language but English gets the Swedish ones."""
    return ENGLISH if lang == "en" else SWEDISH
