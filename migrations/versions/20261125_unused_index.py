"""The ledger's index by facility and time of observation is dropped.

Why: no query uses it, and every report paid for it.
"""

from alembic import op

revision: str = "a1c8e2f47d60"
down_revision: str | None = "c27d4e81f0a5"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.drop_index("ix_ledger_facility_id_observed_at", "ledger")


def downgrade() -> None:
    op.create_index("ix_ledger_facility_id_observed_at", "ledger", ["facility_id", "observed_at"])
