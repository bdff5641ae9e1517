"""The last messages of each facility."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import RowMapping, Table, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.channels import Channel
from app.domain.message import Message, MessageOutcome
from app.store.models import MessageRow

_MESSAGES: Table = MessageRow.__table__  # type: ignore[assignment]
_NAMES = tuple(column.name for column in _MESSAGES.columns if column.name != "id")


async def put(connection: AsyncConnection, messages: Sequence[Message]) -> None:
    """Write them down, in this order."""
    rows = [{name: getattr(message, name) for name in _NAMES} for message in messages]
    await connection.execute(insert(_MESSAGES), rows)


async def last(connection: AsyncConnection, facility_id: str, *, limit: int) -> list[Message]:
    """The newest ones of a facility, newest first."""
    query = select(_MESSAGES).where(_MESSAGES.c.facility_id == facility_id).order_by(_MESSAGES.c.id.desc()).limit(limit)
    return [_message(row) for row in (await connection.execute(query)).mappings()]


async def prune(connection: AsyncConnection, facility_id: str, *, keep: int) -> None:
    """Drop all but the newest so many of a facility."""
    of_facility = _MESSAGES.c.facility_id == facility_id
    newest = select(_MESSAGES.c.id).where(of_facility).order_by(_MESSAGES.c.id.desc()).offset(keep).limit(1)
    await connection.execute(delete(_MESSAGES).where(of_facility, _MESSAGES.c.id <= newest.scalar_subquery()))


def _message(row: RowMapping) -> Message:
    said: dict[str, Any] = {name: row[name] for name in _NAMES}
    return Message(**said | {"channel": Channel(row["channel"]), "outcome": MessageOutcome(row["outcome"])})
