"""The weekly slot: the same hour every week, its dates stored as meetings, and the actors with a standing place in it.

Day and hour are never changed for a whole series: calendars disagree on what becomes of dates already moved, so a slot ends and a new
one begins. Name, place and link may change at any time.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from inslussning.db import Session
from inslussning.errors import Changed, Invalid, PracticeError
from inslussning.i18n import N_
from inslussning.models import Actor, Invitation, Meeting, Minutes, SlotActor, WeeklySlot
from inslussning.models.meetings import MeetingKind, MeetingState
from inslussning.practice.access import Function, Principal
from inslussning.practice.dates import months_from
from inslussning.services import actors, invitations, visible
from inslussning.services.invitations import Sent
from inslussning.services.links import Links
from meetings import recurrence
from meetings.holidays import DayMark, mark
from meetings.minutes import MinutesState
from meetings.vocabulary import Occurrence, Series, Weekday

_YEAR = 12  # months


class SlotEnded(PracticeError):
    """The series has been ended; nothing of it changes any more."""

    status = 409
    message = N_("Veckotiden är avslutad och kan inte ändras.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSlot:
    """What a weekly slot is made from. Without a last day it lasts a year; `minutes` is its length."""

    name: str
    weekday: Weekday
    local_start: dt.time
    minutes: int
    first_on: dt.date
    last_on: dt.date | None = None
    place: str = ""
    video_link: str = ""
    actor_ids: tuple[UUID, ...] = ()

    def as_series(self, zone: str) -> Series:
        """Return the slot as the value the recurrence rules know."""
        return Series(
            uid="",
            weekday=self.weekday,
            starts_at=self.local_start,
            duration=dt.timedelta(minutes=self.minutes),
            zone=zone,
            first=self.first_on,
            last=self.last_on or months_from(self.first_on, _YEAR) - dt.timedelta(days=1),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotDetails:
    """What may change in a running series."""

    name: str
    place: str = ""
    video_link: str = ""


class SlotLine(NamedTuple):
    """A slot in the list, with its next meeting and how many are left."""

    slot: WeeklySlot
    next: Meeting | None
    left: int


class SlotDate(NamedTuple):
    """One date of a slot: `day` is where the rule put it, `moved` whether it takes place another time."""

    meeting: Meeting
    day: dt.date
    mark: DayMark
    moved: bool
    past: bool
    minutes: MinutesState | None


def dates_of_new(principal: Principal, new: NewSlot, *, now: dt.datetime) -> tuple[Occurrence, ...]:
    """Return the dates the slot would have. Raises Invalid by the field for a series that cannot be held."""
    if new.first_on < now.astimezone(ZoneInfo(principal.zone)).date():
        raise Invalid(field="first_on", message=N_("Första dagen har redan varit. Välj i dag eller senare."))
    try:
        found = recurrence.occurrences(new.as_series(principal.zone))
    except recurrence.DurationOutOfRange:
        raise Invalid(
            field="minutes", message=N_("Längden ska vara mellan 1 och %(most)s minuter."), most=_longest()
        ) from None
    except recurrence.SeriesEndsBeforeItStarts:
        raise Invalid(field="last_on", message=N_("Sista dagen ligger före den första.")) from None
    except recurrence.SeriesHasNoOccurrence:
        raise Invalid(field="last_on", message=N_("Veckodagen infaller inte mellan första och sista dagen.")) from None
    except recurrence.SeriesTooLong:
        raise Invalid(
            field="last_on",
            message=N_("Serien får ha högst %(most)s tillfällen, ungefär tre år. Välj en tidigare sista dag."),
            most=recurrence.MOST_OCCURRENCES,
        ) from None
    if found[0].starts <= now:
        raise Invalid(field="first_on", message=N_("Första tillfället har redan börjat. Välj en senare första dag."))
    return found


def _longest() -> int:
    return int(recurrence.LONGEST.total_seconds() // 60)


def create_slot(session: Session, principal: Principal, new: NewSlot, *, links: Links, now: dt.datetime) -> WeeklySlot:
    """Make the slot with all its dates and invite its actors. Raises Invalid by the field."""
    principal.must(Function.COORDINATE)
    dates = dates_of_new(principal, new, now=now)
    chosen = actors.open_actors(session, principal, new.actor_ids)
    slot = WeeklySlot(
        office_id=principal.office_id,
        name=new.name,
        weekday=int(new.weekday),
        local_start=new.local_start,
        minutes=new.minutes,
        timezone=principal.zone,
        first_on=dates[0].original,
        last_on=dates[-1].original,
        place=new.place,
        video_link=new.video_link,
    )
    slot.members = [SlotActor(office_id=slot.office_id, actor=actor) for actor in chosen]
    session.add(slot)
    session.flush()  # its dates name it by its key
    session.add_all(_meeting(slot, one) for one in dates)
    session.flush()  # the invitations read the dates
    invitations.invite_slot(session, principal, slot, chosen, links=links, now=now)
    return slot


def _meeting(slot: WeeklySlot, one: Occurrence) -> Meeting:
    return Meeting(
        office_id=slot.office_id,
        kind=MeetingKind.WEEKLY,
        slot_id=slot.id,
        original_on=one.original,
        starts_at=one.starts,
        ends_at=one.ends,
        timezone=slot.timezone,
        place=slot.place,
        video_link=slot.video_link,
    )


def list_slots(session: Session, principal: Principal) -> Sequence[WeeklySlot]:
    """Return the office's slots, running ones first, then by weekday and hour."""
    return session.scalars(
        select(WeeklySlot)
        .where(visible.rows(WeeklySlot, principal))
        .order_by(WeeklySlot.ended_at.is_not(None), WeeklySlot.weekday, WeeklySlot.local_start, WeeklySlot.id)
    ).all()


def overview(session: Session, principal: Principal, *, now: dt.datetime) -> list[SlotLine]:
    """Return every slot with its next meeting, the nearest first; those with nothing left come last."""
    left = (
        select(Meeting.slot_id, func.min(Meeting.starts_at).label("at"), func.count().label("left"))
        .where(
            visible.rows(Meeting, principal),
            Meeting.kind == MeetingKind.WEEKLY,
            Meeting.state == MeetingState.PLANNED,
            Meeting.ends_at > now,
        )
        .group_by(Meeting.slot_id)
        .subquery()
    )
    rows = session.execute(
        select(Meeting, left.c.left)
        .join(left, (left.c.slot_id == Meeting.slot_id) & (left.c.at == Meeting.starts_at))
        .where(Meeting.state == MeetingState.PLANNED)
    )
    upcoming = {meeting.slot_id: (meeting, count) for meeting, count in rows}
    lines = [SlotLine(slot, *upcoming.get(slot.id, (None, 0))) for slot in list_slots(session, principal)]
    return sorted(lines, key=lambda line: (line.next is None, line.next.starts_at if line.next else now))


def get_slot(session: Session, principal: Principal, key: UUID) -> WeeklySlot:
    """Return a slot with its members and their organisations; raises NotFound."""
    return visible.one(
        session,
        principal,
        WeeklySlot,
        key,
        selectinload(WeeklySlot.members).joinedload(SlotActor.actor).joinedload(Actor.organisation),
        selectinload(WeeklySlot.members).joinedload(SlotActor.actor).selectinload(Actor.staffings),
    )


def members(slot: WeeklySlot) -> list[Actor]:
    """Return the actors that have a place in the slot now, in Swedish alphabetical order."""
    return sorted((m.actor for m in slot.members if m.left_on is None), key=lambda actor: actor.sort_key)


def dates_of(session: Session, principal: Principal, slot: WeeklySlot, *, now: dt.datetime) -> list[SlotDate]:
    """Return the slot's dates in the order of the rule, each with what day it is and how far its minutes have come."""
    rows = session.execute(
        select(Meeting, Minutes.state)
        .outerjoin(Minutes, Minutes.meeting_id == Meeting.id)
        .where(visible.rows(Meeting, principal), Meeting.slot_id == slot.id)
        .order_by(Meeting.original_on)
    )
    return [_date(slot, meeting, state, now) for meeting, state in rows]


def _date(slot: WeeklySlot, meeting: Meeting, state: MinutesState | None, now: dt.datetime) -> SlotDate:
    day = meeting.original_on or meeting.starts_at.date()  # a weekly meeting always has its original day
    starts = recurrence.at(day, slot.local_start, slot.timezone)
    moved = (meeting.starts_at, meeting.ends_at) != (starts, starts + dt.timedelta(minutes=slot.minutes))
    return SlotDate(meeting, day, mark(day), moved, meeting.starts_at <= now, state)


def change_details(
    session: Session, principal: Principal, key: UUID, details: SlotDetails, *, links: Links, now: dt.datetime
) -> Sent:
    """Change name, place and link of the slot and of its coming dates. A new name alone is nobody's mail: it never leaves the house."""
    principal.must(Function.COORDINATE)
    slot = _running(session, principal, key)
    if (slot.place, slot.video_link) == (details.place, details.video_link):
        slot.name = details.name
        return Sent(0, ())
    for meeting in _coming(session, principal, slot, now):
        if meeting.place == slot.place:
            meeting.place = details.place
        if meeting.video_link == slot.video_link:
            meeting.video_link = details.video_link
    slot.name, slot.place, slot.video_link = details.name, details.place, details.video_link
    session.flush()  # the mails are written from the rows
    return invitations.update_slot(session, principal, slot, links=links, now=now)


def add_actor(
    session: Session, principal: Principal, key: UUID, actor_id: UUID, *, links: Links, now: dt.datetime
) -> Sent:
    """Give an actor a standing place and invite it. Raises Invalid when it has one, or cannot be chosen."""
    principal.must(Function.COORDINATE)
    slot = _running(session, principal, key)
    chosen = actors.open_actors(session, principal, [actor_id], field="actor_id")
    member = next((m for m in slot.members if m.actor_id == actor_id), None)
    if member is not None and member.left_on is None:
        raise Invalid(field="actor_id", message=N_("Aktören är redan med i veckotiden."))
    if member is None:
        slot.members.append(SlotActor(office_id=slot.office_id, actor=chosen[0]))
    else:
        member.left_on = None
    try:
        session.flush()  # the invitation is for a member, and somebody may add the same actor at the same moment
    except IntegrityError:
        raise Changed from None
    return invitations.invite_slot(session, principal, slot, chosen, links=links, now=now)


def remove_actor(
    session: Session, principal: Principal, key: UUID, actor_id: UUID, *, links: Links, now: dt.datetime
) -> Sent:
    """Take an actor's standing place away from today and take its invitation back. Raises NotFound when it has none."""
    principal.must(Function.COORDINATE)
    slot = _running(session, principal, key)
    member = visible.only(
        session,
        select(SlotActor).where(
            visible.rows(SlotActor, principal),
            SlotActor.slot_id == slot.id,
            SlotActor.actor_id == actor_id,
            SlotActor.left_on.is_(None),
        ),
    )
    member.left_on = now.astimezone(ZoneInfo(slot.timezone)).date()
    session.flush()  # the mail is written for those who are left
    return invitations.withdraw_actor(session, principal, actor_id, Invitation.slot_id == slot.id, links=links, now=now)


def end_slot(session: Session, principal: Principal, key: UUID, *, links: Links, now: dt.datetime) -> Sent:
    """End the series: its coming dates are cancelled and mailed about once, what has been stays."""
    principal.must(Function.COORDINATE)
    slot = _running(session, principal, key)
    for meeting in _coming(session, principal, slot, now):
        meeting.state = MeetingState.CANCELLED
    slot.ended_at = now
    session.flush()  # the mails are written from the rows
    return invitations.end_slot(session, principal, slot, links=links, now=now)


def _coming(session: Session, principal: Principal, slot: WeeklySlot, now: dt.datetime) -> Sequence[Meeting]:
    return session.scalars(
        select(Meeting).where(
            visible.rows(Meeting, principal),
            Meeting.slot_id == slot.id,
            Meeting.state == MeetingState.PLANNED,
            Meeting.starts_at > now,
        )
    ).all()


def _running(session: Session, principal: Principal, key: UUID) -> WeeklySlot:
    slot = get_slot(session, principal, key)
    if slot.ended_at is not None:
        raise SlotEnded
    return slot
