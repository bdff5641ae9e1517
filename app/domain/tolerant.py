"""Reading what older hospital software sends: any content type, any encoding, numbers as text, clocks that are off.

The rules are those of `protocols/indonesia.md`, 1.3 and 1.6, each from a client that somebody runs. They are for the
doors of others; our own API reads strictly.
"""

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qsl

FIELDS_MAX = 200
SECONDS_MAX = 10**11  # the year 5138: twelve digits and more are milliseconds

WIB = timezone(timedelta(hours=7), "WIB")  # without summer time
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WHOLE = re.compile(r"\+?([0-9]{1,18})(?:[.,]0*)?")
_NO_CHARACTER = re.compile("[\\x00\\ud800-\\udfff]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SECONDS = re.compile(r"([0-9]{1,18})(?:[.,][0-9]*)?")


class Unreadable(ValueError):
    """What was sent is neither JSON nor a form."""


class NoCount(ValueError):
    """What was sent is no whole number of 0 or more."""


def decoded(body: bytes) -> str:
    """The text of a body: UTF-8 without its mark, else Windows-1252 as far as that goes."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252", errors="replace")


def fields_of(body: bytes) -> dict[str, Any]:
    """The members of a JSON object, or the fields of a form, whatever the content type said.

    Raises: Unreadable.
    """
    text = decoded(body).strip().strip("\x00")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return _form(text)
    if not isinstance(value, dict):
        raise Unreadable
    return value


def _form(text: str) -> dict[str, Any]:
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True, max_num_fields=FIELDS_MAX)
    except ValueError:
        raise Unreadable from None
    if not pairs:
        raise Unreadable
    return dict(pairs)


def text_of(value: object) -> str:
    """A code or a name as text, without outer spaces; empty where nothing was said. What is no character is marked."""
    if value is None or isinstance(value, (dict, list)):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _NO_CHARACTER.sub("\ufffd", str(value)).strip()


def plain(text: str) -> str:
    """A text for people: one space for whatever is between words, and no control characters."""
    return " ".join(_CONTROL.sub(" ", text).split())


def count_of(value: object) -> int | None:
    """A count, sent as a number or as text; None where nothing was said. Raises: NoCount."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, bool):
        raise NoCount
    if isinstance(value, int):
        if value < 0:
            raise NoCount
        return value
    if isinstance(value, float):
        if not value.is_integer() or value < 0:
            raise NoCount
        return int(value)
    whole = _WHOLE.fullmatch(value.strip()) if isinstance(value, str) else None
    if whole is None:
        raise NoCount
    return int(whole[1])


def count_field(value: object, most: int) -> int | None:
    """A count of a row: None where nothing was said, -1 where it is none or more than `most`."""
    try:
        count = count_of(value)
    except NoCount:
        return -1
    return count if count is None or count <= most else -1


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
