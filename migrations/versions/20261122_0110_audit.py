"""The access log can only be added to.

Revision ID: 0003audit
Revises: 0002secrecy

An entry may be removed by one way only: when a signed anchor says that everything up to it may go (`services.audit_chain.cut`).
A later migration that rebuilds one of these tables on SQLite must put its triggers back.
"""

from alembic import op

revision = "0003audit"
down_revision = "0002secrecy"
branch_labels = None
depends_on = None

TABLES = ("audit_entries", "audit_cases", "audit_anchors")
REFUSAL = "the access log is only added to"
_IS_CUT = "EXISTS (SELECT 1 FROM audit_anchors a WHERE a.office_id = OLD.office_id AND a.seq >= OLD.seq AND a.is_cut)"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in TABLES:
            may_go = "0" if table == "audit_anchors" else _IS_CUT
            op.execute(
                f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
            op.execute(
                f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} WHEN NOT ({may_go}) "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'insufficient_privilege'; END $$"
    )
    op.execute(
        "CREATE FUNCTION audit_erase() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {_IS_CUT} THEN RETURN OLD; END IF; "
        f"RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'insufficient_privilege'; END $$"
    )
    for table in TABLES:
        erase = "audit_refuse" if table == "audit_anchors" else "audit_erase"
        op.execute(
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION audit_refuse()"
        )
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {erase}()")
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"
        )


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in TABLES:
        for what in ("update", "delete") if is_sqlite else ("update", "delete", "truncate"):
            op.execute(f"DROP TRIGGER {table}_no_{what}" + ("" if is_sqlite else f" ON {table}"))
    if not is_sqlite:
        op.execute("DROP FUNCTION audit_refuse()")
        op.execute("DROP FUNCTION audit_erase()")
