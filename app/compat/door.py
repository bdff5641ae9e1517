"""A door for foreign software: where it is, which paths it forgives, and the words in which it refuses.

A door never redirects and never answers in our own words: whatever is wrong is told in its envelope, in Indonesian. It
opens for a hospital that has a key for it. Rules: `protocols/indonesia.md` section 1.
"""

import json
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from fastapi import Response
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
    Overloaded,
    RateLimited,
    Refusal,
    TooLarge,
    Unauthenticated,
    Unavailable,
    Uncertain,
)
from app.domain.tolerant import plain

BYTES_MAX = 64 * 1024


@dataclass(frozen=True, slots=True)
class Door:
    """One protocol's place: what is below `prefix` is told in its `envelope` (path, status, message).

    `base` is where its paths begin, `words` are the fixed parts of them, in any letter case.
    """

    channel: Channel
    prefix: str
    base: str
    words: frozenset[str]
    unauthenticated: str
    envelope: Callable[[Scope, int, str], Mapping[str, Any]]
    bytes_max: int = BYTES_MAX

    def holds(self, path: str) -> bool:
        """Whether this path is below this door."""
        return path == self.prefix or path.startswith(self.prefix + "/")

    def tidied(self, path: str) -> str:
        """The path as its routes have it: no stray slashes, backslashes or spaces, the base once, words cased."""
        parts = [part for part in (part.strip(" \\\t") for part in path.split("/")) if part]
        base = self.base.split("/")[1:]
        rest = parts[len(base) :]
        # An address that had the base already, or its end, and got it again from the software.
        again = [base[start:] for start in range(len(base))]
        while end := next((len(each) for each in again if rest[: len(each)] == each), 0):
            rest = rest[end:]
        cased = {word.lower(): word for word in self.words}
        return "/" + "/".join([*parts[: len(base)], *(cased.get(part.lower(), part) for part in rest)])

    def refusal(self, scope: Scope, refusal: Refusal, *, status: int | None = None) -> Response:
        """A refusal in this door's words."""
        status = status or status_of(refusal)
        headers = {"cache-control": "no-store"}
        if isinstance(refusal, RateLimited | Unavailable):
            # With jitter, or all who were refused together come back together.
            headers["retry-after"] = str(ceil(refusal.retry_after_seconds * random.uniform(1, 2)))  # noqa: S311
        if isinstance(refusal, TooLarge | IncompleteBody):
            headers["connection"] = "close"  # the rest of the body will not be read
        message = f"Gagal: {self.sentence(scope, refusal)}"
        return answer(self.envelope(scope, status, message), status=status, headers=headers)

    def sentence(self, scope: Scope, refusal: Refusal) -> str:
        """Why, for a tired person at the hospital."""
        if isinstance(refusal, InvalidInput):
            return "; ".join(f"{fault.pointer.rpartition('/')[2]}: {fault.detail}" for fault in refusal.faults)
        kinds = [kind for kind in type(refusal).__mro__ if kind in _WORDS]
        # What is not there or cannot be is told by who found it; what is ours to mend is not the hospital's business.
        said = _WORDS[kinds[0]] if kinds and (kinds[0] is not Refusal or type(refusal) is Refusal) else refusal.detail
        if type(refusal) is Unauthenticated:
            said = self.unauthenticated
        elif isinstance(refusal, RateLimited):
            said += f" {refusal.retry_after_seconds} detik"
        elif type(refusal) is NotFound and said == NotFound().detail:
            said = f"alamat {plain(scope['path'])[:200]} tidak ada; periksa URL"
        elif type(refusal) is Refusal:
            said += f" {scope['state']['request_id']} kepada petugas"
        return said


_WORDS: Mapping[type[Refusal], str] = {
    RateLimited: "terlalu banyak permintaan; coba lagi setelah",
    FacilityClosed: "fasyankes ini sudah ditutup; hubungi petugas",
    TooLarge: "isi permintaan terlalu besar",
    IncompleteBody: "isi permintaan tidak lengkap",
    Unavailable: "layanan belum siap; kirim lagi sebentar lagi",
    Overloaded: "layanan sedang penuh; kirim lagi sebentar lagi",
    Uncertain: "layanan belum siap; kirim lagi sebentar lagi",
    Refusal: "kesalahan di server kami; sebutkan",
}
_STATUSES: Mapping[type[Refusal], int] = {
    Unauthenticated: 401,
    NotPermitted: 403,
    FacilityClosed: 403,
    NotFound: 404,
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
