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
from inslussning.db.sealed import open_column
from inslussning.i18n import N_, translate
from inslussning.models import Actor, Appointment, Case, Invitation, Meeting, SlotActor, WeeklySlot
from inslussning.models.meetings import MeetingKind, MeetingState
from inslussning.practice.access import Principal
from inslussning.practice.bookings import Busy, BusyWith
from inslussning.services import visible

VIDEO_MEETING = N_("videomöte")
TAKEN = N_("upptagen")  # by a case that is not for whoever asks: the hour is taken, and nothing more is said


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
            *(Appointment.case_id, Case.client_id, Case.code, Actor.function),
        )
        .join(Case, Case.id == Appointment.case_id)
        .join(Actor, Actor.id == Appointment.actor_id)
        .where(
            visible.kept_whole(Appointment, principal),
            Appointment.cancelled_at.is_(None),
            or_(Case.client_id == client_id, Appointment.actor_id.in_(actor_ids)),
            Appointment.starts_at < window[1],
            Appointment.ends_at > window[0],
        )
    ).all()
    places = open_column(session, Appointment.__table__.c.place, [(row[0], row[4]) for row in rows])
    found = []
    for (key, actor, starts, ends, _, case_id, client, code, function), where in zip(rows, places, strict=True):
        whose, label = (BusyWith.CLIENT, function) if client == client_id else (BusyWith.ACTOR, code)
        place = where
        if case_id in principal.scope.hidden:
            label, place = translate(principal.language, TAKEN), ""
        found.append(
            TakenTime(Busy(starts, ends, whose, label, place), None if whose is BusyWith.CLIENT else actor, key)
        )
    return found


def _weekly_slots(
    session: Session, principal: Principal, actor_ids: Collection[UUID], window: tuple[dt.datetime, dt.datetime]
) -> list[TakenTime]:
    rows = session.execute(
        select(Meeting.id, SlotActor.actor_id, Meeting.starts_at, Meeting.ends_at, WeeklySlot.name, Meeting.place)
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
    ).all()
    places = open_column(session, Meeting.__table__.c.place, [(row[0], row[5]) for row in rows])
    return [
        TakenTime(Busy(starts, ends, BusyWith.WEEKLY_SLOT, name, place), actor)
        for (_, actor, starts, ends, name, _), place in zip(rows, places, strict=True)
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
        select(Invitation.actor_id, Meeting.starts_at, Meeting.ends_at, Meeting.case_id, Case.client_id, Case.code)
        .join(Case, Case.id == Meeting.case_id)
        .outerjoin(Invitation, invited)
        .where(
            visible.kept_whole(Meeting, principal),
            Meeting.kind == MeetingKind.VIDEO,
            Meeting.state == MeetingState.PLANNED,
            or_(Case.client_id == client_id, Invitation.id.is_not(None)),
            Meeting.starts_at < window[1],
            Meeting.ends_at > window[0],
        )
    ).all()
    video, busy = (translate(principal.language, word) for word in (VIDEO_MEETING, TAKEN))
    is_hidden = {case_id: case_id in principal.scope.hidden for _, _, _, case_id, _, _ in rows}
    own = {
        (starts, ends, busy if is_hidden[case_id] else video)
        for _, starts, ends, case_id, client, _ in rows
        if client == client_id
    }
    return [
        *(TakenTime(Busy(starts, ends, BusyWith.CLIENT, label), None) for starts, ends, label in sorted(own)),
        *(
            TakenTime(Busy(starts, ends, BusyWith.ACTOR, busy if is_hidden[case_id] else f"{video} {code}"), actor)
            for actor, starts, ends, case_id, client, code in rows
            if client != client_id
        ),
    ]
