"""Dated meetings: the video meeting before release, and what happens to any meeting's date afterwards.

A cancelled meeting keeps its row and its reason. It is not brought back: calendars treat a cancelled date as gone, so a meeting that is
held after all is a new one.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.sql.base import ExecutableOption

from inslussning.db import Session
from inslussning.errors import Changed, Invalid, PracticeError
from inslussning.i18n import N_
from inslussning.models import Actor, AgendaItem, Case, Meeting, Minutes
from inslussning.models.meetings import MeetingKind, MeetingState
from inslussning.practice.access import Function, Principal
from inslussning.practice.dates import day_text
from inslussning.practice.organisations import OrganisationKind
from inslussning.practice.phases import Phase
from inslussning.practice.planning import wall_day
from inslussning.practice.release import release_day
from inslussning.services import actors, bases, invitations, offices, visible
from inslussning.services.invitations import Sent
from inslussning.services.links import Links
from meetings.agenda import CaseOnAgenda, propose
from meetings.minutes import MinutesState
from meetings.recurrence import LONGEST

ALREADY_STARTED = N_("Mötet har redan börjat eller varit. Det kan inte flyttas eller ställas in.")
ALREADY_CANCELLED = N_("Mötet är redan inställt. Ska det ändå hållas behöver det bokas som ett nytt möte.")
MINUTES_FINALISED = N_("Minnesanteckningarna är slutförda. Mötet kan inte flyttas eller ställas in.")


class MeetingFixed(PracticeError):
    """The meeting's date can no longer change; the message says why."""

    status = 409
    message = ALREADY_STARTED


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVideoMeeting:
    """A video meeting about one case before release. `client_from_prison`: the client takes part from there."""

    case_id: UUID
    starts_at: dt.datetime
    ends_at: dt.datetime
    place: str = ""
    video_link: str = ""
    actor_ids: tuple[UUID, ...] = ()
    client_from_prison: bool = False


class Page(NamedTuple):
    """Some meetings in order, and whether there are more."""

    meetings: Sequence[Meeting]
    more: bool


def create_video_meeting(
    session: Session, principal: Principal, new: NewVideoMeeting, *, links: Links, now: dt.datetime
) -> Meeting:
    """Book a video meeting, copy the office's agenda for it and invite the actors. Raises Invalid by the field, NotFound for the case."""
    principal.must(Function.COORDINATE)
    chosen = check_video(session, principal, new, now=now)
    meeting = Meeting(
        office_id=principal.office_id,
        kind=MeetingKind.VIDEO,
        case_id=new.case_id,
        starts_at=new.starts_at,
        ends_at=new.ends_at,
        timezone=principal.zone,
        place=new.place,
        video_link=new.video_link,
        client_from_prison=new.client_from_prison,
    )
    session.add(meeting)
    session.flush()  # the agenda and the invitations name it by its key
    _copy_agenda(session, principal, meeting, now)
    session.flush()  # the page shown next reads the agenda
    invitations.invite_meeting(session, principal, meeting, chosen, links=links, now=now)
    return meeting


def check_video(session: Session, principal: Principal, new: NewVideoMeeting, *, now: dt.datetime) -> list[Actor]:
    """Return the actors to invite. Raises Invalid by the field for a meeting that cannot be held, NotFound for the case."""
    case = visible.one(session, principal, Case, new.case_id)
    if case.phase is Phase.CLOSED:
        raise Invalid(message=N_("Ärendet är avslutat. Det går inte att boka möten om det."))
    _check_span(new.starts_at, new.ends_at, now, ends_field="minutes")
    chosen = actors.open_actors(session, principal, new.actor_ids)
    bases.require(session, principal, case.id, chosen, now=now, field="actor_ids")
    if new.client_from_prison and not any(a.organisation.kind is OrganisationKind.PRISON for a in chosen):
        raise Invalid(
            field="actor_ids", message=N_("Klienten ska delta från anstalten, men ingen på anstalten är kallad.")
        )
    return chosen


def _check_span(starts_at: dt.datetime, ends_at: dt.datetime, now: dt.datetime, *, ends_field: str = "ends") -> None:
    if starts_at <= now:
        raise Invalid(field="day", message=N_("Den tiden har redan varit. Välj en senare."))
    if ends_at <= starts_at:
        raise Invalid(field=ends_field, message=N_("Mötet slutar innan det börjar. Ändra start eller slut."))
    if ends_at - starts_at > LONGEST:
        raise Invalid(field=ends_field, message=N_("Ett möte får vara högst tolv timmar."))


def _copy_agenda(session: Session, principal: Principal, meeting: Meeting, now: dt.datetime) -> None:
    """Give the meeting the office's items as they are today: later changes to the template do not reach it."""
    today = now.astimezone(ZoneInfo(principal.zone)).date()
    case = visible.one(session, principal, Case, meeting.case_id) if meeting.case_id else None
    template = offices.agenda_template(session, principal.office_id, meeting.kind, today)
    release = release_day(case.release_at, principal.zone) if case and case.release_at else None
    on_agenda = [CaseOnAgenda(case.id, case.code, release)] if case else []
    session.add_all(
        AgendaItem(
            office_id=principal.office_id,
            meeting_id=meeting.id,
            position=position,
            kind=item.kind,
            title=item.title,
            case_id=item.case,
            minutes=item.minutes,
        )
        for position, item in enumerate(propose(template, on_agenda, today=today))
    )


def get_meeting(session: Session, principal: Principal, key: UUID, *options: ExecutableOption) -> Meeting:
    """Return one meeting with its slot and its case; raises NotFound."""
    return visible.one(session, principal, Meeting, key, joinedload(Meeting.slot), joinedload(Meeting.case), *options)


def why_fixed(session: Session, principal: Principal, meeting: Meeting, *, now: dt.datetime) -> str:
    """Return why the meeting's date can no longer change, as a message id, or nothing when it can."""
    if not meeting.is_planned:
        return ALREADY_CANCELLED
    if meeting.starts_at <= now:
        return ALREADY_STARTED
    state = session.scalar(
        select(Minutes.state).where(visible.rows(Minutes, principal), Minutes.meeting_id == meeting.id)
    )
    return MINUTES_FINALISED if state is MinutesState.FINALISED else ""


def move(  # noqa: PLR0913 - a move is from when to when, why, and who hears of it
    session: Session,
    principal: Principal,
    key: UUID,
    *,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    reason: str,
    links: Links,
    now: dt.datetime,
) -> Sent:
    """Move one meeting. Raises MeetingFixed, and Invalid by the field for a time it cannot have."""
    principal.must(Function.COORDINATE)
    meeting = _to_change(session, principal, key, now)
    check_move(session, principal, meeting, starts_at=starts_at, ends_at=ends_at, now=now)
    was = (meeting.starts_at, meeting.ends_at)
    meeting.starts_at, meeting.ends_at, meeting.reason = starts_at, ends_at, reason
    _flush(session)
    if meeting.kind is MeetingKind.WEEKLY:
        return invitations.occurrence_moved(session, principal, meeting, was=was, links=links, now=now)
    return invitations.meeting_changed(session, principal, meeting, was=was, links=links, now=now)


def check_move(
    session: Session,
    principal: Principal,
    meeting: Meeting,
    *,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    now: dt.datetime,
) -> None:
    """Raise MeetingFixed, or Invalid by the field, when the meeting cannot have the time."""
    if reason := why_fixed(session, principal, meeting, now=now):
        raise MeetingFixed(message=reason)
    _check_span(starts_at, ends_at, now)
    if (starts_at, ends_at) == (meeting.starts_at, meeting.ends_at):
        raise Invalid(field="day", message=N_("Mötet ligger redan då. Välj en annan tid."))
    if meeting.kind is MeetingKind.WEEKLY:
        _check_neighbours(session, principal, meeting, (starts_at, ends_at))


def _check_neighbours(
    session: Session, principal: Principal, meeting: Meeting, span: tuple[dt.datetime, dt.datetime]
) -> None:
    """Refuse what Outlook cannot hold: two dates of a series on one day, overlapping, or in another order ([MS-OXOCAL] 2.2.1.44.1)."""
    rows = session.execute(
        select(Meeting.original_on, Meeting.starts_at, Meeting.ends_at).where(
            visible.rows(Meeting, principal),
            Meeting.slot_id == meeting.slot_id,
            Meeting.id != meeting.id,
            Meeting.state == MeetingState.PLANNED,
        )
    )
    day = wall_day(span[0], meeting.timezone)
    today_text = day_text(day, None, principal.language)
    for original, starts, ends in rows:
        other = wall_day(starts, meeting.timezone)
        is_later = (original or other) > (meeting.original_on or day)
        if other == day or (starts < span[1] and span[0] < ends):
            message = N_("Veckotiden har redan ett tillfälle %(day)s. Deltagarnas kalendrar klarar inte två samma dag.")
            raise Invalid(field="day", message=message, day=today_text)
        if (other < day) if is_later else (other > day):
            message = N_(
                "Tillfället kan inte flyttas förbi ett annat, %(other)s. Deltagarnas kalendrar klarar inte det."
            )
            raise Invalid(field="day", message=message, other=day_text(other, None, principal.language))


def cancel(session: Session, principal: Principal, key: UUID, *, reason: str, links: Links, now: dt.datetime) -> Sent:
    """Cancel one meeting; for an occurrence of the weekly slot that is to skip it. Raises MeetingFixed."""
    principal.must(Function.COORDINATE)
    meeting = _to_change(session, principal, key, now)
    meeting.state, meeting.reason = MeetingState.CANCELLED, reason
    _flush(session)
    if meeting.kind is MeetingKind.WEEKLY:
        return invitations.occurrence_cancelled(session, principal, meeting, links=links, now=now)
    return invitations.meeting_cancelled(session, principal, meeting, links=links, now=now)


def _to_change(session: Session, principal: Principal, key: UUID, now: dt.datetime) -> Meeting:
    meeting = get_meeting(session, principal, key)
    if reason := why_fixed(session, principal, meeting, now=now):
        raise MeetingFixed(message=reason)
    return meeting


def _flush(session: Session) -> None:
    try:
        session.flush()  # the mails are written from the row, and two who change it at once must not both win
    except StaleDataError:
        raise Changed from None


def list_meetings(
    session: Session,
    principal: Principal,
    *,
    now: dt.datetime,
    past: bool = False,
    after: UUID | None = None,
    limit: int,
) -> Page:
    """Return coming meetings, nearest first, or past ones, latest first, cancelled ones too: at most `limit` after the meeting `after`."""
    query = select(Meeting).where(visible.rows(Meeting, principal))
    if past:
        query = query.where(Meeting.ends_at <= now).order_by(Meeting.starts_at.desc(), Meeting.id.desc())
    else:
        # the second condition says nothing new, but lets the index on the start skip all that has been
        query = query.where(Meeting.ends_at > now, Meeting.starts_at > now - LONGEST)
        query = query.order_by(Meeting.starts_at, Meeting.id)
    if after is not None:
        query = query.where(_beyond(visible.one(session, principal, Meeting, after), past=past))
    rows = session.scalars(query.options(joinedload(Meeting.slot), joinedload(Meeting.case)).limit(limit + 1)).all()
    return Page(rows[:limit], len(rows) > limit)


def _beyond(last: Meeting, *, past: bool) -> ColumnElement[bool]:
    """Return the condition for the meetings that follow `last` in the list."""
    if past:
        same = and_(Meeting.starts_at == last.starts_at, Meeting.id < last.id)
        return or_(Meeting.starts_at < last.starts_at, same)
    same = and_(Meeting.starts_at == last.starts_at, Meeting.id > last.id)
    return or_(Meeting.starts_at > last.starts_at, same)


def next_weekly(session: Session, principal: Principal, now: dt.datetime) -> Meeting | None:
    """Return the weekly meeting that is under way or comes next, with its slot."""
    return _first(session, principal, Meeting.kind == MeetingKind.WEEKLY, Meeting.ends_at > now)


def next_after(session: Session, principal: Principal, meeting: Meeting) -> Meeting | None:
    """Return the meeting that follows: the slot's next date, or after a video meeting the group's next or the case's."""
    if meeting.slot_id is not None:
        same: ColumnElement[bool] = Meeting.slot_id == meeting.slot_id
    else:
        same = or_(Meeting.kind == MeetingKind.WEEKLY, Meeting.case_id == meeting.case_id)
    return _first(session, principal, same, Meeting.starts_at > meeting.starts_at)


def _first(session: Session, principal: Principal, *conditions: ColumnElement[bool]) -> Meeting | None:
    return session.scalar(
        select(Meeting)
        .where(visible.rows(Meeting, principal), Meeting.state == MeetingState.PLANNED, *conditions)
        .options(joinedload(Meeting.slot), joinedload(Meeting.case))
        .order_by(Meeting.starts_at, Meeting.id)
        .limit(1)
    )


def of_case(session: Session, principal: Principal, case_id: UUID) -> Sequence[Meeting]:
    """Return the meetings about a case and those with it on their agenda, in time order, cancelled ones too; slots loaded."""
    on_agenda = select(AgendaItem.meeting_id).where(visible.rows(AgendaItem, principal), AgendaItem.case_id == case_id)
    return session.scalars(
        select(Meeting)
        .where(visible.rows(Meeting, principal), or_(Meeting.case_id == case_id, Meeting.id.in_(on_agenda)))
        .options(joinedload(Meeting.slot))
        .order_by(Meeting.starts_at, Meeting.id)
    ).all()
