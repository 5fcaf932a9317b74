"""Every column says what it holds, and what is about a client or is secret is guarded accordingly."""

from pathlib import Path

import pytest
from sqlalchemy import JSON, Column, LargeBinary, String

import inslussning.models  # noqa: F401 - every table must be known
from inslussning.db.base import Base
from inslussning.db.sealed import SEALED_TYPES
from inslussning.models.classification import FIELDS, KEYED, FieldClass
from scripts.fields import document

PAGE = Path(__file__).resolve().parents[2] / "docs" / "security" / "fields.md"
COLUMNS = {f"{table.name}.{column.name}": column for table in Base.metadata.tables.values() for column in table.columns}
CLASSES = {f"{table}.{name}": kind for table, columns in FIELDS.items() for name, kind in columns.items()}


def is_sealed(column: Column[object]) -> bool:
    return isinstance(column.type, SEALED_TYPES)


def test_every_column_has_a_class() -> None:
    assert sorted(COLUMNS.keys() - CLASSES.keys()) == []


def test_every_class_is_of_a_column() -> None:
    assert sorted(CLASSES.keys() - COLUMNS.keys()) == []


@pytest.mark.parametrize("name", sorted(n for n, kind in CLASSES.items() if kind.must_be_sealed and n in COLUMNS))
def test_text_about_a_client_is_sealed(name: str) -> None:
    assert isinstance(COLUMNS[name].type, SEALED_TYPES)


@pytest.mark.parametrize("name", sorted(n for n, kind in CLASSES.items() if kind is FieldClass.SECRET and n in COLUMNS))
def test_a_secret_is_sealed_or_hashed(name: str) -> None:
    assert is_sealed(COLUMNS[name]) or name.endswith("_hash") or name in KEYED


def test_what_is_sealed_is_about_a_client_or_secret() -> None:
    sealed = {name for name, column in COLUMNS.items() if is_sealed(column)}
    assert {CLASSES[name] for name in sealed if name in CLASSES} <= {
        FieldClass.CASE,
        FieldClass.IDENTITY,
        FieldClass.SECRET,
    }


def test_nothing_long_about_a_case_passes_for_a_fact() -> None:
    """A fact is a code, a time or a state; text that people write is not."""
    longest = 40
    for name, kind in CLASSES.items():
        column = COLUMNS.get(name)
        if column is None or kind is not FieldClass.FACT:
            continue
        assert not isinstance(column.type, JSON | LargeBinary), name
        if isinstance(column.type, String) and not name.startswith("audit_entries."):
            assert (column.type.length or 0) in range(1, longest + 1), name


def test_the_page_for_readers_says_the_same() -> None:
    assert PAGE.read_text(encoding="utf-8") == document(), "run: python scripts/fields.py"
