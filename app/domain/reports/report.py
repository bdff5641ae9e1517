"""Reports: what one facility says at one moment, by one channel, and what becomes of it.

A report speaks for the lines it names and is silent about the rest; `complete` makes it speak for all lines of its
channel, so that those it does not name are closed. Order of arrival does not matter: of two statements about one
line the one with the higher (observed_at, seq) stands. That makes the outcome the same whatever way reports travel.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from app.domain.beds.bed_types import BED_TYPES
from app.domain.beds.counts import BedCount
from app.domain.channels import Channel
from app.domain.errors import Fault, InvalidInput, InvalidReportId
from app.domain.reports.clocks import CLOCK_AHEAD_MAX
from app.domain.vocabulary import StoredEnum

LINES_MAX = 512
BACKFILL_AGE = timedelta(days=31)
WARD_CODE_LENGTH_MAX = 64
NAME_LENGTH_MAX = 200

_REPORT_ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}")


class LineKey(NamedTuple):
    """What one line is about, inside one facility and channel."""

    ward_code: str
    bed_type: str


class ReportLine(NamedTuple):
    """One line as said. `beds` is None exactly where the line is closed.

    `details` is what a foreign protocol says of the row besides, as canonical JSON: kept to be told again there.
    """

    bed_type: str
    ward_code: str = ""
    ward_name: str | None = None
    beds: BedCount | None = None
    details: str | None = None

    @property
    def key(self) -> LineKey:
        """The line this speaks for."""
        return LineKey(self.ward_code, self.bed_type)

    def faults(self) -> list[tuple[str, str]]:
        """What cannot be true, as (field, why)."""
        found = [] if self.beds is None else self.beds.faults()
        if self.bed_type not in BED_TYPES:
            found.append(("bed_type", f"unknown bed type {self.bed_type!r}; GET /v1/bed-types lists them"))
        return found


class Stated(NamedTuple):
    """What a report states about one line. `beds` is None where it closes the line."""

    key: LineKey
    ward_name: str | None
    beds: BedCount | None
    details: str | None


@dataclass(frozen=True, slots=True)
class Report:
    """What one facility says, true at `observed_at` (aware, UTC). `report_id` is chosen by the sender."""

    facility_id: str
    channel: Channel
    report_id: str
    observed_at: datetime
    lines: tuple[ReportLine, ...]
    complete: bool = False
    redates: bool = False  # it says no figures: all times of its channel after its own were those of a wrong clock
    # Worked out once, since the lane and the board ask again and again.
    _content: str | None = field(default=None, init=False, repr=False, compare=False)
    _stated: tuple[Stated, ...] | None = field(default=None, init=False, repr=False, compare=False)

    def check(self, now: datetime) -> None:
        """Refuse what cannot be true.

        Raises: InvalidReportId for the form of the id; InvalidInput, naming every fault.
        """
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
        if not self.lines and not self.complete and not self.redates:
            found.append(Fault("#/lines", "says nothing: no lines, and not complete"))
        if found:
            raise InvalidInput(*found)

    def content(self) -> str:
        """Everything it says except its id, as canonical JSON: equal text is equal content."""
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
                }
            )
            object.__setattr__(self, "_content", text)
        return text

    def stated(self) -> tuple[Stated, ...]:
        """Its lines, each with its key and with the third count worked out."""
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
        """SHA-256 of the content in hex: what tells a repetition from a conflict."""
        return hashlib.sha256(self.content().encode()).hexdigest()


DUPLICATE_LINE = "this ward_code and bed_type is named twice in the report"


_encoder = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical(document: object) -> str:
    """JSON with sorted keys and no spaces, so that equal documents are equal texts."""
    return _encoder.encode(document)


def line_fields(line: ReportLine) -> dict[str, object]:
    """A line as a flat mapping, without what was not said."""
    said: dict[str, object] = {"bed_type": line.bed_type, "ward_code": line.ward_code}
    if line.ward_name is not None:
        said["ward_name"] = line.ward_name
    if line.details is not None:
        said["details"] = line.details
    if line.beds is None:
        return said | {"closed": True}
    said.update({name: value for name, value in zip(BedCount._fields, line.beds, strict=True) if value is not None})
    return said


def check_report_id(report_id: str) -> None:
    """Raises: InvalidReportId, when it has not the form of a report id."""
    if not _REPORT_ID.fullmatch(report_id):
        raise InvalidReportId


def clock_fault(observed_at: datetime, now: datetime) -> str | None:
    """Why this moment cannot be true, or None."""
    if observed_at - now > CLOCK_AHEAD_MAX:
        return f"lies more than 5 minutes in the future; the time here is {now:%Y-%m-%dT%H:%M:%SZ}"
    return None


def duplicate_lines(keys: "list[LineKey]") -> list[int]:
    """The places of lines that were named before."""
    if len(set(keys)) == len(keys):
        return []
    seen: set[LineKey] = set()
    return [n for n, key in enumerate(keys) if key in seen or seen.add(key)]  # type: ignore[func-returns-value]


class Outcome(StoredEnum):
    """`late`: kept in history, the newer figures stand."""

    applied = "applied"
    late = "late"


@dataclass(frozen=True, slots=True)
class ReportWarning:
    """Something odd that was accepted all the same. `line` is the place in the report, None for the whole of it.

    `values` are those that `detail` speaks of, by their names, for whoever tells it in another language; not stored.
    """

    code: str
    line: int | None
    detail: str
    values: Mapping[str, object] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The proof that a report is in the ledger, and on disk."""

    seq: int
    report_id: str
    facility_id: str
    observed_at: datetime
    recorded_at: datetime
    repeated: bool
    outcome: Outcome
    warnings: tuple[ReportWarning, ...]
    position_token: str
