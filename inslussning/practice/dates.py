"""How people write dates and times, and how pages write them back.

Reading is generous and never guesses; reading dates has a module of its own, offered here as well. Writing knows
Swedish and English. Every zone is an IANA name, and every instant is aware.
"""

import re
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from inslussning.errors import Invalid
from inslussning.i18n import N_
from inslussning.practice.calendar_words import words
from inslussning.practice.date_reading import DateUnclear, months_from, plain_text, read_date

__all__ = [
    "DateUnclear",
    "TimeUnclear",
    "countdown",
    "day_long",
    "day_text",
    "moment_span_text",
    "moment_text",
    "month_short",
    "months_from",
    "read_date",
    "read_time",
    "span_text",
    "time_text",
    "week_number",
    "weekday_short",
]


class TimeUnclear(Invalid):
    """The text is not a time of day; the message says what to write instead."""

    message = N_("Skriv klockslaget så här: 9.30 eller 13.")


NO_TIME = N_("Skriv ett klockslag, till exempel 9.30 eller 13.")
NO_SUCH_TIME = N_("Klockslaget finns inte. Skriv ett mellan 0.00 och 23.59.")

_CLOCK = re.compile(r"(?:(?:klockan|kl|at)\.? ?)?(?P<hour>\d{1,2}?)(?:[ .:]?(?P<minute>\d\d)(?:[.:]\d\d)?)?")
_TWO_WEEKS = 14
_TWO_MONTHS = 60  # of 60 days nine weeks would be more than two months are of 61
_TWO_YEARS = 730
_DAYS_A_MONTH = 30.44


def read_time(text: str) -> time:
    """Return the time of day the text means; raise TimeUnclear, and nothing else, when it means none."""
    plain = plain_text(text)
    if not plain:
        raise TimeUnclear(message=NO_TIME)
    match = _CLOCK.fullmatch(plain)
    if match is None:
        raise TimeUnclear
    try:
        return time(int(match["hour"]), int(match["minute"] or 0))
    except ValueError:
        raise TimeUnclear(message=NO_SUCH_TIME) from None


def weekday_short(day: date, lang: str = "sv") -> str:
    """Write the weekday: "tors"."""
    return words(lang).weekdays_short[day.weekday()]


def month_short(day: date, lang: str = "sv") -> str:
    """Write the month: "jan"."""
    return words(lang).months_short[day.month - 1]


def day_text(day: date, today: date | None = None, lang: str = "sv") -> str:
    """Write the day for a list: "tors 7 jan", with the year when it is another than today's."""
    table = words(lang)
    text = f"{table.weekdays_short[day.weekday()]} {day.day} {table.months_short[day.month - 1]}"
    return text if today is None or today.year == day.year else f"{text} {day.year}"


def day_long(day: date, lang: str = "sv") -> str:
    """Write the day in full: "torsdag 7 januari 2027"."""
    table = words(lang)
    return f"{table.weekdays[day.weekday()]} {day.day} {table.months[day.month - 1]} {day.year}"


def time_text(clock: time, lang: str = "sv") -> str:
    """Write the time of day: "13.00", in English "13:00"."""
    return f"{clock.hour:02}{words(lang).between}{clock.minute:02}"


def span_text(starts: time, ends: time, lang: str = "sv") -> str:
    """Write two times of day as a span: "13.00–14.00"."""
    return f"{time_text(starts, lang)}–{time_text(ends, lang)}"


def moment_text(moment: datetime, zone: str, today: date | None = None, lang: str = "sv") -> str:
    """Write an instant as wall time in the zone: "tors 7 jan kl. 13.00"."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{day_text(local.date(), today, lang)} {words(lang).at} {time_text(local.time(), lang)}"


def moment_span_text(starts: datetime, ends: datetime, zone: str, today: date | None = None, lang: str = "sv") -> str:
    """Write a span of instants as wall time in the zone: "tors 7 jan kl. 13.00–14.00"."""
    return f"{moment_text(starts, zone, today, lang)}–{time_text(ends.astimezone(ZoneInfo(zone)).time(), lang)}"


def week_number(day: date) -> int:
    """Return the week's number as Swedish calendars print it (ISO 8601)."""
    return day.isocalendar().week


def countdown(day: date, today: date, lang: str = "sv") -> str:
    """Write how far off the day is: "i morgon", "om 3 dagar", "för 5 veckor sedan".

    Days up to two weeks, weeks up to two months, months up to two years; rounded to the nearest.
    """
    table = words(lang)
    apart = (day - today).days
    if apart in table.near:
        return table.near[apart]
    count, unit = _rounded(abs(apart))
    return (table.ahead if apart > 0 else table.behind) % (count, table.units[unit])


def _rounded(days: int) -> tuple[int, int]:
    """Return a count and the place of its unit among days, weeks, months and years."""
    if days < _TWO_WEEKS:
        return days, 0
    if days < _TWO_MONTHS:
        return round(days / 7), 1
    if days < _TWO_YEARS:
        return round(days / _DAYS_A_MONTH), 2
    return round(days / (12 * _DAYS_A_MONTH)), 3
