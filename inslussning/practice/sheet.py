"""What the client's schedule says, word for word: the same lines on the phone, on paper and in the stored version.

It is read by somebody on the riskiest days of their life, so it is friendly and plain, says "du", blames nobody, and
always ends in what to do. Nothing on it names the client or, in large type, an agency: it lies on kitchen tables.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo

from inslussning.i18n import N_, translate
from inslussning.practice.calendar_words import words
from inslussning.practice.dates import span_text, time_text
from inslussning.practice.protection import ASK_YOUR_OFFICER, BOOKED_TIME
from inslussning.practice.schedule import Booked, Day, ScheduleDayKind
from meetings.holidays import DayKind

HEADING = N_("Ditt schema")
CALL = N_("Ring %(phone)s om du undrar något.")
HOLIDAY = N_("Helgdag – inga tider. Ring %(phone)s om något händer.")
NAMED_DAY = N_("%(name)s.")
LATER = N_("Du har fler tider efter %(day)s. De står i nästa schema.")
IF_NOT = N_("Om du inte kan komma:")
IF_NOT_CALL = N_("ring %(phone)s. Du får en ny tid.")
IF_NOT_TELL = N_("säg till så snart du kan. Du får en ny tid.")
WHO, WHERE, WAY, BRING, CONTACT = N_("Vem"), N_("Var"), N_("Hitta dit"), N_("Ta med"), N_("Kontakt")
OR = N_("eller")
DRAFT = N_("Utkast %(day)s")
VERSION = N_("Version %(number)s, %(day)s")
REPLACED = N_("Det finns ett nyare schema. Fråga efter version %(number)s.")
PAGE_OF = N_("Sida %(page)s av %(pages)s")

CLOCK_NOT_KNOWN = time(0)  # how `practice.release` keeps a day without a clock time
_RED_DAYS = frozenset({DayKind.PUBLIC, DayKind.EVE})
_NUMBER = re.compile(r"(?<![\d-])(?:\+\d|\(?0)[\d\s()-]{5,}\d")  # Swedish or international, not a date or a code
_MOST_NAMES = 2  # of more people nobody knows whom to ask for


@dataclass(frozen=True, slots=True)
class Fact:
    """A line under a booked time. `number` is the telephone number in the text, when there is one."""

    label: str
    text: str
    number: str = ""

    @property
    def dial(self) -> str:
        """Return the number as a link wants it."""
        return _dialled(self.number)


@dataclass(frozen=True, slots=True)
class Entry:
    """A time with what happens then; `what` is in the client's words."""

    time: str
    what: str
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class SheetDay:
    """One day: its name in large type, the date beside it, a line when there is one, and its times."""

    on: str
    name: str
    date: str
    line: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The whole schedule in plain strings: nothing more is needed to show it, print it or store it.

    `phone` is whom to call about anything, as it stands in `call`, `if_not_call` and the days' lines.
    """

    language: str
    heading: str
    call: str
    phone: str
    days: tuple[SheetDay, ...]
    later: str
    if_not: str
    if_not_call: str
    code: str

    @property
    def dial(self) -> str:
        """Return the number to call as a link wants it."""
        return _dialled(self.phone)

    def as_json(self) -> dict[str, Any]:
        """Return the sheet as it is stored."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Sheet":
        """Return a stored sheet as it was."""
        return cls(**{**stored, "days": tuple(_day_from_json(day) for day in stored["days"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """Which paper this is: a numbered version with the day it was handed over, or a draft of today when `number` is 0."""

    on: date
    number: int = 0
    replaced_by: int = 0

    def foot(self, language: str = "sv") -> str:
        """Return what the foot of the paper says: an old paper can be told from a new one."""
        day = f"{_without_weekday(self.on, language)} {self.on.year}"
        if not self.number:
            return translate(language, DRAFT, day=day)
        return translate(language, VERSION, number=self.number, day=day)

    def stamp(self, language: str = "sv") -> str:
        """Return what a replaced paper says before anything else; empty on the newest one."""
        return translate(language, REPLACED, number=self.replaced_by) if self.replaced_by else ""


def whom(function: str, names: Sequence[str]) -> str:
    """Say whom the client meets: first names, as they will be introduced, and the function in the client's words."""
    first = [name.split()[0] for name in names if name.strip()]
    people = f" {OR} ".join(first) if len(first) <= _MOST_NAMES else ""
    return f"{people}, {function}" if people else function[:1].upper() + function[1:]


def whole_numbers(text: str) -> str:
    """Return the text with telephone numbers kept on one line: half a number calls nobody."""
    return _NUMBER.sub(lambda found: found[0].replace(" ", "\N{NO-BREAK SPACE}"), text)


def fingerprint(booked: Sequence[Booked], *, release: str, phone: str) -> str:
    """Return a mark that changes when anything the client was told has changed, and not because days go by."""
    told = [[one.starts.isoformat(), one.ends.isoformat(), *_texts(one)] for one in booked]
    return hashlib.sha256(json.dumps([release, phone, sorted(told)]).encode()).hexdigest()


def sheet(
    days: Sequence[Day], *, later: date | None = None, code: str, phone: str, zone: str, language: str = "sv"
) -> Sheet:
    """Return the sheet of these days; `later` is the last shown day when there are times after it."""
    phone = whole_numbers(phone)

    def say(text: str, **params: object) -> str:
        return translate(language, text, **params)

    return Sheet(
        language=language,
        heading=say(HEADING),
        call=say(CALL, phone=phone) if phone else "",
        phone=phone,
        days=tuple(_day(day, phone, ZoneInfo(zone), language) for day in days),
        later=say(LATER, day=_without_weekday(later, language)) if later else "",
        if_not=say(IF_NOT),
        if_not_call=say(IF_NOT_CALL, phone=phone) if phone else say(IF_NOT_TELL),
        code=code,
    )


def masked_sheet(sheet: Sheet, secrets: Iterable[str]) -> Sheet:
    """Return a sheet from before the client was protected, without what says where: as `practice.protection.masked` has it."""
    hidden = [secret.casefold() for secret in secrets if secret.strip()]
    where_and_whom = {translate(sheet.language, label) for label in (WHERE, WAY, CONTACT)}
    instead = Fact(translate(sheet.language, WHERE), translate(sheet.language, ASK_YOUR_OFFICER))

    def tells(text: str) -> bool:
        return any(secret in text.casefold() for secret in hidden)

    def shielded(entry: Entry) -> Entry:
        kept = tuple(f for f in entry.facts if f.label not in where_and_whom and not tells(f.text))
        what = translate(sheet.language, BOOKED_TIME) if tells(entry.what) else entry.what
        return Entry(entry.time, what, (*kept, instead) if entry.facts else kept)

    days = (replace(day, entries=tuple(shielded(entry) for entry in day.entries)) for day in sheet.days)
    return replace(sheet, days=tuple(days))


def _texts(one: Booked) -> tuple[str, ...]:
    return one.what, one.whom, one.where, one.getting_there, one.bring, one.contact


def _day(day: Day, phone: str, zone: ZoneInfo, language: str) -> SheetDay:
    name = words(language).weekdays[day.day.weekday()]
    entries = [_entry(one, zone, language) for one in day.entries]
    if day.release_time is not None:
        entries.insert(0, _release(day.kind, day.release_time, language))
    return SheetDay(
        on=day.day.isoformat(),
        name=name[:1].upper() + name[1:],
        date=_without_weekday(day.day, language),
        line=_line(day, phone, language),
        entries=tuple(entries),
    )


def _line(day: Day, phone: str, language: str) -> str:
    """Return what a day says besides its times; a red day is called by its name."""
    name = f"{translate(language, NAMED_DAY, name=day.mark.name)} " if day.mark.kind in _RED_DAYS else ""
    if day.kind is ScheduleDayKind.HOLIDAY and phone:
        return name + translate(language, HOLIDAY, phone=phone)
    if day.kind in {ScheduleDayKind.HOLIDAY, ScheduleDayKind.EMPTY}:
        return name + translate(language, day.kind.line)
    return name.strip()


def _release(kind: ScheduleDayKind, at: time, language: str) -> Entry:
    """Return the line of the release; its clock time is left out while the prison has not set one."""
    return Entry(time_text(at, language) if at != CLOCK_NOT_KNOWN else "", translate(language, kind.line))


def _entry(one: Booked, zone: ZoneInfo, language: str) -> Entry:
    starts, ends = one.starts.astimezone(zone).time(), one.ends.astimezone(zone).time()
    told = (
        (WHO, one.whom),
        (WHERE, one.where),
        (WAY, one.getting_there),
        (BRING, one.bring),
        (CONTACT, one.contact),
    )
    facts = tuple(_fact(translate(language, label), text) for label, text in told if text)
    return Entry(span_text(starts, ends, language), one.what, facts)


def _dialled(number: str) -> str:
    """Return digits, and plus when there is one (RFC 3966)."""
    return re.sub(r"[^\d+]", "", number)


def _fact(label: str, text: str) -> Fact:
    text = whole_numbers(text)
    found = _NUMBER.search(text)
    return Fact(label, text, found[0] if found else "")


def _without_weekday(day: date, language: str) -> str:
    return f"{day.day} {words(language).months[day.month - 1]}"


def _day_from_json(stored: Mapping[str, Any]) -> SheetDay:
    entries = (
        Entry(one["time"], one["what"], tuple(Fact(**fact) for fact in one["facts"])) for one in stored["entries"]
    )
    return SheetDay(**{**stored, "entries": tuple(entries)})
