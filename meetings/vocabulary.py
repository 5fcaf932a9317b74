"""The values every rule about meetings is stated in.

They exist so that the rules never meet a database row or a calendar library: a row is turned into one of these, a
rule is asked, and what comes back is again one of these. Instants are aware and in UTC; what people agree on
("Thursdays at nine") is local wall time with an IANA zone name, because only that survives a change to summer time.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import IntEnum, StrEnum


class Refusal(ValueError):
    """The root of every named refusal in this package: the caller handed over something a rule forbids."""


class Weekday(IntEnum):
    """The days as `datetime.date.weekday` numbers them."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6


class Response(StrEnum):
    """What a recipient has answered to an invitation (PARTSTAT of RFC 5545 §3.2.12, in lower case)."""

    NEEDS_ACTION = "needs-action"
    ACCEPTED = "accepted"
    TENTATIVE = "tentative"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Party:
    """One sender or recipient: a bare mail address and the name shown beside it (empty when there is none)."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """A weekly slot: the same wall-clock time in `zone` on each `weekday` from `first` to `last`, both included."""

    uid: str
    weekday: Weekday
    starts_at: time
    duration: timedelta
    zone: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One date of a series: the local date the rule gave it, its name even after a move, and its span in UTC."""

    original: date
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class CalendarText:
    """The text that may leave the house: it names no client, no case and no agency that reveals a fact.

    `url` is the address of the video meeting; whoever fills this in also writes it where people look, in `location` or
    `description`, because several calendars do not show RFC 7986 conferences.
    """

    summary: str
    description: str = ""
    location: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One calendar component as one recipient sees it.

    Instants are in UTC and shown in `zone`. `rrule_until` makes it a weekly series that ends with the occurrence
    starting then; `exdates` are the original starts that are left out; `recurrence_id` makes it a single changed
    occurrence, named by its original start. A download needs neither organizer nor attendee, a message needs both.
    """

    uid: str
    sequence: int
    dtstamp: datetime
    starts: datetime
    ends: datetime
    zone: str
    text: CalendarText
    organizer: Party | None = None
    attendee: Party | None = None
    rrule_until: datetime | None = None
    exdates: tuple[datetime, ...] = ()
    recurrence_id: datetime | None = None
