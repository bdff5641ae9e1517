"""When the tables were made anew from the ledger (`balai rebuild`).

Why: nodes that run meanwhile have read the tables of before; by this they notice, and read everything again.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "f3b96d05e8a2"
down_revision: str | None = "a1c8e2f47d60"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "rebuilds",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("rebuilt_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_rebuilds")),
    )


def downgrade() -> None:
    op.drop_table("rebuilds")
