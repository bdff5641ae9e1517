"""Read a plain report, as most software sends it, in one step.

JSON that could be read in more than one way is not plain: characters outside ASCII, an escape, a repeated member, any
fault. It yields None, and the route reads it and writes the errors. Both return the same `Report`; a test compares
their responses.
"""

from collections.abc import Callable
from typing import Annotated, NotRequired

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError, with_config
from typing_extensions import TypedDict  # pydantic's own dependency; the one of `typing` serves it from 3.12 on only

from app.api.schemas.fields import Flag, Moment
from app.domain.beds.counts import COUNT_MAX, BedCount
from app.domain.channels import Channel
from app.domain.errors import InvalidReportId
from app.domain.reports.report import LINES_MAX, NAME_LENGTH_MAX, WARD_CODE_LENGTH_MAX, Report, ReportLine

PLAIN_BYTES_MAX = 64 * 1024  # larger ones are read in a worker thread


def _whole(number: float) -> int:
    if not number.is_integer():
        raise ValueError
    return int(number)


# As the route's, but without a call of a Python function for each count that is written as usual.
_Integer = Annotated[int, Field(strict=True, ge=0, le=COUNT_MAX)]
_WholeFloat = Annotated[float, Field(strict=True, ge=0, le=COUNT_MAX, allow_inf_nan=False), AfterValidator(_whole)]
Count = Annotated[_Integer | _WholeFloat, Field(union_mode="left_to_right")]


@with_config(ConfigDict(extra="forbid"))
class _Line(TypedDict):
    bed_type: Annotated[str, Field(max_length=64)]
    ward_code: NotRequired[Annotated[str, Field(max_length=WARD_CODE_LENGTH_MAX)]]
    ward_name: NotRequired[Annotated[str, Field(max_length=NAME_LENGTH_MAX)] | None]
    beds_total: NotRequired[Count | None]
    beds_occupied: NotRequired[Count | None]
    beds_blocked: NotRequired[Count | None]
    beds_available: NotRequired[Count | None]
    beds_preparing: NotRequired[Count | None]
    beds_planned: NotRequired[Count | None]
    queue: NotRequired[Count | None]
    occupied_suspected: NotRequired[Count | None]
    occupied_confirmed: NotRequired[Count | None]
    available_male: NotRequired[Count | None]
    available_female: NotRequired[Count | None]
    closed: NotRequired[Flag]


@with_config(ConfigDict(extra="forbid"))
class _Report(TypedDict):
    report_id: NotRequired[Annotated[str, Field(min_length=1)] | None]
    observed_at: Moment
    complete: NotRequired[Flag]
    lines: Annotated[list[_Line], Field(max_length=LINES_MAX)]


_REPORT = TypeAdapter(_Report)


def read_plain(body: bytes, facility_id: str, *, report_id: Callable[[str | None], str]) -> Report | None:
    """The report, not yet checked; None where it is not plain. `report_id` chooses the id, given the body's."""
    if len(body) > PLAIN_BYTES_MAX or not body.isascii() or b"\\" in body or b"\x7f" in body:
        return None
    try:
        said = _REPORT.validate_json(body)
        if not _names_each_member_once(said, body):
            return None
        chosen, lines = report_id(said.get("report_id")), tuple(map(_line, said["lines"]))
    except (ValidationError, InvalidReportId, _NotPlain):
        return None
    return Report(facility_id, Channel.native, chosen, said["observed_at"], lines, said.get("complete", False))


class _NotPlain(Exception):
    """The route must report this fault."""


def _names_each_member_once(said: _Report, body: bytes) -> bool:
    """Of two members with one name only the last remains, but the text has the quotation marks of both."""
    texts = len(said) + 1 + (said.get("report_id") is not None)
    for line in said["lines"]:
        texts += len(line) + 1 + ("ward_code" in line) + (line.get("ward_name") is not None)
    return 2 * texts == body.count(b'"')


def _line(said: _Line) -> ReportLine:
    rest = dict(said)
    bed_type, ward_code, ward_name = said["bed_type"], said.get("ward_code", ""), said.get("ward_name")
    for name in _NO_COUNTS:
        rest.pop(name, None)
    if None in rest.values():
        rest = {name: count for name, count in rest.items() if count is not None}
    if not said.get("closed", False):
        return ReportLine(bed_type, ward_code, ward_name, BedCount(**rest))  # type: ignore[arg-type]
    if rest:
        raise _NotPlain
    return ReportLine(bed_type, ward_code, ward_name)


_NO_COUNTS = ("bed_type", "ward_code", "ward_name", "closed")
