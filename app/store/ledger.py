"""The ledger: appending, reading on from a position, and the chain that shows an edited row.

Appending happens inside `Database.transaction`, which holds the ledger's lock: the head that is read here cannot
move before the commit, and so positions have no holes and are in commit order.
"""

import hashlib
import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import RowMapping, Table, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.ledger import CHAIN_MARK_LENGTH, GENESIS, START, FacilitiesRegistered, LedgerEntry, Matter, Position
from app.domain.reports.report import Outcome, Report, ReportWarning, canonical
from app.domain.snapshot import RecentEntries
from app.store import bulk_write, ledger_json
from app.store.bulk_write import Writes
from app.store.database import Transaction
from app.store.models import LedgerRow

READ_BATCH = 2_000
CHANGES_KEPT = 10_000

_LEDGER: Table = LedgerRow.__table__  # type: ignore[assignment]
# A report's own columns, as they are in an entry of another kind.
_NO_REPORT = dict.fromkeys(("report_id", "facility_id", "channel", "observed_at", "digest"))
_CHAINED = ("seq", "kind", "by", "report_id", "digest", "outcome", "warnings", "body")
_COLUMNS = tuple(_LEDGER.columns.keys())
_TIMES = ("recorded_at", "observed_at")

# The head first or last: the one row with a chain. Then which of some (principal, report id) are taken.
_LOOK = """
SELECT seq, chain, NULL AS "by", NULL AS report_id FROM ledger WHERE seq = (SELECT max(seq) FROM ledger)
UNION ALL SELECT NULL, NULL, taken."by", taken.report_id FROM {wanted}
 JOIN ledger taken ON taken."by" = wanted.said_by AND taken.report_id = wanted.said
"""
_LOOK_ON_SQLITE = _LOOK.format(
    wanted="(SELECT value ->> 0 AS said_by, value ->> 1 AS said FROM json_each(?)) wanted CROSS"
)
_LOOK_ON_POSTGRESQL = _LOOK.format(wanted="unnest($1::text[], $2::text[]) AS wanted (said_by, said)")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found about a report when it was accepted; told again whenever it is repeated."""

    outcome: Outcome
    warnings: tuple[ReportWarning, ...]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A report as it stands in the ledger."""

    position: Position
    recorded_at: datetime
    by: str
    digest: str
    report: Report
    verdict: Verdict

    @property
    def seq(self) -> int:
        """Its number in the ledger."""
        return self.position.seq


class OtherHistory(RuntimeError):
    """The ledger does not go through the place that was read up to: a failover, a restored backup, or tampering."""


class EditedLedger(OtherHistory):
    """The ledger is not what was written: a row was changed, added or taken away behind our back."""


async def head(connection: AsyncConnection) -> Position:
    """The place after the last entry."""
    query = select(_LEDGER.c.seq, _LEDGER.c.chain).order_by(_LEDGER.c.seq.desc()).limit(1)
    row = (await connection.execute(query)).one_or_none()
    return START if row is None else Position(row.seq, row.chain)


async def whole(connection: AsyncConnection, place: Position) -> Position:
    """The same place with all of its chain. Raises: EditedLedger, where the ledger does not go through it."""
    if place.seq == 0:
        return START
    chain = await connection.scalar(select(_LEDGER.c.chain).where(_LEDGER.c.seq == place.seq))
    if chain is None or not place.is_at(chain):
        raise EditedLedger(f"it does not go through {place}, up to which it was verified before")
    return Position(place.seq, chain)


async def recorded_at(connection: AsyncConnection, seq: int) -> datetime | None:
    """When this entry was recorded; None where there is none."""
    at: datetime | None = await connection.scalar(select(_LEDGER.c.recorded_at).where(_LEDGER.c.seq == seq))
    return at


async def goes_through(connection: AsyncConnection, place: Position) -> bool:
    """Whether the ledger has an entry at this place, in this history."""
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
    """Append each (matter, principal, verdict of a report), in this order; gives the entries.

    A facility's version is the position of the entry that changed it, so it is stamped here. `last` is the head,
    where this transaction has read it already; with `writes` they are written when those are sent.
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
        row = _row(seq, matter, by, verdict, now)
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


def link(chain: str, row: RowMapping | Mapping[str, Any]) -> str:
    """The chain after this row: SHA-256 over the chain before it and all that the row says, in hex."""
    said = [row[name] for name in _CHAINED] + [_instant(row["recorded_at"])]
    return hashlib.sha256(f"{chain}\n{canonical(said)}".encode()).hexdigest()


async def read_after(
    connection: AsyncConnection, after: Position, limit: int = READ_BATCH, *, may_lag: bool = False
) -> list[LedgerEntry]:
    """The entries that follow this place, in order and without a gap.

    `may_lag`: the database is a replica, which may not have come to this place yet; then nothing follows.
    Raises: OtherHistory, where the ledger does not go through this place or has a gap behind it.
    """
    # The entry at the place itself comes too: its chain tells whether both have the same history.
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
        raise OtherHistory(f"the ledger has no entry {after.seq} any more, up to which this node has read")
    if not after.is_at(chain):
        raise OtherHistory(f"the ledger has another entry {after.seq} than the one that this node has read")
    entries = []
    for seq, row in zip(itertools.count(after.seq + 1), rows[:limit], strict=False):
        if row["seq"] != seq:
            raise EditedLedger(f"position {seq} is missing")
        entries.append(_entry(row, chain))
        chain = row["chain"]
    return entries


async def audit(
    connection: AsyncConnection, after: Position, limit: int = READ_BATCH
) -> tuple[list[LedgerEntry], Position]:
    """The entries that follow, and the head after them, with the chain computed again.

    Raises: EditedLedger, naming the first position that is not what was written.
    """
    query = select(_LEDGER).where(_LEDGER.c.seq > after.seq).order_by(_LEDGER.c.seq).limit(limit)
    entries, seq, chain = [], after.seq, after.chain
    for row in (await connection.execute(query)).mappings():
        if row["seq"] != seq + 1:
            raise EditedLedger(f"position {seq + 1} is missing")
        seq, before, chain = row["seq"], chain, link(chain, row)
        if chain != row["chain"]:
            raise EditedLedger(f"position {seq} was edited, or an entry before it was taken away")
        entry = _entry(row, before)
        columns = _columns(entry.matter) if isinstance(entry.matter, Report) else _NO_REPORT
        if columns != {name: row[name] for name in columns}:
            raise EditedLedger(f"position {seq}: its columns do not say what its body says")
        entries.append(entry)
    return entries, Position(seq, chain)


async def look(
    connection: AsyncConnection, ids: Sequence[tuple[str, str]]
) -> tuple[Position, dict[tuple[str, str], Recorded]]:
    """The head, and the reports recorded under these (principal, report id): in one round trip where there is none."""
    if connection.dialect.name == "sqlite":
        wanted = json.dumps(ids)
        rows = await bulk_write.on_sqlite(connection, lambda raw: raw.execute(_LOOK_ON_SQLITE, (wanted,)).fetchall())
    else:
        raw = await bulk_write.on_postgresql(connection)
        rows = await raw.fetch(_LOOK_ON_POSTGRESQL, [by for by, _ in ids], [report_id for _, report_id in ids])
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
            found[by, row["report_id"]] = _recorded(row)
    return found


async def reports_of(
    connection: AsyncConnection, facility_id: str, *, before: int | None, limit: int
) -> list[Recorded]:
    """What was said of a facility, newest in the ledger first."""
    query = select(_LEDGER).where(_LEDGER.c.facility_id == facility_id)
    if before is not None:
        query = query.where(_LEDGER.c.seq < before)
    query = query.order_by(_LEDGER.c.seq.desc()).limit(limit)
    return [_recorded(row) for row in (await connection.execute(query)).mappings()]


async def last_changed(connection: AsyncConnection) -> RecentEntries:
    """What the last entries were about."""
    after = max(0, (await head(connection)).seq - CHANGES_KEPT)
    chain = func.substr(_LEDGER.c.chain, 1, CHAIN_MARK_LENGTH)
    query = select(_LEDGER.c.seq, _LEDGER.c.facility_id, _LEDGER.c.recorded_at, _LEDGER.c.kind, chain.label("chain"))
    said = (await connection.execute(query.where(_LEDGER.c.seq > after).order_by(_LEDGER.c.seq))).all()
    about = [(row.seq, row.facility_id, row.recorded_at) for row in said if row.kind != "keys"]
    return RecentEntries(after, await recorded_at(connection, after), about, [row.chain for row in said])


def _row(seq: int, matter: Matter, by: str, verdict: Verdict | None, now: datetime) -> dict[str, Any]:
    row: dict[str, Any] = {
        "seq": seq,
        "kind": ledger_json.kind_of(matter),
        "recorded_at": now,
        "by": by,
        **_NO_REPORT,
        "outcome": None,
        "warnings": None,
        "body": ledger_json.write(matter),
    }
    if isinstance(matter, Report) and verdict is not None:
        row |= _columns(matter)
        row["outcome"] = str(verdict.outcome)
        if verdict.warnings:
            row["warnings"] = canonical([[w.code, w.line, w.detail] for w in verdict.warnings])
    return row


def _columns(report: Report) -> dict[str, object]:
    return {
        "report_id": report.report_id,
        "facility_id": report.facility_id,
        "channel": str(report.channel),
        "observed_at": report.observed_at,
        "digest": report.digest(),
    }


def _instant(value: object) -> str:
    if not isinstance(value, datetime):
        raise TypeError("recorded_at is a time")
    return value.astimezone(UTC).isoformat()


def _entry(row: RowMapping, follows: str) -> LedgerEntry:
    return LedgerEntry(row["seq"], row["recorded_at"], row["by"], _matter(row), follows, row["chain"])


def _matter(row: RowMapping) -> Matter:
    return ledger_json.read(row["kind"], row["body"], seq=row["seq"], report_id=row["report_id"])


def _recorded(row: RowMapping) -> Recorded:
    report = _matter(row)
    if not isinstance(report, Report):
        raise TypeError(f"entry {row['seq']} is not a report")
    warnings = tuple(ReportWarning(*said) for said in json.loads(row["warnings"] or "[]"))
    verdict = Verdict(Outcome.stored(row["outcome"]), warnings)
    return Recorded(Position(row["seq"], row["chain"]), row["recorded_at"], row["by"], row["digest"], report, verdict)
