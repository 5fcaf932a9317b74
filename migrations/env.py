"""Alembic's entry: one transaction per migration, one migrator at a time."""

from typing import Any

from alembic import context
from sqlalchemy import Connection, text

import inslussning.models  # noqa: F401 - every table must be known before comparing
from inslussning.db.base import Base

ADVISORY_LOCK = 0x1A5105  # any fixed number of our own


def run(connection: Connection) -> None:
    """Run the migrations on one connection."""
    postgres = connection.dialect.name == "postgresql"
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        transaction_per_migration=True,
        user_module_prefix="inslussning.db.types.",
    )
    with context.begin_transaction():
        if postgres:
            connection.execute(text("SET LOCAL lock_timeout = '5s'"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
        context.run_migrations()


def main() -> None:
    """Take the engine that the caller handed over."""
    engine: Any = context.config.attributes["engine"]
    with engine.connect() as connection:
        run(connection)


main()
