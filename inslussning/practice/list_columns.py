"""The lists an office may bring from a spreadsheet, and how their columns are recognised by their headings.

Offices have kept these lists for years under headings of their own. A heading is understood without regard to case,
spaces, full stops or order, and under the names offices are known to use; which list it is follows from the headings.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from inslussning.errors import Invalid
from inslussning.i18n import N_
from inslussning.practice.date_reading import plain_text
from inslussning.practice.words import one_line

_FEWEST = 2  # one heading that happens to fit says nothing


class ListUnclear(Invalid):
    """The headings do not say which list it is, or lack a column it cannot do without."""

    message = N_(
        "Det går inte att se vilken lista det är. Första raden ska ha rubriker, till exempel Ärende och Frigivning."
    )


MISSING_COLUMNS = N_("Listan saknar kolumner: %(columns)s.")
SAME_COLUMN_TWICE = N_("Kolumnen %(column)s finns två gånger. Ta bort den ena.")


class ListKind(StrEnum):
    """Which list it is."""

    ACTORS = "actors"
    STAFFINGS = "staffings"
    CASES = "cases"

    @property
    def label(self) -> str:
        """Return the word people use."""
        return _LABELS[self]


_LABELS = {
    ListKind.ACTORS: N_("Aktörer"),
    ListKind.STAFFINGS: N_("Bemanning"),
    ListKind.CASES: N_("Ärenden"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the heading we call it by, others it goes under, and whether the list and every row must have it."""

    heading: str
    also: str = ""
    needed: bool = False
    filled: bool = False


_ORGANISATION = Column("Organisation", "myndighet|organisationsnamn", needed=True, filled=True)
_FUNCTION = Column("Funktion", "befattning", needed=True, filled=True)
_PLACE = Column("Ort", "plats|stad")

COLUMNS: dict[ListKind, dict[str, Column]] = {
    ListKind.ACTORS: {
        "organisation": _ORGANISATION,
        "kind": Column("Typ", "organisationstyp|typ av organisation|slag", needed=True, filled=True),
        "function": _FUNCTION,
        "place": _PLACE,
        "short_name": Column("Kortnamn", "förkortning|kort", needed=True, filled=True),
        "email": Column("E-post", "e-postadress|mejl|mejladress|mail|e-mail|brevlåda|funktionsbrevlåda"),
        "phone": Column("Telefon", "telefonnummer|tel|tfn|mobil"),
    },
    ListKind.STAFFINGS: {
        "name": Column("Namn", "person|för- och efternamn", needed=True, filled=True),
        "email": Column("E-post", "e-postadress|mejl|mejladress|mail|e-mail", needed=True, filled=True),
        "organisation": _ORGANISATION,
        "function": _FUNCTION,
        "place": _PLACE,
        "starts_on": Column("Från och med", "fr.o.m.|från|startdatum|börjar", needed=True, filled=True),
        "ends_on": Column("Till och med", "t.o.m.|till|slutdatum|slutar"),
        "role": Column("Roll", "behörighet"),
    },
    ListKind.CASES: {
        "code": Column("Ärende", "ärendekod|ärendenummer|kod", needed=True, filled=True),
        "release": Column(
            "Frigivning", "frigivningsdatum|frigivningsdag|villkorlig frigivning|VF|VF-datum", needed=True
        ),
        "release_time": Column("Klockslag", "frigivningstid|tid|kl"),
        "prison": Column("Anstalt", "anstalten"),
        "supervision_ends_on": Column("Övervakningens slut", "övervakning slutar|övervakning till och med"),
        "actors": Column("Aktörer", "aktör|deltar|deltagare"),
        "phase": Column("Fas", "läge"),
    },
}


@dataclass(frozen=True, slots=True)
class Layout:
    """Which list it is, where each of its columns stands, and the headings nobody knows."""

    kind: ListKind
    places: dict[str, int]
    ignored: tuple[str, ...]


def recognise(header: Sequence[str]) -> Layout:
    """Return the list the headings belong to; raise ListUnclear when that is unclear or a needed column is missing."""
    layouts = [_layout(kind, header) for kind in ListKind]
    best = min(layouts, key=lambda layout: (bool(_missing(layout)), -len(layout.places)))
    if len(best.places) < _FEWEST:
        raise ListUnclear
    if missing := _missing(best):
        raise ListUnclear(message=MISSING_COLUMNS, columns=", ".join(missing))
    seen: set[str] = set()
    for heading in header:
        field = _fields(best.kind).get(_folded(heading), "")
        if field in seen:
            raise ListUnclear(message=SAME_COLUMN_TWICE, column=COLUMNS[best.kind][field].heading)
        seen |= {field} - {""}
    return best


def _layout(kind: ListKind, header: Sequence[str]) -> Layout:
    fields = _fields(kind)
    found = [(fields.get(_folded(heading)), place, heading) for place, heading in enumerate(header)]
    places = {field: place for field, place, _ in found if field}
    ignored = tuple(one_line(heading) for field, _, heading in found if not field and one_line(heading))
    return Layout(kind, places, ignored)


def _missing(layout: Layout) -> list[str]:
    columns = COLUMNS[layout.kind]
    return [column.heading for field, column in columns.items() if column.needed and field not in layout.places]


@cache
def _fields(kind: ListKind) -> dict[str, str]:
    """Return every heading of the list, folded, with the field it stands for."""
    return {
        _folded(heading): field
        for field, column in COLUMNS[kind].items()
        for heading in (column.heading, *column.also.split("|"))
        if heading
    }


def _folded(heading: str) -> str:
    """Return the heading's letters alone, small and without accents."""
    return re.sub(r"[\W_]+", "", plain_text(heading))
