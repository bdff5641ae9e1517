"""Counters of requests that name a facility and show no valid credential.

Why: they were rows among its messages, and anyone could push the real ones out.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "e5a94d17c2b8"
down_revision: str | None = "d5a27c9e1b40"
branch_labels: str | None = None
depends_on: str | None = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "rejected_requests",
        sa.Column("facility_id", sa.Text(), nullable=False),
        sa.Column("hour", TIME, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("last_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facilities.facility_id"], name=op.f("fk_rejected_requests_facility_id")
        ),
        sa.PrimaryKeyConstraint("facility_id", "hour", "address", name=op.f("pk_rejected_requests")),
    )


def downgrade() -> None:
    op.drop_table("rejected_requests")
