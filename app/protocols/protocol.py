"""A door for foreign software: where it is, which paths it forgives, and the form in which it refuses.

A door never redirects and never answers in our own words: whatever is wrong is told in its envelope, in Indonesian
(app/protocols/texts.py). It opens for a hospital that has a key for it. Rules: `protocols/indonesia.md` section 1.
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

from app.bodies import IncompleteBody
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
from app.protocols.request_note import note_of
from app.protocols.texts import refusal_text

BYTES_MAX = 64 * 1024
PATH_TOLD_MAX = 200


class NotReadable(Malformed):
    """The body or the request cannot be read; the detail says where and why."""

    language = "id"


class OtherHospital(NotPermitted):
    """A code in the address is not that of the credential."""

    language = "id"


class WrongMethod(Refusal):
    """This path has other methods."""

    language = "id"

    def __init__(self, method: str, path: str, methods: Collection[str]) -> None:
        self.methods = sorted(methods)
        told = f"metode {cleaned(method)[:40]} tidak berlaku untuk alamat {cleaned(path)[:PATH_TOLD_MAX]}"
        super().__init__(f"{told}; gunakan {' atau '.join(self.methods)}")


@dataclass(frozen=True)
class ForeignProtocol:
    """One protocol's place: what is below `prefix` is told in its `envelope` (path, status, message).

    `base` is where its paths begin, `words` are the fixed parts of them, in any letter case. `recognise` gives the
    valid key that a request shows, as far as this node knows, and None without one; its public part stands in
    `login_header`. Refusals with a status in
    `told_as_row` concern the message, and leave with HTTP 200: some software shows them only then.
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
        """A path's beginning: parts of the base, once or again, since software adds it to an address that has it."""
        parts = "|".join(re.escape(part) for part in self._base_parts)
        return re.compile(rf"(?:/*(?:{parts}))+(?=/|\Z)", re.IGNORECASE)

    @cached_property
    def _base_parts(self) -> list[str]:
        return self.base.strip("/").split("/")

    def holds(self, path: str) -> bool:
        """Whether this path is below this door."""
        if not path.startswith(self.prefix):
            return False
        return path[len(self.prefix) :][:1] in {"", "/"} or self._beginning.match(path) is not None

    def tidy_path(self, path: str) -> str:
        """The path as its routes have it: no stray slashes, backslashes or spaces, the base once, words cased."""
        found = self._beginning.match(path)
        begun = found[0] if found else ""
        rest = [part for part in (part.strip(" \\\t\r\n") for part in path[len(begun) :].split("/")) if part]
        if "".join(self._base_parts).lower() not in begun.replace("/", "").lower():
            return "/".join([self.prefix, *rest])  # the base is not whole: there is nothing there
        cased = {word.lower(): word for word in self.words}
        return "/".join([self.base, *(cased.get(part.lower(), part) for part in rest)])

    def refusal(
        self, scope: Scope, refusal: Refusal, *, status: int | None = None, http_status: int | None = None
    ) -> Response:
        """A refusal in this door's words, noted. `http_status` where it is another than `status`."""
        status = status or status_of(refusal)
        headers = {"cache-control": "no-store"}
        if isinstance(refusal, RateLimited | Unavailable):
            # With jitter, or all who were refused together come back together.
            headers["retry-after"] = str(ceil(refusal.retry_after_seconds * random.uniform(1, 2)))  # noqa: S311
        if isinstance(refusal, TooLarge | IncompleteBody):
            headers["connection"] = "close"  # the rest of the body will not be read
        if isinstance(refusal, WrongMethod):
            headers["allow"] = ", ".join(refusal.methods)
        note_of(scope).refused = sentence = self.sentence(scope, refusal, status)
        told = self.envelope(scope, status, f"Gagal: {sentence}")
        return answer(told, status=http_status or (200 if status in self.sent_as_http_200 else status), headers=headers)

    def sentence(self, scope: Scope, refusal: Refusal, status: int | None = None) -> str:
        """Why, for a tired person at the hospital."""
        if type(refusal) is Unauthenticated:
            return self.unauthenticated
        return refusal_text(
            refusal,
            status=status or status_of(refusal),
            path=cleaned(note_of(scope).path)[:PATH_TOLD_MAX],
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
    """The HTTP status of a refusal."""
    return next((_STATUSES[kind] for kind in type(refusal).__mro__ if kind in _STATUSES), 500)


def answer(content: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON as these clients know it: compact, no charset in its type."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    # Half a surrogate pair has no bytes; nothing that we keep has one.
    return Response(text.encode(errors="replace"), status, headers, "application/json")


_SLASHES = re.compile("//+")


def collapsed(path: str) -> str:
    """A path without repeated slashes."""
    return _SLASHES.sub("/", path)
