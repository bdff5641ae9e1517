"""Parsing of what older hospital software sends: any content type, any encoding, numbers as text, wrong clocks.

The rules are in `docs/protocols/common.md`, each taken from a client in use. They are for foreign protocols; our own
API is strict.
"""

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote_plus

from app.domain.text import escaped

FIELDS_MAX = 200
EXCERPT_LENGTH = 30
DIGITS_MAX = 300  # a longer number is not a count
SECONDS_MAX = 10**11  # the year 5138: numbers of twelve or more digits are milliseconds

WIB = timezone(timedelta(hours=7), "WIB")  # no daylight saving time
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIELD_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NO_CHARACTER = re.compile("[\\x00\\ud800-\\udfff]")
_SECONDS = re.compile(r"([0-9]{1,18})(?:[.,][0-9]*)?")


class Unreadable(ValueError):
    """The body is not `wanted` (JSON, or a form).

    Shape: `line` and `column` count from 1 in the text as sent; `found` is the rest of the text from there; `why` is
        the parser's own English sentence.
    """

    def __init__(self, text: str, position: int, why: str = "", *, wanted: str = "JSON") -> None:
        before = text[:position]
        self.is_empty = not text.strip()
        self.line = before.count("\n") + 1
        self.column = position - (before.rfind("\n") + 1) + 1
        self.found, self.why, self.wanted = text[position:], why, wanted
        super().__init__(why)


class NotOneRow(ValueError):
    """The body is JSON, but not one row: a list of `rows` rows, or no row at all (`rows` is None)."""

    def __init__(self, found: str, rows: int | None = None) -> None:
        self.found, self.rows = found, rows
        super().__init__(found[:40])


class Fields(NamedTuple):
    """The members of one row. `is_plain`: the body was one JSON object that any parser reads."""

    members: dict[str, Any]
    is_plain: bool


def decoded(body: bytes) -> str:
    """Decode a body: UTF-8 with or without BOM, else Windows-1252 with replacement characters."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252", errors="replace")


def fields_of(body: bytes) -> Fields:
    """Parse the members of one row, whatever the content type: a JSON object, a list of one, or the fields of a form.

    Accepts JSON that was encoded twice, as a JSON string or percent-encoded, and raw control characters in strings.
    Raises: Unreadable, NotOneRow.
    """
    text = decoded(body).strip("\x00")
    plain_object = _load_object(text)
    if plain_object is not None and _unwrap(plain_object) is None:
        return Fields(plain_object, is_plain=True)
    if text.lstrip()[:3].upper() in {"%7B", "%5B"}:
        text = unquote_plus(text)
    if not text.lstrip().startswith(("{", "[", '"')) and (form := _parse_form(text.strip())) is not None:
        [first, *others] = form.values()
        if others or not first.lstrip().startswith(("{", "[")):
            return Fields(form, is_plain=False)
        text = first  # one field that holds the whole row as JSON
    value = read_json(text)
    if isinstance(value, dict) and (inner := _unwrap(value)) is not None:
        value = inner
    if isinstance(value, list):
        if len(value) != 1:
            raise NotOneRow(text.strip(), len(value))
        value = _decode_twice(value[0])
    if not isinstance(value, dict):
        raise NotOneRow(text.strip())
    return Fields(value, is_plain=False)


def _unwrap(value: dict[str, Any]) -> dict[str, Any] | list[Any] | None:
    """Return the value of an object's only member, as in `{"fasyankes": [...]}`; rows are never nested in rows."""
    inner = next(iter(value.values())) if len(value) == 1 else None
    return inner if isinstance(inner, (dict, list)) else None


def read_json(text: str) -> Any:
    """Parse JSON as old programs write it: with raw control characters in strings, or encoded twice.

    Raises: Unreadable, with the position where parsing stopped.
    """
    return _decode_twice(_load(text))


def _decode_twice(value: object) -> Any:
    # A program that encodes twice sends one JSON string.
    return _load(value) if isinstance(value, str) and value.lstrip().startswith(("{", "[")) else value


def _load(text: str) -> Any:
    inner = text.strip()
    try:
        return json.loads(inner, strict=False, parse_int=_parse_int)
    except json.JSONDecodeError as error:
        raise Unreadable(text, text.index(inner) + error.pos, error.msg) from None
    except RecursionError:
        raise Unreadable(text, text.index(inner)) from None


def _load_object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text, parse_int=_parse_int)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _parse_int(digits: str) -> int | float:
    # Python does not parse an int of thousands of digits; as a float it is infinite, so it is not a count.
    return int(digits) if len(digits) <= DIGITS_MAX else float(digits)


def _parse_form(text: str) -> dict[str, Any] | None:
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True, max_num_fields=FIELDS_MAX)
    except ValueError:
        return None
    # Other text that contains "=" is not a form: its JSON error is reported with its position.
    return dict(pairs) if pairs and all(_FIELD_NAME.fullmatch(name) for name, _ in pairs) else None


def text_of(value: object) -> str:
    """Convert a code or name to trimmed text; empty if absent. NUL and lone surrogates become U+FFFD."""
    if value is None or isinstance(value, (dict, list)):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _NO_CHARACTER.sub("\ufffd", str(value)).strip()


def excerpt(text: str) -> str:
    """Return the beginning of a text, escaped to fit on one line."""
    return escaped(text[:EXCERPT_LENGTH]) + ("…" if len(text) > EXCERPT_LENGTH else "")


def wib(moment: datetime) -> str:
    """Format a moment as these protocols do, in WIB (the time of Jakarta and Semarang)."""
    return f"{moment.astimezone(WIB):%Y-%m-%d %H:%M:%S}"


def wib_moment(text: str) -> datetime | None:
    """Parse a moment in that format; None if it is not one."""
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=WIB)
    except ValueError:
        return None


def moment_of(stamp: str) -> datetime | None:
    """Parse a Unix timestamp in seconds, with or without a fraction, or in milliseconds; None if it is not one."""
    seconds = _SECONDS.fullmatch(stamp.strip())
    if seconds is None:
        return None
    value = int(seconds[1])
    if value >= SECONDS_MAX:
        value //= 1000
    return None if value >= SECONDS_MAX else _EPOCH + timedelta(seconds=value)
