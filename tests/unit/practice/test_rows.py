from collections.abc import Sequence
from datetime import date, time

import pytest

from inslussning.practice import list_columns, rows
from inslussning.practice.access import Role
from inslussning.practice.addresses import AddressInvalid
from inslussning.practice.case_codes import NOT_A_CODE
from inslussning.practice.dates import DateUnclear, TimeUnclear
from inslussning.practice.list_columns import ListKind, ListUnclear
from inslussning.practice.organisations import OrganisationKind
from inslussning.practice.phases import Phase
from inslussning.practice.rows import ActorRow, CaseRow, Reading, StaffingRow, read_rows

TODAY = date(2026, 11, 24)
ACTORS = ["Organisation", "Typ", "Funktion", "Ort", "Kortnamn", "E-post", "Telefon"]
STAFFINGS = ["Namn", "E-post", "Organisation", "Funktion", "Ort", "Från och med", "Till och med", "Roll"]
CASES = ["Ärende", "Frigivning", "Klockslag", "Anstalt", "Övervakningens slut", "Aktörer", "Fas"]
AN_ACTOR = [
    "Björkstads kommun",
    "Kommun",
    "Socialsekreterare vuxen",
    "Björkstad",
    "SOC",
    "soc@bjorkstad.example",
    "010-123 45 67",
]
A_STAFFING = [
    "Ada Ek",
    "ada@bjorkstad.example",
    "Björkstads kommun",
    "Socialsekreterare vuxen",
    "Björkstad",
    "2027-01-01",
    "",
    "",
]
A_CASE = ["K-101", "2027-01-04", "08:30", "GRA", "2029-01-04", "SOC, AF", "Planera"]


def read(header: Sequence[str], *lines: Sequence[str]) -> Reading:
    """Read lines as they follow a header on line 1."""
    return read_rows(header, list(enumerate(lines, start=2)), today=TODAY)


def changed(line: Sequence[str], header: Sequence[str], **cells: str) -> list[str]:
    """Return the line with some cells changed; spaces in headings are written as underscores."""
    return [
        cells.get(heading.replace(" ", "_").replace("-", "_"), cell) for heading, cell in zip(header, line, strict=True)
    ]


def reasons(reading: Reading) -> list[tuple[int, str, str]]:
    return [(problem.line, problem.column, problem.message) for problem in reading.problems]


class TestRecognising:
    @pytest.mark.parametrize(
        ("header", "kind"), [(ACTORS, ListKind.ACTORS), (STAFFINGS, ListKind.STAFFINGS), (CASES, ListKind.CASES)]
    )
    def test_the_headings_tell_which_list_it_is(self, header: list[str], kind: ListKind) -> None:
        assert read(header).kind is kind
        assert read(header[::-1]).kind is kind

    def test_the_lists_have_names(self) -> None:
        assert [kind.label for kind in ListKind] == ["Aktörer", "Bemanning", "Ärenden"]

    def test_case_spaces_accents_and_other_names_do_not_matter(self) -> None:
        header = ["\ufeffMYNDIGHET", " typ ", "funktion", "Plats", "Kort namn", "Mejladress", "Tel."]
        assert read(header, AN_ACTOR).values == read(ACTORS, AN_ACTOR).values

    def test_full_stops_in_a_heading_do_not_matter(self) -> None:
        header = ["Namn", "epost", "Organisation", "Funktion", "Fr.o.m.", "t.o.m."]
        (row,) = read(
            header, ["Ada Ek", "ada@bjorkstad.example", "Kommunen", "Handläggare", "2027-01-01", "2027-12-31"]
        ).values
        assert isinstance(row, StaffingRow)
        assert (row.starts_on, row.ends_on) == (date(2027, 1, 1), date(2027, 12, 31))

    def test_unknown_columns_are_told_and_passed_over(self) -> None:
        reading = read([*CASES, "Anteckning\n2026", ""], [*A_CASE, "vad som helst", ""])
        assert reading.ignored == ("Anteckning 2026",)
        assert len(reading.values) == 1

    def test_missing_columns_are_named(self) -> None:
        with pytest.raises(ListUnclear) as refusal:
            read(["Organisation", "Funktion", "Ort", "E-post", "Från"])
        assert refusal.value.message == list_columns.MISSING_COLUMNS
        assert refusal.value.params == {"columns": "Namn"}

    def test_a_complete_list_wins_over_one_that_lacks_a_column(self) -> None:
        assert read(["Ärende", "Frigivning", "Organisation", "Funktion", "Ort", "E-post"]).kind is ListKind.CASES

    @pytest.mark.parametrize("header", [[], ["", ""], ["Kanin", "Morot"], ["Ort", "Morot"]])
    def test_headings_of_no_list_are_refused(self, header: list[str]) -> None:
        with pytest.raises(ListUnclear) as refusal:
            read(header)
        assert refusal.value.message == ListUnclear.message

    def test_the_same_column_twice_is_refused(self) -> None:
        with pytest.raises(ListUnclear) as refusal:
            read([*ACTORS, "mejl"])
        assert refusal.value.message == list_columns.SAME_COLUMN_TWICE
        assert refusal.value.params == {"column": "E-post"}


class TestValues:
    def test_an_actor(self) -> None:
        assert read(ACTORS, AN_ACTOR).values == (
            ActorRow(
                line=2,
                organisation="Björkstads kommun",
                kind=OrganisationKind.MUNICIPALITY,
                function="Socialsekreterare vuxen",
                place="Björkstad",
                short_name="SOC",
                email="soc@bjorkstad.example",
                phone="010-123 45 67",
            ),
        )

    def test_a_staffing(self) -> None:
        line = changed(A_STAFFING, STAFFINGS, Till_och_med="31/1 2027", Roll="samordnare")
        assert read(STAFFINGS, line).values == (
            StaffingRow(
                line=2,
                name="Ada Ek",
                email="ada@bjorkstad.example",
                organisation="Björkstads kommun",
                function="Socialsekreterare vuxen",
                place="Björkstad",
                starts_on=date(2027, 1, 1),
                ends_on=date(2027, 1, 31),
                role=Role.COORDINATOR,
            ),
        )

    def test_a_case(self) -> None:
        assert read(CASES, A_CASE).values == (
            CaseRow(
                line=2,
                code="K-101",
                release_on=date(2027, 1, 4),
                release_time=time(8, 30),
                prison="GRA",
                supervision_ends_on=date(2029, 1, 4),
                actors=("SOC", "AF"),
                phase=Phase.PLAN,
            ),
        )

    def test_what_may_be_empty_may_be_empty(self) -> None:
        assert read(CASES, ["K-1"]).values == (CaseRow(line=2, code="K-1"),)

    @pytest.mark.parametrize(
        "text", ["2027-01-04", "2027-01-04 00:00:00", "4/1/2027", "20270104", "4 jan 2027", "2027-01-04T00:00:00"]
    )
    def test_dates_come_as_spreadsheets_write_them(self, text: str) -> None:
        (row,) = read(CASES, ["K-1", text]).values
        assert isinstance(row, CaseRow)
        assert (row.release_on, row.release_time) == (date(2027, 1, 4), None)

    def test_a_release_may_have_its_hour_in_the_same_cell(self) -> None:
        (row, other) = read(CASES, ["K-1", "2027-01-04 08:30:00"], ["K-2", "2027-01-04 08.30", "9.15"]).values
        assert isinstance(row, CaseRow)
        assert isinstance(other, CaseRow)
        assert (row.release_time, other.release_time) == (time(8, 30), time(9, 15))

    def test_actors_may_be_parted_by_commas_semicolons_or_lines(self) -> None:
        (row,) = read(CASES, changed(A_CASE, CASES, Aktörer=" SOC;AF\nFK,, soc ")).values
        assert isinstance(row, CaseRow)
        assert sorted(name.casefold() for name in row.actors) == ["af", "fk", "soc"]

    def test_a_code_is_in_capitals(self) -> None:
        (row,) = read(CASES, ["k-101b"]).values
        assert isinstance(row, CaseRow)
        assert row.code == "K-101B"

    def test_blank_rows_and_empty_cells_at_the_end_are_passed_over(self) -> None:
        reading = read(CASES, ["", " ", "\u00a0"], [], [*A_CASE, "", " "])
        assert [row.line for row in reading.values] == [4]
        assert reading.problems == ()


class TestProblems:
    @pytest.mark.parametrize(
        ("header", "line", "cells", "column", "message"),
        [
            (ACTORS, AN_ACTOR, {"Organisation": " "}, "Organisation", rows.EMPTY),
            (ACTORS, AN_ACTOR, {"Typ": "Landsting"}, "Typ", rows.UNKNOWN_KIND),
            (ACTORS, AN_ACTOR, {"Kortnamn": "x" * 21}, "Kortnamn", rows.TOO_LONG),
            (ACTORS, AN_ACTOR, {"E_post": "soc@bjorkstad"}, "E-post", AddressInvalid.message),
            (
                ACTORS,
                AN_ACTOR,
                {"Telefon": "växeln"},
                "Telefon",
                "Skriv telefonnumret med siffror, till exempel 070-123 45 67.",
            ),
            (ACTORS, AN_ACTOR, {"Telefon": "850101-1234"}, "Telefon", rows.PERSONAL_NUMBER),
            (ACTORS, AN_ACTOR, {"Funktion": "Ada 850101-1234"}, "Funktion", rows.PERSONAL_NUMBER),
            (STAFFINGS, A_STAFFING, {"Namn": "19850101-1234"}, "Namn", rows.PERSONAL_NUMBER),
            (STAFFINGS, A_STAFFING, {"Från_och_med": "fredag"}, "Från och med", rows.YEAR_MISSING),
            (STAFFINGS, A_STAFFING, {"Från_och_med": "14 jan"}, "Från och med", rows.YEAR_MISSING),
            (STAFFINGS, A_STAFFING, {"Från_och_med": "2027 kladd"}, "Från och med", DateUnclear.message),
            (STAFFINGS, A_STAFFING, {"Från_och_med": ""}, "Från och med", rows.EMPTY),
            (STAFFINGS, A_STAFFING, {"Till_och_med": "2026-12-31"}, "Till och med", rows.ENDS_EARLY),
            (STAFFINGS, A_STAFFING, {"Roll": "kung"}, "Roll", rows.UNKNOWN_ROLE),
            (CASES, A_CASE, {"Ärende": "Ada Ek"}, "Ärende", NOT_A_CODE),
            (CASES, A_CASE, {"Ärende": "EK"}, "Ärende", NOT_A_CODE),
            (CASES, A_CASE, {"Ärende": "850101-1234"}, "Ärende", rows.PERSONAL_NUMBER),
            (
                CASES,
                A_CASE,
                {"Frigivning": "1/14/2027"},
                "Frigivning",
                "Den dagen finns inte i kalendern. Skriv datumet så här: 14 jan eller 2027-01-14.",
            ),
            (CASES, A_CASE, {"Frigivning": ""}, "Klockslag", rows.TIME_WITHOUT_DATE),
            (CASES, A_CASE, {"Klockslag": "tidigt"}, "Klockslag", TimeUnclear.message),
            (CASES, A_CASE, {"Övervakningens_slut": "2027-01-03"}, "Övervakningens slut", rows.SUPERVISION_ENDS_EARLY),
            (CASES, A_CASE, {"Aktörer": "SOC, " + "x" * 21}, "Aktörer", rows.TOO_LONG),
            (CASES, A_CASE, {"Fas": "väntar"}, "Fas", rows.UNKNOWN_PHASE),
        ],
    )
    def test_a_value_that_cannot_be_used_is_told_by_line_and_column(
        self, header: list[str], line: list[str], cells: dict[str, str], column: str, message: str
    ) -> None:
        reading = read(header, changed(line, header, **cells))
        assert reasons(reading) == [(2, column, message)]
        assert reading.values == ()

    def test_every_problem_of_a_line_is_told_at_once(self) -> None:
        reading = read(ACTORS, changed(AN_ACTOR, ACTORS, Typ="x", Telefon="x"))
        assert [problem.column for problem in reading.problems] == ["Typ", "Telefon"]

    def test_no_problem_repeats_what_was_written(self) -> None:
        reading = read(ACTORS, ["850101-1234"] * 7)
        assert not any("850101" in str(problem) for problem in reading.problems)

    def test_a_value_without_a_heading_is_told(self) -> None:
        assert reasons(read(CASES, [*A_CASE, "kladd"])) == [(2, "", rows.TOO_MANY_VALUES)]
        assert reasons(read([*CASES, " "], [*A_CASE, "kladd"])) == [(2, "", rows.TOO_MANY_VALUES)]

    def test_the_other_lines_are_kept(self) -> None:
        reading = read(CASES, ["K-1"], ["namn"], ["K-3"])
        assert [row.line for row in reading.values] == [2, 4]

    def test_a_number_to_call_is_no_personal_number(self) -> None:
        assert read(ACTORS, changed(AN_ACTOR, ACTORS, Telefon="070101-1234")).problems == ()


class TestRepeating:
    def test_the_second_of_two_equal_cases_names_the_line_of_the_first(self) -> None:
        reading = read(CASES, ["K-1"], ["K-2"], ["k-1"])
        (problem,) = reading.problems
        assert (problem.line, problem.column, problem.params) == (4, "Ärende", {"first": 2})
        assert len(reading.values) == 2

    def test_a_function_and_a_short_name_stand_once_each(self) -> None:
        same_function = changed(AN_ACTOR, ACTORS, Kortnamn="SOC2", Funktion="SOCIALSEKRETERARE VUXEN")
        same_short_name = changed(AN_ACTOR, ACTORS, Kortnamn="soc", Funktion="Handläggare")
        reading = read(ACTORS, AN_ACTOR, same_function, same_short_name)
        assert reasons(reading) == [(3, "Funktion", rows.ALREADY_ON_LINE), (4, "Kortnamn", rows.ALREADY_ON_LINE)]

    def test_an_organisation_is_of_one_kind(self) -> None:
        other = changed(AN_ACTOR, ACTORS, Kortnamn="X", Funktion="Chef", Typ="Region")
        again = changed(AN_ACTOR, ACTORS, Kortnamn="Y", Funktion="Handläggare")
        reading = read(ACTORS, AN_ACTOR, other, again)
        assert reasons(reading) == [(3, "Typ", rows.OTHER_KIND_ON_LINE)]
        assert reading.problems[0].params == {"first": 2}

    def test_a_person_may_staff_two_functions_or_come_back_but_not_stand_twice(self) -> None:
        other = changed(A_STAFFING, STAFFINGS, Funktion="Chef")
        later = changed(A_STAFFING, STAFFINGS, Från_och_med="2028-01-01")
        reading = read(STAFFINGS, A_STAFFING, other, later, A_STAFFING)
        assert reasons(reading) == [(5, "Namn", rows.ALREADY_ON_LINE)]

    def test_a_line_that_cannot_be_used_does_not_hold_its_code(self) -> None:
        reading = read(CASES, ["K-1", "kladd"], ["K-1"])
        assert [row.line for row in reading.values] == [3]
