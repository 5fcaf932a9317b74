"""Lists out of spreadsheets: CSV in every shape Excel gives it in Sweden, and workbooks (.xlsx), as lines of plain text.

What a file is, its first bytes say, not its name. Files come from outside, so everything is bounded before it is read: bytes,
unpacked bytes, rows, columns. Macros and formulas are never run; of a formula the value last shown is read.
"""

import codecs
import csv
import datetime as dt
import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from openpyxl import load_workbook

from inslussning.errors import Invalid
from inslussning.i18n import N_

MOST_BYTES = 5 * 1024 * 1024
MOST_UNPACKED = 40 * 1024 * 1024
MOST_PARTS = 2_000
MOST_ROWS = 20_000
MOST_COLUMNS = 64
MOST_EMPTY_ROWS = 1_100_000  # a sheet has 1,048,576; a stray format at its end makes every one of them appear

EMPTY = N_("Filen är tom.")
TOO_BIG = N_("Filen är för stor. Högst 5 MB går att läsa in på en gång. Dela upp den.")
TOO_MANY_ROWS = N_("Listan har fler än %(most)d rader. Dela upp den i flera filer.")
TOO_MANY_COLUMNS = N_("Rad %(line)d har fler än %(most)d kolumner. Kontrollera att det är rätt fil.")
NOT_A_LIST = N_(
    "Filen går inte att läsa som en lista. Spara den i Excel som arbetsbok (.xlsx) eller CSV och försök igen."
)
OLD_WORKBOOK = N_(
    "Filen är en äldre arbetsbok (.xls) eller skyddad med lösenord. Öppna den i Excel och spara den som .xlsx utan lösenord."
)
QUOTES_WRONG = N_("Rad %(line)d: ett citattecken saknar sin motsvarighet. Öppna filen i Excel och spara den på nytt.")
BROKEN_WORKBOOK = N_("Arbetsboken går inte att öppna. Öppna den i Excel, spara den på nytt och försök igen.")

_ZIP = b"PK\x03\x04"
_COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1")  # the container of .xls, and of encrypted workbooks
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SEPARATORS = (";", "\t", ",")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f]")  # in the headings: it is no text at all

warnings.filterwarnings("ignore", module=r"openpyxl\.")  # what it cannot write back is nothing to us, we only read
csv.field_size_limit(MOST_BYTES)  # a long cell is said to be long on its own line, not by giving the file up


class ListUnreadable(Invalid):
    """The file is no list we can read; the message says what to do with it."""

    message = NOT_A_LIST


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of a file: its headings, and its rows with the number the spreadsheet shows beside each."""

    file: str
    name: str  # the sheet's own name; empty in a CSV file
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read_sheets(file: str, data: bytes) -> tuple[Sheet, ...]:
    """Return every visible table of the file that holds anything. Raises ListUnreadable."""
    if len(data) > MOST_BYTES:
        raise ListUnreadable(message=TOO_BIG)
    if not data.strip(b"\x00 \t\r\n"):
        raise ListUnreadable(message=EMPTY)
    if data.startswith(_COMPOUND):
        raise ListUnreadable(message=OLD_WORKBOOK)
    if data.startswith(_ZIP):
        sheets = tuple(_workbook_sheets(file, data))
    elif PurePath(file).suffix.casefold() in {".xlsx", ".xlsm", ".ods", ".numbers"}:
        raise ListUnreadable(message=BROKEN_WORKBOOK)
    else:
        sheets = tuple(_sheet(file, "", _csv_rows(data)))
    if not sheets:
        raise ListUnreadable(message=EMPTY)
    return sheets


def _sheet(file: str, name: str, rows: Iterable[tuple[int, Sequence[str]]]) -> Iterator[Sheet]:
    """Yield the table the rows make, its headings on the first row that is not blank; nothing when all are blank."""
    filled: list[tuple[int, tuple[str, ...]]] = []
    for line, cells in rows:
        kept = _without_blank_end(cells)
        if not kept:
            continue
        if len(kept) > MOST_COLUMNS:
            raise ListUnreadable(message=TOO_MANY_COLUMNS, line=line, most=MOST_COLUMNS)
        if len(filled) > MOST_ROWS:
            raise ListUnreadable(message=TOO_MANY_ROWS, most=MOST_ROWS)
        filled.append((line, kept))
    if filled:
        yield Sheet(file, name, filled[0][1], tuple(filled[1:]))


def _without_blank_end(cells: Sequence[str]) -> tuple[str, ...]:
    length = next((n for n in range(len(cells), 0, -1) if cells[n - 1].strip()), 0)
    return tuple(cells[:length])


def _csv_rows(data: bytes) -> Iterator[tuple[int, Sequence[str]]]:
    text = _decoded(data)
    first, _, rest = text.partition("\n")
    separator = ""
    if first.casefold().startswith("sep=") and len(first.rstrip("\r")) == len("sep=;"):
        separator, text, first = first[4], rest, rest.partition("\n")[0]
    separator = separator or max(_SEPARATORS, key=lambda mark: _cells_of(first, mark))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 0
    try:
        for line, cells in enumerate(reader, start=1):
            yield line, cells
    except csv.Error:
        raise ListUnreadable(message=QUOTES_WRONG, line=line + 1) from None


def _cells_of(line: str, separator: str) -> int:
    """Return how many cells the line has with this separator; quoted separators do not count."""
    return sum(part.count(separator) for part in line.split('"')[::2])


def _decoded(data: bytes) -> str:
    """Return the text in the encoding its first bytes announce, else UTF-8, else what Excel calls ANSI (Windows-1252)."""
    announced = next((name for mark, name in _BOMS if data.startswith(mark)), None)
    for encoding in (announced,) if announced else ("utf-8", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text and not _CONTROL.search(text.partition("\n")[0]):
            return text
    raise ListUnreadable


def _workbook_sheets(file: str, data: bytes) -> Iterator[Sheet]:
    safe = _repacked(data)
    try:
        book = load_workbook(safe, read_only=True, data_only=True, keep_links=False)
    except Exception:  # a file from outside can break the reader in any way there is
        raise ListUnreadable(message=BROKEN_WORKBOOK) from None
    try:
        for sheet in book.worksheets:
            if sheet.sheet_state == "visible":
                yield from _sheet(file, sheet.title, _workbook_rows(sheet))
    finally:
        book.close()


def _repacked(data: bytes) -> io.BytesIO:
    """Return the archive's XML again, unpacked, so that nothing in it can grow any more.

    Raises ListUnreadable for an archive that unpacks to more than any list does, or whose XML defines entities. A part is read up
    to the size it declares and no further, so a false size gains nothing.
    """
    written = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed, zipfile.ZipFile(written, "w") as unpacked:
            parts = {part.filename: part for part in packed.infolist() if part.filename.endswith((".xml", ".rels"))}
            if len(packed.infolist()) > MOST_PARTS or sum(part.file_size for part in parts.values()) > MOST_UNPACKED:
                raise ListUnreadable(message=TOO_BIG)
            for name, part in parts.items():
                with packed.open(part) as opened:
                    xml = opened.read(part.file_size)
                if b"<!DOCTYPE" in xml.replace(b"\0", b""):
                    raise ListUnreadable(message=BROKEN_WORKBOOK)
                unpacked.writestr(name, xml)
    except ListUnreadable:
        raise
    except Exception:  # a file from outside can break the reader in any way there is
        raise ListUnreadable(message=BROKEN_WORKBOOK) from None
    written.seek(0)
    return written


def _workbook_rows(sheet: Any) -> Iterator[tuple[int, Sequence[str]]]:  # noqa: ANN401 - the stubs lack the read-only sheet
    sheet.reset_dimensions()  # what a file says of its own size is not to be trusted
    rows = sheet.iter_rows(max_col=MOST_COLUMNS + 1, values_only=True)
    line = 0
    while line < MOST_EMPTY_ROWS:
        line += 1
        try:
            values = next(rows, None)
        except Exception:  # a file from outside can break the reader in any way there is
            raise ListUnreadable(message=BROKEN_WORKBOOK) from None
        if values is None:
            return
        if any(value is not None for value in values):
            yield line, [_as_text(value) for value in values]


def _as_text(value: object) -> str:
    """Return a cell's value as a person would type it: dates with the year first, whole numbers without decimals."""
    if isinstance(value, dt.datetime):
        rounded = (value + dt.timedelta(seconds=30)).replace(second=0, microsecond=0)  # 8.30 is kept as 08:29:59.99
        return rounded.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, dt.time):
        return value.strftime("%H:%M")
    if isinstance(value, dt.timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60}:{minutes % 60:02}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)
