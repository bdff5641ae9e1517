"""Outlines of areas, for maps.

Why: a map of the figures needs them. They are reference data, not part of the ledger: an import replaces them, and
nothing that is counted depends on them.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "d7e1b40c95a8"
down_revision: str | None = "a1c4e7f20b31"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "outline_imports",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attribution", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_outline_imports")),
    )
    op.create_table(
        "outlines",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("import_number", sa.BigInteger(), nullable=False),
        sa.Column("geometry", sa.Text(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["import_number"], ["outline_imports.number"], name=op.f("fk_outlines_import_number")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_outlines")),
    )


def downgrade() -> None:
    op.drop_table("outlines")
    op.drop_table("outline_imports")
