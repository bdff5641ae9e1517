"""Import the ministry's listing of a hospital's rows, so that the row ids issued by the ministry keep working.

The listing is the response to `GET Fasyankes`: it has every bed type, also those without a row, and nulls anywhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from app.actions.resolve import facility_for
from app.actions.submit_reports import submit_drafts
from app.domain.channels import Channel
from app.domain.errors import Fault, InvalidInput, NotFound
from app.domain.permissions import Actor, Verb
from app.domain.reports.lines import ChannelState
from app.domain.reports.report import LINES_MAX, Receipt, Report
from app.domain.reports.rows import Row, check_row_limit, ended
from app.protocols.lenient_parsing import text_of, wib_moment
from app.protocols.sirs.listing_rows import take_over
from app.protocols.sirs.message import REQUIRED, SirsRow, read_row
from app.protocols.sirs.row_ids import SirsRows, is_own_id, same_id
from app.runtime.node import Node
from app.runtime.record_reports import Composed, Draft

OLD_AFTER = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """One imported row. `is_dated`: whether the listing gives its time; else it has the time of the newest row."""

    sent: SirsRow
    observed_at: datetime
    is_dated: bool
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Imported:
    """The outcome of an import.

    Shape: `rows` as listed; `empty_types` are the bed types (`id_tt`) without a row; `without_id` are rows that have
        beds but no usable id, and `without_type` are unknown ids without any indication of their bed type: neither are
        imported.
    """

    facility_id: str
    at: datetime
    rows: tuple[ImportedRow, ...]
    empty_types: tuple[str, ...]
    without_id: tuple[SirsRow, ...]
    without_type: tuple[SirsRow, ...]

    def age_days(self, row: ImportedRow) -> int:
        """Return the age of a row's figures in whole days."""
        return (self.at - row.observed_at).days

    @property
    def older_than_30_days(self) -> tuple[ImportedRow, ...]:
        """Rows whose rooms may be gone: an officer can drop them."""
        return tuple(row for row in self.rows if self.at - row.observed_at > OLD_AFTER)


async def drop_rows(node: Node, reference: str, row_ids: Sequence[str], *, by: Actor) -> list[Receipt]:
    """End rows whose rooms are gone, as of their own date, so that nothing becomes fresh by it.

    Another listing of the same date does not restore them; a message of the hospital does. All or none.
    Raises: NotFound, for a row that does not exist; NotPermitted.
    """
    facility = facility_for(node, reference, by, Verb.maintain_channels)
    current = SirsRows(node.board.channel_state(facility.facility_id, Channel.sirs), node.clock())
    for row_id in row_ids:
        _require_open_row(current, row_id)

    def draft(row_id: str) -> Draft:
        report_id = str(uuid4())

        def compose(state: ChannelState, now: datetime) -> Composed:
            row = _require_open_row(SirsRows(state, now), row_id)
            at = row.line.moment.observed_at
            return Composed(Report(facility.facility_id, Channel.sirs, report_id, at, (ended(row),)))

        return Draft(facility.facility_id, Channel.sirs, report_id, compose)

    return await submit_drafts(
        node, [draft(row_id) for row_id in dict.fromkeys(map(same_id, row_ids))], by=by, verb=Verb.maintain_channels
    )


def _require_open_row(rows: SirsRows, row_id: str) -> Row:
    row = rows.with_id(row_id)
    if row is None or row.line.beds is None:
        raise NotFound(f"There is no row {row_id!r} of SIRS Online.")
    return row


@dataclass(frozen=True, slots=True)
class _Listing:
    rows: list[tuple[SirsRow, datetime, bool]]
    empty_types: list[str]
    without_id: list[SirsRow]
    without_type: list[SirsRow]


async def import_rows(node: Node, reference: str, answer: Any, *, by: Actor) -> Imported:
    """Import the rows of the ministry's listing under the ministry's ids, each observed at its `tglupdate`.

    All or none. Rows with newer figures here keep them.
    Raises: InvalidInput, naming everything unreadable and every invalid required count; NotFound, NotPermitted.
    """
    facility = facility_for(node, reference, by, Verb.maintain_channels)
    now = node.clock()
    listing = _read_listing(answer, node.board.channel_state(facility.facility_id, Channel.sirs), now)
    drafts = _build_drafts(facility.facility_id, listing)
    receipts = await submit_drafts(node, drafts, by=by, verb=Verb.maintain_channels)
    rows = tuple(ImportedRow(*row, receipt) for row, receipt in zip(listing.rows, receipts, strict=True))
    left = (tuple(listing.empty_types), tuple(listing.without_id), tuple(listing.without_type))
    return Imported(facility.facility_id, now, rows, *left)


def _build_drafts(facility_id: str, listing: _Listing) -> list[Draft]:
    """Draft one report per row, since each has its own time. They are stored in one transaction."""
    refused: list[InvalidInput] = []

    def compose(place: int, report_id: str, state: ChannelState, now: datetime) -> Composed:
        if place == 0:
            refused[:] = _check_capacity(state, listing)
        for refusal in refused:
            raise refusal
        row, observed_at, is_dated = listing.rows[place]
        observed_at = observed_at if is_dated else state.stamp(observed_at)
        written = take_over(state, row, observed_at, now)
        report = Report(facility_id, Channel.sirs, report_id, written.true_at or state.stamp(now), written.lines)
        return Composed(report, written.warnings)

    ids = [str(uuid4()) for _ in listing.rows]
    return [
        Draft(facility_id, Channel.sirs, report_id, partial(compose, place, report_id))
        for place, report_id in enumerate(ids)
    ]


def _check_capacity(state: ChannelState, listing: _Listing) -> list[InvalidInput]:
    used = {same_id(key.ward_code) for key in state.statements()}
    try:
        check_row_limit(state, adding=len({row.id_t_tt for row, _, _ in listing.rows} - used))
    except InvalidInput as refusal:
        return [refusal]
    return []


def _read_listing(answer: Any, state: ChannelState, now: datetime) -> _Listing:
    """Sort the rows of a listing by what can be imported. Raises: InvalidInput."""
    sent = answer.get("fasyankes") if isinstance(answer, dict) else answer
    if not isinstance(sent, list) or not sent or not all(isinstance(each, dict) for each in sent):
        raise InvalidInput(
            Fault("#/fasyankes", "must be the list of rows, as in the ministry's response to GET Fasyankes")
        )
    if len(sent) > LINES_MAX:
        raise InvalidInput(Fault("#/fasyankes", f"at most {LINES_MAX} rows, here {len(sent)}"))
    known = SirsRows(state, now)
    dated = [min(now, moment) for each in sent if (moment := _parse_moment(each)) is not None]
    newest = max(dated, default=now)
    listing, faults = _Listing([], [], [], []), list[Fault]()
    for place, each in enumerate(sent):
        try:
            row = _fill_bed_type(read_row(each), known)
        except InvalidInput as refusal:
            faults += [Fault(f"#/fasyankes/{place}/{fault.pointer}", fault.detail) for fault in refusal.faults]
            continue
        if not row.id_t_tt or (is_own_id(row.id_t_tt) and known.with_id(row.id_t_tt) is None):
            has_beds = any(row.counts.get(name) for name in REQUIRED)
            (listing.without_id.append(row) if has_beds else listing.empty_types.append(row.id_tt))
        elif not row.id_tt:
            listing.without_type.append(row)
        else:
            moment = _parse_moment(each)
            listing.rows.append((row, newest if moment is None else min(now, moment), moment is not None))
    if faults:
        raise InvalidInput(*faults)
    listing.rows.sort(key=lambda row: row[1])  # oldest first, as if they had been reported then
    return listing


def _parse_moment(sent: Mapping[str, Any]) -> datetime | None:
    return wib_moment(text_of(sent.get("tglupdate")))


def _fill_bed_type(row: SirsRow, known: SirsRows) -> SirsRow:
    """Fill in the bed type that is known for this id, if the listing gives no indication of it."""
    of_id = None if row.id_tt else known.with_id(row.id_t_tt)
    return row if of_id is None else replace(row, id_tt=of_id.details["id_tt"])
