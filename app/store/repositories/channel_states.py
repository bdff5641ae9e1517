"""The current state of each facility and channel: read when a node starts, written with each report.

The rules are in the domain (`app.domain.reports.lines`); this module only converts the states to and from rows. The
lines of a channel are one document in its row, since they are written and read together.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import RowMapping, Table, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.beds.counts import AvailableIs, BedCount
from app.domain.channels import Channel, CountingReason, CountingRecord, CountingSince
from app.domain.reports.clocks import CLOCK_AHEAD_MAX
from app.domain.reports.lines import ChannelState
from app.domain.reports.recent_values import Recent
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


class StoredChannel(NamedTuple):
    """One channel as it is stored: `counting` is set if it counts, `recorded_at` is that of its last entry."""

    state: ChannelState
    counting: CountingSince | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class StoredChannels:
    """All channels by facility, and since when one of them counts."""

    states: dict[str, dict[Channel, ChannelState]]
    counting: dict[str, CountingRecord]


async def load_all(connection: AsyncConnection) -> StoredChannels:
    """The states of all channels."""
    found = StoredChannels({}, {})
    moment = cache(datetime.fromisoformat)  # the lines of a report share their times
    key = cache(LineKey)  # and facilities often share line keys
    # In large partitions: reading row by row costs a task switch for each.
    async for part in (await connection.stream(select(_CHANNELS))).mappings().partitions(_ROWS_AT_ONCE):
        for row in part:
            facility_id, channel = row["facility_id"], Channel.stored(row["channel"])
            found.states.setdefault(facility_id, {})[channel] = _state(row, moment, key)
            _read_counting(found.counting, facility_id, channel, row)
        moment.cache_clear()
    return found


def _read_counting(counting: dict[str, CountingRecord], facility_id: str, channel: Channel, row: RowMapping) -> None:
    since, recorded_at, known = row["counting_since"], row["recorded_at"], counting.get(facility_id)
    if recorded_at is None:  # written before this was recorded
        return
    record, judged_at = (None, recorded_at) if known is None else (known.since, max(recorded_at, known.judged_at))
    if since is not None and (record is None or record.since is None or since > record.since):
        record = CountingSince(channel, since, CountingReason.stored(row["counting_reason"]), by_clock=False)
    counting[facility_id] = CountingRecord(record, judged_at)


async def limit_recorded_at(connection: AsyncConnection, followed_at: datetime) -> None:
    """Apply `ChannelState.limit_recorded_at` to all channels, after an entry was recorded at `followed_at`."""
    later = _CHANNELS.c.newest_recorded_at > followed_at + CLOCK_AHEAD_MAX
    await connection.execute(update(_CHANNELS).where(later).values(newest_recorded_at=followed_at))


async def delete_empty(
    connection: AsyncConnection, channels: Mapping[ChannelKey, StoredChannel]
) -> Mapping[ChannelKey, StoredChannel]:
    """Delete the rows of channels whose only report was withdrawn. Returns the other ones, which are to be saved."""
    empty = {key for key, channel in channels.items() if channel.state.newest is None}
    if not empty:
        return channels
    for facility_id, name in empty:
        row = (_CHANNELS.c.facility_id == facility_id) & (_CHANNELS.c.channel == str(name))
        await connection.execute(delete(_CHANNELS).where(row))
    return {key: channel for key, channel in channels.items() if key not in empty}


def save(writes: Writes, channels: Mapping[ChannelKey, StoredChannel]) -> None:
    """Add the rows of these channels to `writes`. Raises: ValueError, for a channel that has never reported."""
    writes.upsert(_CHANNELS, [_row(key, channel, writes.stamp) for key, channel in channels.items()])


def _state(row: RowMapping, moment: Callable[[str], datetime], key: Callable[[str, str], LineKey]) -> ChannelState:
    lines = _read_lines(row["lines"], moment, key)
    complete = row["complete_observed_at"] and Moment(row["complete_observed_at"], row["complete_seq"])
    newest = Moment(row["newest_observed_at"], row["newest_seq"])
    state = ChannelState(lines, complete, newest, row["newest_recorded_at"])
    if row["implausible"] is not None:
        state.implausible = _read_lines(row["implausible"], moment, key)
    return state


def _read_lines(
    document: str, moment: Callable[[str], datetime], key: Callable[[str, str], LineKey]
) -> dict[LineKey, CurrentLine]:
    return {
        key(ward_code, bed_type): CurrentLine(
            ward_name,
            counts and BedCount._make([*counts[:-1], counts[-1] and _available_is(counts[-1])]),
            Moment(moment(observed_at), seq),
            moment(recorded_at),
            *(more if len(more) < 2 else (more[0], _recent(more[1], moment))),
        )
        for ward_code, bed_type, ward_name, observed_at, seq, recorded_at, counts, *more in json.loads(document)
    }


def _recent(values: list[Any], moment: Callable[[str], datetime]) -> Recent:
    total, occupied, available, *returns = values
    return total, occupied, available, *map(moment, returns)


def _row(key: ChannelKey, channel: StoredChannel, stamp: Stamp) -> tuple[object, ...]:
    """The values of a row, in the order of the table's columns."""
    state, counting, recorded_at = channel
    newest, complete = state.newest, state.complete
    if newest is None or state.recorded_at is None:
        raise ValueError("a channel that has never reported is not stored")
    return (
        *key,
        *(stamp(newest.observed_at), newest.seq, stamp(state.recorded_at)),
        *((stamp(complete.observed_at), complete.seq) if complete else (None, None)),
        _document(state.lines),
        _document(state.implausible) if state.implausible else None,
        stamp(counting.since) if counting is not None and counting.since is not None else None,
        str(counting.reason) if counting is not None else None,
        stamp(recorded_at),
    )


def _document(lines: Mapping[LineKey, CurrentLine]) -> str:
    rows: list[list[Any]] = []
    texts: dict[datetime, str] = {}
    for key, (ward_name, beds, (observed_at, seq), recorded_at, details, recent) in lines.items():
        for at in (observed_at, recorded_at):
            if at not in texts:
                texts[at] = at.astimezone(UTC).isoformat()
        row: list[Any] = [*key, ward_name, texts[observed_at], seq, texts[recorded_at], beds]
        if recent is not None:
            row += [details, [*recent[:3], *(at.astimezone(UTC).isoformat() for at in recent[3:])]]
        elif details is not None:
            row.append(details)
        rows.append(row)
    return _encoder.encode(rows)
