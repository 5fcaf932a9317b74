"""Whatever bytes a file holds, reading it ends in a list or in a refusal that says what to do."""

import csv
import io

from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import Workbook

from inslussning.services.list_files import ListUnreadable, read_sheets

plain_cell = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).filter(str.strip)
table = st.lists(st.lists(plain_cell, min_size=2, max_size=6), min_size=2, max_size=8)


def a_workbook() -> bytes:
    book = Workbook()
    book.worksheets[0].append(["Ärende", "Frigivning"])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


WORKBOOK = a_workbook()


def read_or_refused(file: str, data: bytes) -> object:
    """Return the sheets, or what is said when there are none; anything else is an error."""
    try:
        return read_sheets(file, data)
    except ListUnreadable as refusal:
        return str(refusal)


@given(st.binary(max_size=300), st.sampled_from(["lista.csv", "bok.xlsx", "bok.xls", ""]))
@example(b'"', "lista.csv")
@example(b"sep=;", "lista.csv")
@example(b'sep="\n"a"b"\n', "lista.csv")
def test_any_bytes_are_read_or_refused(data: bytes, file: str) -> None:
    assert read_or_refused(file, data)


@given(st.integers(0, len(WORKBOOK) - 1), st.binary(min_size=1, max_size=4))
def test_a_damaged_workbook_is_read_or_refused(at: int, junk: bytes) -> None:
    assert read_or_refused("bok.xlsx", WORKBOOK[:at] + junk + WORKBOOK[at + len(junk) :])


@given(table, st.sampled_from([";", "\t"]), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_what_was_written_is_what_is_read(rows: list[list[str]], separator: str, encoding: str) -> None:
    written = io.StringIO()
    csv.writer(written, delimiter=separator, quoting=csv.QUOTE_ALL).writerows([["A", "B"], *rows])
    (sheet,) = read_sheets("lista.csv", written.getvalue().encode(encoding))
    assert [list(cells) for _, cells in sheet.rows] == rows
