"""Paths of this service that an address may name as the next page. Everything else would be an open redirect."""

from urllib.parse import urlsplit

_HOME = "/"


def own_path(wanted: str) -> str:
    """The path if it leads to a page of this service, else that of the start page.

    Browsers read a backslash as a slash and drop tabs and line breaks, so neither is accepted.
    """
    if not wanted.startswith("/") or wanted.startswith("//") or "\\" in wanted:
        return _HOME
    if any(not character.isprintable() or character.isspace() for character in wanted):
        return _HOME
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return _HOME
    return _HOME if parts.scheme or parts.netloc else wanted
