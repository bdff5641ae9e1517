"""Cursors: the end of a page as opaque text."""

import base64
import binascii
import json

from app.domain.errors import Malformed


def encode(*key: float | str) -> str:
    """Encode the sort key of a page's last row."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def decode(cursor: str, *types: type) -> tuple[int | float | str, ...]:
    """Decode the sort key. Raises: Malformed, if the cursor is invalid or belongs to another list."""
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        key = None
    if not isinstance(key, list) or [type(part) for part in key] != list(types):
        raise Malformed("The cursor does not belong to this list; start again with the first page.")
    return tuple(key)
