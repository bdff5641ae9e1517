"""The last messages of each facility."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import RowMapping, Table, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.channels import Channel
from app.domain.message import Message, MessageOutcome
from app.store.bulk_write import Writes
from app.store.models import MessageRow

_MESSAGES: Table = MessageRow.__table__  # type: ignore[assignment]
_NAMES = tuple(column.name for column in _MESSAGES.columns if column.name != "id")
_TIME = _NAMES.index("received_at")


async def put(connection: AsyncConnection, messages: Sequence[Message]) -> None:
    """Store messages in this order. The transaction must hold the ledger's lock, since this assigns their ids."""
    writes = Writes(connection)
    number = await connection.scalar(select(func.max(_MESSAGES.c.id))) or 0
    rows = []
    for message in messages:
        number += 1
        values = [getattr(message, name) for name in _NAMES]
        rows.append([number, *values[:_TIME], writes.stamp(message.received_at), *values[_TIME + 1 :]])
    writes.insert(_MESSAGES, rows)
    await writes.send()


async def last(connection: AsyncConnection, facility_id: str, *, limit: int) -> list[Message]:
    """The last messages of a facility, newest first."""
    query = select(_MESSAGES).where(_MESSAGES.c.facility_id == facility_id).order_by(_MESSAGES.c.id.desc()).limit(limit)
    return [_message(row) for row in (await connection.execute(query)).mappings()]


async def prune(connection: AsyncConnection, facility_id: str, *, keep: int) -> None:
    """Delete all but the newest `keep` messages of a facility."""
    of_facility = _MESSAGES.c.facility_id == facility_id
    newest = select(_MESSAGES.c.id).where(of_facility).order_by(_MESSAGES.c.id.desc()).offset(keep).limit(1)
    await connection.execute(delete(_MESSAGES).where(of_facility, _MESSAGES.c.id <= newest.scalar_subquery()))


def _message(row: RowMapping) -> Message:
    values: dict[str, Any] = {name: row[name] for name in _NAMES}
    return Message(
        **values | {"channel": Channel.stored(row["channel"]), "outcome": MessageOutcome.stored(row["outcome"])}
    )
