"""The facts the start page's rules are asked about: one statement for each kind of thing that may need somebody."""

import datetime as dt
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import selectinload

from inslussning.db import Session
from inslussning.db.sealed import open_column
from inslussning.i18n import N_, translate
from inslussning.models import Action, Actor, Case, CaseActor, Meeting, Minutes, OutboxMessage, Staffing, WeeklySlot
from inslussning.models.meetings import MeetingKind, MeetingState
from inslussning.practice import attention
from inslussning.practice.access import Principal
from inslussning.practice.mail import OutboxState
from inslussning.practice.staffing import Tenure, vacant
from inslussning.services import visible
from meetings.minutes import MinutesState

VACANCY_NOTICE = dt.timedelta(days=14)  # a vacancy is announced so long before
LOOK_BACK = dt.timedelta(days=28)
MOST_OVERDUE = 50
MOST_FAILED = 7


def overdue(session: Session, principal: Principal, today: dt.date) -> tuple[attention.ActionFacts, ...]:
    """Return the actions past their day, the latest ones first."""
    rows = session.execute(
        select(Action.id, Action.case_id, Case.code, Action.what, Actor.function, Action.due_on)
        .join(Case, Case.id == Action.case_id)
        .outerjoin(Actor, Actor.id == Action.actor_id)
        .where(visible.actions(principal), Action.closed_at.is_(None), Action.due_on < today)
        .order_by(Action.due_on, Action.id)
        .limit(MOST_OVERDUE)
    ).all()
    texts = open_column(session, Action.__table__.c.what, [(row[0], row[3]) for row in rows])
    return tuple(
        attention.ActionFacts(key=key, case=case, code=code, what=what, actor=actor or "", due_on=due)
        for (key, case, code, _, actor, due), what in zip(rows, texts, strict=True)
    )


def unfinished(
    session: Session, principal: Principal, now: dt.datetime, zone: ZoneInfo
) -> tuple[attention.MeetingFacts, ...]:
    """Return past meetings with something written but not finalised."""
    rows = session.execute(
        select(Meeting.id, Meeting.starts_at, Meeting.case_id, WeeklySlot.name, Case.code)
        .join(Minutes, Minutes.meeting_id == Meeting.id)
        .outerjoin(WeeklySlot, WeeklySlot.id == Meeting.slot_id)
        .outerjoin(Case, Case.id == Meeting.case_id)
        .where(
            visible.rows(Meeting, principal),
            Meeting.state == MeetingState.PLANNED,
            Meeting.ends_at < now,
            Meeting.starts_at > now - LOOK_BACK,
            Minutes.state == MinutesState.DRAFT,
        )
    )
    video = translate(principal.language, N_("videomötet"))
    return tuple(
        attention.MeetingFacts(
            key=key,
            name=name or video,
            on=at.astimezone(zone).date(),
            unanswered=0,
            minutes_finalised=False,
            case=case,
            code=code or "",
        )
        for key, at, case, name, code in rows
    )


def failed_mails(session: Session, principal: Principal) -> tuple[attention.MailFacts, ...]:
    """Return the mails that were given up, newest first."""
    rows = session.execute(
        select(OutboxMessage.id, OutboxMessage.recipient)
        .where(visible.rows(OutboxMessage, principal), OutboxMessage.state == OutboxState.FAILED)
        .order_by(OutboxMessage.created_at.desc())
        .limit(MOST_FAILED)
    )
    return tuple(attention.MailFacts(key=key, recipient=recipient) for key, recipient in rows)


def slots(
    session: Session, principal: Principal, now: dt.datetime, notice_days: int
) -> tuple[attention.SlotFacts, ...]:
    """Return each slot's coming dates that still lie where the weekly rule put them."""
    rows = session.execute(
        select(WeeklySlot.id, WeeklySlot.name, Meeting.original_on)
        .join(Meeting, Meeting.slot_id == WeeklySlot.id)
        .where(
            visible.rows(WeeklySlot, principal),
            Meeting.state == MeetingState.PLANNED,
            Meeting.kind == MeetingKind.WEEKLY,
            Meeting.starts_at > now,
            Meeting.starts_at < now + dt.timedelta(days=notice_days),
        )
        .order_by(Meeting.starts_at)
    )
    found: dict[tuple[UUID, str], list[dt.date]] = {}
    for key, name, day in rows:
        if day is not None:
            found.setdefault((key, name), []).append(day)
    return tuple(attention.SlotFacts(key=key, name=name, dates=tuple(days)) for (key, name), days in found.items())


def vacancies(session: Session, principal: Principal, today: dt.date) -> tuple[attention.VacancyFacts, ...]:
    """Return the functions that take part in an open case and that nobody staffs today, or from a day soon to come."""
    horizon = today + VACANCY_NOTICE
    stays = exists().where(
        Staffing.actor_id == Actor.id,
        Staffing.starts_on <= today,
        or_(Staffing.ends_on.is_(None), Staffing.ends_on >= horizon),
    )
    needed = exists().where(
        CaseActor.actor_id == Actor.id,
        CaseActor.left_on.is_(None),
        Case.id == CaseActor.case_id,
        visible.rows(
            Case, principal
        ),  # a function with a hidden case alone is no vacancy to whoever does not know of it
        Case.closed_on.is_(None),
    )
    rows = session.scalars(
        select(Actor)
        .where(visible.rows(Actor, principal), Actor.closed_on.is_(None), needed, ~stays)
        .options(selectinload(Actor.staffings))
        .order_by(Actor.sort_key)
    )
    found = []
    for actor in rows:
        tenures = [Tenure(one.person_id, one.starts_on, one.ends_on) for one in actor.staffings]
        empty = vacant(tenures, today)
        if empty is not None and empty.first <= horizon:
            since = empty.first if empty.first > today else None
            found.append(attention.VacancyFacts(key=actor.id, actor=actor.title, since=since))
    return tuple(found)
