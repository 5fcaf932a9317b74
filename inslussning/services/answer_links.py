"""What a person without an account may do with the link in a mail: see what is asked, answer, and take it into a calendar.

The link is the right. It names one actor's invitation, perhaps one date of it, and nothing else can be reached from it. It stops
working when the invitation is taken back, when the actor's mailbox changes, and some days after the last date, as the office says.
"""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from inslussning.db import Session
from inslussning.errors import Invalid, NotFound, PracticeError
from inslussning.i18n import N_
from inslussning.models import Appointment, Invitation, InvitationResponse, Meeting, Office
from inslussning.practice.office_defaults import RuleKey
from inslussning.services import bases, matters, offices
from inslussning.services.invitation_mails import answer_address, calendar_text
from inslussning.services.invitation_texts import Occasion
from inslussning.services.links import Links, Purpose
from inslussning.services.matters import Matter, Shape, Weekly
from inslussning.services.responses import date_in, save_answer
from meetings import itip
from meetings.vocabulary import Event, Response

SHOWN_DATES = 6  # of a series: as far ahead as people know their weeks
_WHOLE, _DATE = 2, 3  # how many ids the two kinds of link carry


class Standing(StrEnum):
    """How things are with what is asked."""

    OPEN = "open"
    CALLED_OFF = "called off"
    OVER = "over"


class LinkClosed(PracticeError):
    """The link was ours but no longer opens anything; the page says so and nothing about what it was for."""

    status = 410
    message = N_("Länken gäller inte längre.")


class LinkExpired(LinkClosed):
    """The meeting is over since some time."""

    message = N_("Länken gällde ett möte som har varit. Du behöver inte göra något.")


class LinkWithdrawn(LinkClosed):
    """The invitation has been taken back."""

    message = N_("Inbjudan är återtagen. Du behöver inte göra något.")


@dataclass(frozen=True, slots=True)
class Date:
    """One date of a series as the page offers it; `answer` is the one given to it alone, None when there is none.

    An answer that needs action is one that the date lost when it moved.
    """

    meeting_id: UUID
    starts_at: dt.datetime
    ends_at: dt.datetime
    answer: Response | None
    is_called_off: bool = False


class WeeklyHours(NamedTuple):
    """A series as people say it: wall times, and the first and last day this actor is asked to."""

    starts: dt.time
    ends: dt.time
    first_on: dt.date
    last_on: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Everything the page says. `weekly` is set for a series as a whole; `chosen` is the date the link is about; `who` asks.

    Of what `is_secret`, the client having protected identity, the page says when and never where.
    """

    standing: Standing
    who: str
    phone: str
    actor: str
    zone: str
    what: str
    is_appointment: bool
    starts_at: dt.datetime
    ends_at: dt.datetime
    weekly: WeeklyHours | None
    place: str
    video_link: str
    answer: Response
    note: str
    dates: tuple[Date, ...]
    chosen: UUID | None
    is_secret: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """What a link opens."""

    invitation: Invitation
    office: Office
    matter: Matter
    meeting: Meeting | None


def open_link(session: Session, links: Links, token: str, *, now: dt.datetime, lock: bool = False) -> Opened:
    """Return what the link opens. Raises NotFound for a link that is not ours, LinkExpired or LinkWithdrawn for a dead one."""
    ids = links.read(Purpose.ANSWER, token)
    if len(ids) not in {_WHOLE, _DATE}:
        raise NotFound
    invitation = session.scalar(_invitation(ids[0], lock=lock))
    if invitation is None or invitation.withdrawn_at is not None or not invitation.uid.startswith(f"{ids[1]}@"):
        raise LinkWithdrawn
    office = session.get_one(Office, invitation.office_id)
    matter = matters.matter_of(session, invitation)
    case_id = None if isinstance(matter, Weekly) else matter.case_id
    if case_id is not None:
        shares = bases.shares_now(session, office.id, [case_id], now=now, zone=office.timezone)
        if (case_id, invitation.actor_id) not in shares:  # the consent has ended, and what the link says with it
            raise LinkWithdrawn
    meeting_id = date_in(matter, ids[2]) if len(ids) == _DATE else None
    meeting = session.get_one(Meeting, meeting_id) if meeting_id is not None else None
    today = now.astimezone(ZoneInfo(office.timezone)).date()
    days = offices.rules(session, office.id, today)[RuleKey.LINK_VALID_DAYS]
    part = matters.part_of(invitation)
    if meeting is not None and isinstance(matter, Weekly) and not part.has(matters.original_day(meeting)):
        raise LinkWithdrawn
    if (meeting.ends_at if meeting else matters.last_end_of(matter, part)) + dt.timedelta(days=days) <= now:
        raise LinkExpired
    return Opened(invitation, office, matter, meeting)


def _invitation(key: UUID, *, lock: bool) -> Select[Invitation]:
    query = select(Invitation).where(Invitation.id == key).options(joinedload(Invitation.actor, innerjoin=True))
    return query.with_for_update(of=Invitation) if lock else query


def question(session: Session, opened: Opened, *, now: dt.datetime) -> Question:
    """Return what the page says to whoever holds the link."""
    invitation, office, matter, meeting = opened.invitation, opened.office, opened.matter, opened.meeting
    given = _given(session, invitation)
    shape = matters.shape_of(matter, office.timezone, matters.part_of(invitation))
    about = given.get(meeting.id if meeting else None) or given.get(None)
    where = meeting or (matter.slot if isinstance(matter, Weekly) else matter)
    is_secret = matters.is_protected(session, invitation.case_id)
    return Question(
        standing=_standing(opened, meeting, now),
        who=office.name,
        phone=office.phone,
        actor=invitation.actor.title,
        zone=shape.zone,
        what="" if is_secret else _what(matter),
        is_appointment=shape.occasion is Occasion.APPOINTMENT,
        starts_at=meeting.starts_at if meeting else shape.starts,
        ends_at=meeting.ends_at if meeting else shape.ends,
        weekly=_weekly(opened, shape) if meeting is None else None,
        place="" if is_secret else where.place,
        video_link="" if is_secret else getattr(where, "video_link", ""),
        is_secret=is_secret,
        answer=about.answer if about else Response.NEEDS_ACTION,
        note=about.note if about else "",
        dates=_dates(opened, given, now),
        chosen=meeting.id if meeting else None,
    )


def give_answer(
    session: Session, opened: Opened, meeting_id: UUID | None, *, answer: Response, note: str, now: dt.datetime
) -> None:
    """Keep the answer of whoever holds the link, to one date or to everything.

    The link must have been opened with a lock. Raises NotFound for a date the invitation is not for, Invalid for what is no answer
    or for the note, and LinkExpired when there is nothing left to answer to.
    """
    if answer is Response.NEEDS_ACTION:
        raise Invalid(field="answer", message=N_("Välj ja, kanske eller nej."))
    kept_for = date_in(opened.matter, meeting_id)
    meeting = session.get_one(Meeting, kept_for) if kept_for is not None else None
    if _standing(opened, meeting, now) is not Standing.OPEN:
        raise LinkExpired
    save_answer(session, opened.invitation, kept_for, answer=answer, note=note, now=now)


def own_calendar(session: Session, links: Links, opened: Opened, *, now: dt.datetime) -> bytes:
    """Return the invitation as a calendar file with the UID its mails have, so that it is never there twice."""
    matter, office = opened.matter, opened.office
    part = matters.part_of(opened.invitation)
    whole = matters.shape_of(matter, office.timezone, part)
    shapes: list[tuple[Shape, UUID | None]] = [(matters.shielded(session, opened.invitation, whole), None)]
    if isinstance(matter, Weekly):
        moved = matters.moved_ahead(matter, part, now)
        shapes += [(matters.shape_of_date(matter.slot, one), one.id) for one in moved]
    return itip.download([_event(links, opened.invitation, *shape) for shape in shapes], office.mail_name or "Möte")


def _event(links: Links, invitation: Invitation, shape: Shape, meeting_id: UUID | None) -> Event:
    address = answer_address(links, invitation, meeting_id)
    return Event(
        uid=invitation.uid,
        sequence=invitation.sequence,
        dtstamp=invitation.dtstamp,
        starts=shape.starts,
        ends=shape.ends,
        zone=shape.zone,
        text=calendar_text(shape, invitation.actor, address),
        rrule_until=shape.until,
        exdates=shape.exdates,
        recurrence_id=shape.original,
    )


def _given(session: Session, invitation: Invitation) -> dict[UUID | None, InvitationResponse]:
    found = session.scalars(select(InvitationResponse).where(InvitationResponse.invitation_id == invitation.id))
    return {response.meeting_id: response for response in found}


def _standing(opened: Opened, meeting: Meeting | None, now: dt.datetime) -> Standing:
    about = meeting or opened.matter
    if matters.is_called_off(about):
        return Standing.CALLED_OFF
    ends = meeting.ends_at if meeting else matters.last_end_of(opened.matter, matters.part_of(opened.invitation))
    return Standing.OVER if ends <= now else Standing.OPEN


def _what(matter: Matter) -> str:
    """Return what is booked; a meeting has no name outside the house."""
    return matter.what if isinstance(matter, Appointment) else ""


def _weekly(opened: Opened, shape: Shape) -> WeeklyHours | None:
    if not isinstance(opened.matter, Weekly):
        return None
    zone = ZoneInfo(shape.zone)
    starts, ends = shape.starts.astimezone(zone), shape.ends.astimezone(zone)
    last_on = opened.invitation.until_on or opened.matter.slot.last_on
    return WeeklyHours(starts.time(), ends.time(), starts.date(), last_on)


def _dates(opened: Opened, given: dict[UUID | None, InvitationResponse], now: dt.datetime) -> tuple[Date, ...]:
    if not isinstance(opened.matter, Weekly):
        return ()
    part = matters.part_of(opened.invitation)
    ahead = [m for m in opened.matter.dates if m.ends_at > now and part.has(matters.original_day(m))]
    shown = sorted(ahead, key=lambda m: m.starts_at)[:SHOWN_DATES]
    if opened.meeting is not None and opened.meeting in ahead and opened.meeting not in shown:
        shown.append(opened.meeting)
    return tuple(_date(meeting, given.get(meeting.id)) for meeting in shown)


def _date(meeting: Meeting, response: InvitationResponse | None) -> Date:
    answer = response.answer if response else None
    return Date(meeting.id, meeting.starts_at, meeting.ends_at, answer, not meeting.is_planned)
