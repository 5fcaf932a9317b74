"""Alembic's entry: one transaction per migration, one migrator at a time."""

from typing import Any

from alembic import context
from sqlalchemy import Connection, text

import inslussning.models  # noqa: F401 - every table must be known before comparing
from inslussning.db.base import Base
from inslussning.db.sealed import Sealed, SealedBytes

ADVISORY_LOCK = 0x1A5105  # any fixed number of our own


def rendered(kind: str, given: object, _context: object) -> str | bool:
    """Write a sealed column as what the database sees: a migration must not depend on how the product seals today."""
    if kind == "type" and isinstance(given, Sealed):
        return "sa.Text()"
    return "sa.LargeBinary()" if kind == "type" and isinstance(given, SealedBytes) else False


def check_references(**_applied: object) -> None:
    """Stop a migration, before it is kept, that has left a row pointing at nothing."""
    connection = context.get_bind()
    if connection.dialect.name == "sqlite" and (found := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
        raise RuntimeError(f"the migration leaves rows without what they point at: {found[:5]}")


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
        render_item=rendered,
        on_version_apply=check_references,
    )
    with context.begin_transaction():
        if postgres:
            connection.execute(text("SET LOCAL lock_timeout = '5s'"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
        context.run_migrations()


def keep_children(connection: Connection, *, on: bool) -> None:
    """Turn SQLite's foreign keys off, or on again.

    A table is changed there by making it anew, and dropping the old one would delete what points at it. The pragma only takes
    effect outside a transaction, so it goes past SQLAlchemy, which would begin one.
    """
    if connection.dialect.name == "sqlite":
        raw: Any = connection.connection.dbapi_connection
        raw.execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")


def main() -> None:
    """Take the engine that the caller handed over."""
    engine: Any = context.config.attributes["engine"]
    with engine.connect() as connection:
        keep_children(connection, on=False)
        try:
            run(connection)
        finally:
            connection.rollback()
            keep_children(connection, on=True)


main()
