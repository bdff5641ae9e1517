"""The queue of messages to relay, the accounts with upstreams, and the leases of the senders."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Table, and_, delete, func, insert, or_, select, type_coerce, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.channels import Channel
from app.domain.relay import RETRY_AFTER_SECONDS_MAX, Queued, RelayedRequest, RelayState
from app.store.models import RelayAccountRow, RelayLeaseRow, RelayQueueRow, UtcDateTime
from app.store.upsert import upsert

WAIT_MAX = timedelta(seconds=RETRY_AFTER_SECONDS_MAX)  # the wait after failures is shorter
WAITING_MAX = 2_000  # per facility and channel: ten rounds of a large hospital

_QUEUE: Table = RelayQueueRow.__table__  # type: ignore[assignment]
_ACCOUNTS: Table = RelayAccountRow.__table__  # type: ignore[assignment]
_LEASES: Table = RelayLeaseRow.__table__  # type: ignore[assignment]

Place = tuple[str, Channel]


async def enqueue(connection: AsyncConnection, requests: Sequence[RelayedRequest]) -> None:
    """Queue messages, inside the transaction that stores them; a message that supersedes an older one replaces it."""
    for request in requests:
        of_row = and_(_of((request.facility_id, request.channel)), _QUEUE.c.row == request.row)
        last = select(_QUEUE).where(of_row).order_by(_QUEUE.c.id.desc()).limit(1)
        before = (await connection.execute(last)).mappings().one_or_none()
        if before is not None and request.supersedes(_request(before)):
            await connection.execute(delete(_QUEUE).where(_QUEUE.c.id == before["id"]))
        await connection.execute(insert(_QUEUE).values(_row(request)))
    for place in {(request.facility_id, request.channel) for request in requests}:
        await _drop_excess(connection, place)


async def _drop_excess(connection: AsyncConnection, place: Place) -> None:
    newest = select(_QUEUE.c.id).where(_of(place)).order_by(_QUEUE.c.id.desc()).offset(WAITING_MAX).limit(1)
    dropped = await connection.execute(delete(_QUEUE).where(_of(place), _QUEUE.c.id <= newest.scalar_subquery()))
    if dropped.rowcount > 0:
        await change_account(connection, place, dropped=dropped.rowcount)


async def drop_older(connection: AsyncConnection, channel: Channel, moment: datetime) -> None:
    """Drop messages that were received before this moment, and count them."""
    old = and_(_QUEUE.c.channel == str(channel), _QUEUE.c.received_at < moment)
    counted = await connection.execute(
        select(_QUEUE.c.facility_id, func.count()).where(old).group_by(_QUEUE.c.facility_id)
    )
    for facility_id, number in counted.all():
        await change_account(connection, (facility_id, channel), dropped=number)
    await connection.execute(delete(_QUEUE).where(old))


async def next_of_each(
    connection: AsyncConnection, channel: Channel, now: datetime, limit: int, *, without: Collection[str] = ()
) -> list[Queued]:
    """The oldest message of each facility that is due, longest waiting first, `without` these facilities."""
    first = select(func.min(_QUEUE.c.id)).where(_QUEUE.c.channel == str(channel)).group_by(_QUEUE.c.facility_id)
    joined = _QUEUE.outerjoin(
        _ACCOUNTS, and_(_ACCOUNTS.c.facility_id == _QUEUE.c.facility_id, _ACCOUNTS.c.channel == _QUEUE.c.channel)
    )
    # A time further ahead than the longest wait was set by a clock that was ahead.
    due, beyond = _ACCOUNTS.c.next_attempt_at <= now, _ACCOUNTS.c.next_attempt_at > now + WAIT_MAX
    is_due = or_(_ACCOUNTS.c.next_attempt_at.is_(None), due, beyond)
    query = select(_QUEUE, _ACCOUNTS.c.sealed).select_from(joined).where(_QUEUE.c.id.in_(first), is_due)
    if without:
        query = query.where(_QUEUE.c.facility_id.not_in(without))
    rows = (await connection.execute(query.order_by(_QUEUE.c.id).limit(limit))).mappings()
    return [Queued(row["id"], _request(row), row["attempts"], row["sealed"]) for row in rows]


async def has_waiting(connection: AsyncConnection, channel: Channel) -> bool:
    """Whether any message of this channel is in the queue."""
    query = select(_QUEUE.c.id).where(_QUEUE.c.channel == str(channel)).limit(1)
    return await connection.scalar(query) is not None


async def failures(connection: AsyncConnection, place: Place) -> int:
    """The number of failed attempts since the last successful one."""
    query = select(_ACCOUNTS.c.failures).where(
        _ACCOUNTS.c.facility_id == place[0], _ACCOUNTS.c.channel == str(place[1])
    )
    return await connection.scalar(query) or 0


async def remove(connection: AsyncConnection, numbers: Collection[int]) -> None:
    """Remove these messages from the queue."""
    await connection.execute(delete(_QUEUE).where(_QUEUE.c.id.in_(numbers)))


async def count_attempt(connection: AsyncConnection, number: int) -> None:
    """Count a failed attempt to send this message."""
    await connection.execute(update(_QUEUE).where(_QUEUE.c.id == number).values(attempts=_QUEUE.c.attempts + 1))


async def change_account(
    connection: AsyncConnection,
    place: Place,
    values: Mapping[str, Any] | None = None,
    *,
    sent: int = 0,
    refused: int = 0,
    dropped: int = 0,
) -> None:
    """Add to the counters of an account and set these values; a missing account is created."""
    facility_id, channel = place
    known = (await connection.execute(select(_ACCOUNTS).where(_account(place)))).mappings().one_or_none()
    row = dict(_NEW if known is None else known) | {"facility_id": facility_id, "channel": str(channel)}
    for name, more in (("sent", sent), ("refused", refused), ("dropped", dropped)):
        row[name] += more
    await upsert(connection, _ACCOUNTS, [row | dict(values or {})])


async def sealed_accounts(connection: AsyncConnection) -> dict[Place, str]:
    """The sealed credentials of every account with an upstream."""
    query = select(_ACCOUNTS).where(_ACCOUNTS.c.sealed.is_not(None))
    rows = (await connection.execute(query)).mappings()
    return {(row["facility_id"], Channel.stored(row["channel"])): row["sealed"] for row in rows}


_NEW: Mapping[str, Any] = {
    **dict.fromkeys(column.name for column in _ACCOUNTS.columns),
    **dict.fromkeys(("sent", "refused", "dropped", "failures"), 0),
}


async def states(connection: AsyncConnection, facility_id: str) -> dict[Channel, RelayState]:
    """The relay states of a facility, by channel; only channels with an account or a waiting message."""
    waiting = select(_QUEUE.c.channel, func.count(), func.min(_QUEUE.c.id)).where(_QUEUE.c.facility_id == facility_id)
    counts = {row[0]: (row[1], row[2]) for row in await connection.execute(waiting.group_by(_QUEUE.c.channel))}
    accounts = (await connection.execute(select(_ACCOUNTS).where(_ACCOUNTS.c.facility_id == facility_id))).mappings()
    known = {row["channel"]: row for row in accounts}
    found = {}
    for name in {*counts, *known}:
        number, first = counts.get(name, (0, None))
        oldest = first and await connection.scalar(select(_QUEUE.c.received_at).where(_QUEUE.c.id == first))
        found[Channel.stored(name)] = _state(Channel.stored(name), known.get(name), number, oldest)
    return found


async def lease(connection: AsyncConnection, name: str, holder: str, duration: timedelta) -> bool:
    """Acquire or extend the lease that permits sending. Returns False while another process holds it.

    All times are those of the database: the clocks of the nodes may differ by more than the duration.
    """
    now = await _now(connection)
    # A lease with a later end than possible was acquired before the database's clock was set back.
    free = or_(_LEASES.c.holder == holder, _LEASES.c.until < now, _LEASES.c.until > now + 2 * duration)
    taken = update(_LEASES).where(_LEASES.c.name == name, free).values(holder=holder, until=now + duration)
    if (await connection.execute(taken)).rowcount:
        return True
    if await connection.scalar(select(_LEASES.c.holder).where(_LEASES.c.name == name)) is not None:
        return False
    await connection.execute(insert(_LEASES).values(name=name, holder=holder, until=now + duration))
    return True


async def release(connection: AsyncConnection, name: str, holder: str) -> None:
    """Release the lease."""
    await connection.execute(delete(_LEASES).where(_LEASES.c.name == name, _LEASES.c.holder == holder))


async def _now(connection: AsyncConnection) -> datetime:
    """The time by the clock of the database; with SQLite the machine's."""
    is_sqlite = connection.dialect.name == "sqlite"
    query = func.strftime("%Y-%m-%d %H:%M:%f", "now") if is_sqlite else func.clock_timestamp()
    now: datetime | None = await connection.scalar(select(type_coerce(query, UtcDateTime())))
    if now is None:
        raise ValueError("the database returned no time")
    return now


def _of(place: Place) -> ColumnElement[bool]:
    return and_(_QUEUE.c.facility_id == place[0], _QUEUE.c.channel == str(place[1]))


def _account(place: Place) -> ColumnElement[bool]:
    return and_(_ACCOUNTS.c.facility_id == place[0], _ACCOUNTS.c.channel == str(place[1]))


def _row(request: RelayedRequest) -> dict[str, Any]:
    return {
        "facility_id": request.facility_id,
        "channel": str(request.channel),
        "row": request.row,
        "method": request.method,
        "path": request.path,
        "body": request.body,
        "received_at": request.received_at,
        "attempts": 0,
    }


def _request(row: RowMapping) -> RelayedRequest:
    return RelayedRequest(
        row["facility_id"],
        Channel.stored(row["channel"]),
        row["row"],
        row["method"],
        row["path"],
        bytes(row["body"]),
        row["received_at"],
    )


_SHOWN = (
    *("sent", "refused", "dropped", "last_sent_at", "last_status", "last_answer"),
    *("failures", "last_failure_at", "last_failure", "next_attempt_at"),
)


def _state(channel: Channel, account: RowMapping | None, waiting: int, oldest: datetime | None) -> RelayState:
    if account is None:
        return RelayState(channel, waiting=waiting, oldest_waiting_at=oldest)
    shown: dict[str, Any] = {name: account[name] for name in _SHOWN}
    has_account = account["sealed"] is not None
    return RelayState(channel, has_account=has_account, waiting=waiting, oldest_waiting_at=oldest, **shown)
