"""Rows of foreign protocols: lines that their sender knows by a name of its own, deletes, and posts again.

A row is a line whose `details` say it in the words of its protocol. What is deleted is hidden from its sender at once;
its beds go on counting for half an hour, since much software deletes all rows and then posts all: a city without beds
would be shown in between (`protocols/indonesia.md` 2.6). After that the line is closed as of the moment of deletion.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from app.domain.beds.counts import AvailableIs
from app.domain.errors import Conflict, Fault, InvalidInput, NotFound, Refusal
from app.domain.reports.lines import ChannelState, CurrentLine
from app.domain.reports.report import LineKey, ReportLine, ReportWarning, canonical

JOIN_WITHIN = timedelta(minutes=30)
ALTERNATES_WITHIN = timedelta(minutes=1)
ROWS_MAX = 2_000  # open ones; of those that ended, the oldest are forgotten (`app.domain.reports.lines`)

Details = Mapping[str, Any]


class UnknownRow(NotFound):
    """The sender names a row by an id that we do not know, and does not say what it is.

    `may_wait`: an officer can say what it is. An id from our own range that we never issued belongs to no register,
    so there its sender has to name the row.
    """

    language = "id"

    def __init__(self, row_id: str, *, may_wait: bool = True) -> None:
        self.row_id, self.may_wait = row_id, may_wait
        then = "laporan disimpan untuk dipetakan petugas" if may_wait else "kirim lagi dengan id_tt dan ruang"
        super().__init__(f"id_t_tt {row_id} tidak ditemukan; {then}")


class AmbiguousRow(Conflict):
    """What the sender names could be any of several rows."""

    language = "id"


class NothingToDelete(Refusal):
    """There is no such row: what was asked for is so already."""


class Row(NamedTuple):
    """One row as it stands."""

    key: LineKey
    details: Details
    line: CurrentLine

    @property
    def row_id(self) -> str:
        """Its name in its channel."""
        return self.key.ward_code

    @property
    def is_shown(self) -> bool:
        """Whether its sender sees it."""
        return self.line.beds is not None and "deleted_at" not in self.details

    def is_live(self, now: datetime) -> bool:
        """Whether it is shown, or was deleted so lately that posting it again goes on with it."""
        if self.line.beds is None:
            return False
        # Either way: where the clock that stamped it was ahead, its beds would count until that time.
        return "deleted_at" not in self.details or abs(now - self.deleted_at) <= JOIN_WITHIN

    @property
    def deleted_at(self) -> datetime:
        """When its sender deleted it. Raises: KeyError, where it did not."""
        return datetime.fromisoformat(self.details["deleted_at"])


class Written(NamedTuple):
    """What one message does to the rows of its channel, and the row that it speaks of.

    `true_at` is given where the figures are older than the message.
    """

    row_id: str
    lines: tuple[ReportLine, ...]
    warnings: tuple[ReportWarning, ...] = ()
    true_at: datetime | None = None

    def as_of(self, moment: datetime, state: ChannelState) -> "Written":
        """The same for that moment; where it speaks of lines that stand, it has to be newer than those."""
        is_new = all(line.key not in state.lines for line in self.lines)
        return self._replace(true_at=moment) if is_new else self


def rows_of(state: ChannelState) -> Iterator[Row]:
    """All rows of a channel, those that were closed too."""
    for key, line in state.lines.items():
        if line.details is not None:
            yield Row(key, read_details(line.details), line)


def shown_rows(state: ChannelState) -> list[Row]:
    """The rows that their sender sees."""
    return [row for row in rows_of(state) if row.is_shown]


def find_row(state: ChannelState, key: LineKey) -> Row | None:
    """The row of this ward code, closed or not: under its bed type, or as `other` from when its code was unknown."""
    found = [
        Row(each, read_details(line.details), line)
        for each in dict.fromkeys((key, key._replace(bed_type="other")))
        if (line := state.lines.get(each)) is not None and line.details is not None
    ]
    return max(found, key=lambda row: (row.line.beds is not None, row.line.moment), default=None)


def leaving(row: Row | None, bed_type: str) -> tuple[ReportLine, ...]:
    """Its line under the bed type that it had, where it has another now."""
    if row is None or row.key.bed_type == bed_type:
        return ()
    return (ReportLine(row.key.bed_type, row.key.ward_code),)


def write_details(details: Details) -> str:
    """Details as they are kept."""
    return canonical(dict(details))


@lru_cache(50_000)
def read_details(text: str) -> Details:
    """Details as they were kept; not to be changed."""
    details: Details = json.loads(text)
    return details


def deleted(details: Details, now: datetime) -> dict[str, Any]:
    """The details of a row that its sender deletes now."""
    return {**details, "deleted_at": now.isoformat()}


def living(details: Details) -> dict[str, Any]:
    """The details without what says that the row has ended."""
    return {name: value for name, value in details.items() if name not in {"deleted_at", "merged_into"}}


def restated(row: Row, details: Details) -> ReportLine:
    """The line as it stands, with these details."""
    beds = row.line.beds
    if beds is not None:
        derived = beds.available_is is AvailableIs.derived
        beds = beds._replace(beds_available=None if derived else beds.beds_available, available_is=None)
    return ReportLine(row.key.bed_type, row.key.ward_code, row.line.ward_name, beds, write_details(details))


def alternation(row: Row | None, details: dict[str, Any], names: Sequence[str], now: datetime) -> list[ReportWarning]:
    """The flag of a row whose `names` go to and fro, as when two classes are sent under one key.

    Nobody's capacity changes within a minute: then `details` keep what it was before, and the return to that is
    flagged, and so is each change after it.
    """
    was = details.pop("was", None)
    if row is None or row.line.beds is None:
        return []
    old, new = ([said.get(name) for name in names] for said in (row.details, details))
    if old == new:
        details.update({} if was is None else {"was": was})
        return []
    returns = was == new
    if returns or abs(now - row.line.moment.observed_at) <= ALTERNATES_WITHIN:
        details["was"] = old
    if not returns:
        return []
    told = f"{', '.join(names)}: {old} and {new} in turn; two classes may be sent under one key"
    return [ReportWarning("values_alternate", 0, told, {"field": ", ".join(names)})]


def ended(row: Row, **more: str) -> ReportLine:
    """The line that closes it; its details stay, so that its id is known and not given away again."""
    details = write_details({**row.details, **more})
    return ReportLine(row.key.bed_type, row.key.ward_code, row.line.ward_name, None, details)


def overdue(state: ChannelState, now: datetime) -> list[Row]:
    """The rows that were deleted half an hour ago or more, and still count."""
    return [row for row in rows_of(state) if row.line.beds is not None and not row.is_live(now)]


def check_room(state: ChannelState, adding: int = 1) -> None:
    """Raises: InvalidInput, when the channel would have more rows than it may have with so many that open now."""
    if not adding or len(state.lines) + adding <= ROWS_MAX:
        return
    rows = sum(line.beds is not None and line.details is not None for line in state.lines.values())
    if rows + adding > ROWS_MAX:
        raise InvalidInput(Fault("row", f"paling banyak {ROWS_MAX} baris untuk satu rumah sakit"))
