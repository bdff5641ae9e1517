"""Reading what older hospital software sends: any content type, any encoding, numbers as text, clocks that are off.

The rules are those of `protocols/indonesia.md`, 1.3 and 1.6, each from a client that somebody runs. They are for the
doors of others; our own API reads strictly.
"""

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote_plus

from app.domain.text import escaped

FIELDS_MAX = 200
EXCERPT_LENGTH = 30
DIGITS_MAX = 300  # longer ones have no count in them
SECONDS_MAX = 10**11  # the year 5138: twelve digits and more are milliseconds

WIB = timezone(timedelta(hours=7), "WIB")  # without summer time
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIELD_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NO_CHARACTER = re.compile("[\\x00\\ud800-\\udfff]")
_SECONDS = re.compile(r"([0-9]{1,18})(?:[.,][0-9]*)?")


class Unreadable(ValueError):
    """What was sent is not `wanted` (JSON, or a form).

    Shape: `line` and `column` count from 1 in the text as it was sent; `found` is all that stands there; `why` is
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
    """What was sent is JSON, but not one row: a list of `rows` rows, or no row at all (`rows` is None)."""

    def __init__(self, found: str, rows: int | None = None) -> None:
        self.found, self.rows = found, rows
        super().__init__(found[:40])


class Fields(NamedTuple):
    """The members of one row. `is_plain`: the body was one JSON object, as any parser reads it."""

    members: dict[str, Any]
    is_plain: bool


def decoded(body: bytes) -> str:
    """The text of a body: UTF-8 without its mark, else Windows-1252 as far as that goes."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252", errors="replace")


def fields_of(body: bytes) -> Fields:
    """The members of one row, whatever the content type said: a JSON object, a list of one, or the fields of a form.

    JSON that was encoded twice is read too, as text in JSON or percent-encoded, and raw control characters inside
    its texts.
    Raises: Unreadable, NotOneRow.
    """
    text = decoded(body).strip("\x00")
    plain_object = _plain_object(text)
    if plain_object is not None and _wrapped(plain_object) is None:
        return Fields(plain_object, is_plain=True)
    if text.lstrip()[:3].upper() in {"%7B", "%5B"}:
        text = unquote_plus(text)
    if not text.lstrip().startswith(("{", "[", '"')) and (form := _form(text.strip())) is not None:
        [first, *others] = form.values()
        if others or not first.lstrip().startswith(("{", "[")):
            return Fields(form, is_plain=False)
        text = first  # one field that holds the whole row as JSON
    value = read_json(text)
    if isinstance(value, dict) and (inner := _wrapped(value)) is not None:
        value = inner
    if isinstance(value, list):
        if len(value) != 1:
            raise NotOneRow(text.strip(), len(value))
        value = _again(value[0])
    if not isinstance(value, dict):
        raise NotOneRow(text.strip())
    return Fields(value, is_plain=False)


def _wrapped(value: dict[str, Any]) -> dict[str, Any] | list[Any] | None:
    """What the only member of an object holds, as `{"fasyankes": [...]}` does: a row is never inside of another."""
    inner = next(iter(value.values())) if len(value) == 1 else None
    return inner if isinstance(inner, (dict, list)) else None


def read_json(text: str) -> Any:
    """JSON as old programs write it: with raw control characters inside its texts, or encoded twice.

    Raises: Unreadable, with the place where reading stopped.
    """
    return _again(_loaded(text))


def _again(value: object) -> Any:
    # A program that encodes what is encoded already sends one JSON text.
    return _loaded(value) if isinstance(value, str) and value.lstrip().startswith(("{", "[")) else value


def _loaded(text: str) -> Any:
    inner = text.strip()
    try:
        return json.loads(inner, strict=False, parse_int=_whole)
    except json.JSONDecodeError as error:
        raise Unreadable(text, text.index(inner) + error.pos, error.msg) from None
    except RecursionError:
        raise Unreadable(text, text.index(inner)) from None


def _plain_object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text, parse_int=_whole)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _whole(digits: str) -> int | float:
    # Python reads no number of thousands of digits; as a float it is infinite, and no count.
    return int(digits) if len(digits) <= DIGITS_MAX else float(digits)


def _form(text: str) -> dict[str, Any] | None:
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True, max_num_fields=FIELDS_MAX)
    except ValueError:
        return None
    # Other text with a = in it is no form: its error is told with its place.
    return dict(pairs) if pairs and all(_FIELD_NAME.fullmatch(name) for name, _ in pairs) else None


def text_of(value: object) -> str:
    """A code or a name as text, without outer spaces; empty where nothing was said. What is no character is marked."""
    if value is None or isinstance(value, (dict, list)):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _NO_CHARACTER.sub("\ufffd", str(value)).strip()


def excerpt(text: str) -> str:
    """The beginning of what was sent, to be shown in one line."""
    return escaped(text[:EXCERPT_LENGTH]) + ("…" if len(text) > EXCERPT_LENGTH else "")


def wib(moment: datetime) -> str:
    """A moment as these protocols write it, in the time of Jakarta and Semarang."""
    return f"{moment.astimezone(WIB):%Y-%m-%d %H:%M:%S}"


def wib_moment(text: str) -> datetime | None:
    """The moment that such a text names; None where it names none."""
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=WIB)
    except ValueError:
        return None


def moment_of(stamp: str) -> datetime | None:
    """The moment that a time stamp in Unix seconds names: with a fraction, in milliseconds; None where it is none."""
    seconds = _SECONDS.fullmatch(stamp.strip())
    if seconds is None:
        return None
    value = int(seconds[1])
    if value >= SECONDS_MAX:
        value //= 1000
    return None if value >= SECONDS_MAX else _EPOCH + timedelta(seconds=value)
