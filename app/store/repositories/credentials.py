"""Issued keys: their holders, digests and sealed secrets; never a secret in plain text."""

from sqlalchemy import RowMapping, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.channels import Channel
from app.domain.permissions import Actor, Credential, Role, Scope, ScopeKind
from app.store.credential_json import read_more, write_more
from app.store.models import CredentialRow
from app.store.upsert import upsert

_CREDENTIALS: Table = CredentialRow.__table__  # type: ignore[assignment]


async def load_all(connection: AsyncConnection) -> list[Credential]:
    """Every key ever issued."""
    return [_credential(row) for row in (await connection.execute(select(_CREDENTIALS))).mappings()]


async def put(connection: AsyncConnection, credential: Credential) -> None:
    """Write a new or changed key."""
    actor = credential.actor
    row: dict[str, object] = {
        "prefix": credential.prefix,
        "digest": credential.digest,
        "principal": actor.principal,
        "role": str(actor.role),
        "scope_kind": str(actor.scope.kind),
        "scope_id": actor.scope.id,
        "name": actor.name,
        "created_at": credential.created_at,
        "created_by": credential.created_by,
        "expires_at": credential.expires_at,
        "revoked_at": credential.revoked_at,
        "channel": credential.channel and str(credential.channel),
        "sealed": credential.sealed,
        "seq": credential.seq,
        "clock_hours": credential.clock_hours,
        "more": write_more(credential),
    }
    await upsert(connection, _CREDENTIALS, [row])


def _credential(row: RowMapping) -> Credential:
    scope = Scope(ScopeKind.stored(row["scope_kind"]), row["scope_id"])
    ended, more = read_more(row["more"])
    return Credential(
        prefix=row["prefix"],
        digest=row["digest"],
        actor=Actor(row["principal"], Role.stored(row["role"]), scope, row["name"], row["prefix"]),
        created_at=row["created_at"],
        created_by=row["created_by"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
        channel=row["channel"] and Channel.stored(row["channel"]),
        sealed=row["sealed"],
        seq=row["seq"],
        clock_hours=row["clock_hours"],
        ended_sessions=ended,
        more=more,
    )
