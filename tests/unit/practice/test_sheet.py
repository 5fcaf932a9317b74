"""What the client's schedule says, word for word."""

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest

from inslussning.practice.schedule import Booked, days
from inslussning.practice.sheet import Edition, Sheet, fingerprint, sheet, whom

ZONE = "Europe/Stockholm"
PHONE = "010-123\xa045\xa000"  # never broken over two lines
RELEASE = dt.datetime(2027, 1, 4, 7, 30, tzinfo=dt.UTC)
TODAY = dt.date(2026, 12, 1)
BOOKED = Booked(
    starts=dt.datetime(2027, 1, 7, 12, tzinfo=dt.UTC),
    ends=dt.datetime(2027, 1, 7, 13, tzinfo=dt.UTC),
    what="Vi pratar om pengar",
    whom="Åsa, socialtjänsten",
    where="Storgatan 12",
    contact="socialtjänsten 0500-11 22 33",
)


def a_sheet(*booked: Booked, **changes: Any) -> Sheet:
    released = changes.pop("release_at", RELEASE)
    shown = days(booked, release_at=released, zone=ZONE, today=TODAY)
    return sheet(shown, **({"code": "K-101", "phone": PHONE, "zone": ZONE} | changes))


def lines(found: Sheet) -> dict[str, str]:
    return {day.name: day.line for day in found.days}


class TestDays:
    def test_each_working_day_of_the_first_week_is_called_by_its_name_and_date(self) -> None:
        assert [(d.name, d.date) for d in a_sheet().days] == [
            ("Måndag", "4 januari"),
            ("Tisdag", "5 januari"),
            ("Onsdag", "6 januari"),
            ("Torsdag", "7 januari"),
            ("Fredag", "8 januari"),
        ]

    def test_a_holiday_is_written_out_with_whom_to_call(self) -> None:
        said = lines(a_sheet())["Onsdag"]
        assert said == f"Trettondedag jul. Helgdag – inga tider. Ring {PHONE} om något händer."

    def test_without_a_number_a_holiday_does_not_ask_anyone_to_call(self) -> None:
        assert lines(a_sheet(phone=""))["Onsdag"] == "Trettondedag jul. Helgdag – inga tider."

    def test_a_holiday_with_a_time_still_says_what_day_it_is(self) -> None:
        on_epiphany = replace(
            BOOKED, starts=BOOKED.starts - dt.timedelta(days=1), ends=BOOKED.ends - dt.timedelta(days=1)
        )
        assert lines(a_sheet(on_epiphany))["Onsdag"] == "Trettondedag jul."

    def test_an_empty_day_says_so(self) -> None:
        assert lines(a_sheet())["Tisdag"] == "Inga tider."

    def test_the_release_stands_first_on_its_day_with_its_hour(self) -> None:
        first = a_sheet(replace(BOOKED, starts=RELEASE + dt.timedelta(hours=4), ends=RELEASE + dt.timedelta(hours=5)))
        assert [(e.time, e.what) for e in first.days[0].entries] == [
            ("08.30", "Du friges."),
            ("12.30–13.30", "Vi pratar om pengar"),
        ]

    def test_a_release_without_a_known_hour_shows_none(self) -> None:
        midnight = dt.datetime(2027, 1, 3, 23, tzinfo=dt.UTC)
        assert a_sheet(release_at=midnight).days[0].entries[0].time == ""


class TestEntries:
    def test_only_what_is_known_is_said(self) -> None:
        entry = a_sheet(BOOKED).days[3].entries[0]
        assert [(f.label, f.text) for f in entry.facts] == [
            ("Vem", "Åsa, socialtjänsten"),
            ("Var", "Storgatan 12"),
            ("Kontakt", "socialtjänsten 0500-11\xa022\xa033"),
        ]

    def test_the_number_of_the_contact_can_be_called(self) -> None:
        assert a_sheet(BOOKED).days[3].entries[0].facts[-1].dial == "0500112233"

    def test_clock_times_are_local(self) -> None:
        assert a_sheet(BOOKED).days[3].entries[0].time == "13.00–14.00"


class TestWhom:
    @pytest.mark.parametrize(
        ("names", "said"),
        [
            (["Åsa Öberg"], "Åsa, socialtjänsten"),
            (["Åsa Öberg", "Per Lind"], "Åsa eller Per, socialtjänsten"),
            (["A B", "C D", "E F"], "Socialtjänsten"),
            ([], "Socialtjänsten"),
            ([" "], "Socialtjänsten"),
        ],
    )
    def test_people_are_called_by_their_first_names(self, names: list[str], said: str) -> None:
        assert whom("socialtjänsten", names) == said


class TestEnd:
    def test_it_says_what_to_do_when_one_cannot_come(self) -> None:
        found = a_sheet()
        assert f"{found.if_not} {found.if_not_call}" == f"Om du inte kan komma: ring {PHONE}. Du får en ny tid."

    def test_without_a_number_it_still_promises_a_new_time(self) -> None:
        assert a_sheet(phone="").if_not_call == "säg till så snart du kan. Du får en ny tid."

    def test_times_after_the_last_day_are_promised_in_the_next_schedule(self) -> None:
        assert a_sheet(later=dt.date(2027, 3, 5)).later == "Du har fler tider efter 5 mars. De står i nästa schema."


class TestTone:
    def test_it_blames_nobody_and_uses_no_jargon(self) -> None:
        said = json.dumps(a_sheet(BOOKED, later=dt.date(2027, 3, 5)).as_json(), ensure_ascii=False).casefold()
        words = (
            "misskö",
            "utebli",
            "uteblev",
            "frånvaro",
            "sanktion",
            "måste",
            "klient",
            "aktör",
            "insats",
            "åtgärd",
            "vsp",
            "!",
        )
        assert [word for word in words if word in said] == []


class TestEdition:
    def test_a_draft_says_so(self) -> None:
        assert Edition(on=dt.date(2026, 11, 24)).foot() == "Utkast 24 november 2026"

    def test_a_version_has_its_number_and_day(self) -> None:
        assert Edition(number=2, on=dt.date(2026, 12, 28)).foot() == "Version 2, 28 december 2026"

    def test_a_replaced_version_sends_the_reader_to_the_new_one(self) -> None:
        old = Edition(number=2, on=dt.date(2026, 12, 28), replaced_by=3)
        assert old.stamp() == "Det finns ett nyare schema. Fråga efter version 3."

    def test_the_newest_version_has_no_stamp(self) -> None:
        assert Edition(number=2, on=dt.date(2026, 12, 28)).stamp() == ""


class TestStored:
    def test_it_comes_back_as_it_was(self) -> None:
        kept = a_sheet(BOOKED)
        assert Sheet.from_json(json.loads(json.dumps(kept.as_json()))) == kept


class TestFingerprint:
    def test_it_does_not_depend_on_order(self) -> None:
        later = replace(BOOKED, starts=BOOKED.starts + dt.timedelta(hours=2), ends=BOOKED.ends + dt.timedelta(hours=2))
        one, other = ([BOOKED, later], [later, BOOKED])
        assert fingerprint(one, release="r", phone="p") == fingerprint(other, release="r", phone="p")

    @pytest.mark.parametrize("field", ["what", "whom", "where", "getting_there", "bring", "contact"])
    def test_every_text_counts(self, field: str) -> None:
        text: dict[str, Any] = {field: "något annat"}
        changed = replace(BOOKED, **text)
        assert fingerprint([changed], release="r", phone="p") != fingerprint([BOOKED], release="r", phone="p")

    def test_release_and_number_count(self) -> None:
        marks = {fingerprint([BOOKED], release=r, phone=p) for r in "ab" for p in "cd"}
        assert len(marks) == 4


class TestNumbers:
    def test_the_number_to_call_is_said_to_a_telephone_in_digits(self) -> None:
        assert a_sheet(phone="+46 10-123 45 00").dial == "+46101234500"

    @pytest.mark.parametrize(
        ("text", "number"),
        [
            ("Åsa 070-123 45 67", "070-123\xa045\xa067"),
            ("ring +46 10 123 45 00 först", "+46\xa010\xa0123\xa045\xa000"),
            ("(0500) 11 22 33", "(0500)\xa011\xa022\xa033"),
            ("Id-handling och kod 1234 5678", ""),
            ("rum 12, 2027-01-07 10.00", ""),
        ],
    )
    def test_a_telephone_number_is_told_from_other_numbers(self, text: str, number: str) -> None:
        entry = a_sheet(replace(BOOKED, bring=text)).days[3].entries[0]
        assert next(fact.number for fact in entry.facts if fact.label == "Ta med") == number
