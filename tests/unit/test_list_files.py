"""Lists out of spreadsheets, as Excel writes them in Sweden and as nobody should write them."""

import datetime as dt
import io
import tracemalloc
import zipfile
from typing import Any

import pytest
from openpyxl import Workbook

from inslussning.services import list_files
from inslussning.services.list_files import ListUnreadable, Sheet, read_sheets

HEADINGS = "Ärende;Frigivning"
ROWS = ((2, ("K-101", "2027-01-04")), (3, ("K-102", "")))


def read_csv(text: str, encoding: str = "utf-8") -> Sheet:
    (sheet,) = read_sheets("lista.csv", text.encode(encoding))
    return sheet


def workbook(*rows: list[Any], **more: Any) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    for title, (state, lines) in more.items():
        other = book.create_sheet(title)
        other.sheet_state = state
        for line in lines:
            other.append(line)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def refusal(file: str, data: bytes) -> str:
    with pytest.raises(ListUnreadable) as problem:
        read_sheets(file, data)
    assert str(problem.value)
    return problem.value.message


class TestCsv:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
    def test_every_encoding_excel_writes_reads_the_same(self, encoding: str) -> None:
        sheet = read_csv(f"{HEADINGS}\r\nÅ-1;Ängö\r\n", encoding)
        assert (sheet.header, sheet.rows) == (("Ärende", "Frigivning"), ((2, ("Å-1", "Ängö")),))

    @pytest.mark.parametrize("separator", [";", ",", "\t"])
    @pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
    def test_separators_and_line_ends_are_found_out(self, separator: str, end: str) -> None:
        text = end.join(["Ärende;Frigivning", "K-101;2027-01-04", "K-102;", ""]).replace(";", separator)
        assert read_csv(text).rows == ((2, ("K-101", "2027-01-04")), (3, ("K-102",)))

    def test_the_separator_excel_announces_is_used(self) -> None:
        sheet = read_csv("sep=,\r\nÄrende,Frigivning\r\nK-101,2027-01-04\r\n")
        assert (sheet.header, sheet.rows) == (("Ärende", "Frigivning"), ((2, ("K-101", "2027-01-04")),))

    def test_a_comma_inside_quotes_does_not_count(self) -> None:
        sheet = read_csv('"Aktörer, kortnamn, alla";Ärende\r\n"soc, af";K-101\r\n')
        assert sheet.rows == ((2, ("soc, af", "K-101")),)

    def test_quotes_may_hold_separators_quotes_and_line_ends(self) -> None:
        sheet = read_csv('A;B\r\n"x;""y""";"två\r\nrader"\r\nk;l\r\n')
        assert sheet.rows == ((2, ('x;"y"', "två\r\nrader")), (3, ("k", "l")))

    def test_lines_have_the_numbers_excel_shows_beside_them(self) -> None:
        assert [line for line, _ in read_csv("A;B\r\n\r\n;\r\nk;l\r\n\r\nm;n").rows] == [4, 6]

    def test_the_headings_are_the_first_line_that_is_not_blank(self) -> None:
        assert read_csv("\r\n;;\r\nA;B\r\nk;l").header == ("A", "B")

    def test_a_formula_is_text_and_stays_so(self) -> None:
        assert read_csv("A;B\r\n=1+1;@SUM(A1)\r\n").rows == ((2, ("=1+1", "@SUM(A1)")),)

    def test_a_cell_of_a_megabyte_is_read_as_it_is(self) -> None:
        assert len(read_csv(f"A;B\r\nx;{'å' * 1_000_000}\r\n").rows[0][1][1]) == 1_000_000

    def test_a_list_may_have_headings_alone(self) -> None:
        assert read_csv("A;B\r\n").rows == ()

    def test_a_quote_that_never_ends_is_said_to_be_so(self) -> None:
        assert refusal("lista.csv", b'A;B\r\n"k;l\r\nm;n\r\n') == list_files.QUOTES_WRONG

    def test_as_many_rows_as_allowed_are_read_and_one_more_is_refused(self) -> None:
        most = b"A;B\n" + b"k;l\n" * list_files.MOST_ROWS
        assert len(read_sheets("lista.csv", most)[0].rows) == list_files.MOST_ROWS
        assert refusal("lista.csv", most + b"m;n\n") == list_files.TOO_MANY_ROWS

    def test_a_row_of_a_thousand_columns_is_refused(self) -> None:
        assert refusal("lista.csv", b"A;B\n" + b";".join([b"x"] * 1_000)) == list_files.TOO_MANY_COLUMNS

    def test_a_thousand_empty_cells_at_the_end_are_passed_over(self) -> None:
        assert read_csv("A;B\nk;l" + ";" * 1_000).rows == ((2, ("k", "l")),)


class TestNoList:
    @pytest.mark.parametrize("data", [b"", b"\r\n\r\n", b"   ", b";;;\r\n;\r\n", b"\xef\xbb\xbf", b"\0\0\0\0"])
    def test_an_empty_file_is_said_to_be_empty(self, data: bytes) -> None:
        assert refusal("lista.csv", data) in {list_files.EMPTY, list_files.NOT_A_LIST}

    @pytest.mark.parametrize(
        "data",
        [
            b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\0",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
            b"\x7fELF\x02\x01\x01\0",
            bytes(range(256)) * 4,
            b"A;B\r\nk;\x81\x8d\x8f\r\n",
            b"\xff\xfeA",
        ],
    )
    def test_binary_junk_is_no_list(self, data: bytes) -> None:
        assert refusal("lista.csv", data) == list_files.NOT_A_LIST

    def test_a_file_over_the_limit_is_too_big_whatever_it_holds(self) -> None:
        assert refusal("lista.csv", b"x" * (list_files.MOST_BYTES + 1)) == list_files.TOO_BIG

    @pytest.mark.parametrize("file", ["lista.xls", "lista.xlsx", "lista.csv"])
    def test_an_old_or_encrypted_workbook_says_how_to_save_it(self, file: str) -> None:
        data = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512)
        assert refusal(file, data) == list_files.OLD_WORKBOOK

    @pytest.mark.parametrize("data", [b"A;B\r\nk;l\r\n", b"<html><table>", b"PK\x03\x04 och sedan skr\xe4p"])
    def test_a_workbook_that_is_none_cannot_be_opened(self, data: bytes) -> None:
        assert refusal("lista.xlsx", data) == list_files.BROKEN_WORKBOOK

    def test_half_a_workbook_cannot_be_opened(self) -> None:
        data = workbook(["A", "B"], ["k", "l"])
        assert refusal("lista.xlsx", data[: len(data) // 2]) == list_files.BROKEN_WORKBOOK

    def test_an_archive_that_is_no_workbook_cannot_be_opened(self) -> None:
        assert refusal("lista.xlsx", archive({"läsmig.txt": b"hej"})) == list_files.BROKEN_WORKBOOK


class TestWorkbook:
    def test_text_and_headings_are_read(self) -> None:
        (sheet,) = read_sheets("bok.xlsx", workbook(["Ärende", "Frigivning"], ["K-101", None], [None, None], ["K-102"]))
        assert (sheet.header, sheet.rows) == (("Ärende", "Frigivning"), ((2, ("K-101",)), (4, ("K-102",))))

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (dt.datetime.fromisoformat("2027-01-04 00:00"), "2027-01-04 00:00"),
            (dt.datetime.fromisoformat("2027-01-04 08:30"), "2027-01-04 08:30"),
            (dt.datetime.fromisoformat("2027-01-04 08:29:59.999"), "2027-01-04 08:30"),
            (dt.date(2027, 1, 4), "2027-01-04 00:00"),
            (dt.time(8, 30), "08:30"),
            (dt.timedelta(hours=25, minutes=5), "25:05"),
            (101, "101"),
            (101.0, "101"),
            (0.5, "0.5"),
            ("0701", "0701"),
            ("'=1+1", "'=1+1"),
        ],
    )
    def test_values_are_what_a_person_would_type(self, value: object, text: str) -> None:
        (sheet,) = read_sheets("bok.xlsx", workbook(["A", "B"], [value, "slut"]))
        assert sheet.rows[0][1][0] == text

    def test_every_visible_sheet_that_holds_anything_is_read(self) -> None:
        data = workbook(
            ["A", "B"],
            ["k", "l"],
            Fler=("visible", [["C", "D"]]),
            Tomt=("visible", []),
            Dold=("hidden", [["E", "F"]]),
        )
        assert [(sheet.name, sheet.header) for sheet in read_sheets("bok.xlsx", data)] == [
            ("Sheet", ("A", "B")),
            ("Fler", ("C", "D")),
        ]

    def test_a_formula_gives_the_value_it_last_showed(self) -> None:
        data = workbook(["A", "B"], ["=1+1", "l"])
        with_value = data_with(data, "xl/worksheets/sheet1.xml", b"<v></v>", b"<v>2</v>", b"<v />", b"<v>2</v>")
        (sheet,) = read_sheets("bok.xlsx", with_value)
        assert sheet.rows[0][1] == ("2", "l")

    def test_a_workbook_named_csv_is_read_all_the_same(self) -> None:
        assert read_sheets("lista.csv", workbook(["A", "B"]))[0].header == ("A", "B")

    def test_the_size_a_sheet_claims_is_not_believed(self) -> None:
        data = workbook(["A", "B"], ["k", "l"])
        claimed = data_with(data, "xl/worksheets/sheet1.xml", b'ref="A1:B2"', b'ref="A1:XFD1048576"')
        assert read_sheets("bok.xlsx", claimed)[0].rows == ((2, ("k", "l")),)

    def test_a_row_at_the_very_end_of_the_sheet_keeps_its_number(self) -> None:
        data = workbook(["A", "B"], ["k", "l"])
        moved = data_with(data, "xl/worksheets/sheet1.xml", b'r="2"', b'r="1048576"', b'2"', b'1048576"')
        assert [line for line, _ in read_sheets("bok.xlsx", moved)[0].rows] == [1_048_576]


class TestBombs:
    def test_an_archive_that_unpacks_to_too_much_is_not_unpacked(self) -> None:
        bomb = archive({"xl/workbook.xml": b"0" * (list_files.MOST_UNPACKED + 1)})
        assert len(bomb) < list_files.MOST_BYTES
        assert refusal("bok.xlsx", bomb) == list_files.TOO_BIG

    def test_an_archive_of_too_many_parts_is_not_opened(self) -> None:
        assert refusal("bok.xlsx", archive({f"{n}.xml": b"" for n in range(2_001)})) == list_files.TOO_BIG

    def test_a_part_that_lies_about_its_size_is_not_believed(self) -> None:
        honest = archive({"xl/workbook.xml": b"0" * 10_000_000})
        lying = honest.replace((10_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
        tracemalloc.start()
        assert refusal("bok.xlsx", lying) == list_files.BROKEN_WORKBOOK
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < 5_000_000

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
    def test_xml_that_defines_entities_is_not_read(self, encoding: str) -> None:
        laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'.encode(encoding)
        assert refusal("bok.xlsx", archive({"xl/sharedStrings.xml": laughs})) == list_files.BROKEN_WORKBOOK


def archive(parts: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in parts.items():
            packed.writestr(name, data)
    return written.getvalue()


def data_with(data: bytes, part: str, *pairs: bytes) -> bytes:
    """Return the workbook with bytes of one part replaced: first by second, third by fourth …"""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    for was, becomes in zip(pairs[::2], pairs[1::2], strict=True):
        parts[part] = parts[part].replace(was, becomes)
    return archive(parts)
