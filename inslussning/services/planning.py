"""What the office's own data says against a date: other meetings, releases before the group meets again, its own rules.

The rules are `practice.planning`; here their facts are fetched. Nothing is refused: pages show the concerns and ask, and say whom a
mail about the change would reach.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from inslussning.db import Session
from inslussning.models import Actor, Case, Meeting, Office, WeeklySlot
from inslussning.models.meetings import MeetingKind, MeetingState
from inslussning.practice import planning
from inslussning.practice.access import Principal
from inslussning.practice.office_defaults import RuleKey
from inslussning.practice.phases import Phase
from inslussning.practice.planning import Concern, Taken, wall_day
from inslussning.practice.release import release_day
from inslussning.services import audit, offices, outbox, recipients, visible
from inslussning.services.invitations import Invitee, Sent
from meetings.vocabulary import Occurrence

_OVERLAPPING = (
    *(Meeting.starts_at, Meeting.ends_at, Meeting.kind, Meeting.slot_id, Meeting.case_id),
    *(WeeklySlot.name, Case.code),
)


def of_video(
    session: Session,
    principal: Principal,
    case: Case,
    *,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    now: dt.datetime,
) -> tuple[Concern, ...]:
    """Return what speaks against a video meeting about the case at a time."""
    return (
        *_about_day(principal, starts_at, now),
        *_about_release(session, principal, case, starts_at, now),
        *_about_overlaps(session, principal, None, (starts_at, ends_at), now),
    )


def of_move(
    session: Session,
    principal: Principal,
    meeting: Meeting,
    *,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    now: dt.datetime,
) -> tuple[Concern, ...]:
    """Return what speaks against moving the meeting to a time."""
    found = [*_about_day(principal, starts_at, now)]
    if meeting.kind is MeetingKind.VIDEO and meeting.case_id is not None:
        case = visible.one(session, principal, Case, meeting.case_id)
        found += _about_release(session, principal, case, starts_at, now)
    if meeting.kind is MeetingKind.WEEKLY:
        found += _about_waiting(session, principal, meeting.starts_at, starts_at, now)
    return (*found, *_about_overlaps(session, principal, meeting.id, (starts_at, ends_at), now))


def of_skip(session: Session, principal: Principal, meeting: Meeting, *, now: dt.datetime) -> tuple[Concern, ...]:
    """Return what speaks against leaving the meeting out: clients released before the slot's next date."""
    following = session.scalar(
        select(Meeting.starts_at)
        .where(
            visible.rows(Meeting, principal),
            Meeting.slot_id == meeting.slot_id,
            Meeting.state == MeetingState.PLANNED,
            Meeting.starts_at > meeting.starts_at,
        )
        .order_by(Meeting.starts_at)
        .limit(1)
    )
    if meeting.kind is not MeetingKind.WEEKLY or following is None:
        return ()
    return tuple(_about_waiting(session, principal, meeting.starts_at, following, now))


def of_series(
    session: Session, principal: Principal, dates: Sequence[Occurrence], *, now: dt.datetime
) -> tuple[Concern, ...]:
    """Return the other meetings that a new series of dates overlaps."""
    others = _taken(session, principal, None, (dates[0].starts, dates[-1].ends))
    spans = [(one.starts, one.ends) for one in dates]
    return tuple(
        planning.about_series(spans, others, zone=principal.zone, today=_today(principal, now), lang=principal.language)
    )


def latest_video_day(session: Session, principal: Principal, case: Case, *, now: dt.datetime) -> dt.date | None:
    """Return the last day the office wants the case's video meeting on, or None without a release."""
    if case.release_at is None:
        return None
    return release_day(case.release_at, principal.zone) - dt.timedelta(days=_before_days(session, principal, now))


def reach(session: Session, principal: Principal, actors: Iterable[Actor]) -> Sent:
    """Return what a mail to the actors would come to: to their mailboxes, or to those who staff them from today on."""
    asked = list(actors)
    ways = recipients.reaches(session, asked)
    addressed = [(one.title, to) for one in asked for to in recipients.addresses_from(ways[one.id], principal.today)]
    return _reach(session, principal, addressed)


def reach_invited(session: Session, principal: Principal, invitees: Iterable[Invitee]) -> Sent:
    """Return what a mail to those who are invited would come to."""
    return _reach(session, principal, [(one.title, one.address) for one in invitees])


def _reach(session: Session, principal: Principal, addressed: Sequence[tuple[str, str]]) -> Sent:
    without = tuple(title for title, address in addressed if not outbox.is_usable(address))
    count = len(addressed) - len(without)
    if outbox.sender_of(session.get_one(Office, principal.office_id)) is None:
        return Sent(0, without, count)
    return Sent(count, without)


def _about_day(principal: Principal, starts_at: dt.datetime, now: dt.datetime) -> list[Concern]:
    day = wall_day(starts_at, principal.zone)
    return list(planning.about_day(day, today=_today(principal, now), lang=principal.language))


def _about_release(
    session: Session, principal: Principal, case: Case, starts_at: dt.datetime, now: dt.datetime
) -> list[Concern]:
    release = release_day(case.release_at, principal.zone) if case.release_at else None
    return list(
        planning.about_release(
            wall_day(starts_at, principal.zone),
            release,
            before_days=_before_days(session, principal, now),
            today=_today(principal, now),
            lang=principal.language,
        )
    )


def _about_overlaps(
    session: Session,
    principal: Principal,
    itself: UUID | None,
    span: tuple[dt.datetime, dt.datetime],
    now: dt.datetime,
) -> list[Concern]:
    others = _taken(session, principal, itself, span)
    today = _today(principal, now)
    return list(planning.about_overlaps(*span, others, zone=principal.zone, today=today, lang=principal.language))


def _about_waiting(
    session: Session, principal: Principal, since: dt.datetime, until: dt.datetime, now: dt.datetime
) -> list[Concern]:
    rows = session.execute(
        select(Case.id, Case.code, Case.release_at)
        .where(
            visible.rows(Case, principal), Case.phase != Phase.CLOSED, Case.release_at >= since, Case.release_at < until
        )
        .order_by(Case.release_at, Case.sort_key)
    ).all()
    audit.seen(session, [key for key, _code, _at in rows])  # the warning names them
    releases = [(code, release_day(at, principal.zone)) for _key, code, at in rows if at is not None]
    return list(planning.about_waiting(releases, today=_today(principal, now), lang=principal.language))


def _taken(
    session: Session, principal: Principal, itself: UUID | None, span: tuple[dt.datetime, dt.datetime]
) -> list[Taken]:
    starts, ends = span
    query = (
        select(*_OVERLAPPING)
        .outerjoin(WeeklySlot, WeeklySlot.id == Meeting.slot_id)
        .outerjoin(Case, Case.id == Meeting.case_id)
        .where(
            visible.kept_whole(Meeting, principal),
            Meeting.state == MeetingState.PLANNED,
            Meeting.starts_at < ends,
            Meeting.ends_at > starts,
        )
        .order_by(Meeting.starts_at, Meeting.id)
    )
    rows = session.execute(query if itself is None else query.where(Meeting.id != itself))
    return [
        Taken(
            starts=at,
            ends=to,
            is_video=kind is MeetingKind.VIDEO,
            name=name or ("" if case_id in principal.scope.hidden else code) or "",
            slot=slot,
        )
        for at, to, kind, slot, case_id, name, code in rows
    ]


def _before_days(session: Session, principal: Principal, now: dt.datetime) -> int:
    rules = offices.rules(session, principal.office_id, _today(principal, now))
    return rules[RuleKey.VIDEO_BEFORE_DAYS]


def _today(principal: Principal, now: dt.datetime) -> dt.date:
    return now.astimezone(ZoneInfo(principal.zone)).date()
