"""Rows of foreign protocols: lines that their sender identifies by an id, deletes, and posts again.

A row is a line whose `details` hold it in the terms of its protocol. A deleted row is hidden from its sender at once;
its beds count for another half hour, since much software deletes all rows and then posts all of them: without this
rule a city would have no beds in between (docs/protocols/sirs-online.md). After that the line is closed as of the
moment of deletion.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from app.domain.beds.counts import AvailableIs
from app.domain.errors import Conflict, Fault, InvalidInput, NotFound, Refusal
from app.domain.reports.lines import ChannelState
from app.domain.reports.report import LineKey, ReportLine, ReportWarning, canonical
from app.domain.reports.statements import CurrentLine

JOIN_WITHIN = timedelta(minutes=30)
ALTERNATES_WITHIN = timedelta(minutes=1)
ROWS_MAX = 2_000  # open rows; the oldest closed ones are dropped (`app.domain.reports.lines`)

Details = Mapping[str, Any]


class UnknownRow(NotFound):
    """The request identifies a row by an unknown id and states no bed type.

    `may_hold`: the row can be held until an officer assigns a bed type. An id from our own range that we never issued
    belongs to no external register, so the sender has to describe the row itself.
    """

    language = "id"

    def __init__(self, row_id: str, *, may_hold: bool = True) -> None:
        self.row_id, self.may_hold = row_id, may_hold
        then = "laporan disimpan untuk dipetakan petugas" if may_hold else "kirim lagi dengan id_tt dan ruang"
        super().__init__(f"id_t_tt {row_id} tidak ditemukan; {then}")


class AmbiguousRow(Conflict):
    """The request matches several rows."""

    language = "id"


class NothingToDelete(Refusal):
    """There is no such row, so there is nothing to delete."""


class Row(NamedTuple):
    """The current state of one row."""

    key: LineKey
    details: Details
    line: CurrentLine

    @property
    def row_id(self) -> str:
        """Its id in its channel."""
        return self.key.ward_code

    @property
    def is_shown(self) -> bool:
        """Whether it is listed to its sender."""
        return self.line.beds is not None and "deleted_at" not in self.details

    def is_live(self, now: datetime) -> bool:
        """Whether it is shown, or was deleted so recently that posting it again continues it."""
        if self.line.beds is None:
            return False
        # The absolute difference: if the clock that stamped it was ahead, its beds would count until that time.
        return "deleted_at" not in self.details or abs(now - self.deleted_at) <= JOIN_WITHIN

    @property
    def deleted_at(self) -> datetime:
        """When its sender deleted it. Raises: KeyError, if it is not deleted."""
        return datetime.fromisoformat(self.details["deleted_at"])


class Written(NamedTuple):
    """The effect of one message on the rows of its channel, and the id of the row that it is about.

    `true_at` is the time of the figures, if they are older than the message.
    """

    row_id: str
    lines: tuple[ReportLine, ...]
    warnings: tuple[ReportWarning, ...] = ()
    true_at: datetime | None = None

    def as_of(self, moment: datetime, state: ChannelState) -> "Written":
        """A copy with `true_at` set to `moment` if all its lines are new; known lines need a newer time than that."""
        is_new = all(line.key not in state.statements() for line in self.lines)
        return self._replace(true_at=moment) if is_new else self


def rows_of(state: ChannelState) -> Iterator[Row]:
    """All rows of a channel, including closed ones."""
    for key, line in state.statements().items():
        if line.details is not None:
            yield Row(key, read_details(line.details), line)


def shown_rows(state: ChannelState) -> list[Row]:
    """The rows that are listed to their sender."""
    return [row for row in rows_of(state) if row.is_shown]


def find_row(state: ChannelState, key: LineKey) -> Row | None:
    """The row of this ward code, open or closed: under its bed type, or as `other` if its code was unknown before."""
    found = [
        Row(candidate, read_details(line.details), line)
        for candidate in dict.fromkeys((key, key._replace(bed_type="other")))
        if (line := state.statement(candidate)) is not None and line.details is not None
    ]
    return max(found, key=lambda row: (row.line.beds is not None, row.line.moment), default=None)


def close_previous_line(row: Row | None, bed_type: str) -> tuple[ReportLine, ...]:
    """The line that closes the row under its previous bed type; none if the bed type is unchanged."""
    if row is None or row.key.bed_type == bed_type:
        return ()
    return (ReportLine(row.key.bed_type, row.key.ward_code),)


def write_details(details: Details) -> str:
    """The details as stored text."""
    return canonical(dict(details))


@lru_cache(50_000)
def read_details(text: str) -> Details:
    """The details in a stored text. The result is cached: do not modify it."""
    details: Details = json.loads(text)
    return details


def deleted(details: Details, now: datetime) -> dict[str, Any]:
    """The details of a row, marked as deleted by its sender at `now`."""
    return {**details, "deleted_at": now.isoformat()}


def without_deletion(details: Details) -> dict[str, Any]:
    """The details without the fields that mark the row as deleted or merged."""
    return {name: value for name, value in details.items() if name not in {"deleted_at", "merged_into"}}


def restated(row: Row, details: Details) -> ReportLine:
    """A line that repeats the row's current figures with these details."""
    beds = row.line.beds
    if beds is not None:
        derived = beds.available_is is AvailableIs.derived
        beds = beds._replace(beds_available=None if derived else beds.beds_available, available_is=None)
    return ReportLine(row.key.bed_type, row.key.ward_code, row.line.ward_name, beds, write_details(details))


def alternation(row: Row | None, details: dict[str, Any], names: Sequence[str], now: datetime) -> list[ReportWarning]:
    """The warning for a row whose fields `names` alternate, as when two classes are sent under one key.

    Capacity does not change within a minute: if it does, `details` keep the previous values, and the return to them
    causes a warning, as does each change after it. Changes `details`.
    """
    was = details.pop("was", None)
    if row is None or row.line.beds is None:
        return []
    old, new = ([fields.get(name) for name in names] for fields in (row.details, details))
    if old == new:
        details.update({} if was is None else {"was": was})
        return []
    returns = was == new
    if returns or abs(now - row.line.moment.observed_at) <= ALTERNATES_WITHIN:
        details["was"] = old
    if not returns:
        return []
    detail = f"{', '.join(names)}: {old} and {new} alternate; two classes may be sent under one key"
    return [ReportWarning("values_alternate", 0, detail, {"field": ", ".join(names)})]


def ended(row: Row, **more: str) -> ReportLine:
    """The line that closes a row. It keeps its details, so that its id stays known and is not issued again."""
    details = write_details({**row.details, **more})
    return ReportLine(row.key.bed_type, row.key.ward_code, row.line.ward_name, None, details)


def overdue(state: ChannelState, now: datetime) -> list[Row]:
    """The rows that were deleted at least half an hour ago and still count."""
    return [row for row in rows_of(state) if row.line.beds is not None and not row.is_live(now)]


def check_row_limit(state: ChannelState, adding: int = 1) -> None:
    """Check that the channel can have `adding` more open rows. Raises: InvalidInput, if they exceed `ROWS_MAX`."""
    if not adding or len(state.lines) + len(state.implausible) + adding <= ROWS_MAX:
        return
    rows = sum(line.beds is not None and line.details is not None for line in state.statements().values())
    if rows + adding > ROWS_MAX:
        raise InvalidInput(Fault("row", f"paling banyak {ROWS_MAX} baris untuk satu rumah sakit"))
