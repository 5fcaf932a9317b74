"""What an invitation is for, and its shape in a calendar: rows are turned into the values that `meetings.itip` writes.

A series keeps what has happened to its dates in the meetings themselves, so every message is made from how things are now: each
date of the rule that is not held is an EXDATE, each date held another time is an occurrence with a message of its own.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from inslussning.db import Session
from inslussning.models import Appointment, Invitation, Meeting, WeeklySlot
from inslussning.services.invitation_texts import Occasion, Span
from meetings.recurrence import at, occurrences

NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)  # when a series without dates was over


class Weekly(NamedTuple):
    """A weekly slot with its dates in the order of the rule."""

    slot: WeeklySlot
    dates: Sequence[Meeting]


Matter = Weekly | Meeting | Appointment


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


def first_ahead(matter: Weekly, now: dt.datetime) -> dt.date | None:
    """Return the original day of the first date that is still to be held; None when none is."""
    ahead = (m.original_on for m in matter.dates if m.is_planned and m.ends_at > now and m.original_on)
    return min(ahead, default=None)


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


def moved_ahead(matter: Weekly, from_on: dt.date, now: dt.datetime) -> list[Meeting]:
    """Return the dates from a day on that are still to be held another time than the rule says."""
    return [
        meeting
        for meeting in matter.dates
        if meeting.is_planned
        and meeting.ends_at > now
        and original_day(meeting) >= from_on
        and (meeting.starts_at, meeting.ends_at) != original_span(matter.slot, meeting)
    ]


def shape_of(matter: Matter, office_zone: str, from_on: dt.date | None = None) -> Shape:
    """Return the shape of the whole; a series begins with its date on `from_on`."""
    if isinstance(matter, Weekly):
        return _of_series(matter, from_on)
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


def _of_series(matter: Weekly, from_on: dt.date | None) -> Shape:
    slot, series = matter.slot, matter.slot.as_series()
    rule = [one for one in occurrences(series) if from_on is None or one.original >= from_on]
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
