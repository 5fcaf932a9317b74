"""The migrations and the models say the same, and every step can be taken back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

import inslussning.models  # noqa: F401 - every table must be known before comparing
from inslussning.db.base import Base
from inslussning.db.engine import Database, open_database
from inslussning.db.migrate import downgrade, is_current, upgrade


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Database]:
    database = open_database(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    yield database
    database.dispose()


def test_an_upgraded_database_is_what_the_models_say(empty: Database) -> None:
    upgrade(empty.engine)
    with empty.engine.connect() as connection:
        differences = compare_metadata(
            MigrationContext.configure(connection, opts={"compare_type": True}), Base.metadata
        )
    assert differences == []
    assert is_current(empty.engine)


def test_the_migrations_can_be_taken_back_and_run_again(empty: Database) -> None:
    upgrade(empty.engine)
    downgrade(empty.engine, "base")
    assert inspect(empty.engine).get_table_names() == ["alembic_version"]
    upgrade(empty.engine)
    assert is_current(empty.engine)


def test_an_empty_database_is_not_current(empty: Database) -> None:
    assert not is_current(empty.engine)


def test_every_table_of_case_data_belongs_to_an_office() -> None:
    shared = {"offices", "user_sessions", "sign_in_failures", "sign_in_steps", "posted_forms"}
    without = {name for name, table in Base.metadata.tables.items() if "office_id" not in table.columns}
    assert without == shared
