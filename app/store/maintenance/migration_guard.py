"""What must hold after every migration, checked inside its own transaction.

A migration that breaks it is rolled back, and the database stays as it was before.
"""

from typing import Any

from alembic.runtime.migration import MigrationContext, MigrationInfo
from sqlalchemy import Connection, inspect, text

from app.store.maintenance.append_only import restore_triggers

# Columns that their migration fills again from other data whenever it runs forward.
_FILLED_AGAIN = {"channels.lines", "credentials.seq"}
# Rows that a migration inserts: they are data only once they are something else.
_AS_INSERTED = {"ledger_format": "id = 1 AND writer_version = 1"}
# What the program before a migration would misread: entries of the ledger, and reports that follow forgotten lines.
_MISREAD_BEFORE = {
    "c27d4e81f0a5": """ledger WHERE kind = 'report' AND body LIKE '%"redates":true%'""",
    "d81b5f2a9c36": """channels WHERE lines LIKE '%["","",null,%'""",
}


class MigrationRefused(RuntimeError):
    """A migration was rolled back, since it would have broken or deleted something."""


class MigrationGuard:
    """Alembic's `on_version_apply` for one run. With `keeps_data` a step back that would delete data is refused."""

    def __init__(self, connection: Connection, *, keeps_data: bool) -> None:
        self._connection = connection
        self._keeps_data = keeps_data
        self._stored = _places_with_data(connection) if keeps_data else set()

    def __call__(self, *, step: MigrationInfo, ctx: MigrationContext, **_: Any) -> None:
        """One migration has run, and is not committed yet. Raises: MigrationRefused."""
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
                f"Migration {_name(step)} was rolled back: it leaves references to rows that are not there ({rows})."
            )

    def _check_kept(self, step: MigrationInfo) -> None:
        misread = _MISREAD_BEFORE.get(_name(step))
        if misread is not None and _is_any(self._connection, misread):
            raise MigrationRefused(
                f"Going back before {_name(step)} is not possible any more: the ledger has entries that an older "
                "program would misread. Restore a backup that was made before that migration instead."
            )
        lost = self._stored - _places(self._connection) - _FILLED_AGAIN
        lost = {place for place in lost if place.partition(".")[0] not in lost or "." not in place}
        if lost:
            raise MigrationRefused(
                f"Going back before {_name(step)} would delete what is stored in {', '.join(sorted(lost))}. Restore a "
                "backup that was made before that migration instead."
            )
        self._stored = _places_with_data(self._connection)


def _name(step: MigrationInfo) -> str:
    return step.up_revision_id or "base"


def _places(connection: Connection) -> set[str]:
    """All tables, and all columns as `table.column`."""
    found = inspect(connection).get_multi_columns()
    columns = {f"{table}.{column['name']}" for (_, table), columns in found.items() for column in columns}
    return {table or "" for _, table in found} | columns


def _places_with_data(connection: Connection) -> set[str]:
    """Tables with rows, and their columns with any value that is not the default."""
    found: set[str] = set()
    for (_, table), columns in inspect(connection).get_multi_columns().items():
        beside = f" WHERE NOT ({_AS_INSERTED[table]})" if table in _AS_INSERTED else ""
        if table == "alembic_version" or not _is_any(connection, f'"{table}"{beside}'):
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
