"""The client's schedule: as it stands now, and as it was handed over.

The schedule is never written by hand: it is the booked times, said in the client's words. Handing it over keeps a
numbered version with everything it said, so that an old paper can be told from a new one, and what has changed since is
seen at once.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from inslussning.db import Session
from inslussning.errors import Invalid, NotFound
from inslussning.i18n import N_
from inslussning.models import Actor, Appointment, Case, Office, Schedule
from inslussning.practice import sheet as paper
from inslussning.practice.access import Function, Principal, Role
from inslussning.practice.dates import months_from
from inslussning.practice.office_defaults import RuleKey
from inslussning.practice.phases import Phase
from inslussning.practice.protection import Protection, masked
from inslussning.practice.schedule import Booked, Day, days
from inslussning.practice.sheet import Edition, Sheet
from inslussning.services import actors, appointments, offices, visible

STILL_NEAR = dt.timedelta(days=30)  # so long after release a case stays in the list of schedules
ROWS = 25


class NothingBooked(Invalid):
    """A schedule without a single time tells nobody anything."""

    message = N_("Det finns inga tider att lämna ut. Boka en tid först.")


class DayLine(NamedTuple):
    """A day of the sheet with its times as rows."""

    day: Day
    times: tuple[Appointment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSchedule:
    """The schedule of a case as it stands now. `latest` is the last version handed over, 0 before the first.

    `before` are times on days before the release and `later` those after the last shown day: neither is on the sheet.
    """

    case: Case
    sheet: Sheet
    lines: tuple[DayLine, ...]
    times: int
    edition: Edition
    latest: int
    handed_over_on: dt.date | None
    changed: bool
    appointments: Sequence[Appointment]
    before: tuple[Appointment, ...]
    later: tuple[Appointment, ...]
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleState:
    """One row of the list: how far a case's schedule has come, and the day the office wants the client to have it."""

    case_id: UUID
    code: str
    release_at: dt.datetime
    times: int
    latest: int
    handed_over_on: dt.date | None
    changed: bool
    due_on: dt.date


def live(session: Session, principal: Principal, case_id: UUID, *, now: dt.datetime) -> LiveSchedule:
    """Return the schedule of a case as it stands; raises NotFound."""
    case = visible.one(session, principal, Case, case_id)
    booked = appointments.of_case(session, principal, case.id)
    phone = _phone(session, principal, case)
    zone = ZoneInfo(principal.zone)
    today = now.astimezone(zone).date()
    shown = _days(booked, case, principal.zone, today)
    last = shown[-1].day if shown else today
    release = _local_day(case.release_at, principal.zone) if case.release_at else dt.date.min
    before = tuple(a for a in booked if _local_day(a.starts_at, principal.zone) < release)
    later = tuple(a for a in booked if _local_day(a.starts_at, principal.zone) > last)
    mark = _fingerprint(booked, case, phone, zone)
    held = latest(session, principal, case.id)
    is_same = held is not None and held.content.get("fingerprint") == mark
    handed = held.handed_over_at.astimezone(zone).date() if held else None
    return LiveSchedule(
        case=case,
        sheet=paper.sheet(shown, later=last if later else None, code=case.code, phone=phone, zone=principal.zone),
        lines=tuple(
            DayLine(day, tuple(a for a in booked if _local_day(a.starts_at, principal.zone) == day.day))
            for day in shown
        ),
        times=sum(len(day.entries) for day in shown),
        edition=Edition(number=held.number, on=handed or today) if held and is_same else Edition(on=today),
        latest=held.number if held else 0,
        handed_over_on=handed,
        changed=held is not None and not is_same,
        appointments=booked,
        before=before,
        later=later,
        fingerprint=mark,
    )


def shared_sheet(session: Session, principal: Principal, case_id: UUID, *, now: dt.datetime) -> tuple[Sheet, Edition]:
    """Return the client's week as it stands, for a role that is given the whole of it; raises NotFound."""
    share = principal.scope.share(case_id)
    is_whole = share is not None and (share.whole or principal.role is Role.LAY_SUPERVISOR)
    if not is_whole or not principal.may(Function.READ_SCHEDULES):
        raise NotFound
    case = visible.one_shared(session, principal, Case, case_id)
    query = select(Appointment).where(
        visible.shared(Appointment, principal), Appointment.case_id == case.id, Appointment.cancelled_at.is_(None)
    )
    booked = session.scalars(query.options(*appointments.with_actor()).order_by(Appointment.starts_at)).all()
    today = _local_day(now, principal.zone)
    shown = _days(booked, case, principal.zone, today)
    last = shown[-1].day if shown else today
    later = any(_local_day(a.starts_at, principal.zone) > last for a in booked)
    phone = _phone(session, principal, case)
    it = paper.sheet(shown, later=last if later else None, code=case.code, phone=phone, zone=principal.zone)
    newest = select(Schedule).where(visible.shared(Schedule, principal), Schedule.case_id == case.id)
    held = session.scalar(newest.order_by(Schedule.number.desc()).limit(1))
    mark = _fingerprint(booked, case, phone, ZoneInfo(principal.zone))
    if held is None or held.content.get("fingerprint") != mark:
        return it, Edition(on=today)
    return it, Edition(number=held.number, on=_local_day(held.handed_over_at, principal.zone))


def hand_over(session: Session, principal: Principal, case_id: UUID, *, now: dt.datetime) -> Schedule:
    """Keep the schedule as it stands as the next version; return the last version when nothing has changed since.

    Raises NotFound, and NothingBooked when there is no time on it.
    """
    principal.must(Function.COORDINATE)
    visible.only(session, select(Case).where(Case.id == case_id, visible.rows(Case, principal)).with_for_update())
    current = live(session, principal, case_id, now=now)
    held = latest(session, principal, case_id)
    if held is not None and not current.changed:
        return held
    if held is None and not current.times:
        raise NothingBooked
    version = Schedule(
        office_id=principal.office_id,
        case_id=case_id,
        number=current.latest + 1,
        handed_over_at=now,
        person_id=principal.person_id,
        content={"fingerprint": current.fingerprint, "sheet": current.sheet.as_json()},
    )
    session.add(version)
    session.flush()  # the page shown next reads it
    return version


def latest(session: Session, principal: Principal, case_id: UUID) -> Schedule | None:
    """Return the last version handed over, if any."""
    query = select(Schedule).where(visible.rows(Schedule, principal), Schedule.case_id == case_id)
    return session.scalar(query.order_by(Schedule.number.desc()).limit(1))


def versions(session: Session, principal: Principal, case_id: UUID) -> Sequence[tuple[int, dt.datetime]]:
    """Return number and time of every version handed over, the last first."""
    query = select(Schedule.number, Schedule.handed_over_at).where(
        visible.rows(Schedule, principal), Schedule.case_id == case_id
    )
    return [(number, at) for number, at in session.execute(query.order_by(Schedule.number.desc()))]


def version(session: Session, principal: Principal, case_id: UUID, number: int) -> tuple[Sheet, Edition]:
    """Return a version as it was handed over, and whether a later one has replaced it; raises NotFound."""
    row = visible.only(
        session,
        select(Schedule).where(
            visible.rows(Schedule, principal), Schedule.case_id == case_id, Schedule.number == number
        ),
    )
    newest = latest(session, principal, case_id)
    replaced_by = newest.number if newest is not None and newest.number > number else 0
    on = row.handed_over_at.astimezone(ZoneInfo(principal.zone)).date()
    return as_shown(session, row), Edition(number=number, on=on, replaced_by=replaced_by)


def as_shown(session: Session, row: Schedule) -> Sheet:
    """Return what a version says, to whoever may see it: handed over before the client was protected, it is masked all the same."""
    if "sheet" not in row.content:  # erased
        raise NotFound
    it = Sheet.from_json(row.content["sheet"])
    if session.get_one(Case, row.case_id).protection is Protection.NONE:
        return it
    booked = session.scalars(
        select(Appointment).where(Appointment.case_id == row.case_id).options(joinedload(Appointment.actor))
    )
    return paper.masked_sheet(it, [secret for one in booked for secret in _secrets_of(one)])


def list_states(
    session: Session, principal: Principal, *, now: dt.datetime, after: UUID | None = None, limit: int = ROWS
) -> Sequence[ScheduleState]:
    """Return how far the schedules of recent and coming releases have come, by release, at most `limit` after `after`."""
    query = select(Case).where(
        visible.rows(Case, principal), Case.phase != Phase.CLOSED, Case.release_at >= now - STILL_NEAR
    )
    if after is not None:
        last = visible.one(session, principal, Case, after)
        query = query.where(
            or_(Case.release_at > last.release_at, and_(Case.release_at == last.release_at, Case.id > last.id))
        )
    found = session.scalars(query.order_by(Case.release_at, Case.id).limit(limit)).all()
    before = dt.timedelta(days=_rule(session, principal, RuleKey.SCHEDULE_BEFORE_DAYS, now))
    return _states(session, principal, found, before)


def first_meeting_by(session: Session, principal: Principal, case: Case, *, now: dt.datetime) -> dt.date | None:
    """Return the last day for the first meeting of the supervision (SFS 1998:642 ch. 5), or None without a release."""
    if case.release_at is None:
        return None
    months = _rule(session, principal, RuleKey.FIRST_SUPERVISION_MEETING_MONTHS, now)
    return months_from(_local_day(case.release_at, principal.zone), months)


def _rule(session: Session, principal: Principal, key: RuleKey, now: dt.datetime) -> int:
    return offices.rules(session, principal.office_id, _local_day(now, principal.zone))[key]


def _states(
    session: Session, principal: Principal, found: Sequence[Case], before: dt.timedelta
) -> Sequence[ScheduleState]:
    keys = [case.id for case in found]
    zone = ZoneInfo(principal.zone)
    booked = _booked_of_cases(session, principal, keys)
    phones = _phones(session, principal, found)
    held = _latest_of_cases(session, principal, keys)
    rows = []
    for case, release_at in ((case, case.release_at) for case in found if case.release_at is not None):
        number, at, mark = held.get(case.id, (0, None, ""))
        times = booked.get(case.id, [])
        changed = bool(number) and mark != _fingerprint(times, case, phones[case.id], zone)
        rows.append(
            ScheduleState(
                case_id=case.id,
                code=case.code,
                release_at=release_at,
                times=sum(a.starts_at >= release_at for a in times),
                latest=number,
                handed_over_on=at.astimezone(zone).date() if at else None,
                changed=changed,
                due_on=_local_day(release_at, principal.zone) - before,
            )
        )
    return rows


def _booked_of_cases(session: Session, principal: Principal, keys: Sequence[UUID]) -> dict[UUID, list[Appointment]]:
    query = select(Appointment).where(
        visible.rows(Appointment, principal), Appointment.case_id.in_(keys), Appointment.cancelled_at.is_(None)
    )
    booked: dict[UUID, list[Appointment]] = {}
    for row in session.scalars(query.options(*appointments.with_actor())):
        booked.setdefault(row.case_id, []).append(row)
    return booked


def _latest_of_cases(
    session: Session, principal: Principal, keys: Sequence[UUID]
) -> dict[UUID, tuple[int, dt.datetime, str]]:
    newer = aliased(Schedule)
    highest = select(func.max(newer.number)).where(newer.case_id == Schedule.case_id).scalar_subquery()
    rows = session.scalars(
        select(Schedule).where(
            visible.rows(Schedule, principal), Schedule.case_id.in_(keys), Schedule.number == highest
        )
    )
    return {row.case_id: (row.number, row.handed_over_at, row.content.get("fingerprint", "")) for row in rows}


def _phone(session: Session, principal: Principal, case: Case) -> str:
    return _phones(session, principal, [case])[case.id]


def _phones(session: Session, principal: Principal, found: Sequence[Case]) -> dict[UUID, str]:
    """Return the number each client calls: the office's, or its lead's where the office has none."""
    office = session.scalar(select(Office.phone).where(Office.id == principal.office_id)) or ""
    if office:
        return {case.id: office for case in found}
    leads = {case.lead_actor_id for case in found if case.lead_actor_id}
    rows = session.execute(select(Actor.id, Actor.phone).where(visible.rows(Actor, principal), Actor.id.in_(leads)))
    phones = dict(rows.all())
    return {case.id: phones.get(case.lead_actor_id, "") if case.lead_actor_id else "" for case in found}


def _days(booked: Sequence[Appointment], case: Case, zone: str, today: dt.date) -> tuple[Day, ...]:
    """Return the days on the sheet: the whole first week, and after it only days with a time."""
    told = _told(booked, case, ZoneInfo(zone))
    first_week = {day.day for day in days([], release_at=case.release_at, zone=zone, today=today)}
    shown = days(told, release_at=case.release_at, zone=zone, today=today)
    return tuple(day for day in shown if day.entries or day.day in first_week)


def _fingerprint(booked: Sequence[Appointment], case: Case, phone: str, zone: ZoneInfo) -> str:
    release = case.release_at.isoformat() if case.release_at else ""
    return paper.fingerprint(_told(booked, case, zone), release=release, phone=phone)


def _told(booked: Sequence[Appointment], case: Case, zone: ZoneInfo) -> list[Booked]:
    """Return the times as the client is told of them: of a protected one nothing that says where."""
    told = [(as_booked(a, zone), a) for a in booked]
    if case.protection is Protection.NONE:
        return [one for one, _ in told]
    return [masked(one, _secrets_of(a)) for one, a in told]


def _secrets_of(row: Appointment) -> tuple[str, ...]:
    """Return the words that would tell where a time is."""
    return row.place, row.actor.place, row.actor.visiting_address


def _local_day(at: dt.datetime, zone: str) -> dt.date:
    return at.astimezone(ZoneInfo(zone)).date()


def as_booked(row: Appointment, zone: ZoneInfo) -> Booked:
    """Return the time as the client is told of it: whoever staffs the function that day, by first name."""
    day = row.starts_at.astimezone(zone).date()
    function = row.actor.plain_name or row.actor.function
    return Booked(
        starts=row.starts_at,
        ends=row.ends_at,
        what=row.what,
        whom=paper.whom(function, actors.known_outside(row.actor, day)),
        where=row.place,
        getting_there=row.getting_there,
        bring=row.bring,
        contact=row.contact,
    )
