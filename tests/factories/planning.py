"""A weekly slot and a video meeting to change one thing in. Callers commit."""

import datetime as dt
from typing import Any

from sqlalchemy.orm import Session

from inslussning.models import Meeting, WeeklySlot
from inslussning.practice.access import Principal
from inslussning.services import meetings, slots
from inslussning.services.links import Links
from inslussning.services.meetings import NewVideoMeeting
from inslussning.services.slots import NewSlot
from meetings.recurrence import at
from meetings.vocabulary import Weekday
from tests.factories.offices import World

LINKS = Links("a key for tests", "http://127.0.0.1:8000")
STOCKHOLM = "Europe/Stockholm"


def a_new_slot(**changes: Any) -> NewSlot:
    """Thursdays 9–11 for a year from 7 January 2027: 53 dates."""
    details: dict[str, Any] = {
        "name": "Inslussning centrum",
        "weekday": Weekday.THURSDAY,
        "local_start": dt.time(9),
        "minutes": 120,
        "first_on": dt.date(2027, 1, 7),
        "place": "Storgatan 4",
    }
    return NewSlot(**(details | changes))


def a_slot(session: Session, principal: Principal, *, now: dt.datetime, **changes: Any) -> WeeklySlot:
    return slots.create_slot(session, principal, a_new_slot(**changes), links=LINKS, now=now)


def a_new_video(world: World, **changes: Any) -> NewVideoMeeting:
    """An hour about the case that is released in April, on Tuesday 9 February 2027."""
    details: dict[str, Any] = {
        "case_id": world.far.id,
        "starts_at": at(dt.date(2027, 2, 9), dt.time(13), STOCKHOLM),
        "ends_at": at(dt.date(2027, 2, 9), dt.time(14), STOCKHOLM),
        "video_link": "https://video.example/rum",
        "actor_ids": (world.social.id, world.prison.id),
        "client_from_prison": True,
    }
    return NewVideoMeeting(**(details | changes))


def a_video_meeting(session: Session, world: World, *, now: dt.datetime, **changes: Any) -> Meeting:
    new = a_new_video(world, **changes)
    return meetings.create_video_meeting(session, world.coordinator, new, links=LINKS, now=now)
