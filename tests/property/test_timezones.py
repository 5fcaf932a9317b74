"""Whether other people's calendars read our VTIMEZONE as the IANA tables say.

The reader is dateutil, alone and inside vobject. It is given the zone under a name of no meaning, because a reader that
knows the name may use its own tables and then proves nothing.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from io import StringIO

import pytest
import vobject
from dateutil.tz import tzical
from hypothesis import given, settings
from hypothesis import strategies as st

from meetings.itip import request
from meetings.recurrence import time_zone
from meetings.timezones import vtimezone
from tests.factories.events import an_event

EU_ZONES = [
    *("Europe/Stockholm", "Europe/Helsinki", "Europe/Copenhagen", "Europe/Berlin", "Europe/Paris", "Europe/Madrid"),
    *("Europe/Lisbon", "Europe/Dublin", "Europe/Athens", "Europe/Bucharest", "Europe/Warsaw", "Europe/Rome"),
    *("Europe/Riga", "Europe/Tallinn", "Europe/Vilnius", "Asia/Nicosia", "Atlantic/Azores", "Atlantic/Canary"),
]
OTHER_ZONES = ["Europe/Oslo", "Europe/London", "Europe/Kyiv", "America/New_York", "Australia/Sydney", "Asia/Kolkata"]
YEARS = range(2025, 2041)
INSTANTS = st.datetimes(datetime(2025, 1, 1), datetime(2040, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
SECOND = timedelta(seconds=1)


def nameless(zone: str) -> str:
    return f"Zone {(*EU_ZONES, *OTHER_ZONES).index(zone)}"


@cache
def as_others_read_it(zone: str) -> tzinfo:
    text = vtimezone(zone).to_ical().decode().replace("\r\n", "\n")
    read = tzical(StringIO(text.replace(zone, nameless(zone)))).get(nameless(zone))
    assert read is not None
    return read


def changes(zone: str, year: int) -> list[datetime]:
    """The last hour before each change of the clocks in that year, by the IANA table."""
    table, start = time_zone(zone), datetime(year, 1, 1, tzinfo=UTC)
    hours = [start + timedelta(hours=hour) for hour in range(24 * 365)]
    offsets = [hour.astimezone(table).utcoffset() for hour in hours]
    return [hours[number] for number in range(1, len(hours)) if offsets[number - 1] != offsets[number]]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(EU_ZONES + OTHER_ZONES), INSTANTS)
def test_any_instant_has_the_offset_of_the_iana_table(zone: str, instant: datetime) -> None:
    theirs = instant.astimezone(as_others_read_it(zone)).utcoffset()
    assert theirs == instant.astimezone(time_zone(zone)).utcoffset()


@pytest.mark.parametrize("zone", ["Europe/Stockholm", "Europe/Dublin", "America/New_York"])
def test_the_clocks_change_in_the_very_second_of_the_iana_table(zone: str) -> None:
    for year in YEARS:
        for change in changes(zone, year):
            for instant in (change - SECOND, change):
                theirs = instant.astimezone(as_others_read_it(zone)).utcoffset()
                assert theirs == instant.astimezone(time_zone(zone)).utcoffset(), instant


@pytest.mark.parametrize("zone", EU_ZONES)
def test_a_summer_and_a_winter_meeting_arrive_at_their_hour(zone: str) -> None:
    for year in YEARS:
        for month in (1, 7):
            starts = datetime(year, month, 8, 9, tzinfo=UTC)
            message = request(an_event(starts=starts, ends=starts + timedelta(hours=1), zone=zone))
            read = vobject.readOne(message.decode().replace(zone, nameless(zone)))
            assert read.vevent.dtstart.value.astimezone(UTC) == starts
