"""Times that software signed ahead of our clock, stored until they have passed: such a signature cannot be reused."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Table, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.models import SignedTimeRow

_TIMES: Table = SignedTimeRow.__table__  # type: ignore[assignment]


class SignedTime(NamedTuple):
    """A second (Unix time) that the key with this public prefix has signed."""

    prefix: str
    signed_at: int


async def put(connection: AsyncConnection, times: Sequence[SignedTime]) -> None:
    """Store these times; known ones are kept."""
    insert = sqlite.insert(_TIMES) if connection.dialect.name == "sqlite" else postgresql.insert(_TIMES)
    await connection.execute(insert.on_conflict_do_nothing(), [time._asdict() for time in times])


async def has(connection: AsyncConnection, time: SignedTime) -> bool:
    """Whether this time is stored."""
    query = select(_TIMES.c.prefix).where(_TIMES.c.prefix == time.prefix, _TIMES.c.signed_at == time.signed_at)
    return await connection.scalar(query) is not None


async def newest(connection: AsyncConnection, prefix: str) -> int | None:
    """The latest second that this key has signed ahead; None if there is none."""
    found: int | None = await connection.scalar(select(func.max(_TIMES.c.signed_at)).where(_TIMES.c.prefix == prefix))
    return found


async def prune(connection: AsyncConnection, *, before: int) -> None:
    """Delete times before this second."""
    await connection.execute(delete(_TIMES).where(_TIMES.c.signed_at < before))
