"""Rows of SIRS Online: what a message changes. Rules: `docs/protocols/sirs-online.md`.

`app.protocols.sirs.row_ids` finds the row that a message means. Software sends only the counts that it knows.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from app.domain.beds.bed_types import BY_SIRS
from app.domain.beds.counts import BedCount
from app.domain.errors import Fault, InvalidInput
from app.domain.reports.lines import ChannelState
from app.domain.reports.report import NAME_LENGTH_MAX, ReportLine, ReportWarning
from app.domain.reports.rows import (
    AmbiguousRow,
    Details,
    NothingToDelete,
    Row,
    Written,
    alternation,
    check_row_limit,
    close_previous_line,
    deleted,
    ended,
    without_deletion,
    write_details,
)
from app.domain.text import cleaned
from app.protocols.class_names import bed_type_named
from app.protocols.field_values import is_empty, is_required
from app.protocols.sirs.message import REQUIRED, SirsRow
from app.protocols.sirs.row_ids import SirsRows, is_own_id, same_id

OTHERS_SHOWN_MAX = 5
# Introduced for COVID and mostly, but not only, used for it: without the field `covid` it is unknown.
COVID_OR_NOT = frozenset({"24", "25", "26", "27", "28", "29"})


def write_row(state: ChannelState, sent: SirsRow, now: datetime, *, is_post: bool) -> Written:
    """Create or update a row. A POST must have all fields of a new row; a PUT leaves fields that it does not name.

    A required count that was sent empty keeps its figure; then the line keeps its time too, because that is not a new
    observation.

    Raises: UnknownRow, for an unknown id without a bed type; InvalidInput, naming the field.
    """
    rows = SirsRows(state, now)
    row = rows.find(sent, is_post=is_post)
    if row is not None:
        row_id = row.row_id
    else:
        check_row_limit(state)
        row_id = sent.id_t_tt if sent.id_t_tt and not is_own_id(sent.id_t_tt) else rows.next_id()
    is_open = row is not None and row.line.beds is not None
    details = sent.over(_details_before(row))
    _check_counts(details, is_post=is_post)
    alternates = alternation(row, details, ("id_tt", "jumlah"), now)
    doubles = [] if row is None else rows.doubles(row)
    named = [other for other in rows.named(details) if same_id(other.row_id) != same_id(row_id)]
    # A row deleted within the last half hour still counts; the new row replaces it at once.
    replaced = [] if is_open else [ended(other) for other in named if not other.is_shown]
    replaced += [ended(double, merged_into=row_id) for double in doubles]
    lines = (line_of(row_id, details), *close_previous_line(row, bed_type_of(details)), *replaced)
    warnings = (
        *row_warnings(details),
        *same_name_warnings(row_id, named),
        *merged_id_warnings(row_id, doubles),
        *alternates,
        *sent.oddities.warnings(0),
    )
    kept_at = row.line.moment.observed_at if row is not None and is_open and sent.oddities.missing else None
    return Written(row_id, lines, warnings, kept_at)


def delete_row(state: ChannelState, sent: SirsRow, now: datetime) -> Written:
    """Delete the row with this id, or all rows with this bed type and room.

    Raises: NothingToDelete; AmbiguousRow, if only a bed type is given and several rows have it; InvalidInput.
    """
    rows = SirsRows(state, now)
    if sent.id_t_tt and (not sent.id_tt or not is_own_id(sent.id_t_tt) or rows.by_id(sent.id_t_tt)):
        row = rows.by_id(sent.id_t_tt)
        found = [] if row is None else [each for each in (row, *rows.doubles(row)) if each.is_shown]
    elif sent.id_tt:
        found = [row for row in rows.alike(sent) if row.is_shown]
        if sent.ruang is None and len(found) > 1:
            raise AmbiguousRow(f"ada {len(found)} baris dengan id_tt {sent.id_tt}; sebutkan id_t_tt atau ruang")
    elif "id_t_tt" in dict(sent.oddities.left_out):
        found = []  # no row can have an unreadable id
    else:
        raise InvalidInput(Fault("id_t_tt", "diperlukan, atau id_tt dan ruang"))
    if not found:
        raise NothingToDelete
    return Written(found[0].row_id, tuple(line_of(row.row_id, deleted(row.details, now)) for row in found))


def _details_before(row: Row | None) -> dict[str, Any]:
    """Return the details that still apply: all of an open row, only the name of one that ended."""
    if row is None:
        return {}
    if row.line.beds is None:
        return {name: row.details[name] for name in ("id_tt", "ruang", "covid") if name in row.details}
    return without_deletion(row.details)


def same_name_warnings(row_id: str, named: list[Row]) -> Iterator[ReportWarning]:
    """Warn that other rows have the same name; they stay separate rows."""
    others = [row.row_id for row in named if row.is_shown]
    if others:
        shown = ", ".join([*others[:OTHERS_SHOWN_MAX], *(["..."] if len(others) > OTHERS_SHOWN_MAX else [])])
        detail = f"id_t_tt {row_id} has the id_tt, ruang and covid of id_t_tt {shown}; all of them count"
        yield ReportWarning("same_name", 0, detail, {"id_t_tt": shown})


def merged_id_warnings(row_id: str, doubles: list[Row]) -> Iterator[ReportWarning]:
    """Warn about rows that end because their ids equal this one apart from leading zeros."""
    for double in doubles:
        detail = f"id_t_tt {double.row_id} is now {row_id}: they are the same number"
        yield ReportWarning("id_replaced", 0, detail, {"id_t_tt": double.row_id})


def _check_counts(details: Details, *, is_post: bool) -> None:
    missing = [name for name in REQUIRED if name not in details]
    if missing and (is_post or len(missing) == 2):
        raise InvalidInput(is_required(missing[0]))


def line_of(row_id: str, details: Details) -> ReportLine:
    """Build the line of a row; closed if neither total nor occupied is known."""
    room = details.get("ruang", "")
    name = "" if is_empty(room) else cleaned(room)[:NAME_LENGTH_MAX]
    if not details.keys() & set(REQUIRED):
        return ReportLine(bed_type_of(details), row_id, name or None, None, write_details(details))
    beds = BedCount(
        beds_total=details.get("jumlah"),
        beds_occupied=details.get("terpakai"),
        beds_preparing=details.get("prepare"),
        beds_planned=details.get("prepare_plan"),
        queue=details.get("antrian"),
        occupied_suspected=details.get("terpakai_suspek"),
        occupied_confirmed=details.get("terpakai_konfirmasi"),
    )
    return ReportLine(bed_type_of(details), row_id, name or None, beds, write_details(details))


def bed_type_of(details: Details) -> str:
    """Return the bed type of a row: by its code or an unambiguous name; else `other`."""
    known = BY_SIRS.get(details["id_tt"])
    return known.code if known else bed_type_named(details["id_tt"]) or "other"


def row_warnings(details: Details) -> Iterator[ReportWarning]:
    """Return the warnings about a row on its own."""
    id_tt, covid = details["id_tt"], details.get("covid")
    if id_tt not in BY_SIRS and bed_type_named(id_tt) is None:
        yield ReportWarning(
            "unknown_code", 0, f"id_tt {id_tt} is not in force; its beds count as other", {"id_tt": id_tt}
        )
    if covid is None and id_tt in COVID_OR_NOT:
        yield ReportWarning("covid_unknown", 0, f"id_tt {id_tt} may or may not be for COVID; send the field covid")
    elif covid is None:
        covid = id_tt in BY_SIRS and BY_SIRS[id_tt].covid
    if covid is None or not details.keys() & {"terpakai_suspek", "terpakai_konfirmasi"}:
        return
    split = details.get("terpakai_suspek", 0) + details.get("terpakai_konfirmasi", 0)
    occupied = details.get("terpakai", split)
    wanted = occupied if covid else 0
    if split != wanted and split <= occupied:  # a split above occupied has a warning of its own on every line
        yield ReportWarning(
            "split_mismatch", 0, f"{split} suspected and confirmed, {wanted} expected (covid {covid:d})"
        )
