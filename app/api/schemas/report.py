"""Reports as sent. The rules are the domain's; they are applied here so that every fault is named at once."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Self

from pydantic import (
    ConfigDict,
    Field,
    JsonValue,
    ModelWrapValidatorHandler,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from app.api.schemas.fields import Count, Flag, Moment, Text, Wire
from app.dependencies import REQUEST_TIME
from app.domain.beds.bed_types import BED_TYPES
from app.domain.beds.counts import COUNT_FIELDS, BedCount
from app.domain.channels import Channel
from app.domain.errors import FAULTS_LISTED_MAX, InvalidInput, InvalidReportId
from app.domain.reports.report import (
    LINES_MAX,
    NAME_LENGTH_MAX,
    WARD_CODE_LENGTH_MAX,
    Report,
    ReportLine,
    check_report_id,
)

_KEY_COUNTS = ("beds_total", "beds_occupied", "beds_available")
_MOMENT: TypeAdapter[datetime] = TypeAdapter(Moment)

LINE_EXAMPLE: dict[str, JsonValue] = {
    "bed_type": "icu_ventilator",
    "ward_code": "ICU-1",
    "ward_name": "ICU Garuda",
    "beds_total": 12,
    "beds_occupied": 9,
    "queue": 2,
}
REPORT_EXAMPLE: dict[str, JsonValue] = {
    "report_id": "0197f0c2-5b0e-7e55-9d9c-1b8f8f3d2a11",
    "observed_at": "2026-11-23T10:00:00+07:00",
    "complete": False,
    "lines": [LINE_EXAMPLE],
}

_optional = partial(Field, default=None, exclude_if=lambda value: value is None)


class LineIn(Wire):
    """The beds of one type in one ward, in whole beds; at least one of total, occupied and available.

    A count that is omitted is unknown from then on, even if an earlier report stated it.
    """

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [LINE_EXAMPLE]})

    bed_type: Annotated[Text, Field(max_length=64, json_schema_extra={"enum": list(BED_TYPES)})] = Field(
        description="Bed type (*jenis tempat tidur*), a code of `GET /v1/bed-types`."
    )
    ward_code: Annotated[Text, Field(max_length=WARD_CODE_LENGTH_MAX)] = Field(
        default="", description="Your code of the ward (*kode ruang*); empty if you report the facility as a whole."
    )
    ward_name: Annotated[Text, Field(max_length=NAME_LENGTH_MAX)] | None = _optional(
        description="Name of the ward (*nama ruang*)."
    )
    beds_total: Count | None = _optional(
        description="Staffed beds that exist for patients (*kapasitas, jumlah tempat tidur*)."
    )
    beds_occupied: Count | None = _optional(
        description="Of those, in use (*terpakai*). More than the total is accepted: surges happen."
    )
    beds_blocked: Count | None = _optional(
        description="Of those, not usable now: cleaning, repair (*tidak siap pakai*). Default: 0."
    )
    beds_available: Count | None = _optional(
        description="Ready for a new patient (*tersedia, kosong*). Default: total - occupied - blocked."
    )
    beds_preparing: Count | None = _optional(
        description="Can be added soon (*sedang disiapkan*); not part of the total."
    )
    beds_planned: Count | None = _optional(description="Can be added later (*direncanakan*); not part of the total.")
    queue: Count | None = _optional(description="Patients waiting for such a bed (*antrean*).")
    occupied_suspected: Count | None = _optional(description="Of the occupied: suspected cases (*suspek*).")
    occupied_confirmed: Count | None = _optional(description="Of the occupied: confirmed (*terkonfirmasi*).")
    available_male: Count | None = _optional(description="Of the available: for men (*laki-laki*).")
    available_female: Count | None = _optional(description="Of the available: for women (*perempuan*).")
    closed: Flag = Field(
        default=False,
        description="This ward no longer has such beds (*ditutup*); send no counts with it.",
        exclude_if=lambda closed: not closed,
    )

    def to_domain(self) -> ReportLine:
        """Convert to the domain's line."""
        counts = {name: value for name in COUNT_FIELDS if (value := getattr(self, name)) is not None}
        beds = None if self.closed else BedCount(**counts)
        return ReportLine(self.bed_type, self.ward_code, self.ward_name, beds)


class ReportIn(Wire):
    """The beds of one facility at one time (*laporan ketersediaan tempat tidur*)."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [REPORT_EXAMPLE]})

    report_id: Annotated[str, Field(json_schema_extra={"pattern": r"^[A-Za-z0-9_.:-]{1,128}$"})] | None = Field(
        default=None,
        description="Your own id of this report, so that a retry is not counted twice. A UUID is best.",
    )
    observed_at: Moment = Field(
        description="When the figures were true (*waktu pengamatan*), with offset, such as +07:00 for WIB."
    )
    complete: Flag = Field(
        default=False,
        description="True: these are all lines of the facility; others are closed (*laporan lengkap*). "
        "False: only the lines named here change.",
    )
    lines: list[LineIn] = Field(max_length=LINES_MAX, description="Each ward and bed type once, at most 512.")

    @model_validator(mode="wrap")
    @classmethod
    def name_every_fault(cls, sent: object, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Check the report by the domain's rules as far as it can be parsed, and name these faults with the others.

        Raises: InvalidReportId, if that is the only fault.
        """
        try:
            report, unread = handler(sent), []
        except ValidationError as refused:
            if refused.error_count() > FAULTS_LISTED_MAX:
                raise  # more than the response names: applying the rules would be wasted work
            report, unread = None, [_repeat_error(error) for error in refused.errors(include_url=False)]
        found = list(_find_faults(sent, {error["loc"] for error in unread}))
        if report is not None and not found:
            return report
        if not unread and [loc for loc, _ in found] == [("report_id",)]:
            raise InvalidReportId
        raise ValidationError.from_exception_data(cls.__name__, [*unread, *(_to_error(*each) for each in found)])

    def to_domain(self, facility_id: str, *, report_id: str, channel: Channel = Channel.native) -> Report:
        """Convert to the domain's report."""
        lines = tuple(line.to_domain() for line in self.lines)
        return Report(facility_id, channel, report_id, self.observed_at, lines, self.complete)


class BulkReportIn(ReportIn):
    """One report in a bulk request: a report and its facility."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"facility_id": "sirs:3374010", **REPORT_EXAMPLE}]}
    )

    facility_id: Annotated[Text, Field(min_length=1, max_length=128)] = Field(
        description="The facility (*fasyankes*), also by its code in another system: `sirs:3374010`."
    )


Loc = tuple[int | str, ...]


def _repeat_error(error: Any) -> InitErrorDetails:
    return InitErrorDetails(type=error["type"], loc=error["loc"], input=error["input"], ctx=error.get("ctx", {}))


def _to_error(loc: Loc, why: str) -> InitErrorDetails:
    return InitErrorDetails(type=PydanticCustomError("rule", "{why}", {"why": why}), loc=loc, input=None)


def _find_faults(sent: object, unread: set[Loc]) -> Iterator[tuple[Loc, str]]:
    """Yield the domain's faults of a report; unreadable parts are replaced by values that break no rule."""
    if not isinstance(sent, dict):
        return
    now = REQUEST_TIME.get()
    report_id = sent.get("report_id")
    if isinstance(report_id, str):
        try:
            check_report_id(report_id)
        except InvalidReportId as refused:
            yield ("report_id",), refused.detail
    stated_at = sent.get("observed_at")  # a correction may omit it
    has_lines = isinstance(sent.get("lines"), list) and ("lines",) not in unread
    lines = sent["lines"] if has_lines else [None]
    for place, line in enumerate(lines):
        is_closed = isinstance(line, dict) and line.get("closed") is True
        if is_closed and any(line.get(name) is not None for name in COUNT_FIELDS):
            yield ("lines", place, "closed"), "a line that is closed has no counts"
    report = Report(
        facility_id="-",
        channel=Channel.native,
        report_id="-",
        observed_at=now if ("observed_at",) in unread or not stated_at else _MOMENT.validate_python(stated_at),
        lines=tuple(_readable_line(place, line, unread) for place, line in enumerate(lines)),
        complete=sent.get("complete") is True,
    )
    try:
        report.check(now)
    except InvalidInput as refused:
        for fault in refused.faults:
            yield _to_loc(fault.pointer), fault.detail


def _readable_line(place: int, sent: object, unread: set[Loc]) -> ReportLine:
    # Closed, and in a unique ward: it breaks no rule.
    unlike = f"\0{place}"
    if not isinstance(sent, dict) or ("lines", place) in unread:
        return ReportLine("other", unlike)
    known = {name: value for name, value in sent.items() if value is not None and ("lines", place, name) not in unread}
    readable = "bed_type" in known and ("lines", place, "ward_code") not in unread
    bed_type = known.get("bed_type", "other")
    ward_code = known.get("ward_code", "") if readable else unlike
    if known.get("closed") is True:
        return ReportLine(bed_type, ward_code)
    counts = {name: known[name] for name in COUNT_FIELDS if name in known}
    if not any(name in counts for name in _KEY_COUNTS) and any(
        ("lines", place, name) in unread for name in _KEY_COUNTS
    ):
        counts["beds_available"] = 0  # one was sent, but is unreadable
    return ReportLine(bed_type, ward_code, beds=BedCount(**counts))


def _to_loc(pointer: str) -> Loc:
    return tuple(int(part) if part.isdecimal() else part for part in pointer.split("/")[1:])
