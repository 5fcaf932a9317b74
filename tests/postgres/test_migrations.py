"""The migrations on PostgreSQL: up, down, up again, and the tables are what the models say."""

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from inslussning.db.base import Base
from inslussning.db.engine import Database, open_database
from inslussning.db.migrate import downgrade, is_current, upgrade
from tests.postgres_server import postgres_url

pytestmark = pytest.mark.postgres


@pytest.fixture
def empty() -> Iterator[Database]:
    """A schema of its own, so that the other tests' tables are left alone."""
    url = postgres_url()
    admin = open_database(url)
    with admin.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA IF EXISTS migrations_test CASCADE"))
        connection.execute(text("CREATE SCHEMA migrations_test"))
    joint = "&" if "?" in url else "?"
    database = open_database(f"{url}{joint}options=-csearch_path%3Dmigrations_test")
    yield database
    database.dispose()
    with admin.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA migrations_test CASCADE"))
    admin.dispose()


def test_up_down_and_up_again(empty: Database) -> None:
    upgrade(empty.engine)
    downgrade(empty.engine, "base")
    assert inspect(empty.engine).get_table_names() == ["alembic_version"]
    upgrade(empty.engine)
    assert is_current(empty.engine)


def test_an_upgraded_database_is_what_the_models_say(empty: Database) -> None:
    upgrade(empty.engine)
    with empty.engine.connect() as connection:
        differences = compare_metadata(
            MigrationContext.configure(connection, opts={"compare_type": True}), Base.metadata
        )
    assert differences == []
