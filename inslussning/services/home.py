"""The start page: the next weekly slot, what needs somebody, who is on the way out, and today's times.

A fixed number of statements, however many cases the office has.
"""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import exists, func, or_, select

from inslussning.db import Session
from inslussning.i18n import N_, translate
from inslussning.models import (
    Action,
    Actor,
    AgendaItem,
    Appointment,
    Case,
    CaseActor,
    Meeting,
    Minutes,
    OutboxMessage,
    Staffing,
    WeeklySlot,
)
from inslussning.models.meetings import MeetingKind, MeetingState
from inslussning.practice import attention
from inslussning.practice.access import Principal
from inslussning.practice.attendance import Attendance
from inslussning.practice.mail import OutboxState
from inslussning.services import case_facts, invitations, meetings, offices, visible
from inslussning.services.invitations import Invitee
from meetings.agenda import ItemKind
from meetings.holidays import is_closed
from meetings.minutes import MinutesState
from meetings.vocabulary import Response

SHOWN = 7
LOOK_BACK = dt.timedelta(days=28)
MOST_OVERDUE = 50


class NextSlot(NamedTuple):
    """The next weekly slot as the page shows it."""

    meeting_id: UUID
    name: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    place: str
    cases: int
    has_agenda: bool
    invitees: Sequence[Invitee]

    def answered(self, *answers: Response) -> list[Invitee]:
        """Return those who gave one of the answers."""
        return [i for i in self.invitees if i.answer in answers]

    @property
    def silent(self) -> list[Invitee]:
        """Return those with a mailbox who have not answered."""
        return [i for i in self.invitees if i.answer is Response.NEEDS_ACTION and i.address]


class Coming(NamedTuple):
    """A meeting or a client's booked time today or tomorrow."""

    kind: str
    key: UUID
    starts_at: dt.datetime
    ends_at: dt.datetime
    what: str
    who: str
    code: str
    attendance: Attendance | None
    day: dt.date


class Release(NamedTuple):
    """A coming release with what stands ready; `weeks` places it on the timeline."""

    key: UUID
    code: str
    release_on: dt.date
    days: int
    parts: tuple[attention.Part, ...]


class Month(NamedTuple):
    """The first of a month, and how far along the timeline it lies, in percent."""

    first: dt.date
    percent: float


class Home(NamedTuple):
    """The whole page."""

    slot: NextSlot | None
    attention: Sequence[attention.Attention]
    releases: Sequence[Release]
    horizon_days: int
    months: Sequence[Month]
    coming: Sequence[Coming]
    coming_until: dt.date
    any_slot: bool
    any_case: bool


def home(session: Session, principal: Principal, *, now: dt.datetime) -> Home:
    """Return the coordinator's start page."""
    zone = ZoneInfo(principal.zone)
    today = now.astimezone(zone).date()
    rules = case_facts.attention_rules(offices.rules(session, principal.office_id, today))
    cases = case_facts.open_cases(session, principal, today=today)
    slot = _next_slot(session, principal, now)
    facts = attention.Facts(
        cases=cases,
        actions=_overdue(session, principal, today),
        meetings=_unfinished(session, principal, now, zone, slot),
        mails=_failed_mails(session, principal),
        slots=_slots(session, principal, now, rules.holiday_notice_days),
        vacancies=_vacancies(session, principal, today),
    )
    horizon = rules.planning_starts_months * 31
    return Home(
        slot=slot,
        attention=attention.attention(facts, rules=rules, today=today),
        releases=_releases(cases, rules, today, horizon),
        horizon_days=horizon,
        months=_months(today, horizon),
        coming=_coming(session, principal, today, zone),
        coming_until=_next_working_day(today),
        any_slot=session.scalar(select(WeeklySlot.id).where(visible.rows(WeeklySlot, principal)).limit(1)) is not None,
        any_case=bool(cases),
    )


def _next_slot(session: Session, principal: Principal, now: dt.datetime) -> NextSlot | None:
    meeting = meetings.next_weekly(session, principal, now)
    if meeting is None:
        return None
    name = session.scalar(select(WeeklySlot.name).where(WeeklySlot.id == meeting.slot_id)) or ""
    items = session.execute(
        select(AgendaItem.kind, func.count()).where(AgendaItem.meeting_id == meeting.id).group_by(AgendaItem.kind)
    )
    counts: dict[ItemKind, int] = dict(iter(items))
    return NextSlot(
        meeting_id=meeting.id,
        name=name,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        place=meeting.place,
        cases=counts.get(ItemKind.CASE, 0),
        has_agenda=bool(counts),
        invitees=invitations.answers(session, principal, meeting),
    )


def _overdue(session: Session, principal: Principal, today: dt.date) -> tuple[attention.ActionFacts, ...]:
    rows = session.execute(
        select(Action.id, Action.case_id, Case.code, Action.what, Actor.function, Action.due_on)
        .join(Case, Case.id == Action.case_id)
        .outerjoin(Actor, Actor.id == Action.actor_id)
        .where(visible.actions(principal), Action.closed_at.is_(None), Action.due_on < today)
        .order_by(Action.due_on, Action.id)
        .limit(MOST_OVERDUE)
    )
    return tuple(
        attention.ActionFacts(key=key, case=case, code=code, what=what, actor=actor or "", due_on=due)
        for key, case, code, what, actor, due in rows
    )


def _unfinished(
    session: Session, principal: Principal, now: dt.datetime, zone: ZoneInfo, slot: NextSlot | None
) -> tuple[attention.MeetingFacts, ...]:
    """Return past meetings with something written but not finalised, and the next slot with its silence."""
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
    held = [
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
    ]
    if slot is not None:
        day = slot.starts_at.astimezone(zone).date()
        held.append(
            attention.MeetingFacts(
                key=slot.meeting_id, name=slot.name, on=day, unanswered=len(slot.silent), minutes_finalised=False
            )
        )
    return tuple(held)


def _failed_mails(session: Session, principal: Principal) -> tuple[attention.MailFacts, ...]:
    rows = session.execute(
        select(OutboxMessage.id, OutboxMessage.recipient)
        .where(visible.rows(OutboxMessage, principal), OutboxMessage.state == OutboxState.FAILED)
        .order_by(OutboxMessage.created_at.desc())
        .limit(SHOWN)
    )
    return tuple(attention.MailFacts(key=key, recipient=recipient) for key, recipient in rows)


def _slots(
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


def _vacancies(session: Session, principal: Principal, today: dt.date) -> tuple[attention.VacancyFacts, ...]:
    """Return the functions that take part in an open case and that nobody staffs today."""
    staffed = exists().where(
        Staffing.actor_id == Actor.id,
        Staffing.starts_on <= today,
        or_(Staffing.ends_on.is_(None), Staffing.ends_on >= today),
    )
    needed = exists().where(
        CaseActor.actor_id == Actor.id,
        CaseActor.left_on.is_(None),
        Case.id == CaseActor.case_id,
        Case.closed_on.is_(None),
    )
    rows = session.scalars(
        select(Actor)
        .where(visible.rows(Actor, principal), Actor.closed_on.is_(None), needed, ~staffed)
        .order_by(Actor.sort_key)
    )
    return tuple(attention.VacancyFacts(key=actor.id, actor=actor.title) for actor in rows)


def _releases(
    cases: Sequence[attention.CaseFacts], rules: attention.Rules, today: dt.date, horizon: int
) -> tuple[Release, ...]:
    coming = [
        Release(
            c.key, c.code, c.release_on, (c.release_on - today).days, attention.readiness(c, rules=rules, today=today)
        )
        for c in cases
        if c.release_on is not None and 0 <= (c.release_on - today).days <= horizon
    ]
    return tuple(sorted(coming, key=lambda r: (r.release_on, r.code)))


def _months(today: dt.date, horizon: int) -> tuple[Month, ...]:
    days = (today + dt.timedelta(days=n) for n in range(1, horizon + 1))
    return tuple(Month(day, round(100 * (day - today).days / horizon, 2)) for day in days if day.day == 1)


def _coming(session: Session, principal: Principal, today: dt.date, zone: ZoneInfo) -> tuple[Coming, ...]:
    """Return meetings and booked times from today through the next working day, in time order."""
    first = dt.datetime.combine(today, dt.time.min, zone)
    last = dt.datetime.combine(_next_working_day(today) + dt.timedelta(days=1), dt.time.min, zone)
    held = session.execute(
        select(Meeting.id, Meeting.starts_at, Meeting.ends_at, Meeting.place, WeeklySlot.name, Case.code)
        .outerjoin(WeeklySlot, WeeklySlot.id == Meeting.slot_id)
        .outerjoin(Case, Case.id == Meeting.case_id)
        .where(
            visible.rows(Meeting, principal),
            Meeting.state == MeetingState.PLANNED,
            Meeting.starts_at >= first,
            Meeting.starts_at < last,
        )
    )
    booked = session.execute(
        select(
            Appointment.id,
            Appointment.starts_at,
            Appointment.ends_at,
            Appointment.what,
            Actor.function,
            Case.code,
            Appointment.attendance,
        )
        .join(Actor, Actor.id == Appointment.actor_id)
        .join(Case, Case.id == Appointment.case_id)
        .where(
            visible.rows(Appointment, principal),
            Appointment.cancelled_at.is_(None),
            Appointment.starts_at >= first,
            Appointment.starts_at < last,
        )
    )

    def on(at: dt.datetime) -> dt.date:
        return at.astimezone(zone).date()

    rows = [
        Coming("meeting", key, at, to, name or "", place, code or "", None, on(at))
        for key, at, to, place, name, code in held
    ]
    rows += [
        Coming("appointment", key, at, to, what, who, code, came, on(at))
        for key, at, to, what, who, code, came in booked
    ]
    return tuple(sorted(rows, key=lambda r: (r.starts_at, r.kind, r.key)))


def _next_working_day(today: dt.date) -> dt.date:
    day = today + dt.timedelta(days=1)
    while is_closed(day):
        day += dt.timedelta(days=1)
    return day
