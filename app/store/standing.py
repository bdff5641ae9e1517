"""What stands for each facility and channel: read when a node starts, written with each report.

The rules are the domain's (`app.domain.lines`); this module only carries them to and from the tables.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from sqlalchemy import RowMapping, Table, bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.beds import COUNT_FIELDS, AvailableIs, BedCount
from app.domain.channels import Channel
from app.domain.lines import Change, ChannelState, Moment, StandingLine
from app.domain.report import LineKey
from app.store.driver import Writes
from app.store.models import ChannelRow, LineRow

Place = tuple[str, Channel]
Stamp = Callable[[datetime], object]

_CHANNELS: Table = ChannelRow.__table__  # type: ignore[assignment]
_LINES: Table = LineRow.__table__  # type: ignore[assignment]
_NOTHING = (None,) * len(BedCount._fields)
# One after the other: thousands in one statement overflow PostgreSQL's stack.
_DELETE_LINE = delete(_LINES).where(
    _LINES.c.facility_id == bindparam("f"),
    _LINES.c.channel == bindparam("c"),
    _LINES.c.ward_code == bindparam("w"),
    _LINES.c.bed_type == bindparam("b"),
)
_ROWS_AT_ONCE = 10_000


async def load_all(connection: AsyncConnection) -> dict[str, dict[Channel, ChannelState]]:
    """What stands everywhere, by facility."""
    states: dict[str, dict[Channel, ChannelState]] = {}
    for table, put in ((_CHANNELS, _put_channel), (_LINES, _put_line)):
        # In large parts: a row at a time costs a switch of tasks for each.
        async for part in (await connection.stream(select(table))).mappings().partitions(_ROWS_AT_ONCE):
            for row in part:
                channels = states.setdefault(row["facility_id"], {})
                put(channels.setdefault(Channel(row["channel"]), ChannelState()), row)
    return states


async def save(writes: Writes, states: Mapping[Place, ChannelState], changes: Collection[tuple[Place, Change]]) -> None:
    """Write what these changes touched, as it stands in `states` after all of them, when `writes` are sent."""
    touched = {(place, key) for place, change in changes for key in (*change.set_lines, *change.ended)}
    rows, ended = [], []
    for place, key in touched:
        line = states[place].lines.get(key)
        if line is None:
            ended.append({"f": place[0], "c": str(place[1]), "w": key.ward_code, "b": key.bed_type})
        else:
            rows.append(_line_row(place, key, line, writes.stamp))
    if ended:
        await writes.connection.execute(_DELETE_LINE, ended)
    writes.upsert(_LINES, rows)
    writes.upsert(_CHANNELS, [_channel_row(place, states[place], writes.stamp) for place in dict(changes)])


def _put_channel(state: ChannelState, row: RowMapping) -> None:
    state.newest = Moment(row["newest_observed_at"], row["newest_seq"])
    state.recorded_at = row["newest_recorded_at"]
    if row["complete_observed_at"] is not None:
        state.complete = Moment(row["complete_observed_at"], row["complete_seq"])


def _put_line(state: ChannelState, row: RowMapping) -> None:
    beds = None
    if not row["closed"]:
        said = row["available_is"]
        counts = {name: row[name] for name in COUNT_FIELDS}
        beds = BedCount(**counts, available_is=said and AvailableIs(said))
    moment = Moment(row["observed_at"], row["seq"])
    key = LineKey(row["ward_code"], row["bed_type"])
    state.lines[key] = StandingLine(row["ward_name"], beds, moment, row["recorded_at"])


def _line_row(place: Place, key: LineKey, line: StandingLine, stamp: Stamp) -> tuple[object, ...]:
    """In the order of the table's columns."""
    said = line.beds or _NOTHING
    moment, recorded_at = line.moment, stamp(line.recorded_at)
    return (
        *(*place, *key, line.ward_name, line.beds is None, stamp(moment.observed_at), moment.seq, recorded_at),
        *said,
    )


def _channel_row(place: Place, state: ChannelState, stamp: Stamp) -> tuple[object, ...]:
    """In the order of the table's columns."""
    newest, complete = state.newest, state.complete
    if newest is None or state.recorded_at is None:
        raise ValueError("a channel that never spoke is not written down")
    heard = (stamp(newest.observed_at), newest.seq, stamp(state.recorded_at))
    return (*place, *heard, *((stamp(complete.observed_at), complete.seq) if complete else (None, None)))
