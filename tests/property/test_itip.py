import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from meetings.itip import cancel, download, one_line, request, several_lines, withdraw
from meetings.recurrence import time_zone
from meetings.vocabulary import CalendarText, Event, Party
from tests.factories.events import STOCKHOLM, an_event
from tests.whitelist import addresses, violations

TEXTS = st.text(max_size=120)
WORDS = st.text("abcåäöÅ ,;:\\\"^'n", max_size=120)
ADDRESSES = st.from_regex(
    r"[a-z0-9]{1,12}([.+_-][a-z0-9]{1,8}){0,3}@[a-z0-9]{1,12}(-[a-z]{1,5})?\.example", fullmatch=True
)
PARTIES = st.builds(Party, ADDRESSES, TEXTS | WORDS)
LINKS = st.just("") | st.from_regex(r"https://video\.example/[A-Za-z0-9/?=&;,.%-]{0,80}", fullmatch=True)
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001 - bounds
    lambda instant: instant.replace(microsecond=0)
)
DAYTIME = INSTANTS.map(lambda instant: instant.replace(hour=8 + instant.hour % 8))


@st.composite
def single_events(draw: st.DrawFn) -> Event:
    starts = draw(INSTANTS)
    return an_event(
        uid=f"{draw(st.uuids())}@inslussning.example",
        sequence=draw(st.integers(0, 2**31 - 1)),
        dtstamp=draw(INSTANTS),
        starts=starts,
        ends=starts + draw(st.timedeltas(timedelta(minutes=1), timedelta(hours=12))),
        zone=draw(st.sampled_from([STOCKHOLM, "Europe/Lisbon", "America/New_York", "Asia/Kolkata"])),
        text=CalendarText(draw(TEXTS | WORDS), draw(TEXTS | WORDS), draw(TEXTS | WORDS), draw(LINKS)),
        organizer=draw(PARTIES),
        attendee=draw(PARTIES),
    )


@st.composite
def events(draw: st.DrawFn) -> Event:
    """Single events, series with dates left out, and moved occurrences."""
    event, starts = draw(single_events()), draw(DAYTIME)
    times: dict[str, Any] = {"starts": starts, "ends": starts + timedelta(hours=1)}
    weeks = draw(st.lists(st.integers(0, 50), max_size=4))
    exdates = tuple(starts + timedelta(weeks=week) for week in weeks)
    series = times | {"rrule_until": starts + timedelta(weeks=51), "exdates": exdates}
    shape = draw(st.sampled_from([{}, series, times | {"recurrence_id": draw(DAYTIME)}]))
    return replace(event, **shape)


examples = settings(max_examples=40, deadline=None)


def as_read(message: bytes) -> Any:
    """The event in a message, as the calendar library reads it."""
    (event,) = Calendar.from_ical(message).events
    return event


def messages(event: Event) -> list[bytes]:
    """Every message there is about the event."""
    return [
        request(event),
        cancel(event, whole=event.recurrence_id is None),
        withdraw(event),
        download([event], "Schema"),
    ]


@examples
@given(events())
def test_what_is_written_is_what_a_calendar_reads(event: Event) -> None:
    read = as_read(request(event))
    assert (read["uid"], read["sequence"], read["dtstamp"].dt) == (event.uid, event.sequence, event.dtstamp)
    assert read.start.astimezone(UTC) == event.starts
    assert read.end.astimezone(UTC) == event.ends.replace(microsecond=0)
    assert read["summary"] == one_line(event.text.summary)
    assert read.get("description", "") == several_lines(event.text.description)
    assert read.get("location", "") == one_line(event.text.location)
    assert read.get("conference", "") == event.text.url


@examples
@given(events())
def test_the_parties_are_read_with_their_names(event: Event) -> None:
    read = as_read(request(event))
    for name, party in (("organizer", event.organizer), ("attendee", event.attendee)):
        assert party is not None
        assert read[name] == f"mailto:{party.address}"
        assert read[name].params.get("CN", "") == one_line(party.name).replace("\\", "/")


@examples
@given(events())
def test_the_recurrence_is_read_as_the_same_instants(event: Event) -> None:
    read = as_read(request(event))
    assert sorted(moment.astimezone(UTC) for moment in read.exdates) == sorted(set(event.exdates))
    assert [until.astimezone(UTC) for until in read.get("rrule", {}).get("UNTIL", [])] == [
        until for until in (event.rrule_until,) if until is not None
    ]
    original = read.get("recurrence-id")
    assert (original and original.dt.astimezone(UTC)) == event.recurrence_id


@examples
@given(events())
def test_lines_hold_at_most_75_octets_and_never_half_a_letter(event: Event) -> None:
    for message in messages(event):
        assert message.endswith(b"\r\n")
        for line in message.removesuffix(b"\r\n").split(b"\r\n"):
            assert 0 < len(line) <= 75
            line.decode()  # fails inside a letter


@examples
@given(events())
def test_no_control_character_leaves(event: Event) -> None:
    for message in messages(event):
        text = message.decode().replace("\r\n", "")
        assert re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", text) is None


@examples
@given(events())
def test_only_approved_properties_and_parameters_leave(event: Event) -> None:
    assert [violations(message) for message in messages(event)] == [[], [], [], []]


@examples
@given(ADDRESSES, ADDRESSES)
def test_no_address_leaves_but_the_two_parties_own(organizer: str, attendee: str) -> None:
    event = an_event(organizer=Party(organizer, "Kontoret"), attendee=Party(attendee, "Åsa"))
    assert [addresses(message) for message in messages(event)] == [*[{organizer, attendee}] * 3, set()]


@examples
@given(events())
def test_the_same_event_gives_the_same_bytes(event: Event) -> None:
    assert messages(event) == messages(event)


@examples
@given(events())
def test_local_time_is_written_unless_the_clocks_show_it_twice(event: Event) -> None:
    read = as_read(request(event))
    repeated = event.starts.astimezone(time_zone(event.zone)).fold == 1
    assert read["dtstart"].params.get("TZID") == (None if repeated else event.zone)
