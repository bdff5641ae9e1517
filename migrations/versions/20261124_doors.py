"""Doors for foreign protocols: keys of a channel, the messages that came in, and rows that wait for an officer.

Why: hospitals keep the software they have; it shows other keys, and its people want to see what became of what it sent.
"""

import json

import sqlalchemy as sa
from alembic import op

revision: str = "c41f0a6be2d7"
down_revision: str | None = "b07d5e3c9a41"
branch_labels: str | None = None
depends_on: str | None = None

TIME = sa.DateTime(timezone=True)
STANDING = sa.table("channels", sa.column("facility_id"), sa.column("channel"), sa.column("lines"))
LINE_LENGTH = 7
CHANNELS = "channel IN ('native', 'sirs', 'aplicares', 'siranap_v1', 'fhir', 'sheet', 'form')"


def upgrade() -> None:
    with op.batch_alter_table("facilities") as batch_op:
        batch_op.add_column(sa.Column("switches", sa.Text(), nullable=True))
    with op.batch_alter_table("credentials") as batch_op:
        batch_op.add_column(sa.Column("channel", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("sealed", sa.Text(), nullable=True))
        batch_op.create_check_constraint(op.f("ck_credentials_channel"), CHANNELS)
    op.create_table(
        "messages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("facility_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("clock_skew_seconds", sa.BigInteger(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(CHANNELS, name=op.f("ck_messages_channel")),
        sa.CheckConstraint("outcome IN ('accepted', 'flagged', 'refused')", name=op.f("ck_messages_outcome")),
        sa.ForeignKeyConstraint(["facility_id"], ["facilities.facility_id"], name=op.f("fk_messages_facility_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
    )
    op.create_index("ix_messages_facility_id_id", "messages", ["facility_id", "id"])
    op.create_table(
        "waiting_rows",
        sa.Column("facility_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("row_id", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.CheckConstraint(CHANNELS, name=op.f("ck_waiting_rows_channel")),
        sa.ForeignKeyConstraint(["facility_id"], ["facilities.facility_id"], name=op.f("fk_waiting_rows_facility_id")),
        sa.PrimaryKeyConstraint("facility_id", "channel", "row_id", name=op.f("pk_waiting_rows")),
    )
    op.create_table(
        "relay_queue",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("facility_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("row", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.CheckConstraint(CHANNELS, name=op.f("ck_relay_queue_channel")),
        sa.ForeignKeyConstraint(["facility_id"], ["facilities.facility_id"], name=op.f("fk_relay_queue_facility_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relay_queue")),
    )
    op.create_index("ix_relay_queue_facility_id_channel_row_id", "relay_queue", ["facility_id", "channel", "row", "id"])
    op.create_table(
        "relay_accounts",
        sa.Column("facility_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("dropped", sa.Integer(), nullable=False),
        sa.Column("last_sent_at", TIME, nullable=True),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_answer", sa.Text(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_failure_at", TIME, nullable=True),
        sa.Column("last_failure", sa.Text(), nullable=True),
        sa.Column("next_attempt_at", TIME, nullable=True),
        sa.CheckConstraint(CHANNELS, name=op.f("ck_relay_accounts_channel")),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facilities.facility_id"], name=op.f("fk_relay_accounts_facility_id")
        ),
        sa.PrimaryKeyConstraint("facility_id", "channel", name=op.f("pk_relay_accounts")),
    )
    op.create_table(
        "relay_leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_relay_leases")),
    )


def downgrade() -> None:
    if not op.get_context().as_sql:
        _forget_details()
    op.drop_table("relay_leases")
    op.drop_table("relay_accounts")
    op.drop_table("relay_queue")
    op.drop_table("waiting_rows")
    op.drop_table("messages")
    with op.batch_alter_table("credentials") as batch_op:
        batch_op.drop_constraint(op.f("ck_credentials_channel"), type_="check")
        batch_op.drop_column("sealed")
        batch_op.drop_column("channel")
    with op.batch_alter_table("facilities") as batch_op:
        batch_op.drop_column("switches")


def _forget_details() -> None:
    """Lines as the revision before knows them: without what a foreign row says besides."""
    for facility_id, channel, said in op.get_bind().execute(sa.select(STANDING)).all():
        lines = json.loads(said)
        if any(len(line) > LINE_LENGTH for line in lines):
            short = [line[:LINE_LENGTH] for line in lines]
            place = STANDING.c.facility_id == facility_id, STANDING.c.channel == channel
            text = json.dumps(short, separators=(",", ":"), ensure_ascii=False)
            op.get_bind().execute(sa.update(STANDING).where(*place).values(lines=text))
