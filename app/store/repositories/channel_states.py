"""The current state of each facility and channel: read when a node starts, written with each report.

The rules are in the domain (`app.domain.reports.lines`); this module only converts the states to and from rows. The
lines of a channel are one document in its row, since they are written and read together.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import RowMapping, Table, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.beds.counts import AvailableIs, BedCount
from app.domain.channels import Channel
from app.domain.reports.clocks import CLOCK_AHEAD_MAX
from app.domain.reports.lines import ChannelState
from app.domain.reports.report import LineKey
from app.domain.reports.statements import CurrentLine, Moment
from app.store.bulk_write import Writes
from app.store.models import ChannelRow

ChannelKey = tuple[str, Channel]
Stamp = Callable[[datetime], object]

_CHANNELS: Table = ChannelRow.__table__  # type: ignore[assignment]
_ROWS_AT_ONCE = 10_000
_available_is = cache(AvailableIs.stored)  # called for each line of a country
_encoder = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


async def load_all(connection: AsyncConnection) -> dict[str, dict[Channel, ChannelState]]:
    """The states of all channels, by facility and channel."""
    states: dict[str, dict[Channel, ChannelState]] = {}
    moment = cache(datetime.fromisoformat)  # the lines of a report share their times
    key = cache(LineKey)  # and facilities often share line keys
    # In large partitions: reading row by row costs a task switch for each.
    async for part in (await connection.stream(select(_CHANNELS))).mappings().partitions(_ROWS_AT_ONCE):
        for row in part:
            states.setdefault(row["facility_id"], {})[Channel.stored(row["channel"])] = _state(row, moment, key)
        moment.cache_clear()
    return states


async def limit_recorded_at(connection: AsyncConnection, followed_at: datetime) -> None:
    """Apply `ChannelState.limit_recorded_at` to all channels, after an entry was recorded at `followed_at`."""
    later = _CHANNELS.c.newest_recorded_at > followed_at + CLOCK_AHEAD_MAX
    await connection.execute(update(_CHANNELS).where(later).values(newest_recorded_at=followed_at))


async def delete_empty(
    connection: AsyncConnection, states: Mapping[ChannelKey, ChannelState]
) -> Mapping[ChannelKey, ChannelState]:
    """Delete the rows of channels whose only report was withdrawn. Returns the other states, which are to be saved."""
    empty = {key for key, state in states.items() if state.newest is None}
    if not empty:
        return states
    for facility_id, channel in empty:
        row = (_CHANNELS.c.facility_id == facility_id) & (_CHANNELS.c.channel == str(channel))
        await connection.execute(delete(_CHANNELS).where(row))
    return {key: state for key, state in states.items() if key not in empty}


def save(writes: Writes, states: Mapping[ChannelKey, ChannelState]) -> None:
    """Add the rows of these states to `writes`. Raises: ValueError, for a channel that has never reported."""
    writes.upsert(_CHANNELS, [_row(key, state, writes.stamp) for key, state in states.items()])


def _state(row: RowMapping, moment: Callable[[str], datetime], key: Callable[[str, str], LineKey]) -> ChannelState:
    lines = {
        key(ward_code, bed_type): CurrentLine(
            ward_name,
            counts and BedCount._make([*counts[:-1], counts[-1] and _available_is(counts[-1])]),
            Moment(moment(observed_at), seq),
            moment(recorded_at),
            *details,
        )
        for ward_code, bed_type, ward_name, observed_at, seq, recorded_at, counts, *details in json.loads(row["lines"])
    }
    complete = row["complete_observed_at"] and Moment(row["complete_observed_at"], row["complete_seq"])
    newest = Moment(row["newest_observed_at"], row["newest_seq"])
    return ChannelState(lines, complete, newest, row["newest_recorded_at"])


def _row(key: ChannelKey, state: ChannelState, stamp: Stamp) -> tuple[object, ...]:
    """The values of a row, in the order of the table's columns."""
    newest, complete = state.newest, state.complete
    if newest is None or state.recorded_at is None:
        raise ValueError("a channel that has never reported is not stored")
    newest_columns = (stamp(newest.observed_at), newest.seq, stamp(state.recorded_at))
    return (
        *(*key, *newest_columns, *((stamp(complete.observed_at), complete.seq) if complete else (None, None))),
        _document(state.lines),
    )


def _document(lines: Mapping[LineKey, CurrentLine]) -> str:
    rows: list[list[Any]] = []
    texts: dict[datetime, str] = {}
    for key, (ward_name, beds, (observed_at, seq), recorded_at, details) in lines.items():
        for at in (observed_at, recorded_at):
            if at not in texts:
                texts[at] = at.astimezone(UTC).isoformat()
        row = [*key, ward_name, texts[observed_at], seq, texts[recorded_at], beds]
        rows.append(row if details is None else [*row, details])
    return _encoder.encode(rows)
