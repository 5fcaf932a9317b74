"""Dates as people type them.

A coordinator types "14/1", "fre" or "VF-14" in the middle of a meeting, so reading is generous: the common Swedish
ways, English months and weekdays, any digits and dashes a keyboard makes. It never guesses between two days: what
could mean either is refused with the way to write it.

A day and month without a year is the coming one, today included. A weekday is the next such day, never today.
"Nästa fredag" is the Friday of next week. A week number is a deadline and therefore that week's Friday.
"""

import calendar
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from inslussning.errors import Invalid
from inslussning.i18n import N_
from inslussning.practice.calendar_words import ENGLISH, SWEDISH


class DateUnclear(Invalid):
    """The text is not one certain day; the message says what to write instead."""

    message = N_("Skriv datumet så här: 14 jan eller 2027-01-14.")


NO_DATE = N_("Skriv ett datum, till exempel 14 jan eller 2027-01-14.")
NO_SUCH_DAY = N_("Den dagen finns inte i kalendern. Skriv datumet så här: 14 jan eller 2027-01-14.")
WHICH_DAY = N_("Det går inte att se vilken dag du menar. Skriv dag och månad så här: 14 jan eller 2027-01-14.")
WRONG_WEEKDAY = N_("Veckodagen och datumet hör inte ihop. Skriv bara datumet: 14 jan eller 2027-01-14.")
NO_RELEASE = N_("Ärendet har inget frigivningsdatum än. Skriv datumet så här: 14 jan eller 2027-01-14.")
NO_NEXT_MEETING = N_("Det finns inget nästa möte än. Skriv datumet så här: 14 jan eller 2027-01-14.")
ODD_YEAR = N_("Året ser inte rätt ut. Skriv datumet så här: 2027-01-14.")

_LONGEST = 60  # longer than any date anybody writes
_YEARS = range(1900, 2200)
_FRIDAY = 4
_MINUS = "\u2212"


def read_date(text: str, *, today: date, release: date | None = None, next_meeting: date | None = None) -> date:
    """Return the day the text means; raise DateUnclear, and nothing else, when that is not certain."""
    plain = plain_text(text)
    if not plain:
        raise DateUnclear(message=NO_DATE)
    try:
        found = _first(_READINGS, plain, _Given(today, release, next_meeting))
    except (ValueError, OverflowError):  # the calendar itself says no: 30 February, week 54, the year 10 000
        raise DateUnclear(message=NO_SUCH_DAY) from None
    if found is None:
        raise DateUnclear
    if found.year not in _YEARS:
        raise DateUnclear(message=ODD_YEAR)
    return found


def months_from(day: date, months: int) -> date:
    """Return the same day so many months later (earlier when negative), or the month's last day when it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


@dataclass(frozen=True, slots=True)
class _Given:
    """What a date may be relative to."""

    today: date
    release: date | None
    next_meeting: date | None


_Match = re.Match[str]
_Reading = tuple[re.Pattern[str], Callable[[_Match, _Given], date | None]]


def plain_text(text: str) -> str:
    """Return the text in small letters without accents, with ASCII digits and dashes and single spaces.

    What is too long to be a date becomes a question mark, which no reading fits.
    """
    text = text.strip()
    if len(text) > _LONGEST:
        return "?"
    kept = []
    for char in unicodedata.normalize("NFKD", text.casefold()):
        category = unicodedata.category(char)
        if category == "Nd":
            kept.append(str(unicodedata.decimal(char)))
        elif category == "Pd" or char == _MINUS:
            kept.append("-")
        elif category not in {"Mn", "Cf"}:
            kept.append(" " if char == "," else char)
    return " ".join("".join(kept).split())


def _first(readings: tuple[_Reading, ...], plain: str, given: _Given) -> date | None:
    """Return what the first reading that fits makes of the text; a reading may look closer and pass."""
    for pattern, reading in readings:
        match = pattern.fullmatch(plain)
        found = reading(match, given) if match else None
        if found is not None:
            return found
    return None


def _prefixes(shortest: int, *languages: tuple[str, ...]) -> dict[str, int]:
    """Return every beginning of the words, plain, with the word's place: "jan", "janu" … → 0."""
    return {
        word[:length]: place
        for language in languages
        for place, word in enumerate(map(plain_text, language))
        for length in range(shortest, len(word) + 1)
    }


_MONTHS = _prefixes(3, SWEDISH.months, ENGLISH.months)
_WEEKDAYS = _prefixes(2, SWEDISH.weekdays, ENGLISH.weekdays)
_WEEKDAYS |= {plain_text(word) + "en": place for place, word in enumerate(SWEDISH.weekdays)}
_NEAR = {
    **dict.fromkeys(("i forrgar", "forrgar"), -2),
    **dict.fromkeys(("i gar", "igar", "yesterday"), -1),
    **dict.fromkeys(("i dag", "idag", "today"), 0),
    **dict.fromkeys(("i morgon", "imorgon", "i morron", "imorron", "tomorrow"), 1),
    **dict.fromkeys(("i overmorgon", "iovermorgon", "overmorgon"), 2),
}
_COUNTS = {
    **dict.fromkeys(("noll", "zero"), 0),
    **dict.fromkeys(("ett", "en", "one", "a"), 1),
    **dict.fromkeys(("tva", "ett par", "two"), 2),
    **dict.fromkeys(("tre", "three"), 3),
    **dict.fromkeys(("fyra", "four"), 4),
    **dict.fromkeys(("fem", "five"), 5),
    **dict.fromkeys(("sex", "six"), 6),
    **dict.fromkeys(("sju", "seven"), 7),
    **dict.fromkeys(("atta", "eight"), 8),
    **dict.fromkeys(("nio", "nine"), 9),
    **dict.fromkeys(("tio", "ten"), 10),
    **dict.fromkeys(("fjorton", "fourteen"), 14),
}
_DAYS_IN = {
    **dict.fromkeys(("", "d", "dag", "dagar", "dygn", "day", "days"), 1),
    **dict.fromkeys(("v", "vecka", "veckor", "week", "weeks"), 7),
}
_MONTHS_IN = {
    **dict.fromkeys(("man", "manad", "manader", "month", "months"), 1),
    **dict.fromkeys(("ar", "year", "years"), 12),
}


def _moved(day: date, count: str, unit: str, sign: int = 1) -> date | None:
    """Return the day so many units away, or None when the words mean nothing."""
    number = int(count) if count.isdecimal() else _COUNTS.get(count)
    if number is None:
        return None
    if unit in _DAYS_IN:
        return day + timedelta(days=sign * number * _DAYS_IN[unit])
    return months_from(day, sign * number * _MONTHS_IN[unit]) if unit in _MONTHS_IN else None


def _dated(match: _Match, given: _Given) -> date | None:
    """Read a day and a month, by number or name, with or without a year."""
    parts = match.groupdict()
    month = int(parts["month"]) if parts.get("month") else _MONTHS.get(parts.get("name") or "", -1) + 1
    if not month:
        return None
    day = int(parts["day"])
    if parts.get("year"):
        return date(int(parts["year"]), month, day)
    if parts.get("short"):
        return date(2000 + int(parts["short"]), month, day)
    year = given.today.year
    return date(year + ((month, day) < (given.today.month, given.today.day)), month, day)


def _weekday_and_date(match: _Match, given: _Given) -> date | None:
    """Read "tors 7 jan": the weekday must be the date's own."""
    weekday = _WEEKDAYS.get(match["weekday"])
    found = None if weekday is None else _first(_DATED, match["rest"], given)
    if found is not None and found.weekday() != weekday:
        raise DateUnclear(message=WRONG_WEEKDAY)
    return found


def _weekday(match: _Match, given: _Given) -> date | None:
    """Read "fre" and "nästa fredag"."""
    weekday = _WEEKDAYS.get(match["weekday"])
    if weekday is None:
        return None
    if match["next"]:
        return given.today + timedelta(days=7 - given.today.weekday() + weekday)
    return given.today + timedelta(days=(weekday - given.today.weekday() - 1) % 7 + 1)


def _next_week(match: _Match, given: _Given) -> date | None:
    """Read "nästa vecka" and "fredag nästa vecka"."""
    weekday = _WEEKDAYS.get(match["weekday"]) if match["weekday"] else _FRIDAY
    return None if weekday is None else given.today + timedelta(days=7 - given.today.weekday() + weekday)


def _week(match: _Match, given: _Given) -> date | None:
    """Read "v 48", "fredag vecka 48" and "v 2 2027"; without a year it is the coming one."""
    weekday = _WEEKDAYS.get(match["weekday"]) if match["weekday"] else _FRIDAY
    if weekday is None:
        return None
    week = int(match["week"])
    if match["year"]:
        return date.fromisocalendar(int(match["year"]), week, weekday + 1)
    year, this_week, this_weekday = given.today.isocalendar()
    return date.fromisocalendar(year + ((week, weekday + 1) < (this_week, this_weekday)), week, weekday + 1)


def _near(match: _Match, given: _Given) -> date | None:
    """Read "i morgon"."""
    apart = _NEAR.get(match["word"])
    return None if apart is None else given.today + timedelta(days=apart)


def _ahead(match: _Match, given: _Given) -> date | None:
    """Read "om två veckor"."""
    return _moved(given.today, match["count"], match["unit"])


def _ago(match: _Match, given: _Given) -> date | None:
    """Read "för 3 dagar sedan"."""
    return _moved(given.today, match["count"], match["unit"], -1)


def _around_release(match: _Match, given: _Given) -> date | None:
    """Read "VF", "VF-14", "VF + 2 veckor" and "14 dagar före VF"."""
    if given.release is None:
        raise DateUnclear(message=NO_RELEASE)
    if not match["count"]:
        return given.release
    sign = -1 if match["side"] in {"-", "fore", "innan", "before"} else 1
    return _moved(given.release, match["count"], match["unit"], sign)


def _next_meeting(_match: _Match, given: _Given) -> date | None:
    """Read "nästa möte"."""
    if given.next_meeting is None:
        raise DateUnclear(message=NO_NEXT_MEETING)
    return given.next_meeting


def _which(match: _Match, _given: _Given) -> date | None:
    """Refuse what is part of a date, or can be read in two ways."""
    name = match.groupdict().get("name")
    if name is None or name in _MONTHS:
        raise DateUnclear(message=WHICH_DAY)
    return None


def _reading(pattern: str, reading: Callable[[_Match, _Given], date | None]) -> _Reading:
    """Pair a pattern with its meaning; "senast", "på", "den" and their like may stand before any of them."""
    return re.compile(rf"(?:(?:senast|till|pa|nu|kommande|den|d\.) )*(?:{pattern})"), reading


_YEAR = r"(?:(?P<year>\d{4})|(?P<short>\d\d))"
_ORDINAL = r"(?:(?::?[ea]|st|nd|rd|th)(?= ))?"
_RELEASE = r"(?:vf|frigivning(?:en)?)"
_COUNT = r"(?P<count>\d{1,4}|[a-z]+(?: par)?)"

_DATED: tuple[_Reading, ...] = (
    _reading(r"(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})", _dated),
    _reading(r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)", _dated),
    _reading(r"(?P<day>\d{1,2}) ?[/.] ?(?P<month>\d{1,2})\.?(?:[-/. ]{1,3}" + _YEAR + r")?", _dated),
    _reading(r"(?P<day>\d{1,2})-(?P<month>\d{1,2})-(?P<year>\d{4})", _dated),
    _reading(r"(?P<day>\d{1,2})" + _ORDINAL + r"\.?[ -]?(?P<name>[a-z]{3,})\.?(?:[- ]{1,2}" + _YEAR + r")?", _dated),
    _reading(r"(?P<name>[a-z]{3,})\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?(?: (?P<year>\d{4}))?", _dated),
)
_READINGS: tuple[_Reading, ...] = (
    *_DATED,
    _reading(r"(?P<weekday>[a-z]{2,})\.? (?P<rest>[a-z0-9].+)", _weekday_and_date),
    _reading(r"(?P<next>nasta |next )?(?P<weekday>[a-z]{2,})\.?", _weekday),
    _reading(r"(?:(?P<weekday>[a-z]{2,})\.? )?(?:i )?(?:nasta vecka|next week)", _next_week),
    _reading(
        r"(?:(?P<weekday>[a-z]{2,})\.? )?(?:i )?(?:v|vecka|week)\.? ?(?P<week>\d{1,2})(?:[-/ ](?P<year>\d{4}))?", _week
    ),
    _reading(r"(?P<word>[a-z ]+)", _near),
    _reading(r"(?:om |in )?" + _COUNT + r" ?(?P<unit>[a-z]+)", _ahead),
    _reading(r"(?:for )?" + _COUNT + r" ?(?P<unit>[a-z]+) (?:sedan|ago)", _ago),
    _reading(_RELEASE + r"(?: ?(?P<side>[-+]) ?(?P<count>\d{1,4}) ?(?P<unit>[a-z]*)\.?)?", _around_release),
    _reading(_COUNT + r" ?(?P<unit>[a-z]+) (?P<side>fore|innan|efter|before|after) " + _RELEASE, _around_release),
    _reading(r"(?:nasta mote|next meeting)", _next_meeting),
    _reading(r"(?P<name>[a-z]{3,})\.?(?: \d{4})?", _which),
    _reading(r"\d{1,2}(?::?[ea])?|\d{1,2}-\d{1,2}|\d{4}|\d{4}-\d{1,2}|\d{6}|\d\d-\d\d-\d\d|vf ?\d+", _which),
)
