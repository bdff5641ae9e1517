"""Reports: the figures of one facility at one moment on one channel, and the receipt for them.

A report covers the lines that it names and leaves the others unchanged; with `complete` it covers all lines of its
channel and closes those that it does not name. The order of arrival does not matter: of two statements about one line
the one with the higher (observed_at, seq) counts. So the result is the same whatever route reports take.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from app.domain.beds.bed_types import BED_TYPES, BedGroup
from app.domain.beds.counts import BedCount
from app.domain.channels import Channel
from app.domain.errors import Fault, InvalidInput, InvalidReportId
from app.domain.registry.facility import FacilityKind
from app.domain.reports.clocks import CLOCK_AHEAD_MAX
from app.domain.reports.withdrawal import Withdrawal
from app.domain.vocabulary import StoredEnum

LINES_MAX = 512
BACKFILL_AGE = timedelta(days=31)
WARD_CODE_LENGTH_MAX = 64
NAME_LENGTH_MAX = 200

_REPORT_ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}")


class LineKey(NamedTuple):
    """The key of one line within one facility and channel."""

    ward_code: str
    bed_type: str


class ReportLine(NamedTuple):
    """One line as reported. `beds` is None exactly if the line is closed.

    `details` holds the other fields of a foreign protocol's row, as canonical JSON, to be returned by that protocol.
    """

    bed_type: str
    ward_code: str = ""
    ward_name: str | None = None
    beds: BedCount | None = None
    details: str | None = None

    @property
    def key(self) -> LineKey:
        """The key of this line."""
        return LineKey(self.ward_code, self.bed_type)

    def faults(self) -> list[tuple[str, str]]:
        """The invalid values, as (field, reason)."""
        found = [] if self.beds is None else self.beds.faults()
        if self.bed_type not in BED_TYPES:
            found.append(("bed_type", f"unknown bed type {self.bed_type!r}; GET /v1/bed-types lists them"))
        return found


class Confirmation(NamedTuple):
    """An implausible statement that an officer confirms: about which line, and by which ledger entry."""

    key: LineKey
    seq: int


class Stated(NamedTuple):
    """What a report states about one line, with all counts completed. `beds` is None if it closes the line."""

    key: LineKey
    ward_name: str | None
    beds: BedCount | None
    details: str | None


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one facility at `observed_at` (aware, UTC). The sender chooses `report_id`.

    `redates`: the report has no figures; all later times on its channel came from a wrong clock. `confirms`: it has no
    figures either; an officer confirms these implausible statements, for `reason`. `implausible` are
    the lines that were judged implausible when it was recorded: not part of its content, and stored as warnings.
    `withdraws`: it voids an earlier report of its channel, or corrects it with these lines.
    """

    facility_id: str
    channel: Channel
    report_id: str
    observed_at: datetime
    lines: tuple[ReportLine, ...]
    complete: bool = False
    redates: bool = False
    confirms: frozenset[Confirmation] = frozenset()
    reason: str = ""
    implausible: frozenset[LineKey] = field(default=frozenset(), compare=False)
    withdraws: Withdrawal | None = None
    # Computed once, since the write queue and the board use them repeatedly.
    _content: str | None = field(default=None, init=False, repr=False, compare=False)
    _stated: tuple[Stated, ...] | None = field(default=None, init=False, repr=False, compare=False)

    def check(self, now: datetime) -> None:
        """Validate the report. Raises: InvalidReportId, for the format of the id; InvalidInput, naming every fault."""
        check_report_id(self.report_id)
        found = [
            Fault("/".join(filter(None, (f"#/lines/{n}", field))), why)
            for n, line in enumerate(self.lines)
            for field, why in line.faults()
        ]
        found += [Fault(f"#/lines/{n}", DUPLICATE_LINE) for n in duplicate_lines([x.key for x in self.lines])]
        if why := clock_fault(self.observed_at, now):
            found.append(Fault("#/observed_at", why))
        if len(self.lines) > LINES_MAX:
            found.append(Fault("#/lines", f"at most {LINES_MAX} lines in one report, here {len(self.lines)}"))
        if not (self.lines or self.complete or self.redates or self.confirms or self.withdraws):
            found.append(Fault("#/lines", "must not be empty unless the report is complete"))
        if found:
            raise InvalidInput(*found)

    def check_kind(self, kind: FacilityKind) -> None:
        """Check that a facility of this kind has such beds. Raises: InvalidInput, naming each line that it cannot have.

        An RW hall has beds of group `isolation` only. A line of another type can still be closed.
        """
        if kind is not FacilityKind.rw_hall:
            return
        found = [
            Fault(f"#/lines/{n}/bed_type", f"an RW hall has beds of group isolation only; {line.bed_type} is another")
            for n, line in enumerate(self.lines)
            if line.beds is not None and BED_TYPES[line.bed_type].group is not BedGroup.isolation
        ]
        if found:
            raise InvalidInput(*found)

    def content(self) -> str:
        """All of the report except its id, as canonical JSON: equal text means equal content."""
        text = self._content
        if text is None:
            text = canonical(
                {
                    "facility_id": self.facility_id,
                    "channel": self.channel,
                    "observed_at": self.observed_at.astimezone(UTC).isoformat(),
                    "complete": self.complete,
                    "lines": [line_fields(line) for line in self.lines],
                    **({"redates": True} if self.redates else {}),
                    **({"confirms": sorted([*key, seq] for key, seq in self.confirms)} if self.confirms else {}),
                    **({"reason": self.reason} if self.reason else {}),
                    **({"withdraws": self.withdraws.fields()} if self.withdraws is not None else {}),
                }
            )
            object.__setattr__(self, "_content", text)
        return text

    @property
    def is_void(self) -> bool:
        """Whether it only withdraws a report, without figures in its place."""
        return self.withdraws is not None and not self.lines and not self.complete

    def figures(self) -> "Report":
        """The figures of a correction as a report of their own; any other report is that already."""
        return self if self.withdraws is None else replace(self, withdraws=None)

    def stated(self) -> tuple[Stated, ...]:
        """The lines, each with its key and with the missing count computed (`BedCount.completed`)."""
        stated = self._stated
        if stated is None:
            stated = tuple(
                [
                    Stated(line.key, line.ward_name, line.beds and line.beds.completed(), line.details)
                    for line in self.lines
                ]
            )
            object.__setattr__(self, "_stated", stated)
        return stated

    def digest(self) -> str:
        """SHA-256 of the content in hex. It distinguishes a repeated report from a conflicting one."""
        return hashlib.sha256(self.content().encode()).hexdigest()


DUPLICATE_LINE = "this ward_code and bed_type is named twice in the report"


_encoder = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical(document: object) -> str:
    """JSON with sorted keys and no spaces, so that equal documents have equal text."""
    return _encoder.encode(document)


def line_fields(line: ReportLine) -> dict[str, object]:
    """A line as a flat mapping, without fields that were not reported."""
    fields: dict[str, object] = {"bed_type": line.bed_type, "ward_code": line.ward_code}
    if line.ward_name is not None:
        fields["ward_name"] = line.ward_name
    if line.details is not None:
        fields["details"] = line.details
    if line.beds is None:
        return fields | {"closed": True}
    fields.update({name: value for name, value in zip(BedCount._fields, line.beds, strict=True) if value is not None})
    return fields


def check_report_id(report_id: str) -> None:
    """Check the format of a report id. Raises: InvalidReportId."""
    if not _REPORT_ID.fullmatch(report_id):
        raise InvalidReportId


def clock_fault(observed_at: datetime, now: datetime) -> str | None:
    """Why this time is invalid, or None."""
    if observed_at - now > CLOCK_AHEAD_MAX:
        return f"is more than 5 minutes in the future; the time here is {now:%Y-%m-%dT%H:%M:%SZ}"
    return None


def duplicate_lines(keys: "list[LineKey]") -> list[int]:
    """The indexes of keys that occur earlier in the list."""
    if len(set(keys)) == len(keys):
        return []
    seen: set[LineKey] = set()
    return [n for n, key in enumerate(keys) if key in seen or seen.add(key)]  # type: ignore[func-returns-value]


class Outcome(StoredEnum):
    """What became of an accepted report. `late`: recorded in the history only, since newer figures are known.

    `void` and `correction` withdraw an earlier report.
    """

    applied = "applied"
    late = "late"
    void = "void"
    correction = "correction"


@dataclass(frozen=True, slots=True)
class ReportWarning:
    """A warning about an accepted report. `line` is the index in the report, None for the whole report.

    `values` are the values in `detail` by name, for translation into another language; they are not stored.
    """

    code: str
    line: int | None
    detail: str
    values: Mapping[str, object] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The confirmation that a report is in the ledger, and on disk. `of` is the report that it withdraws, if any."""

    seq: int
    report_id: str
    facility_id: str
    observed_at: datetime
    recorded_at: datetime
    repeated: bool
    outcome: Outcome
    warnings: tuple[ReportWarning, ...]
    position_token: str
    of: int | None = None
