"""The agenda of one meeting: proposed from the office's template and its cases, then the meeting's own to change.

A meeting copies the template, so a changed template never rewrites a meeting. Order and length are written straight to the table: they
are no part of the minutes, and a moved item must not look changed to whoever is writing in it.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, or_, select, update

from inslussning.db import Session
from inslussning.errors import Invalid, PracticeError
from inslussning.i18n import N_
from inslussning.models import Action, AgendaItem, Case, Meeting
from inslussning.models.meetings import MeetingKind
from inslussning.practice.access import Function, Principal
from inslussning.practice.dates import months_from
from inslussning.practice.office_defaults import RuleKey
from inslussning.practice.phases import Phase
from inslussning.practice.release import release_day
from inslussning.practice.words import looks_like_personal_number
from inslussning.services import audit, drafts, offices, visible
from meetings import agenda as rules
from meetings.agenda import CaseOnAgenda, ItemKind, PlannedItem
from meetings.recurrence import at

LONGEST_ITEM = 240  # minutes
CASE_TITLE = N_("Ärende")
CASE_MINUTES = 10  # for an office whose template has no case line
_ONE_DAY = dt.timedelta(days=1)


class ItemInUse(PracticeError):
    """The item has text or actions; taking it away would take them away."""

    status = 409
    message = N_("Punkten har text eller åtgärder och kan inte tas bort. Töm texten först, eller låt punkten stå.")


class ProposedItem(NamedTuple):
    """A line of a proposal with what explains it: release and open actions of a case."""

    kind: ItemKind
    title: str
    minutes: int
    case_id: UUID | None
    code: str
    release_on: dt.date | None
    open: int
    overdue: int


class Proposal(NamedTuple):
    """An agenda nobody has said yes to yet. `over` is by how many minutes it is longer than the meeting."""

    items: tuple[ProposedItem, ...]
    minutes: int
    over: int


class _Candidate(NamedTuple):
    key: UUID
    code: str
    release_on: dt.date | None
    open: int
    overdue: int


def propose(session: Session, principal: Principal, meeting: Meeting, *, today: dt.date) -> Proposal:
    """Return the agenda the office's template and the cases' state give the meeting."""
    candidates = {c.key: c for c in _candidates(session, principal, meeting, today)}
    planned = _planned(session, principal, meeting, candidates.values(), today)
    items = tuple(_proposed(item, candidates) for item in planned)
    lengths = [item.minutes for item in items]
    return Proposal(items, sum(lengths), rules.minutes_over(lengths, meeting.ends_at - meeting.starts_at))


def use_proposal(
    session: Session, principal: Principal, key: UUID, *, leave_out: Collection[UUID] = (), today: dt.date
) -> None:
    """Make the proposal the meeting's agenda, less the cases left out. Where there is an agenda already it stays as it is."""
    principal.must(Function.COORDINATE)
    meeting = drafts.open_meeting(session, principal, key, alone=True)
    if session.scalar(select(AgendaItem.id).where(AgendaItem.meeting_id == meeting.id).limit(1)):
        return
    candidates = [c for c in _candidates(session, principal, meeting, today) if c.key not in leave_out]
    planned = _planned(session, principal, meeting, candidates, today)
    session.add_all(_row(meeting, item, place) for place, item in enumerate(planned))
    session.flush()  # the page shown next reads the agenda


def add_standing(session: Session, principal: Principal, key: UUID, *, title: str, minutes: int) -> AgendaItem:
    """Add an item about the group, last. Raises Invalid for a title that names a person by number."""
    principal.must(Function.COORDINATE)
    if looks_like_personal_number(title):
        raise Invalid(field="title", message=N_("Det ser ut som ett personnummer. Skriv ärendets kod i stället."))
    meeting = drafts.open_meeting(session, principal, key, alone=True)
    item = _row(meeting, PlannedItem(ItemKind.STANDING, title, minutes), len(_order(session, meeting)))
    session.add(item)
    session.flush()  # the page shown next reads the agenda
    return item


def add_case(session: Session, principal: Principal, key: UUID, case_id: UUID, *, today: dt.date) -> AgendaItem:
    """Add a case after the last one, with the template's length. Raises Invalid for one already there, closed or not ours."""
    principal.must(Function.COORDINATE)
    meeting = drafts.open_meeting(session, principal, key, alone=True)
    case_found = session.scalar(select(Case).where(Case.id == case_id, visible.rows(Case, principal)))
    if case_found is None or (meeting.case_id is not None and meeting.case_id != case_id):
        raise Invalid(field="case_id", message=N_("Välj ett ärende i listan."))
    if case_found.phase is Phase.CLOSED:
        raise Invalid(field="case_id", message=N_("Ärendet är avslutat."))
    on_agenda = session.execute(
        select(AgendaItem.id, AgendaItem.case_id)
        .where(AgendaItem.meeting_id == meeting.id)
        .order_by(AgendaItem.position)
    ).all()
    if any(found == case_id for _, found in on_agenda):
        raise Invalid(field="case_id", message=N_("Ärendet finns redan på dagordningen."))
    line = next(
        (
            line
            for line in offices.agenda_template(session, principal.office_id, meeting.kind, today)
            if line.kind is ItemKind.CASE
        ),
        rules.TemplateItem(ItemKind.CASE, CASE_TITLE, CASE_MINUTES),
    )
    last = max((place for place, (_, found) in enumerate(on_agenda) if found is not None), default=len(on_agenda) - 1)
    item = _row(meeting, PlannedItem(ItemKind.CASE, line.title, line.minutes, case_id), last + 1)
    session.add(item)
    session.flush()  # the order is written by key
    order = [found for found, _ in on_agenda]
    _renumber(session, meeting, [*order[: last + 1], item.id, *order[last + 1 :]])
    return item


def remove_item(session: Session, principal: Principal, key: UUID, item_id: UUID) -> None:
    """Take an item off the agenda; raises ItemInUse when it has text or the meeting has agreed on actions for its case."""
    principal.must(Function.COORDINATE)
    meeting = drafts.open_meeting(session, principal, key, alone=True)
    item = drafts.item_of(session, principal, meeting, item_id)
    agreed = select(Action.id).where(Action.meeting_id == meeting.id, Action.case_id == item.case_id).limit(1)
    if item.notes or item.decisions or (item.case_id is not None and session.scalar(agreed) is not None):
        raise ItemInUse
    session.delete(item)
    session.flush()  # the page shown next reads the agenda


def move_item(session: Session, principal: Principal, key: UUID, item_id: UUID, *, by: int) -> None:
    """Move an item `by` places, up when negative; it stops at the ends. Raises NotFound for another meeting's item."""
    principal.must(Function.COORDINATE)
    meeting = drafts.open_meeting(session, principal, key, alone=True)
    drafts.item_of(session, principal, meeting, item_id)
    _renumber(session, meeting, rules.moved(_order(session, meeting), item_id, by))


def set_minutes(session: Session, principal: Principal, key: UUID, lengths: dict[UUID, int]) -> None:
    """Give items their lengths in minutes; keys that are not this meeting's items are ignored. Raises Invalid beyond four hours."""
    principal.must(Function.COORDINATE)
    meeting = drafts.open_meeting(session, principal, key, alone=True)
    own = select(AgendaItem.id).where(AgendaItem.meeting_id == meeting.id, visible.rows(AgendaItem, principal))
    for item_id in session.scalars(own).all():
        if item_id in lengths:
            if not 1 <= lengths[item_id] <= LONGEST_ITEM:
                raise Invalid(
                    field=f"minutes-{item_id}",
                    message=N_("En punkt tar mellan 1 och %(most)s minuter."),
                    most=LONGEST_ITEM,
                )
            _write(session, AgendaItem.id == item_id, {"minutes": lengths[item_id]})


def _row(meeting: Meeting, item: PlannedItem, place: int) -> AgendaItem:
    return AgendaItem(
        office_id=meeting.office_id,
        meeting_id=meeting.id,
        position=place,
        kind=item.kind,
        title=item.title,
        case_id=item.case,
        minutes=item.minutes,
    )


def _order(session: Session, meeting: Meeting) -> Sequence[UUID]:
    return session.scalars(
        select(AgendaItem.id).where(AgendaItem.meeting_id == meeting.id).order_by(AgendaItem.position, AgendaItem.id)
    ).all()


def _renumber(session: Session, meeting: Meeting, order: Sequence[UUID]) -> None:
    places = case({key: place for place, key in enumerate(order)}, value=AgendaItem.id)
    _write(session, AgendaItem.meeting_id == meeting.id, {"position": places})


def _write(session: Session, which: ColumnElement[bool], values: dict[str, object]) -> None:
    """Write to the table past the rows' versions: the minutes have not changed."""
    session.execute(update(AgendaItem.__table__).where(which).values(values))  # type: ignore[arg-type] # a table, typed as FromClause


def _planned(
    session: Session, principal: Principal, meeting: Meeting, cases: Collection[_Candidate], today: dt.date
) -> tuple[PlannedItem, ...]:
    template = offices.agenda_template(session, principal.office_id, meeting.kind, today)
    known = (CaseOnAgenda(c.key, c.code, c.release_on, c.overdue) for c in cases)
    return rules.propose(template, known, today=today)


def _proposed(item: PlannedItem, candidates: dict[UUID, _Candidate]) -> ProposedItem:
    if item.case is None:
        return ProposedItem(item.kind, item.title, item.minutes, None, "", None, 0, 0)
    found = candidates[item.case]
    return ProposedItem(
        item.kind, item.title, item.minutes, found.key, found.code, found.release_on, found.open, found.overdue
    )


def _candidates(session: Session, principal: Principal, meeting: Meeting, today: dt.date) -> list[_Candidate]:
    """Return the cases the meeting should take up.

    A video meeting has its one case. A weekly slot has every open case whose release comes within the planning horizon, who has just been
    released, or for whom somebody still has something to do.
    """
    counts = (
        select(
            Action.case_id,
            func.count().label("open"),
            func.sum(case((Action.due_on < today, 1), else_=0)).label("overdue"),
        )
        .where(visible.actions(principal), Action.closed_at.is_(None))
        .group_by(Action.case_id)
        .subquery()
    )
    query = (
        select(Case.id, Case.code, Case.release_at, counts.c.open, counts.c.overdue)
        .outerjoin(counts, counts.c.case_id == Case.id)
        .where(visible.rows(Case, principal), Case.phase != Phase.CLOSED)
    )
    if meeting.kind is MeetingKind.VIDEO:
        rows = session.execute(query.where(Case.id == meeting.case_id)).all()
    else:
        numbers = offices.rules(session, principal.office_id, today)
        last = months_from(today, numbers[RuleKey.PLANNING_STARTS_MONTHS])
        first = today - numbers[RuleKey.FIRST_WEEK_DAYS] * _ONE_DAY
        opens, closes = (at(day, dt.time.min, principal.zone) for day in (first, last + _ONE_DAY))
        near = and_(Case.release_at >= opens, Case.release_at < closes)
        rows = session.execute(query.where(or_(near, counts.c.open > 0))).all()
    audit.seen(session, (row[0] for row in rows))
    return [
        _Candidate(key, code, release_day(when, principal.zone) if when else None, open_now or 0, overdue or 0)
        for key, code, when, open_now, overdue in rows
    ]
