"""What an invitation is for, and its shape in a calendar: rows are turned into the values that `meetings.itip` writes.

A series keeps what has happened to its dates in the meetings themselves, so every message is made from how things are now: each
date of the rule that is not held is an EXDATE, each date held another time is an occurrence with a message of its own.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from inslussning.db import Session
from inslussning.models import Appointment, Case, Invitation, Meeting, WeeklySlot
from inslussning.practice.protection import Protection
from inslussning.practice.staffing import HeldOn
from inslussning.services.invitation_texts import Occasion, Span
from meetings.recurrence import at, occurrences

NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)  # when a series without dates was over


class Weekly(NamedTuple):
    """A weekly slot with its dates in the order of the rule."""

    slot: WeeklySlot
    dates: Sequence[Meeting]


Matter = Weekly | Meeting | Appointment


class Part(NamedTuple):
    """Which of a series' dates an invitation is for, by the days the rule gave them; None is from, or to, the end of it."""

    first: dt.date | None = None
    last: dt.date | None = None

    def has(self, day: dt.date) -> bool:
        """Tell whether a date is in it."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


WHOLE = Part()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """When and where, as a calendar sees it. `original` makes it one date of a series, `until` the whole of it."""

    occasion: Occasion
    starts: dt.datetime
    ends: dt.datetime
    zone: str
    place: str = ""
    link: str = ""
    until: dt.datetime | None = None
    exdates: tuple[dt.datetime, ...] = ()
    original: dt.datetime | None = None
    is_secret: bool = False  # the client has protected identity: where it is, is said by nobody but a person

    @property
    def span(self) -> Span:
        """Return start and end."""
        return self.starts, self.ends


def matter_of(session: Session, invitation: Invitation) -> Matter:
    """Return what the invitation is for; a series comes with its dates."""
    if invitation.slot_id is not None:
        return weekly(session, session.get_one(WeeklySlot, invitation.slot_id))
    if invitation.meeting_id is not None:
        return session.get_one(Meeting, invitation.meeting_id)
    return session.get_one(Appointment, invitation.appointment_id)


def weekly(session: Session, slot: WeeklySlot) -> Weekly:
    """Return the slot with its dates."""
    query = select(Meeting).where(Meeting.slot_id == slot.id).order_by(Meeting.original_on)
    return Weekly(slot, session.scalars(query).all())


def occasion_of(matter: Matter) -> Occasion:
    """Return what the matter is called."""
    return Occasion.APPOINTMENT if isinstance(matter, Appointment) else Occasion.MEETING


def zone_of(matter: Matter, office_zone: str) -> str:
    """Return the zone the matter is agreed in; a booked time follows the office."""
    if isinstance(matter, Appointment):
        return office_zone
    return matter.slot.timezone if isinstance(matter, Weekly) else matter.timezone


def is_called_off(matter: Matter) -> bool:
    """Tell whether none of it takes place any more."""
    if isinstance(matter, Weekly):
        return matter.slot.ended_at is not None
    return matter.cancelled_at is not None if isinstance(matter, Appointment) else not matter.is_planned


def last_end(matter: Matter) -> dt.datetime:
    """Return when the matter, or the last date of a series, is over."""
    if isinstance(matter, Weekly):
        return max((meeting.ends_at for meeting in matter.dates), default=NEVER)
    return matter.ends_at


def part_of(invitation: Invitation) -> Part:
    """Return which dates the invitation is for."""
    return Part(invitation.from_on, invitation.until_on)


def dates_ahead(matter: Matter, now: dt.datetime, office_zone: str) -> list[HeldOn]:
    """Return the dates that are still to be held, in the order of the rule; what is no series has at most one."""
    zone = ZoneInfo(zone_of(matter, office_zone))
    meetings = matter.dates if isinstance(matter, Weekly) else [matter]
    ahead = [one for one in meetings if not is_called_off(one) and one.ends_at > now]
    held = [(one, one.starts_at.astimezone(zone).date()) for one in ahead]
    return [HeldOn(original_day(one) if isinstance(one, Meeting) and one.slot_id else day, day) for one, day in held]


def last_end_of(matter: Matter, part: Part) -> dt.datetime:
    """Return when the last date of an invitation's part is over."""
    if not isinstance(matter, Weekly):
        return matter.ends_at
    return max((one.ends_at for one in matter.dates if part.has(original_day(one))), default=NEVER)


def original_start(slot: WeeklySlot, meeting: Meeting) -> dt.datetime:
    """Return when the rule would have the date begin, in UTC: its name in every calendar (RFC 5545 §3.8.4.4)."""
    return at(original_day(meeting), slot.local_start, slot.timezone)


def original_span(slot: WeeklySlot, meeting: Meeting) -> Span:
    """Return when the rule would have the date begin and end, in UTC."""
    starts = original_start(slot, meeting)
    return starts, starts + dt.timedelta(minutes=slot.minutes)


def original_day(meeting: Meeting) -> dt.date:
    """Return the day the rule gave the date; every weekly meeting has one."""
    return meeting.original_on or meeting.starts_at.date()


def moved_ahead(matter: Weekly, part: Part, now: dt.datetime) -> list[Meeting]:
    """Return the dates of a part that are still to be held another time than the rule says."""
    return [
        meeting
        for meeting in matter.dates
        if meeting.is_planned
        and meeting.ends_at > now
        and part.has(original_day(meeting))
        and (meeting.starts_at, meeting.ends_at) != original_span(matter.slot, meeting)
    ]


def shape_of(matter: Matter, office_zone: str, part: Part = WHOLE) -> Shape:
    """Return the shape of the whole, or of a part of a series."""
    if isinstance(matter, Weekly):
        return _of_series(matter, part)
    return Shape(
        occasion=occasion_of(matter),
        starts=matter.starts_at,
        ends=matter.ends_at,
        zone=zone_of(matter, office_zone),
        place=matter.place,
        link="" if isinstance(matter, Appointment) else matter.video_link,
    )


def shape_of_date(slot: WeeklySlot, meeting: Meeting) -> Shape:
    """Return the shape of one date of a series, named by its original start however it has moved."""
    return Shape(
        occasion=Occasion.MEETING,
        starts=meeting.starts_at,
        ends=meeting.ends_at,
        zone=slot.timezone,
        place=meeting.place,
        link=meeting.video_link,
        original=original_start(slot, meeting),
    )


def _of_series(matter: Weekly, part: Part) -> Shape:
    slot, series = matter.slot, matter.slot.as_series()
    rule = [one for one in occurrences(series) if part.has(one.original)]
    held = {meeting.original_on for meeting in matter.dates if meeting.is_planned}
    return Shape(
        occasion=Occasion.MEETING,
        starts=rule[0].starts,
        ends=rule[0].ends,
        zone=slot.timezone,
        place=slot.place,
        link=slot.video_link,
        until=rule[-1].starts,
        exdates=tuple(one.starts for one in rule if one.original not in held),
    )


def is_in(matter: Matter, meeting_id: UUID) -> bool:
    """Tell whether the meeting is what the matter is about, or one date of it."""
    if isinstance(matter, Weekly):
        return any(meeting.id == meeting_id for meeting in matter.dates)
    return isinstance(matter, Meeting) and matter.id == meeting_id


def is_protected(session: Session, case_id: UUID | None) -> bool:
    """Tell whether something is about a case with protected identity."""
    return case_id is not None and session.get_one(Case, case_id).protection is not Protection.NONE


def shielded(session: Session, invitation: Invitation, shape: Shape) -> Shape:
    """Return the shape as it may leave the house: of a protected case without place and link."""
    if not is_protected(session, invitation.case_id):
        return shape
    return replace(shape, place="", link="", is_secret=True)
