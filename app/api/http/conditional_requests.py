"""Conditional requests: 304 for an unchanged copy, If-Match for changes."""

import hashlib
import re
from typing import Annotated

from fastapi import Header

from app.domain.errors import PreconditionFailed
from app.domain.ledger import CHAIN_MARK_LENGTH, Position

_TAG = re.compile(r'(?:W/)?"([^"]*)"')
# A version, optionally with the hash of its history, optionally followed by the digest of a document.
_VERSION = re.compile(rf"([1-9][0-9]{{0,17}})(?:-([0-9a-f]{{{CHAIN_MARK_LENGTH}}}))?(?:-[0-9a-z-]*)?")

IfNoneMatch = Annotated[
    str | None,
    Header(
        alias="If-None-Match",
        description="The ETag of your copy: 304 without a body if nothing has changed.",
    ),
]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="The ETag of the facility as you read it, so that you do not overwrite another change.",
    ),
]


def weak_tag(content: bytes) -> str:
    """Return a weak ETag, equal for equal content."""
    return f'W/"{_digest(content)}"'


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:24]


def is_known(tag: str, if_none_match: str | None) -> bool:
    """Whether the client has this version: If-None-Match lists it or is `*`."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or tag.removeprefix("W/").strip('"') in _TAG.findall(if_none_match)


def version_tag(version: Position) -> str:
    """Return the ETag of a registry entry: the ledger position of its last change."""
    return f'"{version}"'


def document_tag(version: Position, content: bytes) -> str:
    """Return the ETag of a document with a registry entry and figures, which change independently of it.

    A strong tag must identify the exact bytes, or a cache would keep old figures; If-Match compares only its beginning.
    """
    return f'"{version}-{_digest(content)}"'


def version_wanted(if_match: str | None, now: Position) -> int | None:
    """Return the version that If-Match names, None without the header; of several, the current one (`now`).

    Raises: PreconditionFailed, if it is not an ETag of this service, or its version was lost in a failover.
    """
    if if_match is None:
        return None
    if if_match.strip() == "*":
        return now.seq
    # A proxy that compresses a response makes its tag weak (nginx does): the version in it remains valid.
    found = [match for tag in _TAG.findall(if_match) if (match := _VERSION.fullmatch(tag))]
    versions = [Position(int(match[1]), match[2] or "") for match in found]
    if any(version.seq == now.seq and version.is_at(now.chain) for version in versions):
        return now.seq
    others = [version.seq for version in versions if version.seq != now.seq]
    if not others:
        raise PreconditionFailed
    return others[0]
