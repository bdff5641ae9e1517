"""The fingerprints of the secret keys that the sealed secrets of this database need."""

from collections.abc import Sequence

from sqlalchemy import Table, delete, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.models import CredentialRow, RelayAccountRow, SecretKeyRow
from app.store.upsert import upsert

_KEYS: Table = SecretKeyRow.__table__  # type: ignore[assignment]
_CREDENTIALS: Table = CredentialRow.__table__  # type: ignore[assignment]
_ACCOUNTS: Table = RelayAccountRow.__table__  # type: ignore[assignment]
SAMPLE = 20


async def known(connection: AsyncConnection) -> list[str]:
    """The fingerprints, newest first."""
    query = select(_KEYS.c.fingerprint).order_by(_KEYS.c.number.desc())
    return list(await connection.scalars(query))


async def put(connection: AsyncConnection, fingerprints: Sequence[str]) -> None:
    """Store these as used; the last one becomes the newest."""
    last = await connection.scalar(select(func.coalesce(func.max(_KEYS.c.number), 0))) or 0
    rows = [{"fingerprint": fingerprint, "number": number} for number, fingerprint in enumerate(fingerprints, last + 1)]
    await upsert(connection, _KEYS, rows)


async def remove_all(connection: AsyncConnection) -> None:
    """Delete all fingerprints."""
    await connection.execute(delete(_KEYS))


async def are_needed(connection: AsyncConnection) -> bool:
    """Whether anything stored can only be read or verified with a secret key: protocol keys, or relay accounts."""
    by_key = exists().where(_CREDENTIALS.c.channel.is_not(None), _CREDENTIALS.c.revoked_at.is_(None))
    account = exists().where(_ACCOUNTS.c.sealed.is_not(None))
    return bool(await connection.scalar(select(or_(by_key, account))))


async def some_sealed(connection: AsyncConnection) -> list[str]:
    """Up to `SAMPLE` sealed secrets of keys, newest first, and as many of accounts."""
    of_keys = select(_CREDENTIALS.c.sealed).where(_CREDENTIALS.c.sealed.is_not(None))
    of_accounts = select(_ACCOUNTS.c.sealed).where(_ACCOUNTS.c.sealed.is_not(None))
    newest = of_keys.order_by(_CREDENTIALS.c.seq.desc()).limit(SAMPLE)
    return [
        *await connection.scalars(newest),
        *await connection.scalars(of_accounts.limit(SAMPLE)),
    ]
