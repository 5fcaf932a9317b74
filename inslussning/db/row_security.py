"""Row-level security on PostgreSQL: the net under `services.visible`, not a replacement for it.

Every table with `office_id` shows a transaction only the rows of the office it has said it works for, and nothing when it has said
nothing. It holds where the application's role is neither the tables' owner nor a superuser; with one role for everything PostgreSQL
looks the other way, and `is_active` says so. Settings are made with `set_config(…, true)`, which ends with the transaction: one that
outlived it would hand the next request another office's rows.
"""

from uuid import UUID

from sqlalchemy import Connection, event, inspect, text
from sqlalchemy.orm import Session, SessionTransaction, sessionmaker

POLICY = "of_the_office"
OFFICE = "inslussning.office"
EVERYTHING = "inslussning.everything"
ASKING = "row_security.asking"  # in Session.info: tells which office the work is for, when it is for one
_MINE = f"office_id = NULLIF(current_setting('{OFFICE}', true), '')::uuid"
_ALL = f"current_setting('{EVERYTHING}', true) = 'yes'"


def protect(connection: Connection) -> None:
    """Put the policy on every table that has `office_id` and lacks it; for migrations, on PostgreSQL only."""
    for table in _office_tables(connection):
        connection.execute(text(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY'))
        connection.execute(text(f'DROP POLICY IF EXISTS {POLICY} ON "{table}"'))
        connection.execute(
            text(f'CREATE POLICY {POLICY} ON "{table}" USING ({_MINE} OR {_ALL}) WITH CHECK ({_MINE} OR {_ALL})')
        )


def unprotect(connection: Connection) -> None:
    """Take the policy off again."""
    for table in _office_tables(connection):
        connection.execute(text(f'DROP POLICY IF EXISTS {POLICY} ON "{table}"'))
        connection.execute(text(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY'))


def unprotected(connection: Connection) -> list[str]:
    """Return the tables with `office_id` that anybody could read whole: there shall be none."""
    protected = set(
        connection.scalars(
            text("SELECT tablename FROM pg_policies WHERE policyname = :name AND schemaname = current_schema()"),
            {"name": POLICY},
        )
    )
    return [table for table in _office_tables(connection) if table not in protected]


def _office_tables(connection: Connection) -> list[str]:
    look = inspect(connection)
    names = look.get_table_names()
    return sorted(name for name in names if any(column["name"] == "office_id" for column in look.get_columns(name)))


def grant(connection: Connection, role: str) -> None:
    """Let an existing role use the tables without owning them. Raises ValueError for a name that is not a plain one."""
    if not role.isidentifier() or not role.isascii():
        raise ValueError(role)
    for statement in (
        f'GRANT USAGE ON SCHEMA public TO "{role}"',
        f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{role}"',
        f'REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM "{role}"',
        f'REVOKE UPDATE ON audit_entries, audit_cases, audit_anchors FROM "{role}"',  # the triggers refuse it as well
    ):
        connection.execute(text(statement))


def is_active(connection: Connection) -> bool:
    """Tell whether the net holds for the role we are: on PostgreSQL, migrated, and not the owner of the tables."""
    if connection.dialect.name != "postgresql" or not inspect(connection).has_table("cases"):
        return False
    return bool(connection.scalar(text("SELECT row_security_active('cases')")))


def say_the_office(maker: sessionmaker[Session]) -> None:
    """Make every transaction of the sessions say which office it works for, or that it works for all, where the net holds."""
    holds: list[bool] = []  # asked once, in the first transaction

    def after_begin(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
        if transaction.nested:
            return
        if not holds:
            holds.append(is_active(connection))
        if holds[0]:
            _say(connection, session.info.get(ASKING, _nobody)())

    event.listen(maker, "after_begin", after_begin)


def _say(connection: Connection, office: UUID | None) -> None:
    connection.execute(
        text(f"SELECT set_config('{OFFICE}', :office, true), set_config('{EVERYTHING}', :everything, true)"),
        {"office": str(office) if office else "", "everything": "" if office else "yes"},
    )


def _nobody() -> None:
    """Work that is for no office in particular: the worker, signing in, the command line."""
