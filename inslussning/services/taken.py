"""What is already taken: a client's times and an actor's, out of every table that holds any.

Whether a time fits is decided by `practice.bookings`; this only finds the facts, for one client and as many actors as
asked about, in three statements.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, or_, select

from inslussning.db import Session
from inslussning.i18n import N_, translate
from inslussning.models import Actor, Appointment, Case, Invitation, Meeting, SlotActor, WeeklySlot
from inslussning.models.meetings import MeetingKind, MeetingState
from inslussning.practice.access import Principal
from inslussning.practice.bookings import Busy, BusyWith
from inslussning.services import visible

VIDEO_MEETING = N_("videomöte")


@dataclass(frozen=True, slots=True)
class TakenTime:
    """A busy time with whose it is: the client's when `actor_id` is None. `appointment_id` tells a booked time from a meeting."""

    busy: Busy
    actor_id: UUID | None = None
    appointment_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """Everything taken within a window."""

    times: tuple[TakenTime, ...]

    def for_booking(self, actor_id: UUID, *, but: UUID | None = None) -> tuple[Busy, ...]:
        """Return what a time with the actor must be held against, leaving out the appointment that is being moved."""
        return tuple(
            one.busy
            for one in self.times
            if one.actor_id in {None, actor_id} and (but is None or one.appointment_id != but)
        )


def taken(
    session: Session,
    principal: Principal,
    *,
    client_id: UUID,
    actor_ids: Collection[UUID],
    window: tuple[dt.datetime, dt.datetime],
) -> Taken:
    """Return the times of the client and of the actors that touch the window."""
    return Taken(
        (
            *_appointments(session, principal, client_id, actor_ids, window),
            *_weekly_slots(session, principal, actor_ids, window),
            *_video_meetings(session, principal, client_id, actor_ids, window),
        )
    )


def _appointments(
    session: Session,
    principal: Principal,
    client_id: UUID,
    actor_ids: Collection[UUID],
    window: tuple[dt.datetime, dt.datetime],
) -> list[TakenTime]:
    rows = session.execute(
        select(
            *(Appointment.id, Appointment.actor_id, Appointment.starts_at, Appointment.ends_at, Appointment.place),
            *(Case.client_id, Case.code, Actor.function),
        )
        .join(Case, Case.id == Appointment.case_id)
        .join(Actor, Actor.id == Appointment.actor_id)
        .where(
            visible.rows(Appointment, principal),
            Appointment.cancelled_at.is_(None),
            or_(Case.client_id == client_id, Appointment.actor_id.in_(actor_ids)),
            Appointment.starts_at < window[1],
            Appointment.ends_at > window[0],
        )
    )
    return [
        TakenTime(Busy(starts, ends, BusyWith.CLIENT, function, place), None, key)
        if client == client_id
        else TakenTime(Busy(starts, ends, BusyWith.ACTOR, code, place), actor, key)
        for key, actor, starts, ends, place, client, code, function in rows
    ]


def _weekly_slots(
    session: Session, principal: Principal, actor_ids: Collection[UUID], window: tuple[dt.datetime, dt.datetime]
) -> list[TakenTime]:
    rows = session.execute(
        select(SlotActor.actor_id, Meeting.starts_at, Meeting.ends_at, WeeklySlot.name, Meeting.place)
        .join(SlotActor, SlotActor.slot_id == Meeting.slot_id)
        .join(WeeklySlot, WeeklySlot.id == Meeting.slot_id)
        .where(
            visible.rows(Meeting, principal),
            Meeting.state == MeetingState.PLANNED,
            SlotActor.actor_id.in_(actor_ids),
            or_(SlotActor.left_on.is_(None), SlotActor.left_on > Meeting.original_on),
            Meeting.starts_at < window[1],
            Meeting.ends_at > window[0],
        )
    )
    return [
        TakenTime(Busy(starts, ends, BusyWith.WEEKLY_SLOT, name, place), actor)
        for actor, starts, ends, name, place in rows
    ]


def _video_meetings(
    session: Session,
    principal: Principal,
    client_id: UUID,
    actor_ids: Collection[UUID],
    window: tuple[dt.datetime, dt.datetime],
) -> list[TakenTime]:
    invited = and_(
        Invitation.meeting_id == Meeting.id, Invitation.actor_id.in_(actor_ids), Invitation.withdrawn_at.is_(None)
    )
    rows = session.execute(
        select(Invitation.actor_id, Meeting.starts_at, Meeting.ends_at, Case.client_id, Case.code)
        .join(Case, Case.id == Meeting.case_id)
        .outerjoin(Invitation, invited)
        .where(
            visible.rows(Meeting, principal),
            Meeting.kind == MeetingKind.VIDEO,
            Meeting.state == MeetingState.PLANNED,
            or_(Case.client_id == client_id, Invitation.id.is_not(None)),
            Meeting.starts_at < window[1],
            Meeting.ends_at > window[0],
        )
    ).all()
    label = translate(principal.language, VIDEO_MEETING)
    own = {(starts, ends) for _, starts, ends, client, _ in rows if client == client_id}
    return [
        *(TakenTime(Busy(starts, ends, BusyWith.CLIENT, label), None) for starts, ends in sorted(own)),
        *(
            TakenTime(Busy(starts, ends, BusyWith.ACTOR, f"{label} {code}"), actor)
            for actor, starts, ends, client, code in rows
            if client != client_id
        ),
    ]
