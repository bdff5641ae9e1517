"""Planned changes of facilities.

Why: officers register openings, closings and moves before they happen. Only nodes that know planned changes may write:
an older node would neither carry them out nor refuse reports of a facility that opens later.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "b2d5f8031c42"
down_revision: str | None = "c3e6091425d3"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("facilities", sa.Column("planned", sa.Text(), nullable=True))
    op.execute("UPDATE ledger_format SET writer_version = 5")


def downgrade() -> None:
    op.execute("UPDATE ledger_format SET writer_version = 4")
    op.drop_column("facilities", "planned")
