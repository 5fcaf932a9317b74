"""The schedule as a calendar file for the client's own telephone.

A telephone syncs to places nobody here knows of and shows the next event on a locked screen, so the file says nothing but
that there is a time (RFC 5545; the same text for every time, no place, no people). What it is about stands on the paper.
"""

import datetime as dt
from uuid import UUID, uuid5

from inslussning.db import Session
from inslussning.i18n import N_, translate
from inslussning.models import Appointment, CaseRelease
from inslussning.practice.access import Principal
from inslussning.services import releases, schedules
from inslussning.services.schedules import NothingBooked
from meetings import itip
from meetings.vocabulary import CalendarText, Event

NAME = N_("Schema")
SUMMARY = N_("Bokad tid")
SEE_OR_CALL = N_("Se ditt schema eller ring %(phone)s.")
SEE = N_("Se ditt schema.")
LANGUAGE = "sv"  # the client's, not the coordinator's
_NAMES = UUID(
    "5f0f3d0e-6a52-5d0b-9a55-8f9d1f0f7a61"
)  # keeps the client's UIDs apart from the actors' and from our keys


def calendar_file(
    session: Session, principal: Principal, case_id: UUID, *, released: CaseRelease | None = None, now: dt.datetime
) -> bytes:
    """Return the case's times as a calendar file; raises NotFound, and NothingBooked when there are none.

    Of a client with protected identity only when somebody has let it go: raises NotReleased.
    """
    releases.require(session, principal, case_id, released)
    current = schedules.live(session, principal, case_id, now=now)
    if not current.appointments:
        raise NothingBooked
    phone = " ".join(current.sheet.phone.split())
    description = translate(LANGUAGE, SEE_OR_CALL, phone=phone) if phone else translate(LANGUAGE, SEE)
    text = CalendarText(translate(LANGUAGE, SUMMARY), description)
    events = (_event(row, text, principal.zone, now) for row in current.appointments)
    return itip.download(events, translate(LANGUAGE, NAME))


def _event(row: Appointment, text: CalendarText, zone: str, now: dt.datetime) -> Event:
    return Event(
        uid=str(uuid5(_NAMES, row.id.hex)),
        sequence=row.version - 1,  # never falls, so a second file replaces the first
        dtstamp=now,
        starts=row.starts_at,
        ends=row.ends_at,
        zone=zone,
        text=text,
    )
