"""The lowest version that may write, and a place for what newer versions say of areas, facilities and keys.

Why: in a rolling upgrade a node of the previous version rewrote facilities without the fields that it did not know.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "b93e5d1f7c42"
down_revision: str | None = "8a4f2c6d90b7"
branch_labels: str | None = None
depends_on: str | None = None

WITH_MORE = ("areas", "facilities", "credentials")


def upgrade() -> None:
    made = op.create_table(
        "ledger_format",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("writer_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_ledger_format_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_format")),
    )
    op.bulk_insert(made, [{"id": 1, "writer_version": 1}])
    for table in WITH_MORE:
        op.add_column(table, sa.Column("more", sa.Text(), nullable=True))


def downgrade() -> None:
    for table in reversed(WITH_MORE):
        op.drop_column(table, "more")
    op.drop_table("ledger_format")
