"""Collects, for one session, which cases were seen and changed, so that the access log can say so before the answer leaves.

What is loaded and saved through the ORM is collected by itself; a list made of plain tuples says what it shows with `seen`, and
something that deserves a line of its own calls `note`. In a request the page's own end writes the log. A session of the worker or of
a command writes its notes, and those alone, when it commits.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Table, event, select
from sqlalchemy.orm import ORMExecuteState, QueryContext, SessionTransaction, UOWTransaction

from inslussning.clock import utc_now
from inslussning.db import Session
from inslussning.db.base import OfficeRow
from inslussning.models import Case
from inslussning.practice.audit import Asker, Event
from inslussning.services import audit_chain
from inslussning.services.audit_chain import Line

TRAIL = "audit_trail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something that gets a line of its own. `detail` holds ids and codes, never names or texts."""

    event: Event
    case_ids: frozenset[UUID] = frozenset()
    object_id: UUID | None = None
    detail: str = ""
    office_id: UUID | None = None
    person_id: UUID | None = None


@dataclass(slots=True)
class Trail:
    """What one session has touched so far, each change and note with the savepoint it stands or falls with.

    `attended` when somebody will write it at the end; `paused` while what is loaded is nobody's to see.
    """

    seen: set[UUID] = field(default_factory=set)
    changes: list[tuple[SessionTransaction | None, UUID | None]] = field(default_factory=list)
    notes: list[tuple[SessionTransaction | None, Note]] = field(default_factory=list)
    office_id: UUID | None = None
    paused: bool = False
    attended: bool = False

    @property
    def cases(self) -> frozenset[UUID]:
        """Return every case that was seen or changed."""
        return frozenset(self.seen.union(case_id for _, case_id in self.changes if case_id is not None))


def trail(session: Session) -> Trail:
    """Return the session's trail."""
    found: Trail | None = session.info.get(TRAIL)
    if found is None:
        found = session.info[TRAIL] = Trail()
    return found


def attend(session: Session) -> Trail:
    """Begin to collect what the session touches; whoever attends writes it with `lines_of` and `audit_chain.append`."""
    found = trail(session)
    found.attended = True
    return found


def seen(session: Session, case_ids: Iterable[UUID | None]) -> None:
    """Say which cases a list of plain tuples shows; None, for a row without a case, is left out."""
    trail(session).seen.update(key for key in case_ids if key is not None)


@contextmanager
def aside(session: Session) -> Iterator[None]:
    """Leave what is loaded within out of the log: candidates that are only compared, of which the found are said by `seen`."""
    found = trail(session)
    before, found.paused = found.paused, True
    try:
        yield
    finally:
        found.paused = before


def note(
    session: Session,
    event: Event,
    *,
    case_ids: Collection[UUID] = (),
    object_id: UUID | None = None,
    detail: str = "",
    office_id: UUID | None = None,
    person_id: UUID | None = None,
) -> None:
    """Give what happens in this session a line of its own in the log, written with the session's own transaction.

    The office and the person are those of whoever is signed in; say them where nobody is (signing in, the worker, a command).
    """
    said = Note(
        event=event,
        case_ids=frozenset(case_ids),
        object_id=object_id,
        detail=detail,
        office_id=office_id,
        person_id=person_id,
    )
    trail(session).notes.append((session.get_nested_transaction(), said))


def lines_of(session: Session, found: Trail, visit: Line) -> list[Line]:
    """Return what the log is to say of a visit: one line for all cases it touched, and one for each note."""
    lines = []
    cases = found.cases
    office_id = visit.office_id or found.office_id or _office_of(session, cases)
    if cases and office_id is not None:
        lines.append(visit.about(cases, office_id=office_id))
    for _, one in found.notes:
        at_office = one.office_id or office_id or _office_of(session, one.case_ids)
        if at_office is None:
            raise audit_chain.LogUnavailable
        lines.append(
            visit.about(
                one.case_ids,
                office_id=at_office,
                event=one.event,
                detail=one.detail,
                objects=(one.object_id,) if one.object_id else (),
                person_id=one.person_id or visit.person_id,
                asker=Asker.USER if one.person_id and visit.asker in {Asker.SYSTEM, Asker.NOBODY} else visit.asker,
            )
        )
    return lines


def _office_of(session: Session, case_ids: Iterable[UUID]) -> UUID | None:
    """Return the office of some cases, where nobody has said it."""
    some = next(iter(case_ids), None)
    return session.scalar(select(Case.office_id).where(Case.id == some)) if some else None


def _models() -> Iterator[type[OfficeRow]]:
    """Yield the models whose rows are of one case."""
    for model in OfficeRow.__subclasses__():
        table = model.__table__
        if isinstance(table, Table) and (model is Case or "case_id" in table.c):
            yield model


def _loaded(row: OfficeRow, context: QueryContext) -> None:
    found: Trail | None = context.session.info.get(TRAIL)
    if found is None or found.paused:
        return
    case_id = row.id if type(row) is Case else row.__dict__.get("case_id")
    if case_id is not None:
        found.seen.add(case_id)
        found.office_id = row.__dict__.get("office_id", found.office_id)


def _flushed(session: Session, _context: UOWTransaction) -> None:
    found: Trail | None = session.info.get(TRAIL)
    if found is None:
        return
    within = session.get_nested_transaction()
    for row in (*session.new, *session.deleted, *(one for one in session.dirty if session.is_modified(one))):
        if isinstance(row, OfficeRow):
            case_id = row.id if isinstance(row, Case) else getattr(row, "case_id", None)
            found.changes.append((within, case_id))
            found.office_id = found.office_id or row.office_id


def _executed(state: ORMExecuteState) -> None:
    if state.is_select:
        return
    found: Trail | None = state.session.info.get(TRAIL)
    if found is not None and (state.is_insert or state.is_update or state.is_delete):
        found.changes.append((state.session.get_nested_transaction(), None))


def _undone(session: Session, transaction: SessionTransaction) -> None:
    """Forget changes and notes that were taken back; that the cases were seen stays."""
    found: Trail | None = session.info.get(TRAIL)
    if found is None:
        return
    taken_back = {case_id for within, case_id in found.changes if within is transaction}
    found.seen.update(case_id for case_id in taken_back if case_id is not None)
    found.changes = [change for change in found.changes if change[0] is not transaction]
    found.notes = [said for said in found.notes if said[0] is not transaction]


def _committing(session: Session) -> None:
    """Write the notes of a session that nobody attends: fail closed, no log and no change."""
    found: Trail | None = session.info.get(TRAIL)
    if found is None or found.attended or not found.notes or session.in_nested_transaction():
        return
    session.flush()  # the notes must come after what they tell of
    lines = lines_of(session, Trail(notes=found.notes), Line(at=utc_now(), asker=Asker.SYSTEM, event=Event.CHANGED))
    found.notes = []
    audit_chain.append(session, lines)


for _model in _models():
    event.listen(_model, "load", _loaded)
event.listen(Session, "after_flush", _flushed)
event.listen(Session, "do_orm_execute", _executed)
event.listen(Session, "after_soft_rollback", _undone)
event.listen(Session, "before_commit", _committing)
