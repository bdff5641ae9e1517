"""What may be sent as the value of an HTTP header (RFC 9110, 5.5), which is how most upstreams want credentials."""

import re

HEADER_VALUE_LENGTH_MAX = 200

_VISIBLE = re.compile(r"[\x20-\x7e]*")


def header_value_fault(value: str) -> str | None:
    """Why this cannot be sent as a header value, without the value itself; None where it can."""
    if not value:
        return "must not be empty"
    if len(value) > HEADER_VALUE_LENGTH_MAX:
        return f"must have at most {HEADER_VALUE_LENGTH_MAX} characters"
    if value != value.strip():
        return "must not begin or end with a blank"
    if not _VISIBLE.fullmatch(value):
        return "may only hold printable ASCII characters, for it is sent in an HTTP header"
    return None
