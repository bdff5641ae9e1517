"""Secrets that stand where none belong, such as a key in a path: not to be written into a log or a list."""

import re
from urllib.parse import quote, unquote

SECRET_LENGTH_MIN = 24  # every key and password that is made here is longer
REDACTED = "***"

# The public part of our own keys stays: it says which one is to be revoked.
_KEY = re.compile(r"(balai_[0-9a-f]{12})_?[A-Za-z0-9_-]*")
_SECRET = re.compile(rf"{_KEY.pattern}|[A-Za-z0-9_-]{{{SECRET_LENGTH_MIN},}}")
_OF_PATHS = "/*:@!$&'()+,;=~"  # need no percent sign in a path


def without_secrets(text: str) -> str:
    """The text with whatever may be a key, a password or a token left out: any run of 24 letters and digits."""
    return _SECRET.sub(lambda found: f"{found[1]}_{REDACTED}" if found[1] else REDACTED, text)


def without_keys(text: str) -> str:
    """The same for a text of ours, whose long words are no secrets: only our own keys are left out."""
    return _KEY.sub(lambda found: f"{found[1]}_{REDACTED}", text)


def path_without_secrets(path: str) -> str:
    """The same for a path that is still percent-encoded, whichever of its characters are."""
    plain = unquote(path)
    redacted = without_secrets(plain)
    return path if redacted == plain else quote(redacted, safe=_OF_PATHS)
