"""Redaction of secrets in unexpected places, such as a key in a path, before text is logged or listed."""

import re
from urllib.parse import quote, unquote

SECRET_LENGTH_MIN = 24  # every key and password that this service issues is longer
REDACTED = "***"

# The public prefix of our own keys stays: it identifies the key to revoke.
_KEY = re.compile(r"(balai_[0-9a-f]{12})_?[A-Za-z0-9_-]*")
_SECRET = re.compile(rf"{_KEY.pattern}|[A-Za-z0-9_-]{{{SECRET_LENGTH_MIN},}}")
_SAFE_IN_PATHS = "/*:@!$&'()+,;=~"  # not percent-encoded in a path


def without_secrets(text: str) -> str:
    """The text without anything that may be a key, a password or a token: any run of 24 letters and digits."""
    return _SECRET.sub(lambda found: f"{found[1]}_{REDACTED}" if found[1] else REDACTED, text)


def without_keys(text: str) -> str:
    """The text without our own keys. For texts of this service, whose long words are not secrets."""
    return _KEY.sub(lambda found: f"{found[1]}_{REDACTED}", text)


def path_without_secrets(path: str) -> str:
    """A percent-encoded path without secrets, whichever of its characters are encoded."""
    plain = unquote(path)
    redacted = without_secrets(plain)
    return path if redacted == plain else quote(redacted, safe=_SAFE_IN_PATHS)
