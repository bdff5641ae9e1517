"""Comparing the real tables with the models: a revision says which migrations ran, not what they made.

What both databases tell alike is compared: columns and whether they may be empty, which columns are unique or indexed,
and which words a CHECK lets in. Each writes the text of a CHECK in its own way, but with the same words in it.
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
    """A table as the database tells of it. `indexes` are the columns of each, in order, of constraints too."""

    columns: Mapping[str, Any]
    unique: frozenset[frozenset[str]]
    indexes: Sequence[tuple[str, ...]]
    checks: Mapping[str | None, str]


def unreadable_tables(connection: Connection) -> list[str]:
    """Our tables that this role of PostgreSQL may not read; all of them exist."""
    if connection.dialect.name == "sqlite":
        return []
    return list(connection.scalars(_UNREADABLE, {"names": list(Base.metadata.tables)}))


def schema_differences(connection: Connection) -> list[str]:
    """What this program would stumble over, each as a clause: what is missing, and wrong nullability.

    What is there besides is no fault: a table, an index, a constraint, a column that may be left out, a word that a
    CHECK lets in.
    """
    with warnings.catch_warnings():
        # An operator's own index of an expression: SQLAlchemy leaves it out on SQLite, and warns.
        warnings.simplefilter("ignore", SAWarning)
        found = _read(inspect(connection))
    return [said for table in Base.metadata.sorted_tables for said in _differences(table, found.get(table.name))]


def _read(inspector: Inspector) -> dict[str, _Real]:
    ours = list(Base.metadata.tables)
    there = set(inspector.get_table_names())
    names = [name for name in ours if name in there]
    columns = inspector.get_multi_columns(filter_names=names)
    keys = inspector.get_multi_pk_constraint(filter_names=names)
    uniques = inspector.get_multi_unique_constraints(filter_names=names)
    indexes = inspector.get_multi_indexes(filter_names=names)
    checks = inspector.get_multi_check_constraints(filter_names=names)
    found = {}
    for place, said in columns.items():
        whole = [index for index in indexes.get(place, []) if _is_of_whole_columns(index)]
        constrained = [tuple(keys[place]["constrained_columns"])] if place in keys else []
        constrained += [tuple(unique["column_names"]) for unique in uniques.get(place, [])]
        unique = [*constrained, *(_columns_of(index) for index in whole if index["unique"])]
        found[place[1]] = _Real(
            columns={column["name"]: column for column in said},
            unique=frozenset(map(frozenset, unique)),
            indexes=[*constrained, *map(_columns_of, whole)],
            checks={check["name"]: check["sqltext"] for check in checks.get(place, [])},
        )
    return found


def _is_of_whole_columns(index: Any) -> bool:
    """Whether it is one of all rows, and of columns alone."""
    has_condition = any(name.endswith("_where") for name in index.get("dialect_options", {}))
    return not has_condition and None not in index["column_names"]


def _columns_of(index: Any) -> tuple[str, ...]:
    return tuple(index["column_names"])


def _differences(table: Table, real: _Real | None) -> Iterator[str]:
    if real is None:
        yield f"there is no table {table.name}"
        return
    yield from _of_columns(table, real.columns)
    for names in _unique(table):
        if frozenset(names) not in real.unique:
            yield f"in table {table.name} nothing makes ({', '.join(names)}) unique"
    for index in sorted(table.indexes, key=lambda index: str(index.name)):
        names = tuple(column.name for column in index.columns)
        if not any(columns[: len(names)] == names for columns in real.indexes):
            yield f"table {table.name} has no index on ({', '.join(names)})"
    for check in sorted(_checks(table), key=lambda check: str(check.name)):
        found = real.checks.get(str(check.name))
        if found is None:
            yield f"table {table.name} has no constraint {check.name}"
        elif missing := sorted({*_WORD.findall(str(check.sqltext))} - {*_WORD.findall(found)}):
            yield f"constraint {check.name} does not let in {', '.join(missing)}"


def _of_columns(table: Table, real: Mapping[str, Any]) -> Iterator[str]:
    for column in table.columns:
        if column.name not in real:
            yield f"table {table.name} has no column {column.name}"
        elif real[column.name]["nullable"] != column.nullable:
            yield f"column {table.name}.{column.name} must {'allow' if column.nullable else 'not allow'} NULL"
    for name in real.keys() - table.columns.keys():
        if not real[name]["nullable"] and real[name]["default"] is None:
            yield f"table {table.name} has a column {name} that must be filled and is unknown"


def _unique(table: Table) -> list[tuple[str, ...]]:
    constraints = [each for each in table.constraints if isinstance(each, UniqueConstraint)]
    return sorted(tuple(column.name for column in each.columns) for each in (table.primary_key, *constraints))


def _checks(table: Table) -> list[CheckConstraint]:
    return [each for each in table.constraints if isinstance(each, CheckConstraint)]
