"""What stands for each facility and channel: read before a report is judged, written with it.

The rules are the domain's (`app.domain.lines`); this module only carries them to and from the tables.
"""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import RowMapping, Table, bindparam, delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.beds import COUNT_FIELDS, AvailableIs, BedCount
from app.domain.channels import Channel
from app.domain.lines import Change, ChannelState, Moment, StandingLine
from app.domain.report import LineKey
from app.store.models import ChannelRow, LineRow
from app.store.upsert import upsert

Place = tuple[str, Channel]

_CHANNELS: Table = ChannelRow.__table__  # type: ignore[assignment]
_LINES: Table = LineRow.__table__  # type: ignore[assignment]
_PLACES_AT_ONCE = 5_000
# One after the other: thousands in one statement overflow PostgreSQL's stack.
_DELETE_LINE = delete(_LINES).where(
    _LINES.c.facility_id == bindparam("f"),
    _LINES.c.channel == bindparam("c"),
    _LINES.c.ward_code == bindparam("w"),
    _LINES.c.bed_type == bindparam("b"),
)
_ROWS_AT_ONCE = 10_000


async def load(connection: AsyncConnection, places: Iterable[Place]) -> dict[Place, ChannelState]:
    """What stands at these (facility, channel); an empty state where nothing was ever said."""
    states = {place: ChannelState() for place in places}
    wanted = [(facility_id, str(channel)) for facility_id, channel in states]
    for start in range(0, len(wanted), _PLACES_AT_ONCE):
        some = wanted[start : start + _PLACES_AT_ONCE]
        for table, put in ((_CHANNELS, _put_channel), (_LINES, _put_line)):
            query = select(table).where(tuple_(table.c.facility_id, table.c.channel).in_(some))
            for row in (await connection.execute(query)).mappings():
                put(states[row["facility_id"], Channel(row["channel"])], row)
    return states


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


async def save(
    connection: AsyncConnection, states: Mapping[Place, ChannelState], changes: Collection[tuple[Place, Change]]
) -> None:
    """Write what these changes touched, as it stands in `states` after all of them."""
    touched = {(place, key) for place, change in changes for key in (*change.set_lines, *change.ended)}
    rows, ended = [], []
    for place, key in touched:
        line = states[place].lines.get(key)
        if line is None:
            ended.append({"f": place[0], "c": str(place[1]), "w": key.ward_code, "b": key.bed_type})
        else:
            rows.append(_line_row(*place, key, line))
    if ended:
        await connection.execute(_DELETE_LINE, ended)
    await upsert(connection, _LINES, rows)
    await upsert(connection, _CHANNELS, [_channel_row(place, states[place]) for place in dict(changes)])


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


def _line_row(facility_id: str, channel: Channel, key: LineKey, line: StandingLine) -> dict[str, object]:
    beds = line.beds
    return {
        "facility_id": facility_id,
        "channel": str(channel),
        "ward_code": key.ward_code,
        "bed_type": key.bed_type,
        "ward_name": line.ward_name,
        "closed": beds is None,
        "observed_at": line.moment.observed_at,
        "seq": line.moment.seq,
        "recorded_at": line.recorded_at,
        **{name: beds and getattr(beds, name) for name in COUNT_FIELDS},
        "available_is": beds and beds.available_is and str(beds.available_is),
    }


def _channel_row(place: Place, state: ChannelState) -> dict[str, object]:
    newest, complete = state.newest, state.complete
    if newest is None:
        raise ValueError("a channel that never spoke is not written down")
    return {
        "facility_id": place[0],
        "channel": str(place[1]),
        "newest_observed_at": newest.observed_at,
        "newest_seq": newest.seq,
        "newest_recorded_at": state.recorded_at,
        "complete_observed_at": complete and complete.observed_at,
        "complete_seq": complete and complete.seq,
    }
