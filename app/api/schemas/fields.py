"""Types of single fields: strict integers, plain text, times with an offset, codes."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    PlainValidator,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from app.domain.beds.bed_types import BED_TYPES
from app.domain.beds.counts import COUNT_MAX
from app.domain.ledger import POSITION_PATTERN, Position, read_position
from app.domain.registry.area import AREA_CODE_LENGTH_MAX, AREA_CODE_PATTERN
from app.domain.reports.report import NAME_LENGTH_MAX
from app.domain.text import CONTROLS, INVISIBLE, is_printable

NOTE_LENGTH_MAX = 1000
FILTER_VALUES_MAX = 50
PAGE_MAX = 500
POSITION_MAX = 2**63 - 1

_PLAIN_PATTERN = f"^[^{CONTROLS}{INVISIBLE}]*$"
_NOT_BLANK_PATTERN = f"^[^{CONTROLS}{INVISIBLE}]*[^\\s{CONTROLS}{INVISIBLE}][^{CONTROLS}{INVISIBLE}]*$"
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:?\d\d)?")
_WHOLE_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")

T = TypeVar("T")


class Wire(BaseModel):
    """Base of request models: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


def _check_printable(text: str) -> str:
    if not is_printable(text):
        raise ValueError("must not hold line breaks, control, direction or zero-width characters")
    return text


def _check_not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank")
    return text


# Every text in a request is one of these: PostgreSQL refuses NUL, and a line break in a name breaks tables.
Text = Annotated[str, AfterValidator(_check_printable), Field(json_schema_extra={"pattern": _PLAIN_PATTERN})]
Name = Annotated[
    str,
    AfterValidator(_check_printable),
    AfterValidator(_check_not_blank),
    Field(min_length=1, max_length=NAME_LENGTH_MAX, json_schema_extra={"pattern": _NOT_BLANK_PATTERN}),
]
Note = Annotated[Text, Field(max_length=NOTE_LENGTH_MAX)]
OperatorCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]

Count = Annotated[int, Field(strict=True, ge=0, le=COUNT_MAX)]
Flag = Annotated[bool, Field(strict=True)]
Latitude = Annotated[float, Field(strict=True, ge=-90, le=90, allow_inf_nan=False)]
Longitude = Annotated[float, Field(strict=True, ge=-180, le=180, allow_inf_nan=False)]
Hours = Annotated[float, Field(strict=True, gt=0, le=24 * 366, allow_inf_nan=False)]
Days = Annotated[int, Field(strict=True, ge=1, le=3_660)]


def _check_timestamp(value: object) -> object:
    match = _TIMESTAMP.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("must be text such as 2026-11-23T10:00:00+07:00")
    if match[3] is None:
        raise ValueError("needs an offset, such as +07:00 for WIB")
    return value


def _to_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("lies outside the calendar") from None


# Pydantic alone would accept numbers, also as text, as seconds since 1970.
Moment = Annotated[AwareDatetime, BeforeValidator(_check_timestamp), AfterValidator(_to_utc)]

AreaCode = Annotated[
    str,
    Field(pattern=AREA_CODE_PATTERN, max_length=AREA_CODE_LENGTH_MAX, description="Area code (*kode wilayah*)."),
]


def _check_bed_type(code: str) -> str:
    if code not in BED_TYPES:
        raise ValueError("is not a bed type; GET /v1/bed-types lists them")
    return code


_BED_TYPE_ENUM = {"enum": list(BED_TYPES)}
BedTypeCode = Annotated[str, AfterValidator(_check_bed_type), Field(json_schema_extra=dict(_BED_TYPE_ENUM))]


class OneOrList:
    """Marker of a list that may also be sent as its single element."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        return core_schema.no_info_before_validator_function(_as_list, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        several = handler(schema)
        return {"anyOf": [several["items"], several]}


def _as_list(value: object) -> object:
    return [value] if isinstance(value, dict) else value


# Query parameters, which are text.


def _split_values(values: list[str]) -> list[str]:
    return [part for value in values for part in value.split(",")]


def digits(value: object) -> object:
    """Check that a query parameter is a whole number without sign or leading zeros. Raises: ValueError."""
    if isinstance(value, str) and not _WHOLE_NUMBER.fullmatch(value):
        raise ValueError("must be a whole number")
    return value


# Limits come before the validators that read text, or OpenAPI would not show them.
Many = Annotated[list[T], Field(max_length=FILTER_VALUES_MAX), BeforeValidator(_split_values)]
Limit = Annotated[int, Field(ge=1, le=PAGE_MAX, description="Rows per page, at most 500."), BeforeValidator(digits)]
AtLeast = Annotated[int, Field(ge=0, le=COUNT_MAX), BeforeValidator(digits)]
Cursor = Annotated[
    str, Field(max_length=500, description="`next_cursor` of the previous page; omit for the first page.")
]


def _parse_position(value: object) -> Position:
    place = read_position(value) if isinstance(value, str) else value
    if not isinstance(place, Position) or place.seq > POSITION_MAX:
        raise ValueError("must be a position, such as 1842-9f3a21bc04de or 1842")
    return place


PositionToken = Annotated[
    Position,
    PlainValidator(_parse_position),
    WithJsonSchema({"type": "string", "pattern": POSITION_PATTERN, "maxLength": 32}),
]
MinPosition = Annotated[
    PositionToken,
    Field(
        description="Respond only once this node has read the ledger up to here (`position_token` or `seq` of your "
        "receipt). 503 if the ledger ends before; 410 if this position was lost in a failover.",
    ),
]
