"""Row-level security on PostgreSQL, table by table."""

from alembic import op

from inslussning.db import row_security

revision = "0004rows"
down_revision = "0003audit"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        row_security.protect(op.get_bind())


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        row_security.unprotect(op.get_bind())
