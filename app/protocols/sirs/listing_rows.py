"""Import one row of the ministry's listing under the ministry's id, observed when the listing says."""

from datetime import datetime

from app.domain.reports.lines import ChannelState
from app.domain.reports.report import ReportWarning
from app.domain.reports.rows import Row, Written, close_previous_line, ended, without_deletion
from app.protocols.sirs.message import SirsRow
from app.protocols.sirs.row_ids import SirsRows, is_own_id, same_id
from app.protocols.sirs.rows import bed_type_of, line_of, merged_id_warnings, row_warnings, same_name_warnings


def take_over(state: ChannelState, sent: SirsRow, observed_at: datetime, now: datetime) -> Written:
    """Import one row of the listing, observed at `observed_at`.

    If newer figures of this id are known, they stay current and this row becomes history. A row that was reported here
    by name, under an id that we issued, gets the ministry's id and keeps its figures if they are newer.
    """
    rows = SirsRows(state, now)
    same_named = [row for row in rows.named(sent.details) if same_id(row.row_id) != sent.id_t_tt and row.is_shown]
    known = rows.with_id(sent.id_t_tt)
    if known is None and (ours := next((row for row in same_named if is_own_id(row.row_id)), None)) is not None:
        return _rename(sent, ours, observed_at)
    flags = (*row_warnings(sent.details), *same_name_warnings(sent.id_t_tt, same_named), *sent.oddities.warnings(0))
    row_id = sent.id_t_tt if known is None else known.row_id  # the same number, in the form first stored
    line, details = line_of(row_id, sent.details), sent.details
    if known is None:
        return Written(row_id, (line,), flags, observed_at)
    doubles = rows.doubles(known)
    flags = (*flags, *merged_id_warnings(row_id, doubles))
    replaced = [ended(double, merged_into=row_id) for double in doubles]
    is_open, known_at = known.line.beds is not None, known.line.moment.observed_at
    if known_at < observed_at or (known_at == observed_at and is_open):
        details = sent.over(without_deletion(known.details) if is_open else {})
        lines = (line_of(row_id, details), *close_previous_line(known, bed_type_of(details)), *replaced)
        # A missing required count is not a new observation: the line keeps its time.
        is_kept = is_open and sent.oddities.missing
        return Written(row_id, lines, flags, known_at if is_kept else observed_at)
    if known.key == line.key and known_at > observed_at:
        return Written(row_id, (line,), flags, observed_at)
    # The row was dropped or has another bed type now: a line under the old one would count its beds again.
    again = line_of(known.row_id, known.details) if is_open else ended(known)
    return Written(row_id, (again, *replaced), flags, known_at)


def _rename(sent: SirsRow, ours: Row, observed_at: datetime) -> Written:
    known_at = ours.line.moment.observed_at
    current = without_deletion(ours.details)
    details = sent.over(current) if observed_at > known_at else sent.details | current
    detail = f"id_t_tt {ours.row_id} is now {sent.id_t_tt}: the same id_tt, ruang and covid, as the ministry lists it"
    lines = (line_of(sent.id_t_tt, details), ended(ours, merged_into=sent.id_t_tt))
    flags = (
        ReportWarning("id_replaced", 0, detail, {"id_t_tt": sent.id_t_tt}),
        *row_warnings(details),
        *sent.oddities.warnings(0),
    )
    return Written(sent.id_t_tt, lines, flags, known_at if sent.oddities.missing else max(observed_at, known_at))
