"""What the rules of `practice.attention` need to know of cases, read in one statement however many there are."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, case, exists, func, or_, select

from inslussning.db import Session
from inslussning.models import Action, Appointment, Case, CaseActor, Meeting, Need, Schedule
from inslussning.models.meetings import MeetingKind, MeetingState
from inslussning.practice.access import Principal
from inslussning.practice.attention import CaseFacts, Rules
from inslussning.practice.office_defaults import RuleKey
from inslussning.practice.phases import Phase
from inslussning.practice.release import release_day
from inslussning.services import offices, visible
from meetings.actions import ActionState

_GIVEN_UP = (ActionState.DECLINED, ActionState.DORMANT)


def _count(model: type[CaseActor] | type[Need], *conditions: ColumnElement[bool]) -> ColumnElement[int]:
    query = select(func.count()).select_from(model).where(model.case_id == Case.id, *conditions)
    return query.correlate(Case).scalar_subquery()


_agreed = exists().where(  # the case and the office lead the database to its index
    Action.office_id == Need.office_id,
    Action.case_id == Need.case_id,
    Action.need_id == Need.id,
    Action.state.not_in(_GIVEN_UP),
)
_needs_action = and_(Need.met_on.is_(None), ~_agreed.correlate(Need))
_has_video = (
    exists()
    .where(
        Meeting.case_id == Case.id,
        Meeting.kind == MeetingKind.VIDEO,
        Meeting.state == MeetingState.PLANNED,
        or_(Case.release_at.is_(None), Meeting.starts_at <= Case.release_at),
    )
    .correlate(Case)
)
_first_time = (
    select(func.min(Appointment.starts_at))
    .where(
        Appointment.case_id == Case.id,
        Appointment.cancelled_at.is_(None),
        Appointment.starts_at >= Case.release_at,
    )
    .correlate(Case)
    .scalar_subquery()
)
_FACTS = select(
    Case.id,
    Case.code,
    Case.phase,
    Case.release_at,
    _count(CaseActor, CaseActor.left_on.is_(None)),
    _count(Need),
    _count(Need, _needs_action),
    _has_video,
    _first_time,
    exists().where(Schedule.case_id == Case.id).correlate(Case),
).order_by(Case.sort_key, Case.id)


def open_cases(session: Session, principal: Principal, *, today: dt.date) -> tuple[CaseFacts, ...]:
    """Return what the rules need to know of every open case of the office, by code."""
    return _read(session, principal, _FACTS.where(Case.phase != Phase.CLOSED), today)


def of_cases(session: Session, principal: Principal, keys: Iterable[UUID], *, today: dt.date) -> dict[UUID, CaseFacts]:
    """Return what the rules need to know of the cases that are visible among `keys`, open or closed."""
    found = _read(session, principal, _FACTS.where(Case.id.in_(list(keys))), today)
    return {facts.key: facts for facts in found}


def attention_rules(numbers: dict[RuleKey, int]) -> Rules:
    """Return the office's numbers as the rules about what is late want them."""
    return Rules(
        planning_starts_months=numbers[RuleKey.PLANNING_STARTS_MONTHS],
        video_before_days=numbers[RuleKey.VIDEO_BEFORE_DAYS],
        schedule_before_days=numbers[RuleKey.SCHEDULE_BEFORE_DAYS],
        holiday_notice_days=numbers[RuleKey.HOLIDAY_NOTICE_DAYS],
    )


class ActionCount(NamedTuple):
    """How many open actions a case has, and how many of them are past their day."""

    open: int
    overdue: int


def action_counts(
    session: Session, principal: Principal, keys: Iterable[UUID], *, today: dt.date
) -> dict[UUID, ActionCount]:
    """Return the open actions of each case that has any."""
    rows = session.execute(
        select(Action.case_id, func.count(), func.sum(case((Action.due_on < today, 1), else_=0)))
        .where(visible.actions(principal), Action.closed_at.is_(None), Action.case_id.in_(list(keys)))
        .group_by(Action.case_id)
    )
    return {key: ActionCount(count, overdue) for key, count, overdue in rows}


def _read(
    session: Session, principal: Principal, query: Select[*tuple[Any, ...]], today: dt.date
) -> tuple[CaseFacts, ...]:
    rows = session.execute(query.where(visible.rows(Case, principal))).all()
    if not rows:
        return ()
    days = offices.rules(session, principal.office_id, today)[RuleKey.FIRST_WEEK_DAYS]
    return tuple(_facts(row, principal.zone, days) for row in rows)


def _facts(row: Row[*tuple[Any, ...]], zone: str, first_week_days: int) -> CaseFacts:
    key, code, phase, release_at, actors, needs, without_action, has_video, first_time, has_schedule = row
    release_on = release_day(release_at, zone) if release_at else None
    last = release_on + dt.timedelta(days=first_week_days) if release_on else None
    return CaseFacts(
        key=key,
        code=code,
        phase=phase,
        release_on=release_on,
        actors=actors,
        needs=needs,
        needs_without_action=without_action,
        has_video_meeting=has_video,
        has_appointment_first_week=bool(first_time and last and release_day(first_time, zone) <= last),
        has_schedule_handed_over=has_schedule,
    )
