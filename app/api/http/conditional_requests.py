"""Conditional requests: 304 for who has it already, If-Match for who changes it."""

import hashlib
import re
from typing import Annotated

from fastapi import Header

from app.domain.errors import PreconditionFailed
from app.domain.ledger import CHAIN_MARK_LENGTH, Position

_TAG = re.compile(r'(?:W/)?"([^"]*)"')
# A version, perhaps with the mark of its history, and whatever follows for the bytes of a document.
_VERSION = re.compile(rf"([1-9][0-9]{{0,17}})(?:-([0-9a-f]{{{CHAIN_MARK_LENGTH}}}))?(?:-[0-9a-z-]*)?")

IfNoneMatch = Annotated[
    str | None,
    Header(
        alias="If-None-Match",
        description="The ETag of your copy: 304 without a body as long as nothing changed.",
    ),
]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="The ETag of the facility as you read it, so that nobody's change is overwritten.",
    ),
]


def weak_tag(content: bytes) -> str:
    """A tag that is equal for documents that say the same."""
    return f'W/"{_digest(content)}"'


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:24]


def is_known(tag: str, if_none_match: str | None) -> bool:
    """Whether the client has this version: If-None-Match lists it, or is `*`."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or tag.removeprefix("W/").strip('"') in _TAG.findall(if_none_match)


def version_tag(version: Position) -> str:
    """The tag of a registry entry: the place in the ledger of its last change."""
    return f'"{version}"'


def document_tag(version: Position, content: bytes) -> str:
    """The tag of a document that states a registry entry beside figures, which change without the entry.

    A strong tag names these very bytes, or a cache would keep old figures; its beginning is all that If-Match looks at.
    """
    return f'"{version}-{_digest(content)}"'


def version_wanted(if_match: str | None, now: Position) -> int | None:
    """The version that If-Match names, None without it; of several the one that stands `now`.

    Raises: PreconditionFailed, when it names none of ours, or one that a failover cut off.
    """
    if if_match is None:
        return None
    if if_match.strip() == "*":
        return now.seq
    # A proxy that compresses an answer makes its tag weak (nginx does): the version in it is as good.
    found = [match for tag in _TAG.findall(if_match) if (match := _VERSION.fullmatch(tag))]
    versions = [Position(int(match[1]), match[2] or "") for match in found]
    if any(version.seq == now.seq and version.is_at(now.chain) for version in versions):
        return now.seq
    others = [version.seq for version in versions if version.seq != now.seq]
    if not others:
        raise PreconditionFailed
    return others[0]
