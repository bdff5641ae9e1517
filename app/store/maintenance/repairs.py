"""Repairing databases that were created by an earlier text of a migration.

Migration c41f0a6be2d7 was edited after it was merged: data folders created by its first two texts lack a column, or
three tables, and the next migration fails on them. A migration at the end of the chain would run too late for these, so
this runs before the due migrations. On a complete database it changes nothing.
"""

import logging

import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext

log = logging.getLogger(__name__)

_TIME = sa.DateTime(timezone=True)
_CHANNELS = "channel IN ('native', 'sirs', 'aplicares', 'siranap_v1', 'fhir', 'sheet', 'form')"


def repair(context: MigrationContext) -> None:
    """Add what is missing at this database's revision, in the caller's transaction."""
    if context.get_current_heads() != ("c41f0a6be2d7",):
        return
    operations, inspector = Operations(context), sa.inspect(_connection(context))
    added = []
    if "switches" not in {column["name"] for column in inspector.get_columns("facilities")}:
        operations.add_column("facilities", sa.Column("switches", sa.Text(), nullable=True))
        added.append("facilities.switches")
    for table, create in {
        "relay_queue": _relay_queue,
        "relay_accounts": _relay_accounts,
        "relay_leases": _relay_leases,
    }.items():
        if not inspector.has_table(table):
            create(operations)
            added.append(table)
    if added:
        log.warning("added what an earlier text of a migration omitted: %s", ", ".join(added))


def _connection(context: MigrationContext) -> sa.Connection:
    if context.connection is None:
        raise RuntimeError("a repair needs a database")
    return context.connection


def _relay_queue(op: Operations) -> None:
    op.create_table(
        "relay_queue",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        *_place(),
        sa.Column("row", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", _TIME, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        *_rules(op, "relay_queue"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relay_queue")),
    )
    op.create_index("ix_relay_queue_facility_id_channel_row_id", "relay_queue", ["facility_id", "channel", "row", "id"])


def _relay_accounts(op: Operations) -> None:
    op.create_table(
        "relay_accounts",
        *_place(),
        sa.Column("sealed", sa.Text(), nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("sent", "refused", "dropped")),
        sa.Column("last_sent_at", _TIME, nullable=True),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_answer", sa.Text(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_failure_at", _TIME, nullable=True),
        sa.Column("last_failure", sa.Text(), nullable=True),
        sa.Column("next_attempt_at", _TIME, nullable=True),
        *_rules(op, "relay_accounts"),
        sa.PrimaryKeyConstraint("facility_id", "channel", name=op.f("pk_relay_accounts")),
    )


def _relay_leases(op: Operations) -> None:
    op.create_table(
        "relay_leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("until", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_relay_leases")),
    )


def _place() -> list[sa.Column[str]]:
    return [sa.Column("facility_id", sa.Text(), nullable=False), sa.Column("channel", sa.Text(), nullable=False)]


def _rules(op: Operations, table: str) -> list[sa.schema.Constraint]:
    return [
        sa.CheckConstraint(_CHANNELS, name=op.f(f"ck_{table}_channel")),
        sa.ForeignKeyConstraint(["facility_id"], ["facilities.facility_id"], name=op.f(f"fk_{table}_facility_id")),
    ]
