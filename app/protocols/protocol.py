"""A foreign protocol: its prefix, which variants of a path it accepts, and the form of its refusals.

A protocol never redirects and never replies with a problem document: every error is sent in its own envelope, in
Indonesian (app/protocols/texts.py). It admits hospitals that have a credential for it. Rules:
`docs/protocols/common.md`.
"""

import json
import random
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from typing import Any

from fastapi import Request, Response
from starlette.types import Scope

from app.domain.channels import Channel
from app.domain.errors import (
    Conflict,
    FacilityClosed,
    InvalidInput,
    Malformed,
    NotFound,
    NotPermitted,
    RateLimited,
    Refusal,
    TooLarge,
    Unauthenticated,
    Unavailable,
)
from app.domain.permissions import Credential
from app.domain.text import cleaned
from app.limits.request_bodies import IncompleteBody
from app.protocols.request_note import note_of
from app.protocols.texts import refusal_text

BYTES_MAX = 64 * 1024
PATH_SHOWN_MAX = 200


class NotReadable(Malformed):
    """The body or the request cannot be parsed; the detail says where and why."""

    language = "id"


class OtherHospital(NotPermitted):
    """A hospital code in the path does not belong to the credential."""

    language = "id"


class WrongMethod(Refusal):
    """The path exists, but not for this method."""

    language = "id"

    def __init__(self, method: str, path: str, methods: Collection[str]) -> None:
        self.methods = sorted(methods)
        reason = f"metode {cleaned(method)[:40]} tidak berlaku untuk alamat {cleaned(path)[:PATH_SHOWN_MAX]}"
        super().__init__(f"{reason}; gunakan {' atau '.join(self.methods)}")


@dataclass(frozen=True)
class ForeignProtocol:
    """One protocol's mount: requests below `prefix` are answered in its `envelope` (scope, status, message).

    `base` is the common start of its paths; `words` are their fixed segments, matched in any letter case. `recognise`
    returns the valid credential of a request, as far as this node knows it, else None; the public part of the
    credential is in `login_header`. Refusals with a status in `sent_as_http_200` concern the message and are sent with
    HTTP 200: some software shows them only then.
    """

    channel: Channel
    prefix: str
    base: str
    words: frozenset[str]
    unauthenticated: str
    envelope: Callable[[Scope, int, str], Mapping[str, Any]]
    recognise: Callable[[Request], Credential | None]
    login_header: str
    sent_as_http_200: frozenset[int] = frozenset()
    bytes_max: int = BYTES_MAX

    @cached_property
    def _beginning(self) -> re.Pattern[str]:
        """Matches the base or parts of it, repeated: software appends it to a URL that already contains it."""
        parts = "|".join(re.escape(part) for part in self._base_parts)
        return re.compile(rf"(?:/*(?:{parts}))+(?=/|\Z)", re.IGNORECASE)

    @cached_property
    def _base_parts(self) -> list[str]:
        return self.base.strip("/").split("/")

    def holds(self, path: str) -> bool:
        """Whether this path belongs to this protocol."""
        if not path.startswith(self.prefix):
            return False
        return path[len(self.prefix) :][:1] in {"", "/"} or self._beginning.match(path) is not None

    def tidy_path(self, path: str) -> str:
        """Normalise a path to that of the routes: no stray slashes, backslashes or spaces, base once, words cased."""
        found = self._beginning.match(path)
        begun = found[0] if found else ""
        rest = [part for part in (part.strip(" \\\t\r\n") for part in path[len(begun) :].split("/")) if part]
        if "".join(self._base_parts).lower() not in begun.replace("/", "").lower():
            return "/".join([self.prefix, *rest])  # the base is incomplete: no route matches
        cased = {word.lower(): word for word in self.words}
        return "/".join([self.base, *(cased.get(part.lower(), part) for part in rest)])

    def refusal(
        self, scope: Scope, refusal: Refusal, *, status: int | None = None, http_status: int | None = None
    ) -> Response:
        """Build the response of a refusal and record it in the note. `http_status` overrides `status` on the wire."""
        status = status or status_of(refusal)
        headers = {"cache-control": "no-store"}
        if isinstance(refusal, RateLimited | Unavailable):
            # With jitter: clients refused at the same moment must not retry at the same moment.
            headers["retry-after"] = str(ceil(refusal.retry_after_seconds * random.uniform(1, 2)))  # noqa: S311
        if isinstance(refusal, TooLarge | IncompleteBody):
            headers["connection"] = "close"  # the rest of the body will not be read
        if isinstance(refusal, WrongMethod):
            headers["allow"] = ", ".join(refusal.methods)
        note_of(scope).refused = sentence = self.sentence(scope, refusal, status)
        content = self.envelope(scope, status, f"Gagal: {sentence}")
        return answer(
            content, status=http_status or (200 if status in self.sent_as_http_200 else status), headers=headers
        )

    def sentence(self, scope: Scope, refusal: Refusal, status: int | None = None) -> str:
        """The reason in Indonesian, for the staff of the hospital."""
        if type(refusal) is Unauthenticated:
            return self.unauthenticated
        return refusal_text(
            refusal,
            status=status or status_of(refusal),
            path=cleaned(note_of(scope).path)[:PATH_SHOWN_MAX],
            request_id=scope["state"]["request_id"],
            bytes_max=self.bytes_max,
            base=self.base,
        )


_STATUSES: Mapping[type[Refusal], int] = {
    Unauthenticated: 401,
    NotPermitted: 403,
    FacilityClosed: 403,
    NotFound: 404,
    WrongMethod: 405,
    Conflict: 409,
    TooLarge: 413,
    InvalidInput: 422,
    RateLimited: 429,
    Malformed: 400,
    Unavailable: 503,
}


def status_of(refusal: Refusal) -> int:
    """Return the HTTP status of a refusal; 500 for an unknown class."""
    return next((_STATUSES[kind] for kind in type(refusal).__mro__ if kind in _STATUSES), 500)


def answer(content: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Encode JSON as these clients expect it: compact, no charset in the content type."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    # A lone surrogate cannot be encoded; nothing that we store has one.
    return Response(text.encode(errors="replace"), status, headers, "application/json")


_SLASHES = re.compile("//+")


def collapsed(path: str) -> str:
    """Collapse repeated slashes in a path."""
    return _SLASHES.sub("/", path)
