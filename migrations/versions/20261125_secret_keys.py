"""Fingerprints of the secret keys under which secrets of others were sealed.

Why: a lost key file was replaced silently, and every hospital got 401.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "8a4f2c6d90b7"
down_revision: str | None = "7d1e64b0c9f3"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "secret_keys",
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_secret_keys")),
    )


def downgrade() -> None:
    op.drop_table("secret_keys")
