"""Booked times made the way the pages make them. Callers commit."""

import datetime as dt
from typing import Any

from sqlalchemy.orm import Session

from inslussning.models import Actor, Appointment, Case
from inslussning.services import appointments
from inslussning.services.appointments import AppointmentDetails
from meetings.recurrence import at
from tests.factories.offices import World
from tests.factories.planning import LINKS, STOCKHOLM

THURSDAY = dt.date(2027, 1, 7)  # in the week of the near case's release


def details(
    day: dt.date = THURSDAY, clock: dt.time = dt.time(13), minutes: int = 60, **texts: Any
) -> AppointmentDetails:
    """An hour on the Thursday after release, about money."""
    starts_at = at(day, clock, STOCKHOLM)
    ends_at = starts_at + dt.timedelta(minutes=minutes)
    return AppointmentDetails(starts_at=starts_at, ends_at=ends_at, **({"what": "Vi pratar om pengar"} | texts))


def a_booking(
    session: Session,
    world: World,
    new: AppointmentDetails | None = None,
    *,
    now: dt.datetime,
    actor: Actor | None = None,
    case: Case | None = None,
) -> Appointment:
    """A kept time of social services with K-101, whatever speaks against it."""
    kept = appointments.book(
        session,
        world.coordinator,
        case_id=(case or world.near).id,
        actor_id=(actor or world.social).id,
        details=new or details(),
        confirmed=True,
        links=LINKS,
        now=now,
    )
    return kept.appointment
