"""Channels store implausible statements and since when they count; facilities their own age of lapsing and line bounds.

Why: an implausible statement waits for an officer beside the line that it would change; since when and why a channel
counts cannot be found out from the current lines. Older nodes would lose both, so they may no longer write.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "c3e6091425d3"
down_revision: str | None = "d81b5f2a9c36"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("channels", sa.Column("implausible", sa.Text(), nullable=True))
    op.add_column("channels", sa.Column("counting_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("channels", sa.Column("counting_reason", sa.Text(), nullable=True))
    op.add_column("channels", sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("facilities", sa.Column("lapsed_after_seconds", sa.Integer(), nullable=True))
    op.add_column("facilities", sa.Column("line_bounds", sa.Text(), nullable=True))
    op.execute("UPDATE ledger_format SET writer_version = 4")


def downgrade() -> None:
    op.drop_column("facilities", "line_bounds")
    op.drop_column("facilities", "lapsed_after_seconds")
    for name in ("recorded_at", "counting_reason", "counting_since", "implausible"):
        op.drop_column("channels", name)
    op.execute("UPDATE ledger_format SET writer_version = 3")
