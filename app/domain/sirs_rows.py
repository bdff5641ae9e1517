"""Rows of SIRS Online: which row a message speaks of, and what it leaves. Rules: `protocols/indonesia.md` 2.3 to 2.6.

A row goes by `id_t_tt`, which we give (from 900000001, never twice) or the ministry gave; and by its natural key: bed
type, room and COVID. Software sends the one, the other or both, and only the counts that it knows.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from app.domain.bed_types import BY_SIRS
from app.domain.beds import BedCount
from app.domain.errors import Fault, InvalidInput
from app.domain.lines import ChannelState
from app.domain.report import NAME_LENGTH_MAX, ReportLine, ReportWarning
from app.domain.rows import (
    AmbiguousRow,
    Details,
    NothingToDelete,
    Row,
    UnknownRow,
    Written,
    check_room,
    deleted,
    ended,
    living,
    rows_of,
    write_details,
)
from app.domain.sirs_message import SirsRow
from app.domain.tolerant import plain

FIRST_ID = 900_000_001
OWN_LENGTH_MAX = 12
# Introduced for COVID, and mostly but not only used for it: without a word in the row, nobody knows.
COVID_OR_NOT = frozenset({"24", "25", "26", "27", "28", "29"})


def write_row(state: ChannelState, said: SirsRow, now: datetime, *, is_post: bool) -> Written:
    """Create or update a row. A POST must say all that a new row needs; a PUT leaves what it does not name.

    Raises: UnknownRow, for an id that is not known where the bed type is not said; InvalidInput, naming the field.
    """
    said.check()
    row = _named(state, said, now, is_post=is_post)
    if row is None:
        check_room(state)
        return _write(state, said.id_t_tt or _next_id(state), None, said, now, is_post=is_post)
    return _write(state, row.row_id, row, said, now, is_post=is_post)


def take_over(state: ChannelState, rows: list[SirsRow], now: datetime) -> Written:
    """Rows of another register, under its ids; what stands here under the same name gets that id, and keeps its counts.

    Raises: InvalidInput, naming the field of the first row that cannot be taken.
    """
    lines: dict[tuple[str, str], ReportLine] = {}
    odd: list[ReportWarning] = []
    for said in rows:
        same = [row for row in _live(state, now) if _key(row.details) == _key(said.details)]
        known = next((row for row in rows_of(state) if row.row_id == said.id_t_tt and row.line.beds is not None), None)
        newer = same[0] if same else known
        # What stands is newer, its name too; only counts that it lacks are taken over.
        taken = said.details if newer is None else dict(said.counts)
        details = {**taken, **(living(newer.details) if newer else {})}
        _check_counts(details, is_post=False)
        ending = [ended(row, merged_into=said.id_t_tt) for row in same if row.row_id != said.id_t_tt]
        for line in (*ending, *(_leaving(known, details) if known else ()), _line(said.id_t_tt, details)):
            lines[line.key] = line
        odd += _odd(details)
    return Written(rows[-1].id_t_tt, tuple(lines.values()), tuple(odd))


def delete_row(state: ChannelState, said: SirsRow, now: datetime) -> Written:
    """Delete the row with this id, or all that have this bed type and room.

    Raises: NothingToDelete; AmbiguousRow, where only a bed type is named and several rows have it; InvalidInput.
    """
    said.check()
    if said.id_t_tt:
        row = _by_id(state, said.id_t_tt)
        found = [row] if row is not None and row.is_shown else []
    elif said.id_tt:
        found = [row for row in _alike(state, said, now) if row.is_shown]
        if said.ruang is None and len(found) > 1:
            raise AmbiguousRow(f"ada {len(found)} baris dengan id_tt {said.id_tt}; sebutkan id_t_tt atau ruang")
    else:
        raise InvalidInput(Fault("id_t_tt", "diperlukan, atau id_tt dan ruang"))
    if not found:
        raise NothingToDelete
    return Written(found[0].row_id, tuple(_line(row.row_id, deleted(row.details, now)) for row in found))


def _named(state: ChannelState, said: SirsRow, now: datetime, *, is_post: bool) -> Row | None:
    """The row that a message speaks of; None where it is a new one."""
    if said.id_t_tt and (row := _by_id(state, said.id_t_tt)) is not None:
        return row
    if not said.id_tt:
        if said.id_t_tt:
            raise UnknownRow(said.id_t_tt)
        raise InvalidInput(Fault("id_tt", "diperlukan (atau id_t_tt dari baris yang sudah ada)"))
    same = next((row for row in _live(state, now) if _key(row.details) == _key(said.details)), None)
    if same is None and not is_post and not said.id_t_tt:
        alike = _alike(state, said, now)
        shown = [row for row in alike if row.is_shown] or alike
        same = shown[0] if len(shown) == 1 else None
    return same or _ended(state, said)


def _write(
    state: ChannelState, row_id: str, row: Row | None, said: SirsRow, now: datetime, *, is_post: bool
) -> Written:
    details = _before(row) | said.details
    _check_counts(details, is_post=is_post)
    others = [r for r in _live(state, now) if r.row_id != row_id and _key(r.details) == _key(details)]
    if row is not None and others:
        # Two rows would have one name: what is said goes to the one that has it, and this one ends.
        other = others[0]
        merged = living(other.details) | details
        warning = ReportWarning(
            "rows_merged", 0, f"id_t_tt {row_id} is now {other.row_id}: same id_tt, ruang and covid"
        )
        lines = (_line(other.row_id, merged), *_leaving(other, merged), ended(row, merged_into=other.row_id))
        return Written(other.row_id, lines, (warning, *_odd(merged)))
    return Written(row_id, (_line(row_id, details), *(_leaving(row, details) if row else ())), tuple(_odd(details)))


def _before(row: Row | None) -> dict[str, Any]:
    """What still holds of the row: all while it is open, and only its name where it had ended."""
    if row is None:
        return {}
    if row.line.beds is None:
        return {name: row.details[name] for name in ("id_tt", "ruang", "covid") if name in row.details}
    return living(row.details)


def _leaving(row: Row, details: Details) -> tuple[ReportLine, ...]:
    """Its line under the bed type that it had, where that is another now."""
    if row.key.bed_type == _bed_type(details):
        return ()
    return (ReportLine(row.key.bed_type, row.row_id),)


def _check_counts(details: Details, *, is_post: bool) -> None:
    missing = [name for name in ("jumlah", "terpakai") if name not in details]
    if missing and (is_post or len(missing) == 2):
        raise InvalidInput(Fault(missing[0], "diperlukan, sebagai bilangan bulat 0 atau lebih"))


def _line(row_id: str, details: Details) -> ReportLine:
    name = plain(details.get("ruang", ""))[:NAME_LENGTH_MAX]
    beds = BedCount(
        beds_total=details.get("jumlah"),
        beds_occupied=details.get("terpakai"),
        beds_preparing=details.get("prepare"),
        beds_planned=details.get("prepare_plan"),
        queue=details.get("antrian"),
        occupied_suspected=details.get("terpakai_suspek"),
        occupied_confirmed=details.get("terpakai_konfirmasi"),
    )
    return ReportLine(_bed_type(details), row_id, name or None, beds, write_details(details))


def _bed_type(details: Details) -> str:
    known = BY_SIRS.get(details["id_tt"])
    return known.code if known else "other"


def _odd(details: Details) -> Iterator[ReportWarning]:
    id_tt, covid = details["id_tt"], details.get("covid")
    if id_tt not in BY_SIRS:
        yield ReportWarning("unknown_code", 0, f"id_tt {id_tt} is not in force; its beds count as other")
    if covid is None and id_tt in COVID_OR_NOT:
        yield ReportWarning("covid_unknown", 0, f"id_tt {id_tt} may or may not be for COVID; send the field covid")
    elif covid is None:
        covid = id_tt in BY_SIRS and BY_SIRS[id_tt].covid
    if covid is None or not details.keys() & {"terpakai_suspek", "terpakai_konfirmasi"}:
        return
    split = details.get("terpakai_suspek", 0) + details.get("terpakai_konfirmasi", 0)
    occupied = details.get("terpakai", split)
    wanted = occupied if covid else 0
    if split != wanted and split <= occupied:  # more than occupied is told of any line
        yield ReportWarning(
            "split_mismatch", 0, f"{split} suspected and confirmed, {wanted} expected (covid {covid:d})"
        )


def is_own_id(row_id: str) -> bool:
    """Whether we gave this id: no other register knows it."""
    return row_id.isascii() and row_id.isdigit() and len(row_id) <= OWN_LENGTH_MAX and int(row_id) >= FIRST_ID


# Finding rows.


def _by_id(state: ChannelState, row_id: str) -> Row | None:
    """The row of this id, or the one that it was merged into; the open one before what is left of it elsewhere."""
    for _ in range(len(state.lines)):
        found = [row for row in rows_of(state) if row.row_id == row_id]
        if not found:
            return None
        row = max(found, key=lambda row: (row.line.beds is not None, row.line.moment))
        if row.line.beds is not None or "merged_into" not in row.details:
            return row
        row_id = row.details["merged_into"]
    return None


def _live(state: ChannelState, now: datetime) -> list[Row]:
    """Rows that a natural key can mean: shown ones first."""
    return sorted((row for row in rows_of(state) if row.is_live(now)), key=lambda row: not row.is_shown)


def _ended(state: ChannelState, said: SirsRow) -> Row | None:
    """The row of this name that ended: when it comes back it is the same row, after a gap."""
    found = [row for row in rows_of(state) if row.line.beds is None and "merged_into" not in row.details]
    return max(
        (row for row in found if _key(row.details) == _key(said.details)), key=lambda r: r.line.moment, default=None
    )


def _alike(state: ChannelState, said: SirsRow, now: datetime) -> list[Row]:
    """Live rows that agree with what is said of bed type, room and COVID."""
    return [
        row
        for row in _live(state, now)
        if row.details["id_tt"] == said.id_tt
        and (said.ruang is None or _folded(row.details.get("ruang")) == _folded(said.ruang))
        and (said.covid is None or (row.details.get("covid") or 0) == said.covid)
    ]


def _key(details: Details) -> tuple[str, str, int]:
    return details.get("id_tt", ""), _folded(details.get("ruang")), details.get("covid") or 0


def _folded(room: str | None) -> str:
    return " ".join((room or "").split()).casefold()


def _next_id(state: ChannelState) -> str:
    own = (int(key.ward_code) for key in state.lines if is_own_id(key.ward_code))
    return str(max(own, default=FIRST_ID - 1) + 1)
