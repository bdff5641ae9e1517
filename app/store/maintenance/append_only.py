"""The triggers that keep the ledger append-only: their definition, and restoring missing ones.

On SQLite a migration that recreates the ledger (`batch_alter_table`) drops its triggers, so migrations/env.py restores
them inside the transaction of every migration. The first migration has its own copy of the original definition.
"""

from sqlalchemy import Connection, inspect, text

_SQLITE = {
    f"ledger_no_{verb}": f"""
    CREATE TRIGGER ledger_no_{verb} BEFORE {verb.upper()} ON ledger
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
    """
    for verb in ("update", "delete")
}
_FUNCTION = """
    CREATE OR REPLACE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$
"""
_POSTGRESQL = {
    "ledger_no_change": """
    CREATE OR REPLACE TRIGGER ledger_no_change BEFORE UPDATE OR DELETE ON ledger
    FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only()
    """,
    "ledger_no_truncate": """
    CREATE OR REPLACE TRIGGER ledger_no_truncate BEFORE TRUNCATE ON ledger
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()
    """,
}
_IN_FORCE = {
    "sqlite": text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'ledger'"),
    # A trigger that fires only on replicas, or never, does not count.
    "postgresql": text(
        "SELECT tgname FROM pg_trigger WHERE tgrelid = to_regclass('ledger') AND NOT tgisinternal"
        " AND tgenabled IN ('O', 'A')"
    ),
}


def missing_triggers(connection: Connection) -> list[str]:
    """The names of the triggers that are missing or disabled."""
    in_force = set(connection.scalars(_IN_FORCE[connection.dialect.name]))
    return [name for name in _triggers(connection) if name not in in_force]


def restore_triggers(connection: Connection) -> None:
    """Create missing triggers in the caller's transaction; does nothing if there is no ledger table."""
    missing = missing_triggers(connection)
    if not missing or not inspect(connection).has_table("ledger"):
        return
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_FUNCTION)
    for name in missing:
        connection.exec_driver_sql(_triggers(connection)[name])


def _triggers(connection: Connection) -> dict[str, str]:
    return _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL
