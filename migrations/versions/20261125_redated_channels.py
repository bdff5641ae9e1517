"""Only nodes that know reports which date a channel anew may write.

Why: an older node would take such a report for one without lines, and go on with times in the future.
"""

from alembic import op

revision: str = "c27d4e81f0a5"
down_revision: str | None = "b93e5d1f7c42"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.execute("UPDATE ledger_format SET writer_version = 2")


def downgrade() -> None:
    op.execute("UPDATE ledger_format SET writer_version = 1")
