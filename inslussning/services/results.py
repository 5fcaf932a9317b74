"""How the work goes, in numbers without clients: what a manager follows and can show to others.

The office's staff count what they themselves may see, so that the numbers give away no case that is closed to one of them.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_, select

from inslussning.db import Session
from inslussning.models import Action, AgendaItem, Case, ConsentQuestion, Meeting, Schedule
from inslussning.models.meetings import MeetingState
from inslussning.practice.access import Function, Principal
from inslussning.practice.consent import Answer
from inslussning.practice.office_defaults import RuleKey
from inslussning.practice.phases import Phase
from inslussning.practice.results import (
    HalfYear,
    Number,
    Portion,
    half_year,
    last_half_years,
    number,
    portion,
    total,
    typical,
)
from inslussning.services import offices, visible
from meetings.actions import ActionState

HALF_YEARS = 4
_KEPT = frozenset({ActionState.DONE, ActionState.OUTCOME_REACHED})
_AGREED = frozenset(
    {ActionState.PLANNED, ActionState.ONGOING, *_KEPT}
)  # an action that was declined or rests is no promise


class Row(NamedTuple):
    """One half-year. `days_to_meeting` is the middle of the days from a case's first contact to its first meeting."""

    half: HalfYear
    opened: Number
    days_to_meeting: int | None
    in_time: Portion
    declined: Number
    kept: Portion


class Results(NamedTuple):
    """The whole page. `cases` is absent when it would tell a phase with fewer than five."""

    phases: tuple[tuple[Phase, Number], ...]
    cases: Number | None
    rows: tuple[Row, ...]


class _Case(NamedTuple):
    key: UUID
    opened_on: dt.date
    release_at: dt.datetime | None


def results(session: Session, principal: Principal) -> Results:
    """Return the office's numbers; raises NotAllowed for a role without the function."""
    principal.must(Function.SEE_RESULTS)
    counts = _by_phase(session, principal)
    by_phase = [(phase, counts[phase]) for phase in Phase if phase is not Phase.CLOSED]
    wanted = last_half_years(principal.today, HALF_YEARS)
    cases = _cases(session, principal)
    opened = Counter(half_year(case.opened_on) for case in cases)
    waits = _waits(session, principal, cases)
    in_time = _in_time(session, principal, cases)
    declined = _declined(session, principal)
    kept = _kept(session, principal, wanted[-1].first)
    return Results(
        phases=tuple((phase, number(count)) for phase, count in by_phase),
        cases=total(count for _, count in by_phase),
        rows=tuple(
            Row(
                half,
                number(opened[half]),
                typical(waits[half]),
                _portion(in_time[half]),
                number(declined[half]),
                _portion(kept[half]),
            )
            for half in wanted
        ),
    )


def _portion(told: list[bool]) -> Portion:
    return portion(sum(told), len(told))


def _by_phase(session: Session, principal: Principal) -> Counter[Phase]:
    query = select(Case.phase, func.count()).where(visible.counted(Case, principal)).group_by(Case.phase)
    return Counter(dict(session.execute(query).all()))


def _cases(session: Session, principal: Principal) -> list[_Case]:
    query = select(Case.id, Case.opened_on, Case.release_at).where(visible.counted(Case, principal))
    return [_Case(*row) for row in session.execute(query)]


def _waits(session: Session, principal: Principal, cases: Iterable[_Case]) -> dict[HalfYear, list[int]]:
    """Return the days from each case's first contact to its first meeting that has been held, by when the contact was."""
    rows = session.execute(
        select(func.coalesce(Meeting.case_id, AgendaItem.case_id), func.min(Meeting.starts_at))
        .outerjoin(AgendaItem, and_(AgendaItem.meeting_id == Meeting.id, AgendaItem.case_id.is_not(None)))
        .where(
            visible.counted(Meeting, principal),
            Meeting.state == MeetingState.PLANNED,
            Meeting.ends_at <= principal.asked_at,
            or_(Meeting.case_id.is_not(None), AgendaItem.case_id.is_not(None)),
        )
        .group_by(func.coalesce(Meeting.case_id, AgendaItem.case_id))
    )
    first: dict[UUID, dt.datetime] = dict(rows.all())
    found: defaultdict[HalfYear, list[int]] = defaultdict(list)
    for case in cases:
        if case.key in first:
            days = (_day(first[case.key], principal) - case.opened_on).days
            found[half_year(case.opened_on)].append(max(days, 0))
    return found


def _in_time(session: Session, principal: Principal, cases: Iterable[_Case]) -> dict[HalfYear, list[bool]]:
    """Return for each release that has been whether the client had the schedule as early as the office wants."""
    before = dt.timedelta(
        days=offices.rules(session, principal.office_id, principal.today)[RuleKey.SCHEDULE_BEFORE_DAYS]
    )
    rows = session.execute(
        select(Schedule.case_id, func.min(Schedule.handed_over_at))
        .where(visible.counted(Schedule, principal))
        .group_by(Schedule.case_id)
    )
    handed: dict[UUID, dt.datetime] = dict(rows.all())
    found: defaultdict[HalfYear, list[bool]] = defaultdict(list)
    for case in cases:
        if case.release_at is not None and case.release_at <= principal.asked_at:
            released = _day(case.release_at, principal)
            at = handed.get(case.key)
            found[half_year(released)].append(at is not None and _day(at, principal) <= released - before)
    return found


def _declined(session: Session, principal: Principal) -> Counter[HalfYear]:
    """Return in how many cases the client said no, by when; a no that is repeated in the same half-year counts once."""
    query = select(ConsentQuestion.case_id, ConsentQuestion.asked_on).where(
        visible.counted(ConsentQuestion, principal), ConsentQuestion.answer == Answer.NO
    )
    return Counter(half for _, half in {(case, half_year(day)) for case, day in session.execute(query)})


def _kept(session: Session, principal: Principal, since: dt.date) -> dict[HalfYear, list[bool]]:
    """Return for each action whose day has been whether it was done by then."""
    query = select(Action.state, Action.due_on, Action.closed_at).where(
        visible.counted(Action, principal),
        Action.due_on >= since,
        Action.due_on < principal.today,
        Action.state.in_(_AGREED),
    )
    found: defaultdict[HalfYear, list[bool]] = defaultdict(list)
    for state, due_on, closed_at in session.execute(query):
        is_kept = state in _KEPT and closed_at is not None and _day(closed_at, principal) <= due_on
        found[half_year(due_on)].append(is_kept)
    return found


def _day(at: dt.datetime, principal: Principal) -> dt.date:
    return at.astimezone(ZoneInfo(principal.zone)).date()
