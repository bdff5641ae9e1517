"""How many hours the software of a key is ahead of UTC, and the times that it signed ahead.

Why: a signature that was made by a clock in local time was valid again 7 to 9 hours later.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "7d1e64b0c9f3"
down_revision: str | None = "5c3f0d8a71e2"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    with op.batch_alter_table("credentials") as batch_op:
        # The default is for nodes of the version before, which go on issuing keys while this one is rolled out.
        batch_op.add_column(sa.Column("clock_hours", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "signed_times",
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("prefix", "signed_at", name=op.f("pk_signed_times")),
    )
    with op.batch_alter_table("signed_times") as batch_op:
        batch_op.create_index("ix_signed_times_signed_at", ["signed_at"])


def downgrade() -> None:
    op.drop_table("signed_times")
    with op.batch_alter_table("credentials") as batch_op:
        batch_op.drop_column("clock_hours")
