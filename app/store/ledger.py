"""The ledger: appending entries, reading entries after a position, and verifying the chain.

Entries are appended inside `Database.transaction`, which holds the ledger's lock: the head that is read here cannot
move before the commit, so positions have no gaps and are in commit order.
"""

import itertools
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Table, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.channels import Channel
from app.domain.ledger import CHAIN_MARK_LENGTH, GENESIS, START, FacilitiesRegistered, LedgerEntry, Matter, Position
from app.domain.reports.clocks import CLOCK_AHEAD_MAX
from app.domain.reports.history import ChannelHistory
from app.domain.reports.lines import ChannelState
from app.domain.reports.report import Outcome, Report
from app.domain.snapshot import RecentEntries
from app.store import bulk_write
from app.store.bulk_write import Writes
from app.store.database import Transaction
from app.store.ledger_rows import NO_REPORT, Recorded, Verdict, entry_of, link, recorded_of, report_columns, row_of
from app.store.models import LedgerRow

READ_BATCH = 2_000
TIMES_AT_ONCE = 20_000
CHANGES_KEPT = 10_000

_LEDGER: Table = LedgerRow.__table__  # type: ignore[assignment]
_COLUMNS = tuple(_LEDGER.columns.keys())
_WITHDRAWING = (str(Outcome.void), str(Outcome.correction))
_TIMES = ("recorded_at", "observed_at")

# The head, which is the only row with a chain, and those of some (principal, report id) that are recorded.
_HEAD_AND_IDS = """
SELECT seq, chain, NULL AS "by", NULL AS report_id FROM ledger WHERE seq = (SELECT max(seq) FROM ledger)
UNION ALL SELECT NULL, NULL, taken."by", taken.report_id FROM {wanted}
 JOIN ledger taken ON taken."by" = wanted.principal AND taken.report_id = wanted.id
"""
_HEAD_AND_IDS_ON_SQLITE = _HEAD_AND_IDS.format(
    wanted="(SELECT value ->> 0 AS principal, value ->> 1 AS id FROM json_each(?)) wanted CROSS"
)
_HEAD_AND_IDS_ON_POSTGRESQL = _HEAD_AND_IDS.format(wanted="unnest($1::text[], $2::text[]) AS wanted (principal, id)")


class OtherHistory(RuntimeError):
    """The ledger does not contain the position that was read before: a failover, a restored backup, or tampering."""


class EditedLedger(OtherHistory):
    """The ledger was changed after it was written: a row was edited, added or removed outside this program."""


async def head(connection: AsyncConnection) -> Position:
    """The position after the last entry."""
    query = select(_LEDGER.c.seq, _LEDGER.c.chain).order_by(_LEDGER.c.seq.desc()).limit(1)
    row = (await connection.execute(query)).one_or_none()
    return START if row is None else Position(row.seq, row.chain)


async def with_full_chain(connection: AsyncConnection, place: Position) -> Position:
    """The same position with its full chain. Raises: EditedLedger, if it is not in the ledger."""
    if place.seq == 0:
        return START
    chain = await connection.scalar(select(_LEDGER.c.chain).where(_LEDGER.c.seq == place.seq))
    if chain is None or not place.is_at(chain):
        raise EditedLedger(f"it does not contain {place}, up to which it was verified before")
    return Position(place.seq, chain)


async def recorded_at(connection: AsyncConnection, seq: int) -> datetime | None:
    """When this entry was recorded; None if there is no such entry."""
    at: datetime | None = await connection.scalar(select(_LEDGER.c.recorded_at).where(_LEDGER.c.seq == seq))
    return at


async def goes_through(connection: AsyncConnection, place: Position) -> bool:
    """Whether the ledger contains this position, in the same history."""
    chain = (
        GENESIS
        if place.seq == 0
        else await connection.scalar(select(_LEDGER.c.chain).where(_LEDGER.c.seq == place.seq))
    )
    return chain is not None and place.is_at(chain)


async def append(
    transaction: Transaction,
    matters: Sequence[tuple[Matter, str, Verdict | None]],
    *,
    now: datetime,
    last: Position | None = None,
    writes: Writes | None = None,
) -> list[LedgerEntry]:
    """Append each (matter, principal, verdict of a report) in this order. Returns the entries.

    A facility's version is the position of the entry that changed it, so it is set here. `last` is the head, if this
    transaction has already read it; with `writes` the rows are written when `writes` is sent.
    Raises: EditedLedger, if the head moved inside the transaction.
    """
    sent = Writes(transaction.connection) if writes is None else writes
    last = last or await head(transaction.connection)
    if transaction.entries and transaction.entries[-1].seq != last.seq:
        raise EditedLedger("the head moved inside a transaction")
    seq, chain, rows, entries = last.seq, last.chain, [], []
    for matter, by, verdict in matters:
        seq += 1
        if isinstance(matter, FacilitiesRegistered):
            stamped = tuple(replace(facility, seq=seq) for facility in matter.facilities)
            matter = replace(matter, facilities=stamped)  # noqa: PLW2901
        row = row_of(seq, matter, by, verdict, now)
        before, chain = chain, link(chain, row)
        row["chain"] = chain
        for name in _TIMES:
            row[name] = row[name] and sent.stamp(row[name])
        rows.append([row[name] for name in _COLUMNS])
        entries.append(LedgerEntry(seq, now, by, matter, before, chain))
    sent.insert(_LEDGER, rows)
    if writes is None:
        await sent.send()
    transaction.entries += entries
    return entries


async def read_after(
    connection: AsyncConnection, after: Position, limit: int = READ_BATCH, *, may_lag: bool = False
) -> list[LedgerEntry]:
    """The entries after this position, in order and without a gap.

    `may_lag`: the database is a replica that may not have reached this position yet; then the result is empty.
    Raises: OtherHistory, if the ledger does not contain this position or has a gap after it.
    """
    # The entry at the position itself is read too: its chain shows whether both have the same history.
    body = case((_LEDGER.c.seq > after.seq, _LEDGER.c.body), else_="").label("body")
    columns = [column for column in _LEDGER.columns if column.name != "body"]
    query = select(*columns, body).where(_LEDGER.c.seq >= after.seq).order_by(_LEDGER.c.seq).limit(limit + 1)
    rows = list((await connection.execute(query)).mappings())
    if after.seq == 0:
        chain = GENESIS
    elif rows and rows[0]["seq"] == after.seq:
        chain = rows.pop(0)["chain"]
    elif not rows and may_lag:
        return []
    else:
        raise OtherHistory(f"the ledger no longer has entry {after.seq}, up to which this node has read")
    if not after.is_at(chain):
        raise OtherHistory(f"entry {after.seq} of the ledger is not the one that this node has read")
    entries = []
    for seq, row in zip(itertools.count(after.seq + 1), rows[:limit], strict=False):
        if row["seq"] != seq:
            raise EditedLedger(f"position {seq} is missing")
        entries.append(entry_of(row, chain))
        chain = row["chain"]
    return entries


async def audit(
    connection: AsyncConnection, after: Position, limit: int = READ_BATCH
) -> tuple[list[LedgerEntry], Position]:
    """The entries after this position, and the position after them, with the chain computed again.

    Raises: EditedLedger, naming the first position that was changed.
    """
    query = select(_LEDGER).where(_LEDGER.c.seq > after.seq).order_by(_LEDGER.c.seq).limit(limit)
    entries, seq, chain = [], after.seq, after.chain
    for row in (await connection.execute(query)).mappings():
        if row["seq"] != seq + 1:
            raise EditedLedger(f"position {seq + 1} is missing")
        seq, before, chain = row["seq"], chain, link(chain, row)
        if chain != row["chain"]:
            raise EditedLedger(f"position {seq} was edited, or an entry before it was removed")
        entry = entry_of(row, before)
        columns = report_columns(entry.matter) if isinstance(entry.matter, Report) else NO_REPORT
        if columns != {name: row[name] for name in columns}:
            raise EditedLedger(f"position {seq}: its columns do not match its body")
        entries.append(entry)
    return entries, Position(seq, chain)


async def head_and_reports(
    connection: AsyncConnection, ids: Sequence[tuple[str, str]]
) -> tuple[Position, dict[tuple[str, str], Recorded]]:
    """The head, and the reports recorded under these (principal, report id): one round trip if there are none."""
    if connection.dialect.name == "sqlite":
        wanted = json.dumps(ids)
        rows = await bulk_write.on_sqlite(
            connection, lambda raw: raw.execute(_HEAD_AND_IDS_ON_SQLITE, (wanted,)).fetchall()
        )
    else:
        raw = await bulk_write.on_postgresql(connection)
        rows = await raw.fetch(_HEAD_AND_IDS_ON_POSTGRESQL, [by for by, _ in ids], [report_id for _, report_id in ids])
    found = next((Position(seq, chain) for seq, chain, *_ in rows if seq is not None), START)
    taken = [(by, report_id) for seq, _, by, report_id in rows if seq is None]
    return found, await find_reports(connection, taken)


async def find_reports(connection: AsyncConnection, ids: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Recorded]:
    """The reports recorded under these (principal, report id)."""
    found: dict[tuple[str, str], Recorded] = {}
    by_principal: dict[str, list[str]] = {}
    for by, report_id in ids:
        by_principal.setdefault(by, []).append(report_id)
    for by, report_ids in by_principal.items():
        query = select(_LEDGER).where(_LEDGER.c.by == by, _LEDGER.c.report_id.in_(report_ids))
        for row in (await connection.execute(query)).mappings():
            found[by, row["report_id"]] = recorded_of(row)
    return found


async def reports_of(
    connection: AsyncConnection, facility_id: str, *, before: int | None, limit: int
) -> list[Recorded]:
    """The reports about a facility before a position, newest in the ledger first."""
    query = select(_LEDGER).where(_LEDGER.c.facility_id == facility_id)
    if before is not None:
        query = query.where(_LEDGER.c.seq < before)
    query = query.order_by(_LEDGER.c.seq.desc()).limit(limit)
    return [recorded_of(row) for row in (await connection.execute(query)).mappings()]


async def report_at(connection: AsyncConnection, facility_id: str, seq: int) -> Recorded | None:
    """The report of this facility at this position; None if there is none."""
    query = select(_LEDGER).where(_LEDGER.c.facility_id == facility_id, _LEDGER.c.seq == seq)
    row = (await connection.execute(query)).mappings().one_or_none()
    return None if row is None else recorded_of(row)


async def reports_after(
    connection: AsyncConnection, facility_id: str, after: int, *, up_to: int | None = None, limit: int
) -> list[Recorded]:
    """The reports about a facility after a position, in the order of the ledger."""
    query = select(_LEDGER).where(_LEDGER.c.facility_id == facility_id, _LEDGER.c.seq > after)
    if up_to is not None:
        query = query.where(_LEDGER.c.seq <= up_to)
    query = query.order_by(_LEDGER.c.seq).limit(limit)
    return [recorded_of(row) for row in (await connection.execute(query)).mappings()]


async def withdrawals_after(
    connection: AsyncConnection, facility_id: str, after: int, *, up_to: int | None = None
) -> dict[int, int]:
    """The withdrawn reports of a facility, each with the entry after position `after` that withdraws it.

    Every withdrawal comes after what it withdraws, so `after` may be the oldest report that is asked about.
    """
    query = select(_LEDGER.c.seq, _LEDGER.c.body).where(
        _LEDGER.c.facility_id == facility_id, _LEDGER.c.seq > after, _LEDGER.c.outcome.in_(_WITHDRAWING)
    )
    if up_to is not None:
        query = query.where(_LEDGER.c.seq <= up_to)
    return {json.loads(row.body)["withdraws"]["of"]: row.seq for row in await connection.execute(query)}


async def state_without(connection: AsyncConnection, facility_id: str, channel: Channel, seq: int) -> ChannelState:
    """The state of a channel after entry `seq`, computed from all its reports that were not withdrawn by then."""
    history = ChannelHistory(channel, await withdrawals_after(connection, facility_id, 0, up_to=seq))
    after = 0
    while part := await reports_after(connection, facility_id, after, up_to=seq, limit=READ_BATCH):
        for recorded in part:
            history.add(recorded.report, seq=recorded.seq, recorded_at=recorded.recorded_at)
        after = part[-1].seq
    state = history.state()
    await limit_recorded_at(connection, state, up_to=seq)
    return state


async def limit_recorded_at(connection: AsyncConnection, state: ChannelState, *, up_to: int, after: int = 0) -> None:
    """Apply `ChannelState.limit_recorded_at` for each entry that follows the state's newest report, up to `up_to`.

    Those up to position `after` were applied before. They are read in parts that take milliseconds.
    """
    after = max(after, state.newest.seq if state.newest else up_to)
    while after < up_to and state.recorded_at is not None:
        end = min(up_to, after + TIMES_AT_ONCE)
        query = select(_LEDGER.c.seq, _LEDGER.c.recorded_at).where(
            _LEDGER.c.seq > after, _LEDGER.c.seq <= end, _LEDGER.c.recorded_at < state.recorded_at - CLOCK_AHEAD_MAX
        )
        earlier = (await connection.execute(query.order_by(_LEDGER.c.seq).limit(1))).one_or_none()
        if earlier is not None:
            state.limit_recorded_at(earlier.recorded_at)
        after = end if earlier is None else earlier.seq


async def last_changed(connection: AsyncConnection) -> RecentEntries:
    """The subjects of the last `CHANGES_KEPT` entries."""
    after = max(0, (await head(connection)).seq - CHANGES_KEPT)
    chain = func.substr(_LEDGER.c.chain, 1, CHAIN_MARK_LENGTH)
    query = select(_LEDGER.c.seq, _LEDGER.c.facility_id, _LEDGER.c.recorded_at, _LEDGER.c.kind, chain.label("chain"))
    rows = (await connection.execute(query.where(_LEDGER.c.seq > after).order_by(_LEDGER.c.seq))).all()
    entries = [(row.seq, row.facility_id, row.recorded_at) for row in rows if row.kind != "keys"]
    return RecentEntries(after, await recorded_at(connection, after), entries, [row.chain for row in rows])
