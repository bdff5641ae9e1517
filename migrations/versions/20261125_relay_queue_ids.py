"""Ids of the relay's queue are never used twice, and what was stored of its failures is cleared.

Why: SQLite gave the id of a deleted row to the next one, so the end of an older message deleted a newer one. Texts of
exceptions, and answers that repeat a request, may hold a hospital's password.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "d5a27c9e1b40"
down_revision: str | None = "c41f0a6be2d7"
branch_labels: str | None = None
depends_on: str | None = None

COLUMNS = "id, facility_id, channel, row, method, path, body, received_at, attempts"
CHANNELS = "channel IN ('native', 'sirs', 'aplicares', 'siranap_v1', 'fhir', 'sheet', 'form')"


def upgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        _make_queue_anew(autoincrement=True)
        op.execute("PRAGMA secure_delete = ON")  # what is cleared is gone from the file, too
    op.execute("UPDATE relay_accounts SET last_failure = NULL, last_answer = NULL")


def downgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        _make_queue_anew(autoincrement=False)


def _make_queue_anew(*, autoincrement: bool) -> None:
    """SQLite can add AUTOINCREMENT to no table that is there."""
    op.rename_table("relay_queue", "relay_queue_before")
    op.drop_index("ix_relay_queue_facility_id_channel_row_id")
    op.create_table(
        "relay_queue",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("facility_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("row", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.CheckConstraint(CHANNELS, name=op.f("ck_relay_queue_channel")),
        sa.ForeignKeyConstraint(["facility_id"], ["facilities.facility_id"], name=op.f("fk_relay_queue_facility_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relay_queue")),
        sqlite_autoincrement=autoincrement,
    )
    op.execute(f"INSERT INTO relay_queue ({COLUMNS}) SELECT {COLUMNS} FROM relay_queue_before")  # noqa: S608
    op.drop_table("relay_queue_before")
    op.create_index("ix_relay_queue_facility_id_channel_row_id", "relay_queue", ["facility_id", "channel", "row", "id"])
