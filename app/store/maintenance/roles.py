"""The rights of the service's role in PostgreSQL: read and append to the ledger, and write the other tables.

The tables belong to another role, which runs the migrations. An owner or a superuser could disable the triggers that
keep the ledger append-only.
"""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from app.store import pooler
from app.store.database_errors import translate_errors
from app.store.models import Base, LedgerFormatRow, LedgerRow

_ROLE = text(
    "SELECT rolsuper, pg_has_role(oid, current_user, 'MEMBER') AS is_owner FROM pg_roles WHERE rolname = :role"
)


class RoleRefused(RuntimeError):
    """The service must not connect as this role."""


async def grant_to(url: str, role: str) -> None:
    """Grant a role the rights that the service needs, and no others. The URL must be that of the tables' owner.

    Raises: RoleRefused, for an unknown role, and for one that could still change the ledger; Unavailable.
    """
    parsed, is_pooled = pooler.parse(url)
    engine = create_async_engine(parsed, hide_parameters=True, connect_args=pooler.connect_args(is_pooled=is_pooled))
    try:
        async with translate_errors(), engine.begin() as connection:
            await _check(connection, role)
            name = engine.dialect.identifier_preparer.quote_identifier(role)
            for statement in _grants(name):
                await connection.exec_driver_sql(statement)
    finally:
        await engine.dispose()


async def _check(connection: AsyncConnection, role: str) -> None:
    found = (await connection.execute(_ROLE, {"role": role})).mappings().one_or_none()
    if found is None:
        raise RoleRefused(
            f"There is no role {role!r} in this database. migrations/postgres-roles.sql creates the roles."
        )
    if found["rolsuper"] or found["is_owner"]:
        raise RoleRefused(f"The role {role!r} is a superuser or owns the tables: it could change the ledger.")


def _grants(role: str) -> list[str]:
    fixed = {LedgerRow.__tablename__, LedgerFormatRow.__tablename__}
    tables = ", ".join(table for table in Base.metadata.tables if table not in fixed)
    return [
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
        f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {role}",
        f"GRANT USAGE ON SCHEMA public TO {role}",
        f"GRANT SELECT, INSERT ON {LedgerRow.__tablename__} TO {role}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {tables} TO {role}",
        f"GRANT SELECT ON {LedgerFormatRow.__tablename__}, alembic_version TO {role}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}",
    ]
