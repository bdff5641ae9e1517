"""Comparing the real tables with the models: a revision says which migrations ran, not what they made."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Table, inspect, text

from app.store.models import Base

_UNREADABLE = text(
    "SELECT name FROM unnest(CAST(:names AS text[])) AS name WHERE NOT has_table_privilege(name, 'SELECT')"
)


def unreadable_tables(connection: Connection) -> list[str]:
    """Our tables that this role of PostgreSQL may not read; all of them exist."""
    if connection.dialect.name == "sqlite":
        return []
    return list(connection.scalars(_UNREADABLE, {"names": list(Base.metadata.tables)}))


def schema_differences(connection: Connection) -> list[str]:
    """What this program would stumble over, each as a clause: missing tables and columns, and wrong nullability.

    An additional table is no fault, and neither is an additional column that may be left out.
    """
    found = {name: columns for (_, name), columns in inspect(connection).get_multi_columns().items()}
    return [said for table in Base.metadata.sorted_tables for said in _differences(table, found.get(table.name))]


def _differences(table: Table, columns: list[Any] | None) -> Iterator[str]:
    if columns is None:
        yield f"there is no table {table.name}"
        return
    real: Mapping[str, Any] = {column["name"]: column for column in columns}
    for column in table.columns:
        if column.name not in real:
            yield f"table {table.name} has no column {column.name}"
        elif real[column.name]["nullable"] != column.nullable:
            yield f"column {table.name}.{column.name} must {'allow' if column.nullable else 'not allow'} NULL"
    for name in real.keys() - table.columns.keys():
        if not real[name]["nullable"] and real[name]["default"] is None:
            yield f"table {table.name} has a column {name} that must be filled and is unknown"
