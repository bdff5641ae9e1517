"""What stands for a channel is one document in its row, no longer a row for each line.

Why: all of it is written and read together, never line by line; a report of ten lines wrote eleven rows, now one.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op

revision: str = "b07d5e3c9a41"
down_revision: str | None = "4761e9b15fd0"
branch_labels: str | None = None
depends_on: str | None = None

ROWS_AT_ONCE = 1_000
TIME = sa.DateTime(timezone=True)
CHANNELS = sa.table("channels", sa.column("facility_id"), sa.column("channel"), sa.column("lines"))
# In the order of the document.
COUNTS = (
    "beds_total", "beds_occupied", "beds_blocked", "beds_available", "beds_preparing", "beds_planned", "queue",
    "occupied_suspected", "occupied_confirmed", "available_male", "available_female", "available_is",
)  # fmt: skip
LINES = sa.table(
    "lines",
    *(sa.column(name) for name in ("facility_id", "channel", "ward_code", "bed_type", "ward_name", "closed")),
    *(sa.column("observed_at", TIME), sa.column("seq"), sa.column("recorded_at", TIME)),
    *(sa.column(name) for name in COUNTS),
)


def upgrade() -> None:
    with op.batch_alter_table("channels") as batch_op:
        batch_op.add_column(sa.Column("lines", sa.Text(), nullable=False, server_default="[]"))
    if not op.get_context().as_sql:
        change = (
            sa.update(CHANNELS)
            .where(CHANNELS.c.facility_id == sa.bindparam("f"), CHANNELS.c.channel == sa.bindparam("c"))
            .values(lines=sa.bindparam("said"))
        )
        _execute_many(change, list(_documents()))
    with op.batch_alter_table("channels") as batch_op:
        batch_op.alter_column("lines", server_default=None)
    op.drop_table("lines")


def downgrade() -> None:
    op.create_table(
        "lines",
        sa.Column("facility_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("ward_code", sa.Text(), nullable=False),
        sa.Column("bed_type", sa.Text(), nullable=False),
        sa.Column("ward_name", sa.Text(), nullable=True),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("observed_at", TIME, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in COUNTS[:-1]),
        sa.Column("available_is", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "available_is IS NULL OR available_is IN ('reported', 'derived')", name=op.f("ck_lines_available_is")
        ),
        sa.CheckConstraint(
            "channel IN ('native', 'sirs', 'aplicares', 'siranap_v1', 'fhir', 'sheet', 'form')",
            name=op.f("ck_lines_channel"),
        ),
        sa.CheckConstraint(
            "beds_total >= 0 AND beds_occupied >= 0 AND beds_available >= 0 AND beds_blocked >= 0",
            name=op.f("ck_lines_counts"),
        ),
        sa.CheckConstraint(
            "closed = (beds_total IS NULL AND beds_occupied IS NULL AND beds_available IS NULL)",
            name=op.f("ck_lines_closed"),
        ),
        sa.ForeignKeyConstraint(["facility_id"], ["facilities.facility_id"], name=op.f("fk_lines_facility_id")),
        sa.PrimaryKeyConstraint("facility_id", "channel", "ward_code", "bed_type", name=op.f("pk_lines")),
    )
    if not op.get_context().as_sql:
        _execute_many(sa.insert(LINES), list(_rows()))
    with op.batch_alter_table("channels") as batch_op:
        batch_op.drop_column("lines")


def _documents() -> Iterator[dict[str, Any]]:
    place = LINES.c.facility_id, LINES.c.channel
    rows = op.get_bind().execute(sa.select(LINES).order_by(*place)).mappings()
    for (facility_id, channel), lines in groupby(rows, lambda row: (row["facility_id"], row["channel"])):
        said = [
            [
                *(row[name] for name in ("ward_code", "bed_type", "ward_name")),
                *(_instant(row["observed_at"]), row["seq"], _instant(row["recorded_at"])),
                None if row["closed"] else [row[name] for name in COUNTS],
            ]
            for row in lines
        ]
        yield {"f": facility_id, "c": channel, "said": json.dumps(said, separators=(",", ":"), ensure_ascii=False)}


def _rows() -> Iterator[dict[str, Any]]:
    for facility_id, channel, said in op.get_bind().execute(sa.select(CHANNELS)):
        for ward_code, bed_type, ward_name, observed_at, seq, recorded_at, counts in json.loads(said):
            yield {
                "facility_id": facility_id,
                "channel": channel,
                "ward_code": ward_code,
                "bed_type": bed_type,
                "ward_name": ward_name,
                "closed": counts is None,
                "seq": seq,
                "observed_at": datetime.fromisoformat(observed_at),
                "recorded_at": datetime.fromisoformat(recorded_at),
                **dict(zip(COUNTS, counts or [None] * len(COUNTS), strict=True)),
            }


def _instant(at: datetime) -> str:
    """SQLite gives times without their offset, which is that of UTC."""
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).isoformat()


def _execute_many(statement: sa.Executable, rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), ROWS_AT_ONCE):
        op.get_bind().execute(statement, rows[start : start + ROWS_AT_ONCE])
