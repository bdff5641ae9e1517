"""The ledger position at which each key was issued.

Why: of two keys the newer one was found by the clock, and a clock that was set back made the old one the newer.
"""

import json

import sqlalchemy as sa
from alembic import op

revision: str = "5c3f0d8a71e2"
down_revision: str | None = "e5a94d17c2b8"
branch_labels: str | None = None
depends_on: str | None = None

KEYS = sa.table("credentials", sa.column("prefix"), sa.column("seq"))
LEDGER = sa.table("ledger", sa.column("seq"), sa.column("kind"), sa.column("body"))


def upgrade() -> None:
    with op.batch_alter_table("credentials") as batch_op:
        # The default is for nodes of the version before, which go on issuing keys while this one is rolled out.
        batch_op.add_column(sa.Column("seq", sa.BigInteger(), nullable=False, server_default="0"))
    if not op.get_context().as_sql:
        for prefix, seq in _issued().items():
            op.get_bind().execute(sa.update(KEYS).where(KEYS.c.prefix == prefix).values(seq=seq))


def downgrade() -> None:
    with op.batch_alter_table("credentials") as batch_op:
        batch_op.drop_column("seq")


def _issued() -> dict[str, int]:
    """By prefix, the entry that issued the key which has it now; a revoked prefix may have been issued again."""
    found: dict[str, tuple[object, int]] = {}
    query = sa.select(LEDGER.c.seq, LEDGER.c.body).where(LEDGER.c.kind == "keys").order_by(LEDGER.c.seq)
    for seq, body in op.get_bind().execute(query):
        for key in json.loads(body)["credentials"]:
            same = key["digest"], key["created_at"]
            if found.get(key["prefix"], (None, 0))[0] != same:
                found[key["prefix"]] = same, seq
    return {prefix: seq for prefix, (_, seq) in found.items()}
