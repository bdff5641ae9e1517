"""A report can be voided or corrected by a later entry. Only nodes that know this may write.

Why: a mistake in a report stayed in the sums until a newer report came. An older node would take a void for a report
without lines.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "a1c4e7f20b31"
down_revision: str | None = "b2d5f8031c42"
branch_labels: str | None = None
depends_on: str | None = None

BEFORE = "outcome IS NULL OR outcome IN ('applied', 'late')"
AFTER = "outcome IS NULL OR outcome IN ('applied', 'late', 'void', 'correction')"


def upgrade() -> None:
    replace_check(BEFORE, AFTER)
    op.execute("UPDATE ledger_format SET writer_version = 6")


def downgrade() -> None:
    op.execute("UPDATE ledger_format SET writer_version = 5")
    replace_check(AFTER, BEFORE)


def replace_check(before: str, after: str) -> None:
    """Replace the CHECK on ledger.outcome without copying the ledger."""
    if op.get_context().dialect.name == "sqlite":
        replace_text(before, after)
        return
    op.execute("ALTER TABLE ledger DROP CONSTRAINT ck_ledger_outcome")
    op.execute(f"ALTER TABLE ledger ADD CONSTRAINT ck_ledger_outcome CHECK ({after})")


def replace_text(before: str, after: str) -> None:
    """On SQLite: edit the stored text of the table, as https://sqlite.org/lang_altertable.html describes for CHECKs."""
    connection = op.get_bind()
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    edit = sa.text(
        "UPDATE sqlite_master SET sql = replace(sql, :before, :after)"
        " WHERE type = 'table' AND name = 'ledger' AND instr(sql, :before) > 0"
    )
    edited = connection.execute(edit, {"before": f"({before})", "after": f"({after})"}).rowcount
    # A new version of the schema makes this and all other connections read it again.
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")
    if edited != 1:
        raise RuntimeError("the table ledger does not have the constraint ck_ledger_outcome of its first migration")
