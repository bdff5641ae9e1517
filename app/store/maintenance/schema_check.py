"""Comparing the real tables with the models: a revision records which migrations ran, not what they created.

Only what both databases report in the same way is compared: columns and their nullability, which columns are unique or
indexed, and which values a CHECK allows. Each formats the text of a CHECK differently, but with the same values in it.
"""

import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CheckConstraint, Connection, Inspector, Table, UniqueConstraint, inspect, text
from sqlalchemy.exc import SAWarning

from app.store.models import Base

_UNREADABLE = text(
    "SELECT name FROM unnest(CAST(:names AS text[])) AS name WHERE NOT has_table_privilege(name, 'SELECT')"
)
_WORD = re.compile(r"'([^']*)'")


@dataclass(frozen=True, slots=True)
class _Real:
    """A table as the database reports it. `indexes` has the columns of each index and key, in order."""

    columns: Mapping[str, Any]
    unique: frozenset[frozenset[str]]
    indexes: Sequence[tuple[str, ...]]
    checks: Mapping[str | None, str]


def unreadable_tables(connection: Connection) -> list[str]:
    """The tables that this PostgreSQL role may not read. All tables must exist."""
    if connection.dialect.name == "sqlite":
        return []
    return list(connection.scalars(_UNREADABLE, {"names": list(Base.metadata.tables)}))


def schema_differences(connection: Connection) -> list[str]:
    """The differences that would cause errors, each as a clause: missing objects, and wrong nullability.

    Additional objects are allowed: a table, an index, a constraint, a column that may be omitted, a value in a CHECK.
    """
    with warnings.catch_warnings():
        # For an operator's own index on an expression: SQLAlchemy omits it on SQLite, with a warning.
        warnings.simplefilter("ignore", SAWarning)
        found = _read(inspect(connection))
    return [clause for table in Base.metadata.sorted_tables for clause in _differences(table, found.get(table.name))]


def _read(inspector: Inspector) -> dict[str, _Real]:
    ours = list(Base.metadata.tables)
    existing = set(inspector.get_table_names())
    names = [name for name in ours if name in existing]
    columns = inspector.get_multi_columns(filter_names=names)
    keys = inspector.get_multi_pk_constraint(filter_names=names)
    uniques = inspector.get_multi_unique_constraints(filter_names=names)
    indexes = inspector.get_multi_indexes(filter_names=names)
    checks = inspector.get_multi_check_constraints(filter_names=names)
    found = {}
    for key, table_columns in columns.items():
        plain = [index for index in indexes.get(key, []) if _is_plain(index)]
        constrained = [tuple(keys[key]["constrained_columns"])] if key in keys else []
        constrained += [tuple(unique["column_names"]) for unique in uniques.get(key, [])]
        unique = [*constrained, *(_columns_of(index) for index in plain if index["unique"])]
        found[key[1]] = _Real(
            columns={column["name"]: column for column in table_columns},
            unique=frozenset(map(frozenset, unique)),
            indexes=[*constrained, *map(_columns_of, plain)],
            checks={check["name"]: check["sqltext"] for check in checks.get(key, [])},
        )
    return found


def _is_plain(index: Any) -> bool:
    """Whether the index covers all rows, and only columns."""
    has_condition = any(name.endswith("_where") for name in index.get("dialect_options", {}))
    return not has_condition and None not in index["column_names"]


def _columns_of(index: Any) -> tuple[str, ...]:
    return tuple(index["column_names"])


def _differences(table: Table, real: _Real | None) -> Iterator[str]:
    if real is None:
        yield f"there is no table {table.name}"
        return
    yield from _column_differences(table, real.columns)
    for names in _unique(table):
        if frozenset(names) not in real.unique:
            yield f"table {table.name} has no unique constraint on ({', '.join(names)})"
    for index in sorted(table.indexes, key=lambda index: str(index.name)):
        names = tuple(column.name for column in index.columns)
        if not any(columns[: len(names)] == names for columns in real.indexes):
            yield f"table {table.name} has no index on ({', '.join(names)})"
    for check in sorted(_checks(table), key=lambda check: str(check.name)):
        found = real.checks.get(str(check.name))
        if found is None:
            yield f"table {table.name} has no constraint {check.name}"
        elif missing := sorted({*_WORD.findall(str(check.sqltext))} - {*_WORD.findall(found)}):
            yield f"constraint {check.name} does not allow {', '.join(missing)}"


def _column_differences(table: Table, real: Mapping[str, Any]) -> Iterator[str]:
    for column in table.columns:
        if column.name not in real:
            yield f"table {table.name} has no column {column.name}"
        elif real[column.name]["nullable"] != column.nullable:
            yield f"column {table.name}.{column.name} must {'allow' if column.nullable else 'not allow'} NULL"
    for name in real.keys() - table.columns.keys():
        if not real[name]["nullable"] and real[name]["default"] is None:
            yield f"table {table.name} has an unknown column {name} that must be filled"


def _unique(table: Table) -> list[tuple[str, ...]]:
    constraints = [found for found in table.constraints if isinstance(found, UniqueConstraint)]
    return sorted(tuple(column.name for column in key.columns) for key in (table.primary_key, *constraints))


def _checks(table: Table) -> list[CheckConstraint]:
    return [found for found in table.constraints if isinstance(found, CheckConstraint)]
