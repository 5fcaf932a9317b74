"""The lines of an office's own lists, read strictly and explained kindly.

A list is brought in once, by someone who wants to be done before lunch. So every line that cannot be used says which
column is wrong and why, the others are kept, and nothing is guessed: dates have a year, a case is a code and never a
name, and a personal number is refused wherever it stands.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from inslussning.errors import Invalid, PracticeError
from inslussning.i18n import N_
from inslussning.practice.access import Role
from inslussning.practice.addresses import mail_address, phone_text
from inslussning.practice.case_codes import case_code
from inslussning.practice.dates import DateUnclear, read_date, read_time
from inslussning.practice.list_columns import COLUMNS, Layout, ListKind, recognise
from inslussning.practice.organisations import OrganisationKind, organisation_kind
from inslussning.practice.phases import Phase, phase_named
from inslussning.practice.words import clean, looks_like_personal_number, one_line


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorRow:
    """A function in an organisation at a place."""

    line: int
    organisation: str
    kind: OrganisationKind
    function: str
    place: str = ""
    short_name: str
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffingRow:
    """A person who answers for a function over an interval; `role` is None when the list does not say."""

    line: int
    name: str
    email: str
    organisation: str
    function: str
    place: str = ""
    starts_on: date
    ends_on: date | None = None
    role: Role | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """A case by its code; `actors` and `prison` are short names as written, `release_time` is wall time.

    What is empty or None the list does not say.
    """

    line: int
    code: str
    release_on: date | None = None
    release_time: time | None = None
    prison: str = ""
    supervision_ends_on: date | None = None
    actors: tuple[str, ...] = ()
    phase: Phase | None = None


Row = ActorRow | StaffingRow | CaseRow


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a line was not read; the column's heading is empty when it is the line as a whole."""

    line: int
    column: str
    message: str
    params: dict[str, object]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a list says: the lines that can be used, what is wrong with the others, and the headings nobody knows."""

    kind: ListKind
    values: tuple[Row, ...]
    problems: tuple[Problem, ...]
    ignored: tuple[str, ...] = ()


EMPTY = N_("Här behöver stå något.")
TOO_MANY_VALUES = N_("Raden har fler värden än det finns rubriker.")
TOO_LONG = N_("Texten är för lång. Högst %(most)s tecken får plats.")
PERSONAL_NUMBER = N_("Här verkar stå ett personnummer. Ta bort det ur listan, det får inte sparas.")
UNKNOWN_KIND = N_("Typen känns inte igen. Skriv till exempel Kommun, Region eller Frivården.")
UNKNOWN_PHASE = N_("Fasen känns inte igen. Skriv VSP, Inleda, Planera, Genomföra eller Avslutad.")
UNKNOWN_ROLE = N_("Rollen känns inte igen. Skriv till exempel Samordnare, Frivårdsinspektör eller Partner.")
YEAR_MISSING = N_("Skriv datumet med år, till exempel 2027-01-14.")
TIME_WITHOUT_DATE = N_("Här står ett klockslag men inget frigivningsdatum.")
ENDS_EARLY = N_("Slutdatumet ligger före startdatumet.")
SUPERVISION_ENDS_EARLY = N_("Övervakningen slutar före frigivningen.")
ALREADY_ON_LINE = N_("Samma sak står redan på rad %(first)s.")
OTHER_KIND_ON_LINE = N_("Organisationen har en annan typ på rad %(first)s.")

_LONGEST = {"function": 120, "organisation": 120, "name": 120, "prison": 120, "place": 80, "short_name": 20}
_WITH_TIME = re.compile(r"(?P<day>.+?)[ T](?P<time>[0-9]{1,2}[.:][0-9]{2}(?:[.:][0-9]{2})?)(?:\.0+)?")
_YEAR = re.compile(r"(?<![0-9])(?:[0-9]{4}|[0-9]{8})(?![0-9])")
_MIDNIGHT = time(0)  # what a spreadsheet writes after a date that has no time
_ROLES = {
    **dict.fromkeys(("samordnare", "koordinator", "frivårdskoordinator", "coordinator"), Role.COORDINATOR),
    **dict.fromkeys(("frivårdsinspektör", "inspektör", "inspector"), Role.INSPECTOR),
    **dict.fromkeys(("klienthandläggare", "klienthandläggare på anstalt", "anstalt", "case worker"), Role.CASE_WORKER),
    **dict.fromkeys(("partner", "aktör"), Role.PARTNER),
    **dict.fromkeys(("lekmannaövervakare", "övervakare", "lay supervisor"), Role.LAY_SUPERVISOR),
    **dict.fromkeys(("chef", "manager"), Role.MANAGER),
    **dict.fromkeys(("granskare", "reviewer"), Role.REVIEWER),
    **dict.fromkeys(("administratör", "administrator"), Role.ADMINISTRATOR),
}


def read_rows(header: Sequence[str], rows: Iterable[tuple[int, Sequence[str]]], *, today: date) -> Reading:
    """Return what the list says, each row given with its line in the file; raise ListUnclear for unclear headings.

    Blank rows are skipped. A line with a problem is left out, and so is the second of two that say the same.
    """
    layout = recognise(header)
    values: list[Row] = []
    problems: list[Problem] = []
    lines: dict[tuple[object, ...], int] = {}
    for line, cells in rows:
        texts = [clean(cell) for cell in cells]
        if not any(texts):
            continue
        row, wrong = _read_row(layout, header, line, texts, today)
        if row is not None:
            wrong = list(_against_earlier(row, layout.kind, lines))
        if row is not None and not wrong:
            values.append(row)
            _remember(row, lines)
        problems += wrong
    return Reading(layout.kind, tuple(values), tuple(problems), layout.ignored)


def _read_row(
    layout: Layout, header: Sequence[str], line: int, texts: Sequence[str], today: date
) -> tuple[Row | None, list[Problem]]:
    columns = COLUMNS[layout.kind]
    values: dict[str, Any] = {}
    problems = []
    if any(text for place, text in enumerate(texts) if place >= len(header) or not header[place].strip()):
        problems.append(Problem(line, "", TOO_MANY_VALUES, {}))
    for field, place in layout.places.items():
        text = texts[place] if place < len(texts) else ""
        try:
            if text:
                values[field] = _value(field, text, today)
            elif columns[field].filled:
                raise Invalid(message=EMPTY)
        except PracticeError as problem:
            problems.append(Problem(line, columns[field].heading, problem.message, problem.params))
    if problems:
        return None, problems
    try:
        return _row(layout.kind, line, values), []
    except Invalid as problem:
        return None, [Problem(line, columns[problem.field].heading, problem.message, problem.params)]


def _row(kind: ListKind, line: int, values: dict[str, Any]) -> Row:
    """Return the line's value; raise Invalid when two of its columns contradict each other."""
    if kind is ListKind.ACTORS:
        return ActorRow(line=line, **values)
    if kind is ListKind.STAFFINGS:
        staffing = StaffingRow(line=line, **values)
        if staffing.ends_on and staffing.ends_on < staffing.starts_on:
            raise Invalid(field="ends_on", message=ENDS_EARLY)
        return staffing
    day, at = values.pop("release", (None, None))
    at = values.pop("release_time", at)
    if at is not None and day is None:
        raise Invalid(field="release_time", message=TIME_WITHOUT_DATE)
    case = CaseRow(line=line, release_on=day, release_time=at, **values)
    if case.release_on and case.supervision_ends_on and case.supervision_ends_on < case.release_on:
        raise Invalid(field="supervision_ends_on", message=SUPERVISION_ENDS_EARLY)
    return case


def _only_once(row: Row) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Yield what no two lines may share, with the field it stands in."""
    if isinstance(row, ActorRow):
        yield "function", (row.organisation.casefold(), row.function.casefold(), row.place.casefold())
        yield "short_name", (row.short_name.casefold(),)
    elif isinstance(row, StaffingRow):
        actor = (row.organisation.casefold(), row.function.casefold(), row.place.casefold())
        yield "name", (row.email.casefold(), row.starts_on, *actor)
    else:
        yield "code", (row.code,)


def _against_earlier(row: Row, kind: ListKind, lines: dict[tuple[object, ...], int]) -> Iterator[Problem]:
    """Yield where the row repeats or contradicts an earlier line."""
    columns = COLUMNS[kind]
    for field, key in _only_once(row):
        if key in lines:
            yield Problem(row.line, columns[field].heading, ALREADY_ON_LINE, {"first": lines[key]})
    if isinstance(row, ActorRow):
        others = [(row.organisation.casefold(), other) for other in OrganisationKind if other is not row.kind]
        for first in [lines[key] for key in others if key in lines]:
            yield Problem(row.line, columns["kind"].heading, OTHER_KIND_ON_LINE, {"first": first})


def _remember(row: Row, lines: dict[tuple[object, ...], int]) -> None:
    for _, key in _only_once(row):
        lines[key] = row.line
    if isinstance(row, ActorRow):
        lines.setdefault((row.organisation.casefold(), row.kind), row.line)


def _value(field: str, text: str, today: date) -> Any:  # noqa: ANN401 - each column has a type of its own
    """Return what one filled cell means; raise PracticeError when it cannot be used."""
    is_number_to_call = field == "phone" and text.startswith(("0", "+"))
    if looks_like_personal_number(text) and not is_number_to_call:
        raise Invalid(message=PERSONAL_NUMBER)
    if field in _READERS:
        return _READERS[field](text, today)
    text = one_line(text)
    if len(text) > _LONGEST[field]:
        raise Invalid(message=TOO_LONG, most=_LONGEST[field])
    return text


def _moment(text: str, today: date) -> tuple[date, time | None]:
    """Return the day in the cell, and the time beside it when there is one."""
    match = _WITH_TIME.fullmatch(text)
    day = match["day"] if match else text
    if not _YEAR.search(day):
        raise DateUnclear(message=YEAR_MISSING)
    at = read_time(match["time"]) if match else _MIDNIGHT
    return read_date(day, today=today), None if at == _MIDNIGHT else at


def _known(found: Any, message: str) -> Any:  # noqa: ANN401 - whatever the vocabulary holds
    if found is None:
        raise Invalid(message=message)
    return found


def _short_names(text: str, _today: date) -> tuple[str, ...]:
    names = {name.casefold(): name for part in re.split(r"[,;\n]", text) if (name := one_line(part))}
    if any(len(name) > _LONGEST["short_name"] for name in names.values()):
        raise Invalid(message=TOO_LONG, most=_LONGEST["short_name"])
    return tuple(names.values())


_READERS: dict[str, Callable[[str, date], Any]] = {
    "kind": lambda text, _: _known(organisation_kind(text), UNKNOWN_KIND),
    "email": lambda text, _: mail_address(text),
    "phone": lambda text, _: phone_text(text),
    "starts_on": lambda text, today: _moment(text, today)[0],
    "ends_on": lambda text, today: _moment(text, today)[0],
    "role": lambda text, _: _known(_ROLES.get(text.casefold()), UNKNOWN_ROLE),
    "code": lambda text, _: case_code(text),
    "release": _moment,
    "release_time": lambda text, _: read_time(text),
    "supervision_ends_on": lambda text, today: _moment(text, today)[0],
    "actors": _short_names,
    "phase": lambda text, _: _known(phase_named(text), UNKNOWN_PHASE),
}
