"""Invariants that must hold after every migration, checked inside its transaction.

A migration that violates one is rolled back, and the database stays as it was.
"""

from typing import Any

from alembic.runtime.migration import MigrationContext, MigrationInfo
from sqlalchemy import Connection, inspect, text

from app.store.maintenance.append_only import restore_triggers

# Columns that their migration computes again from other data in an upgrade.
_RECOMPUTED = {"channels.lines", "credentials.seq"}
# Columns that follow from the ledger and are unknown after going back and upgrading again, until `balai rebuild`.
_UNKNOWN_AFTERWARDS = {"channels.counting_since", "channels.counting_reason", "channels.recorded_at"}
# Rows that a migration inserts: they count as data only after they were changed.
_AS_INSERTED = {"ledger_format": "id = 1 AND writer_version = 1"}
# Data that the program before a migration would misread: ledger entries, and channels with dropped lines.
_MISREAD_BEFORE = {
    "c27d4e81f0a5": """ledger WHERE kind = 'report' AND body LIKE '%"redates":true%'""",
    "c3e6091425d3": """ledger WHERE warnings LIKE '%"implausible"%' OR body LIKE '%"confirms":[%'""",
    "a1c4e7f20b31": "ledger WHERE outcome IN ('void', 'correction')",
    "d81b5f2a9c36": """channels WHERE lines LIKE '%["","",null,%'""",
}


class MigrationRefused(RuntimeError):
    """A migration was rolled back, since it would have violated an invariant or deleted data."""


class MigrationGuard:
    """Alembic's `on_version_apply` for one run. With `keeps_data` a downgrade that would delete data is refused."""

    def __init__(self, connection: Connection, *, keeps_data: bool) -> None:
        self._connection = connection
        self._keeps_data = keeps_data
        self._stored = _find_data(connection) if keeps_data else set()

    def __call__(self, *, step: MigrationInfo, ctx: MigrationContext, **_: Any) -> None:
        """Check one migration that has run but is not committed yet. Raises: MigrationRefused."""
        if ctx.as_sql:
            return
        restore_triggers(self._connection)
        self._check_references(step)
        if self._keeps_data and not step.is_upgrade:
            self._check_kept(step)

    def _check_references(self, step: MigrationInfo) -> None:
        if self._connection.dialect.name != "sqlite":
            return  # PostgreSQL checks each statement
        broken = self._connection.execute(text("PRAGMA foreign_key_check")).all()
        if broken:
            rows = ", ".join(f"row {row.rowid} of {row.table} to {row.parent}" for row in broken[:5])
            raise MigrationRefused(
                f"Migration {_name(step)} was rolled back: it leaves references to rows that do not exist ({rows})."
            )

    def _check_kept(self, step: MigrationInfo) -> None:
        misread = _MISREAD_BEFORE.get(_name(step))
        if misread is not None and _is_any(self._connection, misread):
            raise MigrationRefused(
                f"Going back before {_name(step)} is no longer possible: the ledger has entries that an older program "
                "would misread. Restore a backup from before that migration instead."
            )
        lost = self._stored - _tables_and_columns(self._connection) - _RECOMPUTED - _UNKNOWN_AFTERWARDS
        lost = {name for name in lost if name.partition(".")[0] not in lost or "." not in name}
        if lost:
            raise MigrationRefused(
                f"Going back before {_name(step)} would delete the data in {', '.join(sorted(lost))}. Restore a backup "
                "from before that migration instead."
            )
        self._stored = _find_data(self._connection)


def _name(step: MigrationInfo) -> str:
    return step.up_revision_id or "base"


def _tables_and_columns(connection: Connection) -> set[str]:
    """The names of all tables, and of all columns as `table.column`."""
    found = inspect(connection).get_multi_columns()
    columns = {f"{table}.{column['name']}" for (_, table), columns in found.items() for column in columns}
    return {table or "" for _, table in found} | columns


def _find_data(connection: Connection) -> set[str]:
    """The names of tables with rows, and of their columns with any value that is not the default."""
    found: set[str] = set()
    for (_, table), columns in inspect(connection).get_multi_columns().items():
        except_inserted = f" WHERE NOT ({_AS_INSERTED[table]})" if table in _AS_INSERTED else ""
        if table == "alembic_version" or not _is_any(connection, f'"{table}"{except_inserted}'):
            continue
        found.add(table)
        for column in columns:
            name, default = f'"{column["name"]}"', column["default"]
            condition = f"{name} IS NOT NULL" if default is None else f"{name} IS NOT NULL AND {name} <> ({default})"
            if (default is None and not column["nullable"]) or _is_any(connection, f'"{table}" WHERE {condition}'):
                found.add(f"{table}.{column['name']}")
    return found


def _is_any(connection: Connection, rows: str) -> bool:
    return bool(connection.exec_driver_sql(f"SELECT EXISTS (SELECT 1 FROM {rows})").scalar())  # noqa: S608 - our names
