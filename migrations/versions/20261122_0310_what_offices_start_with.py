"""Offices that were there before get what a new one starts with, and their own agency's organisations need no consent."""

from alembic import op
from sqlalchemy import Boolean, String, column, table, update

from inslussning.services import office_starts

revision = "0005starts"
down_revision = "0004rows"
branch_labels = None
depends_on = None

OWN_AGENCY = ("probation", "prison")


def upgrade() -> None:
    organisations = table("organisations", column("kind", String()), column("needs_basis", Boolean()))
    op.execute(update(organisations).where(organisations.c.kind.in_(OWN_AGENCY)).values(needs_basis=False))
    office_starts.complete(op.get_bind())


def downgrade() -> None:
    """Nothing to take back: the tables go with the step before, and what was added is the office's to keep."""
