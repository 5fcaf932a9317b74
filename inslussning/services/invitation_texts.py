"""What an invitation, a change and a cancellation say, in Swedish.

A mail is read on the way somewhere, in a list of others, perhaps by somebody it is not for. So the subject already says what
happened and when, a change names the old time and the new one, and nothing names a client, a case or an agency.
"""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from inslussning.practice.calendar_words import SWEDISH
from inslussning.practice.dates import day_text, span_text, time_text
from meetings.recurrence import at
from meetings.vocabulary import Series

Span = tuple[dt.datetime, dt.datetime]

ANSWER = "Svara på inbjudan"
LOOK = "Läs mer"


class Occasion(StrEnum):
    """What an invitation is for, in the words its mails use."""

    MEETING = "möte"
    APPOINTMENT = "bokad tid"

    @property
    def summary(self) -> str:
        """Return how it begins in a calendar."""
        return str(self).capitalize()

    @property
    def is_called_off(self) -> str:
        """Return the sentence's end after the time."""
        return "är inställt" if self is Occasion.MEETING else "är inställd"


@dataclass(frozen=True, slots=True)
class Wording:
    """A mail's subject, its lines, and what its button says."""

    subject: str
    lines: tuple[str, ...]
    button: str = ANSWER


@dataclass(frozen=True, slots=True)
class Almanac:
    """The zone times are said in, and the day they are said on: another year than this is always named."""

    zone: str
    today: dt.date

    def moment(self, instant: dt.datetime) -> str:
        """Write an instant: "tors 6 maj 09.00"."""
        return f"{self.day(instant)} {self.clock(instant)}"

    def span(self, span: Span) -> str:
        """Write a span: "tors 6 maj kl. 09.00–11.00"."""
        starts, ends = (instant.astimezone(ZoneInfo(self.zone)).time() for instant in span)
        return f"{self.day(span[0])} kl. {span_text(starts, ends)}"

    def day(self, instant: dt.datetime) -> str:
        """Write the local day: "tors 6 maj"."""
        return day_text(instant.astimezone(ZoneInfo(self.zone)).date(), self.today)

    def clock(self, instant: dt.datetime) -> str:
        """Write the local time of day: "09.00"."""
        return time_text(instant.astimezone(ZoneInfo(self.zone)).time())


def weekdays(series: Series) -> str:
    """Write the weekday as a habit: "torsdagar"."""
    return f"{SWEDISH.weekdays[series.weekday]}ar"


def weekly(series: Series) -> str:
    """Write a series: "torsdagar 09.00"."""
    return f"{weekdays(series)} {time_text(series.starts_at)}"


def weekly_span(series: Series, from_on: dt.date, until_on: dt.date, today: dt.date) -> str:
    """Write a series in full: "torsdagar kl. 09.00–11.00, från tors 7 jan till tors 24 juni 2027"."""
    ends = (at(from_on, series.starts_at, series.zone) + series.duration).astimezone(ZoneInfo(series.zone)).time()
    clock = span_text(series.starts_at, ends)
    return f"{weekdays(series)} kl. {clock}, från {day_text(from_on, today)} till {day_text(until_on, today)}"


def invited_weekly(series: Series, from_on: dt.date, until_on: dt.date, today: dt.date) -> Wording:
    """Say that the recipient is asked to a weekly meeting."""
    return Wording(
        f"Inbjudan: möte {weekly(series)}",
        ("Du är inbjuden till ett möte varje vecka.", _sentence(weekly_span(series, from_on, until_on, today))),
    )


def invited_once(occasion: Occasion, span: Span, almanac: Almanac) -> Wording:
    """Say that the recipient is asked to one meeting or has one booked time."""
    first = "Du är inbjuden till ett möte." if occasion is Occasion.MEETING else "En tid är bokad hos dig."
    return Wording(f"Inbjudan: {occasion} {almanac.moment(span[0])}", (first, _sentence(almanac.span(span))))


def moved(occasion: Occasion, was: Span, to: Span, almanac: Almanac, *, one_of: str = "") -> Wording:
    """Say from when to when; `one_of` is the habit ("torsdagar") of which only this one moves."""
    change = _change(was, to, almanac)
    rest = (f"Övriga {one_of} är som vanligt. Svara gärna igen.",) if one_of else ("Svara gärna igen.",)
    return Wording(
        f"Ändrad tid: {occasion} {change}",
        (_sentence(change), *rest),
    )


def standing(rule: Span, almanac: Almanac) -> str:
    """Return the line by which a calendar tells why this date is not when it usually is."""
    return f"Ändrat från {almanac.span(rule)}."


def details_changed(occasion: Occasion, when: str) -> Wording:
    """Say that something but the time is new; an answer given still holds."""
    return Wording(
        f"Ändrade uppgifter: {occasion} {when}",
        ("Plats eller videolänk är ändrad.", "Tiden är densamma och ditt svar gäller."),
        LOOK,
    )


def place_withdrawn(occasion: Occasion, when: str) -> Wording:
    """Say that the place is no longer written down; nothing else has changed and an answer given still holds."""
    return Wording(
        f"Ändrade uppgifter: {occasion} {when}",
        ("Tiden är densamma och ditt svar gäller.", "Ta bort tidigare mejl om tiden."),
        LOOK,
    )


def called_off(occasion: Occasion, span: Span, almanac: Almanac, *, one_of: str = "") -> Wording:
    """Say that one meeting or booked time will not take place."""
    when = almanac.moment(span[0])
    rest = (f"Övriga {one_of} är som vanligt.",) if one_of else ("Du behöver inte göra något.",)
    return Wording(
        f"Inställt: {occasion} {when}", (_sentence(f"{occasion} {when} {occasion.is_called_off}"), *rest), LOOK
    )


def series_called_off(series: Series) -> Wording:
    """Say that no more of the weekly meetings take place."""
    return Wording(
        f"Inställt: möte {weekly(series)}",
        (_sentence(f"mötet {weekly(series)} upphör"), "Inga fler möten hålls på den tiden."),
        LOOK,
    )


def withdrawn(occasion: Occasion, when: str) -> Wording:
    """Say that the recipient is no longer asked, though it does take place."""
    return Wording(
        f"Inbjudan återtagen: {occasion} {when}",
        (_sentence(f"din inbjudan till {occasion} {when} är återtagen"), "Du behöver inte göra något."),
        LOOK,
    )


def ends_earlier(series: Series, until_on: dt.date, today: dt.date) -> Wording:
    """Say that the recipient is asked to no more of the weekly meetings after a day, though they do take place."""
    last = day_text(until_on, today)
    verb = "gällde" if until_on < today else "gäller"
    return Wording(
        f"Inbjudan återtagen: möte {weekly(series)} efter {last}",
        (
            _sentence(f"din inbjudan till möte {weekly(series)} {verb} till och med {last}"),
            "Senare tillfällen är återtagna. Du behöver inte göra något.",
        ),
        LOOK,
    )


def goes_on(series: Series, until_on: dt.date, today: dt.date) -> Wording:
    """Say that the recipient is asked to more of the weekly meetings than before; answers stay."""
    last = day_text(until_on, today)
    return Wording(
        f"Ändrad inbjudan: möte {weekly(series)} till {last}",
        (_sentence(f"din inbjudan till möte {weekly(series)} gäller nu till och med {last}"), "Ditt svar gäller."),
        LOOK,
    )


def reminded(occasion: Occasion, span: Span, almanac: Almanac) -> Wording:
    """Ask again for an answer nobody has given."""
    return Wording(
        f"Påminnelse: {occasion} {almanac.moment(span[0])}",
        ("Vi har inte fått något svar från dig.", _sentence(almanac.span(span))),
        "Svara",
    )


def _change(was: Span, to: Span, almanac: Almanac) -> str:
    """Write both times as short as they can be told apart."""
    if was[0] != to[0]:
        return f"{almanac.moment(was[0])} flyttas till {almanac.moment(to[0])}"
    return f"{almanac.moment(was[0])} slutar {almanac.clock(to[1])} i stället för {almanac.clock(was[1])}"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
