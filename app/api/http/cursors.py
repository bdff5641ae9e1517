"""Cursors: where a page ended, as text that clients carry and do not read."""

import base64
import binascii
import json

from app.domain.errors import Malformed


def encode(*key: float | str) -> str:
    """The sort key of a page's last row as a cursor."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def decode(cursor: str, *types: type) -> tuple[int | float | str, ...]:
    """The sort key again. Raises: Malformed, when it is none of ours or of another list."""
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        key = None
    if not isinstance(key, list) or [type(part) for part in key] != list(types):
        raise Malformed("The cursor is not one of this list; begin again with the first page.")
    return tuple(key)
