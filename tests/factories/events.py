"""Weekly slots and calendar events to change one thing in; all names and addresses are made up."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from meetings.vocabulary import CalendarText, Event, Party, Series, Weekday

STOCKHOLM = "Europe/Stockholm"
OFFICE = Party("mote@inslussning.example", "Samverkan Björkstad")
RECIPIENT = Party("asa.ek@bjorkstad.example", "Åsa Ek")
UID = "6f1c1d3e-2b7a-4b39-9f0e-0c8a8f5b7a11@inslussning.example"

_SERIES = Series(UID, Weekday.THURSDAY, time(9), timedelta(hours=2), STOCKHOLM, date(2027, 1, 7), date(2027, 6, 24))
_EVENT = Event(
    uid=UID,
    sequence=0,
    dtstamp=datetime(2026, 12, 1, 8, 30, tzinfo=UTC),
    starts=datetime(2027, 1, 7, 8, tzinfo=UTC),
    ends=datetime(2027, 1, 7, 10, tzinfo=UTC),
    zone=STOCKHOLM,
    text=CalendarText("Möte 09:00"),
    organizer=OFFICE,
    attendee=RECIPIENT,
)


def a_series(**changes: Any) -> Series:
    """Thursdays at nine in Stockholm for two hours, 7 January to 24 June 2027."""
    return replace(_SERIES, **changes)


def an_event(**changes: Any) -> Event:
    """One meeting on Thursday 7 January 2027, nine to eleven in Stockholm, for one recipient."""
    return replace(_EVENT, **changes)


def a_weekly_event(**changes: Any) -> Event:
    """The same meeting every Thursday until 24 June 2027."""
    return an_event(**({"rrule_until": datetime(2027, 6, 24, 7, tzinfo=UTC)} | changes))
