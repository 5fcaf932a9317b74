"""Calendar messages as other people's calendars act on them (RFC 5545, RFC 5546 §3.2).

Every message is for one recipient: the list of participants is itself sensitive, so a message holds one ATTENDEE and
the service's own mailbox as ORGANIZER, and nothing that was not put into the event on purpose. Clients differ over
anything unusual, so the shape is the narrow one all of them read: one VEVENT, one VTIMEZONE, no RDATE, RANGE, ADD or
PUBLISH. The same event always gives the same bytes.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from urllib.parse import quote

from icalendar import Calendar, vCalAddress, vUri
from icalendar import Event as Component

from meetings.recurrence import SeriesEndsBeforeItStarts, time_zone
from meetings.timezones import vtimezone
from meetings.vocabulary import Event, Party, Refusal

PRODUCT = "-//Inslussning//Inslussning//SV"
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?=.{{3,254}}\Z)(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")
_LINK = re.compile(r"https?://[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]{1,2000}")  # the characters of RFC 3986
_UID = re.compile(r"[A-Za-z0-9._@+-]{1,200}")  # nothing a calendar would have to escape
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_BYDAY = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_HIGHEST_SEQUENCE = 2**31 - 1  # what an iCalendar INTEGER holds


class Method(StrEnum):
    """What a message asks its recipient's calendar to do; no other method is ever mailed."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


class BadAddress(Refusal):
    """A mail address is not a plain addr-spec of RFC 5322: dot-atom, at sign, host name."""


class AddressNotAscii(BadAddress):
    """A mail address has letters outside ASCII, which too many calendars and mail servers do not take."""


class BadUid(Refusal):
    """A UID is empty, too long, or holds something other than letters, digits and `._@+-`."""


class BadSequence(Refusal):
    """A SEQUENCE is negative or above what an iCalendar integer holds."""


class BadLink(Refusal):
    """The address of a video meeting is not a plain http or https URI."""


class NaiveInstant(Refusal):
    """A point in time has no time zone."""


class EndsBeforeItStarts(Refusal):
    """An event ends at or before its start."""


class StartsInRepeatedHour(Refusal):
    """A series starts in the second pass of the hour clocks repeat in autumn, which no local time can state."""


class SeriesAndOccurrence(Refusal):
    """An event is a whole series and one of its occurrences at once."""


class ExceptionsWithoutSeries(Refusal):
    """Dates are left out of something that does not repeat."""


class MissingParty(Refusal):
    """A message lacks its organizer or its attendee."""


class WrongScope(Refusal):
    """The caller means to cancel the whole but hands over one occurrence, or the other way round."""


class NothingToWrite(Refusal):
    """A calendar file would hold no event, which RFC 5545 §3.6 does not allow."""


def request(event: Event) -> bytes:
    """Return the invitation or update for the event's attendee; they are asked to answer."""
    return _message(event, Method.REQUEST, status="CONFIRMED")


def cancel(event: Event, *, whole: bool) -> bytes:
    """Return the message that says the event will not take place.

    `whole` states what is meant, all of it or the one occurrence of `recurrence_id`; raise WrongScope when the event
    says otherwise, because a lost RECURRENCE-ID would cancel every date.
    """
    if whole is not (event.recurrence_id is None):
        raise WrongScope(event.uid)
    return _message(event, Method.CANCEL, status="CANCELLED")


def withdraw(event: Event) -> bytes:
    """Return the message that takes back the attendee's invitation to an event that does take place (§4.2.10)."""
    return _message(event, Method.CANCEL, status=None)


def download(events: Iterable[Event], name: str) -> bytes:
    """Return a calendar file to keep, without method, organizer or attendees, so that no calendar mails about it.

    Raise NothingToWrite without events. DTSTAMP is then the last change (§3.8.7.2), as the caller gave it.
    """
    components = [_component(event, status="CONFIRMED", link=True) for event in events]
    if not components:
        raise NothingToWrite(name)
    calendar = _calendar()
    calendar.add("name", one_line(name))
    calendar.add("x-wr-calname", one_line(name))
    return _bytes(calendar, components)


def address_of(party: Party) -> str:
    """Return the party's bare mail address; raise BadAddress, or AddressNotAscii, when it cannot be written safely."""
    if not party.address.isascii():
        raise AddressNotAscii(party.address)
    if _ADDRESS.fullmatch(party.address) is None:
        raise BadAddress(party.address)
    return party.address


def mailto(party: Party) -> str:
    """Return the party's address as calendars write it (RFC 6068); raise what `address_of` raises."""
    return "mailto:" + quote(address_of(party), safe="@!$&'*+/=~")


def one_line(text: str) -> str:
    """Return the text on one line, without control characters and lone surrogates."""
    return " ".join(filter(None, (line.strip() for line in several_lines(text).split("\n"))))


def several_lines(text: str) -> str:
    r"""Return the text with every kind of line break as \n, without control characters and lone surrogates."""
    return "\n".join(_UNSAFE.sub("", line.replace("\t", " ")) for line in text.splitlines())


def _message(event: Event, method: Method, *, status: str | None) -> bytes:
    if event.organizer is None or event.attendee is None:
        raise MissingParty(event.uid)
    asked = method is Method.REQUEST
    component = _component(event, status=status, link=asked)
    component.add("organizer", _person(event.organizer))
    attendee = _person(event.attendee)
    attendee.params |= {"CUTYPE": "INDIVIDUAL", "ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION"}
    if asked:
        attendee.params["RSVP"] = "TRUE"
    component.add("attendee", attendee)
    calendar = _calendar()
    calendar.add("method", method.value)
    return _bytes(calendar, [component])


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    return calendar


def _bytes(calendar: Calendar, components: list[Component]) -> bytes:
    for component in components:
        calendar.add_component(component)
    calendar.subcomponents[:0] = [vtimezone(zone) for zone in sorted(calendar.get_used_tzids())]
    content: bytes = calendar.to_ical()
    return content


def _component(event: Event, *, status: str | None, link: bool) -> Component:
    _check_values(event)
    _check_recurrence(event)
    component = Component()
    component.add("uid", event.uid)
    component.add("sequence", event.sequence)
    component.add("dtstamp", event.dtstamp.astimezone(UTC))
    component.add("dtstart", _when(event.starts, event.zone))
    component.add("dtend", _when(event.ends, event.zone))
    component.add("class", "PRIVATE")
    component.add("transp", "OPAQUE")
    if status is not None:
        component.add("status", status)
    _add_recurrence(component, event)
    _add_text(component, event, link=link)
    return component


def _add_recurrence(component: Component, event: Event) -> None:
    if event.rrule_until is not None:
        weekday = _BYDAY[event.starts.astimezone(time_zone(event.zone)).weekday()]
        component.add("rrule", {"FREQ": "WEEKLY", "UNTIL": event.rrule_until.astimezone(UTC), "BYDAY": weekday})
    for original in sorted(set(event.exdates)):
        component.add("exdate", [_when(original, event.zone)])  # one property per date: some clients misread lists
    if event.recurrence_id is not None:
        component.add("recurrence-id", _when(event.recurrence_id, event.zone))


def _add_text(component: Component, event: Event, *, link: bool) -> None:
    summary = one_line(event.text.summary)
    component.add("summary", summary)
    if description := several_lines(event.text.description):
        component.add("description", description)
    if location := one_line(event.text.location):
        component.add("location", location)
    if event.text.url and link:
        parameters = {"VALUE": "URI", "FEATURE": "VIDEO"} | ({"LABEL": _parameter(summary)} if summary else {})
        component.add("conference", vUri(event.text.url), parameters=parameters)


def _person(party: Party) -> vCalAddress:
    person = vCalAddress(mailto(party))
    if name := _parameter(party.name):
        person.params["CN"] = name
    return person


def _parameter(text: str) -> str:
    """Return the text fit for a parameter: a backslash means itself there, but some readers take it for an escape."""
    return one_line(text).replace("\\", "/")


def _when(instant: datetime, zone: str) -> datetime:
    """Return local time in the zone, or UTC in the repeated hour, where local time would mean the first pass."""
    local = instant.astimezone(time_zone(zone))
    return instant.astimezone(UTC) if local.fold else local


def _check_values(event: Event) -> None:
    if _UID.fullmatch(event.uid) is None:
        raise BadUid(event.uid)
    if not 0 <= event.sequence <= _HIGHEST_SEQUENCE:
        raise BadSequence(event.sequence)
    if event.text.url and _LINK.fullmatch(event.text.url) is None:
        raise BadLink(event.text.url)
    instants = (event.dtstamp, event.starts, event.ends, event.rrule_until, event.recurrence_id, *event.exdates)
    if any(instant is not None and instant.utcoffset() is None for instant in instants):
        raise NaiveInstant(event.uid)
    if event.ends <= event.starts:
        raise EndsBeforeItStarts(event.starts, event.ends)


def _check_recurrence(event: Event) -> None:
    if event.rrule_until is None:
        if event.exdates:
            raise ExceptionsWithoutSeries(event.uid)
        return
    if event.recurrence_id is not None:
        raise SeriesAndOccurrence(event.uid)
    if event.rrule_until < event.starts:
        raise SeriesEndsBeforeItStarts(event.starts, event.rrule_until)
    if event.starts.astimezone(time_zone(event.zone)).fold:
        raise StartsInRepeatedHour(event.starts)
