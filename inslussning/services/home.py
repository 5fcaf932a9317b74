"""The start page: the next weekly slot, what needs somebody, who is on the way out, and today's times.

A fixed number of statements, however many cases the office has.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Result, func, select

from inslussning.db import Session
from inslussning.db.sealed import open_column
from inslussning.models import (
    Actor,
    AgendaItem,
    Appointment,
    Case,
    Meeting,
    WeeklySlot,
)
from inslussning.models.meetings import MeetingState
from inslussning.practice import attention
from inslussning.practice.access import Principal
from inslussning.practice.attendance import Attendance
from inslussning.practice.office_defaults import RuleKey
from inslussning.services import audit, case_facts, consent_facts, home_facts, invitations, meetings, offices, visible
from inslussning.services.invitations import Invitee
from meetings.agenda import ItemKind
from meetings.holidays import is_closed
from meetings.vocabulary import Response

SHOWN = 7


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
    begun: bool


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
    numbers = offices.rules(session, principal.office_id, today)
    rules = case_facts.attention_rules(numbers)
    cases = case_facts.open_cases(session, principal, today=today)
    slot = _next_slot(session, principal, now)
    facts = attention.Facts(
        cases=cases,
        actions=home_facts.overdue(session, principal, today),
        meetings=(*home_facts.unfinished(session, principal, now, zone), *_silence(slot, zone)),
        mails=home_facts.failed_mails(session, principal),
        slots=home_facts.slots(session, principal, now, rules.holiday_notice_days),
        vacancies=home_facts.vacancies(session, principal, today),
        asks=consent_facts.to_ask(session, principal, today),
        consents=consent_facts.ending(session, principal, today, numbers[RuleKey.CONSENT_REMIND_DAYS]),
    )
    horizon = rules.planning_starts_months * 31
    needed = attention.attention(facts, rules=rules, today=today)
    releases = _releases(cases, rules, today, horizon)
    audit.seen(session, [*(one.case for one in needed), *(one.key for one in releases)])
    return Home(
        slot=slot,
        attention=needed,
        releases=releases,
        horizon_days=horizon,
        months=_months(today, horizon),
        coming=_coming(session, principal, now, zone),
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
        select(AgendaItem.kind, func.count())
        .where(AgendaItem.meeting_id == meeting.id, visible.rows(AgendaItem, principal))
        .group_by(AgendaItem.kind)
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


def _silence(slot: NextSlot | None, zone: ZoneInfo) -> tuple[attention.MeetingFacts, ...]:
    """Return the next slot with how many have not answered."""
    if slot is None:
        return ()
    day = slot.starts_at.astimezone(zone).date()
    silent = len(slot.silent)
    return (
        attention.MeetingFacts(key=slot.meeting_id, name=slot.name, on=day, unanswered=silent, minutes_finalised=False),
    )


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


def _coming(session: Session, principal: Principal, now: dt.datetime, zone: ZoneInfo) -> tuple[Coming, ...]:
    """Return meetings and booked times from today through the next working day, in time order."""
    today = now.astimezone(zone).date()
    first = dt.datetime.combine(today, dt.time.min, zone)
    last = dt.datetime.combine(_next_working_day(today) + dt.timedelta(days=1), dt.time.min, zone)

    def placed(at: dt.datetime) -> tuple[dt.date, bool]:
        return at.astimezone(zone).date(), at <= now

    held = _held(session, principal, first, last).all()
    places = open_column(session, Meeting.__table__.c.place, [(row[0], row[3]) for row in held])
    booked = _booked(session, principal, first, last).all()
    texts = open_column(session, Appointment.__table__.c.what, [(row[0], row[3]) for row in booked])
    audit.seen(session, (row[-1] for row in (*held, *booked)))
    rows = [
        Coming("meeting", key, at, to, name or "", place, code or "", None, *placed(at))
        for (key, at, to, _, name, code, _case), place in zip(held, places, strict=True)
    ]
    rows += [
        Coming("appointment", key, at, to, what, who, code, came, *placed(at))
        for (key, at, to, _, who, code, came, _case), what in zip(booked, texts, strict=True)
    ]
    return tuple(sorted(rows, key=lambda row: (row.starts_at, row.kind, row.key)))


def _held(session: Session, principal: Principal, first: dt.datetime, last: dt.datetime) -> Result[*tuple[Any, ...]]:
    return session.execute(
        select(Meeting.id, Meeting.starts_at, Meeting.ends_at, Meeting.place, WeeklySlot.name, Case.code, Case.id)
        .outerjoin(WeeklySlot, WeeklySlot.id == Meeting.slot_id)
        .outerjoin(Case, Case.id == Meeting.case_id)
        .where(
            visible.rows(Meeting, principal),
            Meeting.state == MeetingState.PLANNED,
            Meeting.starts_at >= first,
            Meeting.starts_at < last,
        )
    )


def _booked(session: Session, principal: Principal, first: dt.datetime, last: dt.datetime) -> Result[*tuple[Any, ...]]:
    row = Appointment
    return session.execute(
        select(row.id, row.starts_at, row.ends_at, row.what, Actor.function, Case.code, row.attendance, Case.id)
        .join(Actor, Actor.id == row.actor_id)
        .join(Case, Case.id == row.case_id)
        .where(
            visible.rows(row, principal),
            row.cancelled_at.is_(None),
            row.starts_at >= first,
            row.starts_at < last,
        )
    )


def _next_working_day(today: dt.date) -> dt.date:
    day = today + dt.timedelta(days=1)
    while is_closed(day):
        day += dt.timedelta(days=1)
    return day
