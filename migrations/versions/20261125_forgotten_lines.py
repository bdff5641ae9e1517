"""Only nodes that know that a channel forgets closed lines may write.

Why: a channel that had kept 10,000 lines took no new ones any more. An older node would write all lines back.
"""

from alembic import op

revision: str = "d81b5f2a9c36"
down_revision: str | None = "f3b96d05e8a2"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.execute("UPDATE ledger_format SET writer_version = 3")


def downgrade() -> None:
    op.execute("UPDATE ledger_format SET writer_version = 2")
