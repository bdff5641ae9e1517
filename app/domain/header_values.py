"""Valid values of an HTTP header (RFC 9110, 5.5): most upstreams expect credentials in headers."""

import re

HEADER_VALUE_LENGTH_MAX = 200

_VISIBLE = re.compile(r"[\x20-\x7e]*")


def header_value_fault(value: str) -> str | None:
    """Why this is not a valid header value, without repeating the value; None if it is valid."""
    if not value:
        return "must not be empty"
    if len(value) > HEADER_VALUE_LENGTH_MAX:
        return f"must have at most {HEADER_VALUE_LENGTH_MAX} characters"
    if value != value.strip():
        return "must not begin or end with a space"
    if not _VISIBLE.fullmatch(value):
        return "may only contain printable ASCII characters, since it is sent in an HTTP header"
    return None
