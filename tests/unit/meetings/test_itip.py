from datetime import UTC, datetime
from typing import Any

import pytest

from meetings.itip import (
    AddressNotAscii,
    BadAddress,
    BadLink,
    BadSequence,
    BadUid,
    EndsBeforeItStarts,
    ExceptionsWithoutSeries,
    MissingParty,
    NaiveInstant,
    NothingToWrite,
    SeriesAndOccurrence,
    StartsInRepeatedHour,
    WrongScope,
    address_of,
    cancel,
    download,
    mailto,
    one_line,
    request,
    several_lines,
    withdraw,
)
from meetings.recurrence import SeriesEndsBeforeItStarts, UnknownZone
from meetings.timezones import vtimezone
from meetings.vocabulary import CalendarText, Party
from tests.factories.events import OFFICE, RECIPIENT, STOCKHOLM, UID, a_weekly_event, an_event
from tests.whitelist import addresses, content_lines, violations

JANUARY_14, MAY_6 = datetime(2027, 1, 14, 8, tzinfo=UTC), datetime(2027, 5, 6, 7, tzinfo=UTC)
LINK = "https://video.example/rum/7f3a"

INVITATION = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Inslussning//Inslussning//SV",
    "METHOD:REQUEST",
    *vtimezone(STOCKHOLM).to_ical().decode().split(),
    "BEGIN:VEVENT",
    "SUMMARY:Möte 09:00",
    "DTSTART;TZID=Europe/Stockholm:20270107T090000",
    "DTEND;TZID=Europe/Stockholm:20270107T110000",
    "DTSTAMP:20261201T083000Z",
    f"UID:{UID}",
    "SEQUENCE:0",
    'ATTENDEE;CN="Åsa Ek";CUTYPE=INDIVIDUAL;PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT;RSVP=TRUE'
    ":mailto:asa.ek@bjorkstad.example",
    "CLASS:PRIVATE",
    'ORGANIZER;CN="Samverkan Björkstad":mailto:mote@inslussning.example',
    "STATUS:CONFIRMED",
    "TRANSP:OPAQUE",
    "END:VEVENT",
    "END:VCALENDAR",
]


def event_lines(message: bytes) -> list[str]:
    lines = content_lines(message)
    return lines[lines.index("BEGIN:VEVENT") + 1 : lines.index("END:VEVENT")]


def named(message: bytes, name: str) -> list[str]:
    """The event's lines with this property, without the name."""
    return [line.removeprefix(name) for line in event_lines(message) if line.startswith((f"{name}:", f"{name};"))]


class TestRequest:
    def test_an_invitation_says_this_and_nothing_else(self) -> None:
        assert content_lines(request(an_event())) == INVITATION

    def test_a_series_repeats_weekly_on_its_local_weekday_until_an_instant_in_utc(self) -> None:
        assert named(request(a_weekly_event()), "RRULE") == [":FREQ=WEEKLY;UNTIL=20270624T070000Z;BYDAY=TH"]

    def test_a_series_may_be_down_to_its_only_date(self) -> None:
        message = request(an_event(rrule_until=datetime(2027, 1, 7, 8, tzinfo=UTC)))
        assert named(message, "RRULE") == [":FREQ=WEEKLY;UNTIL=20270107T080000Z;BYDAY=TH"]

    def test_the_weekday_is_the_local_one_where_utc_is_still_on_the_day_before(self) -> None:
        starts, ends = datetime(2027, 1, 6, 23, 30, tzinfo=UTC), datetime(2027, 1, 7, 0, 30, tzinfo=UTC)
        message = request(a_weekly_event(starts=starts, ends=ends))
        assert named(message, "RRULE")[0].endswith("BYDAY=TH")

    def test_each_date_left_out_has_a_line_of_its_own_in_local_time(self) -> None:
        message = request(a_weekly_event(exdates=(MAY_6, JANUARY_14, MAY_6)))
        assert named(message, "EXDATE") == [
            ";TZID=Europe/Stockholm:20270114T090000",
            ";TZID=Europe/Stockholm:20270506T090000",
        ]

    def test_a_moved_occurrence_is_named_by_its_original_start(self) -> None:
        starts, ends = datetime(2027, 5, 5, 7, tzinfo=UTC), datetime(2027, 5, 5, 9, tzinfo=UTC)
        message = request(an_event(starts=starts, ends=ends, recurrence_id=MAY_6))
        assert named(message, "RECURRENCE-ID") == [";TZID=Europe/Stockholm:20270506T090000"]

    def test_a_video_link_is_a_conference_labelled_with_the_summary(self) -> None:
        message = request(an_event(text=CalendarText("Möte", url=LINK)))
        assert named(message, "CONFERENCE") == [f";FEATURE=VIDEO;LABEL=Möte;VALUE=URI:{LINK}"]

    def test_a_video_link_without_summary_has_no_label(self) -> None:
        message = request(an_event(text=CalendarText("", url=LINK)))
        assert named(message, "CONFERENCE") == [f";FEATURE=VIDEO;VALUE=URI:{LINK}"]

    def test_the_lines_of_a_description_are_kept_and_a_location_is_one_line(self) -> None:
        text = CalendarText("Möte", "Rad 1\r\nRad 2\x85Rad 3\u2028Rad\x004", "Rum 1\nPlan 2\t B")
        message = request(an_event(text=text))
        assert named(message, "DESCRIPTION") == [r":Rad 1\nRad 2\nRad 3\nRad4"]
        assert named(message, "LOCATION") == [":Rum 1 Plan 2  B"]

    def test_commas_semicolons_and_backslashes_are_escaped(self) -> None:
        message = request(an_event(text=CalendarText(r"a,b;c\d")))
        assert named(message, "SUMMARY") == [r":a\,b\;c\\d"]

    def test_a_name_with_quotes_and_commas_stays_inside_its_parameter(self) -> None:
        message = request(an_event(attendee=Party("a@b.example", 'Ek, "Åsa"; x:y^')))
        assert named(message, "ATTENDEE")[0].startswith(""";CN="Ek, ^'Åsa^'; x:y^^";CUTYPE=""")

    def test_a_backslash_that_some_readers_take_for_an_escape_does_not_reach_a_parameter(self) -> None:
        message = request(an_event(organizer=Party("a@b.example", "Ek\\"), text=CalendarText("Möte\\", url=LINK)))
        assert named(message, "ORGANIZER") == [";CN=Ek/:mailto:a@b.example"]
        assert named(message, "CONFERENCE")[0].startswith(";FEATURE=VIDEO;LABEL=Möte/;")

    def test_a_party_without_a_name_has_no_common_name(self) -> None:
        message = request(an_event(organizer=Party("mote@inslussning.example")))
        assert named(message, "ORGANIZER") == [":mailto:mote@inslussning.example"]

    def test_the_time_zone_may_be_any_that_can_be_written(self) -> None:
        message = request(an_event(zone="Europe/London"))
        assert named(message, "DTSTART") == [";TZID=Europe/London:20270107T080000"]
        assert content_lines(message).count("TZID:Europe/London") == 1

    def test_an_event_in_utc_needs_no_time_zone(self) -> None:
        message = request(an_event(zone="UTC"))
        assert named(message, "DTSTART") == [":20270107T080000Z"]
        assert "BEGIN:VTIMEZONE" not in content_lines(message)

    def test_the_second_pass_of_the_repeated_hour_is_written_in_utc(self) -> None:
        starts, ends = datetime(2027, 10, 31, 0, 30, tzinfo=UTC), datetime(2027, 10, 31, 1, 30, tzinfo=UTC)
        message = request(an_event(starts=starts, ends=ends))
        assert named(message, "DTSTART") == [";TZID=Europe/Stockholm:20271031T023000"]
        assert named(message, "DTEND") == [":20271031T013000Z"]

    def test_the_same_event_gives_the_same_bytes(self) -> None:
        assert request(a_weekly_event(exdates=(MAY_6,))) == request(a_weekly_event(exdates=(MAY_6,)))

    def test_only_approved_properties_leave(self) -> None:
        text = CalendarText("Möte", "Text", "Rum", LINK)
        assert violations(request(a_weekly_event(text=text, exdates=(MAY_6,)))) == []

    def test_only_the_two_parties_have_an_address_in_it(self) -> None:
        assert addresses(request(an_event())) == {OFFICE.address, RECIPIENT.address}


class TestCancel:
    def test_the_whole_is_cancelled_without_naming_an_occurrence(self) -> None:
        message = cancel(an_event(sequence=3), whole=True)
        assert "METHOD:CANCEL" in content_lines(message)
        assert (named(message, "STATUS"), named(message, "SEQUENCE")) == ([":CANCELLED"], [":3"])
        assert named(message, "RECURRENCE-ID") == []

    def test_one_occurrence_is_cancelled_by_its_original_start(self) -> None:
        message = cancel(an_event(sequence=3, recurrence_id=MAY_6), whole=False)
        assert named(message, "RECURRENCE-ID") == [";TZID=Europe/Stockholm:20270506T090000"]
        assert named(message, "STATUS") == [":CANCELLED"]

    @pytest.mark.parametrize(("recurrence_id", "whole"), [(MAY_6, True), (None, False)])
    def test_meaning_one_thing_and_naming_another_is_refused(self, recurrence_id: datetime | None, whole: bool) -> None:
        with pytest.raises(WrongScope):
            cancel(an_event(recurrence_id=recurrence_id), whole=whole)

    def test_it_carries_its_time_zone_like_every_message(self) -> None:
        assert "BEGIN:VTIMEZONE" in content_lines(cancel(an_event(), whole=True))

    def test_it_asks_for_no_answer(self) -> None:
        (attendee,) = named(cancel(an_event(), whole=True), "ATTENDEE")
        assert "RSVP" not in attendee

    def test_it_does_not_lead_anyone_into_the_video_room(self) -> None:
        assert named(cancel(an_event(text=CalendarText("Möte", url=LINK)), whole=True), "CONFERENCE") == []

    def test_only_approved_properties_leave(self) -> None:
        assert violations(cancel(a_weekly_event(exdates=(MAY_6,)), whole=True)) == []


class TestWithdraw:
    def test_an_invitation_is_taken_back_without_calling_the_meeting_cancelled(self) -> None:
        message = withdraw(an_event(sequence=1))
        assert "METHOD:CANCEL" in content_lines(message)
        assert named(message, "STATUS") == []

    def test_it_can_concern_one_occurrence(self) -> None:
        message = withdraw(an_event(recurrence_id=MAY_6))
        assert named(message, "RECURRENCE-ID") == [";TZID=Europe/Stockholm:20270506T090000"]

    def test_only_approved_properties_leave(self) -> None:
        assert violations(withdraw(an_event())) == []


class TestDownload:
    def test_a_file_has_neither_method_nor_people(self) -> None:
        names = {line.split(":")[0].split(";")[0] for line in content_lines(download([an_event()], "Schema"))}
        assert names.isdisjoint({"METHOD", "ORGANIZER", "ATTENDEE"})
        assert addresses(download([an_event()], "Schema")) == set()

    def test_it_is_named_for_new_and_old_calendars(self) -> None:
        lines = content_lines(download([an_event()], "Schema\nvecka 1"))
        assert {"NAME:Schema vecka 1", "X-WR-CALNAME:Schema vecka 1"} <= set(lines)

    def test_events_need_no_parties(self) -> None:
        message = download([an_event(organizer=None, attendee=None)], "Schema")
        assert named(message, "SUMMARY") == [":Möte 09:00"]

    def test_events_keep_their_order_and_each_zone_comes_once(self) -> None:
        events = [
            an_event(uid=uid, zone=zone) for uid, zone in (("2", STOCKHOLM), ("1", "Asia/Tokyo"), ("3", STOCKHOLM))
        ]
        lines = content_lines(download(events, "Schema"))
        assert [line for line in lines if line.startswith("UID")] == ["UID:2", "UID:1", "UID:3"]
        assert [line for line in lines if line.startswith("TZID")] == ["TZID:Asia/Tokyo", "TZID:Europe/Stockholm"]

    def test_only_approved_properties_leave(self) -> None:
        assert violations(download([an_event(text=CalendarText("Möte", "Text", "Rum", LINK))], "Schema")) == []

    def test_a_file_without_events_is_refused(self) -> None:
        with pytest.raises(NothingToWrite):
            download([], "Schema")


class TestRefusal:
    @pytest.mark.parametrize(
        ("changes", "refusal"),
        [
            ({"uid": ""}, BadUid),
            ({"uid": "a b"}, BadUid),
            ({"uid": "a\r\nATTENDEE:x"}, BadUid),
            ({"uid": "x" * 201}, BadUid),
            ({"sequence": -1}, BadSequence),
            ({"sequence": 2**31}, BadSequence),
            ({"text": CalendarText("Möte", url="https://video.example/\r\nX:1")}, BadLink),
            ({"text": CalendarText("Möte", url="javascript:alert(1)")}, BadLink),
            ({"text": CalendarText("Möte", url='https://video.example/"')}, BadLink),
            ({"starts": datetime(2027, 1, 7, 8)}, NaiveInstant),  # noqa: DTZ001 - naive is what is refused
            ({"dtstamp": datetime(2027, 1, 7, 8)}, NaiveInstant),  # noqa: DTZ001 - naive is what is refused
            ({"recurrence_id": datetime(2027, 1, 7, 8)}, NaiveInstant),  # noqa: DTZ001 - naive is what is refused
            ({"ends": datetime(2027, 1, 7, 8, tzinfo=UTC)}, EndsBeforeItStarts),
            ({"ends": datetime(2027, 1, 7, 7, tzinfo=UTC)}, EndsBeforeItStarts),
            ({"exdates": (MAY_6,)}, ExceptionsWithoutSeries),
            ({"rrule_until": MAY_6, "recurrence_id": MAY_6}, SeriesAndOccurrence),
            ({"rrule_until": datetime(2027, 1, 6, tzinfo=UTC)}, SeriesEndsBeforeItStarts),
            ({"organizer": None}, MissingParty),
            ({"attendee": None}, MissingParty),
            ({"zone": "Europe/Bjorkstad"}, UnknownZone),
        ],
    )
    def test_an_event_that_breaks_a_rule_is_not_written(
        self, changes: dict[str, Any], refusal: type[Exception]
    ) -> None:
        with pytest.raises(refusal):
            request(an_event(**changes))

    def test_a_series_cannot_start_in_the_second_pass_of_the_repeated_hour(self) -> None:
        starts, ends = datetime(2027, 10, 31, 1, 30, tzinfo=UTC), datetime(2027, 10, 31, 2, 30, tzinfo=UTC)
        with pytest.raises(StartsInRepeatedHour):
            request(an_event(starts=starts, ends=ends, rrule_until=datetime(2027, 12, 31, tzinfo=UTC)))

    @pytest.mark.parametrize("party", ["organizer", "attendee"])
    @pytest.mark.parametrize(
        "address",
        [
            *("", "asa", "@b.example", "asa@", "a b@c.example", "a@b@c.example", ".a@b.example", "a..b@c.example"),
            *("a@b.example\r\nBcc: c@d.example", "a@b.example\n", "a\0@b.example", "<a@b.example>", '"a b"@c.example'),
            *("a@-b.example", "a@b..example", "a@[127.0.0.1]", "a,b@c.example", f"{'a' * 65}@b.example"),
            f"a@{'b' * 64}.example",
            f"a@{'b.' * 127}example",
        ],
    )
    def test_what_is_not_a_plain_address_is_refused(self, party: str, address: str) -> None:
        with pytest.raises(BadAddress):
            request(an_event(**{party: Party(address, "Åsa")}))

    @pytest.mark.parametrize("address", ["åsa@b.example", "asa@björkstad.example"])
    def test_an_international_address_is_refused_by_name(self, address: str) -> None:
        with pytest.raises(AddressNotAscii):
            address_of(Party(address))


class TestText:
    @pytest.mark.parametrize(
        "address", ["a@b.example", "a+b.c_d-e@f-g.h.example", "demo@localhost", "o'hara@b.example"]
    )
    def test_common_addresses_are_written_as_they_are(self, address: str) -> None:
        assert mailto(Party(address)) == f"mailto:{address}"

    def test_rare_characters_of_an_address_are_encoded_as_in_any_mailto(self) -> None:
        assert mailto(Party("a%b?c#d@e.example")) == "mailto:a%25b%3Fc%23d@e.example"

    def test_one_line_has_no_breaks_no_controls_and_no_edges(self) -> None:
        assert one_line(" a\r\nb\tc\x0bd\x1b[0m\ud800\x7f\x9f \n\n e\u2029") == "a b c d[0m e"

    def test_several_lines_keep_their_breaks_as_one_kind(self) -> None:
        assert several_lines("a\r\nb\rc\u2028d\x85\ne\x00") == "a\nb\nc\nd\n\ne"
