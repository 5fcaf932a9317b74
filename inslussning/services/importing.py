"""Bringing an office's own lists in: everything or nothing, in one transaction, and a look beforehand that changes nothing.

Functions come first, then who staffs them, then cases, whatever order the files come in. One line that cannot be used stops
the whole import, so that nobody has to find out what did and did not get in.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from inslussning.db import Session
from inslussning.errors import Changed, Invalid
from inslussning.i18n import N_
from inslussning.models import Actor, Case, CaseActor, Client, Invitation, Organisation, Person, Staffing
from inslussning.practice.access import Function, Principal
from inslussning.practice.list_columns import COLUMNS, ListKind, ListUnclear
from inslussning.practice.rows import Problem, Reading, Row, StaffingRow, read_rows
from inslussning.services import invitations, visible
from inslussning.services.import_matching import Change, Register, about, open_register, take_in
from inslussning.services.links import Links
from inslussning.services.list_files import MOST_ROWS, TOO_MANY_ROWS, ListUnreadable, Sheet, read_sheets

WRITTEN_IN_ORDER = (Organisation, Person, Actor, Staffing, Client, Case, CaseActor)  # each names those before it
COLUMN_IGNORED = N_("Kolumnen %(column)s i %(source)s känns inte igen och lästes inte.")
SHEET_IGNORED = N_("Bladet %(source)s är ingen av listorna och lästes inte.")
NO_CONSENT = N_(
    "Samtycke följer inte med listan. I %(count)s ärenden ser aktörer utanför myndigheten ingenting förrän samtycke är dokumenterat."
)
ROLE_IGNORED = N_("Kolumnen Roll ändrar ingenting. Vem som kan logga in bestäms under Inställningar, Kollegor.")

Progress = Callable[[int, int], None]  # lines read so far, and in all
Note = tuple[str, dict[str, object]]


class Outcome(StrEnum):
    """What a line does, or would do."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    FAILED = "failed"

    @property
    def label(self) -> str:
        """Return the word people use."""
        return _LABELS[self]

    @property
    def label_of_many(self) -> str:
        """Return the word that goes with a number of lines."""
        return _OF_MANY[self]


_LABELS = {
    Outcome.NEW: N_("ny"),
    Outcome.CHANGED: N_("ändras"),
    Outcome.UNCHANGED: N_("oförändrad"),
    Outcome.FAILED: N_("fel"),
}
_OF_MANY = _LABELS | {Outcome.NEW: N_("nya"), Outcome.UNCHANGED: N_("oförändrade")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of one list and what came of it. `column` and `reason` are said of a line that failed."""

    source: str
    number: int
    outcome: Outcome
    about: str = ""
    changes: tuple[Change, ...] = ()
    column: str = ""
    reason: Note = ("", {})


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did, or would do; `saved` tells which."""

    lines: tuple[Line, ...]
    notes: tuple[Note, ...]
    saved: bool

    @property
    def failed(self) -> bool:
        """Tell whether any line could not be used, so that nothing was or will be imported."""
        return any(line.outcome is Outcome.FAILED for line in self.lines)

    @property
    def counts(self) -> dict[Outcome, int]:
        """Return the number of lines of each outcome."""
        found = Counter(line.outcome for line in self.lines)
        return {outcome: found[outcome] for outcome in Outcome}

    def worth_telling(self) -> tuple[Line, ...]:
        """Return the lines people need to read, those that failed first; the unchanged are left out."""
        told = [line for line in self.lines if line.outcome is not Outcome.UNCHANGED]
        return tuple(sorted(told, key=lambda line: line.outcome is not Outcome.FAILED))


@dataclass(frozen=True, slots=True)
class _List:
    """A table that has been recognised."""

    source: str
    reading: Reading


def import_files(
    session: Session,
    principal: Principal,
    files: Sequence[tuple[str, bytes]],
    *,
    links: Links,
    now: dt.datetime,
    save: bool,
    progress: Progress = lambda _done, _all: None,
) -> Report:
    """Bring the files' lists in, or with `save=False` only say what would happen; nothing is kept when any line fails.

    Invitations follow an actor to its new mailbox.
    Raises NotFound for who may not see the whole office, and Changed when somebody changed the same rows meanwhile.
    """
    principal.must(Function.SET_UP)
    principal.must(Function.COORDINATE)  # the lists hold cases, which an administrator does not see
    today = now.astimezone(ZoneInfo(principal.zone)).date()
    lists, lines, notes = _read(files, today, progress)
    with session.begin_nested() as savepoint:
        register = open_register(session, principal, today=today)
        with session.no_autoflush:
            for one in sorted(lists, key=lambda one: list(ListKind).index(one.reading.kind)):
                lines += _taken_in(register, one)
        report = Report(tuple(lines), (*notes, *_without_consent(register)), saved=save)
        if report.failed:
            savepoint.rollback()
            return Report(report.lines, report.notes, saved=False)
        _write(session, register)
        _move_invitations(session, register, links, now)
        if not save:
            savepoint.rollback()
    return report


def _without_consent(register: Register) -> list[Note]:
    """Return that no consent comes with a list, when it lets actors outside the agency into cases."""
    actors = {actor.id: actor for actor in register.actors.values()}
    joined = [row for row in register.new if isinstance(row, CaseActor)]
    bodies = ((row.case_id, register.kinds[actors[row.actor_id].organisation_id]) for row in joined)
    cases = {  # a new organisation has no say of its own until it is written
        case_id
        for case_id, body in bodies
        if (not body.kind.is_own_agency if body.needs_basis is None else body.needs_basis)
    }
    return [(NO_CONSENT, {"count": len(cases)})] if cases else []


def _read(
    files: Sequence[tuple[str, bytes]], today: dt.date, progress: Progress
) -> tuple[list[_List], list[Line], list[Note]]:
    """Return the lists in the files, a failed line for each file or sheet that is none, and what else to say."""
    sheets: list[Sheet] = []
    failed: list[Line] = []
    for name, data in files:
        try:
            sheets += read_sheets(name, data)
        except ListUnreadable as problem:
            failed.append(_failed(name, Problem(1, "", problem.message, problem.params)))
    total = sum(len(sheet.rows) for sheet in sheets)
    if total > MOST_ROWS:
        return [], [_failed(files[0][0], Problem(1, "", TOO_MANY_ROWS, {"most": MOST_ROWS}))], []
    lists: list[_List] = []
    notes: list[Note] = []
    done = 0

    def counted(sheet: Sheet) -> Iterator[tuple[int, Sequence[str]]]:
        nonlocal done
        for row in sheet.rows:
            done += 1
            progress(done, total)
            yield row

    for sheet in sheets:
        source = f"{sheet.file}, {sheet.name}" if sheet.name else sheet.file
        try:
            lists.append(_List(source, read_rows(sheet.header, counted(sheet), today=today)))
        except ListUnclear as problem:
            alone = sum(other.file == sheet.file for other in sheets) == 1
            if alone or problem.message != ListUnclear.message:
                failed.append(_failed(source, Problem(1, "", problem.message, problem.params)))
            else:
                notes.append((SHEET_IGNORED, {"source": source}))
    return lists, failed, notes + _notes(lists)


def _notes(lists: Sequence[_List]) -> list[Note]:
    found: list[Note] = [
        (COLUMN_IGNORED, {"column": column, "source": one.source}) for one in lists for column in one.reading.ignored
    ]
    rows = (row for one in lists for row in one.reading.values)
    if any(isinstance(row, StaffingRow) and row.role is not None for row in rows):
        found.append((ROLE_IGNORED, {}))
    return found


def _taken_in(register: Register, one: _List) -> list[Line]:
    """Put the list's lines into the register; return what each does, in the file's own order."""
    lines = [_failed(one.source, problem) for problem in one.reading.problems]
    lines += [_line(register, one, row) for row in one.reading.values]
    return sorted(lines, key=lambda line: line.number)


def _line(register: Register, one: _List, row: Row) -> Line:
    try:
        is_new, changes = take_in(register, row)
    except Invalid as problem:
        heading = COLUMNS[one.reading.kind][problem.field].heading
        return _failed(one.source, Problem(row.line, heading, problem.message, problem.params), about(row))
    if is_new:
        return Line(source=one.source, number=row.line, outcome=Outcome.NEW, about=about(row))
    outcome = Outcome.CHANGED if changes else Outcome.UNCHANGED
    return Line(source=one.source, number=row.line, outcome=outcome, about=about(row), changes=changes)


def _failed(source: str, problem: Problem, name: str = "") -> Line:
    return Line(
        source=source,
        number=problem.line,
        outcome=Outcome.FAILED,
        about=name,
        column=problem.column,
        reason=(problem.message, problem.params),
    )


def _write(session: Session, register: Register) -> None:
    try:
        for model in WRITTEN_IN_ORDER:
            session.add_all(row for row in register.new if type(row) is model)
            session.flush()  # the rows of the next table name these; some have no relation that would order them
    except (IntegrityError, StaleDataError):
        raise Changed from None


def _move_invitations(session: Session, register: Register, links: Links, now: dt.datetime) -> None:
    """Send what an actor is invited to on to its new mailbox; most have no invitations, and cost nothing."""
    if not register.rerouted:
        return
    invited = set(
        session.scalars(select(Invitation.actor_id).where(visible.kept_whole(Invitation, register.principal)))
    )
    for actor in dict.fromkeys(register.rerouted):
        if actor.id in invited:
            invitations.follow(session, register.principal, actor, links=links, now=now)
