"""Documents and files that never change while the process runs: built and compressed once, sent from memory."""

import threading
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import anyio.to_thread
from fastapi import Request, Response

from app.api.http.conditional_requests import is_known, weak_tag
from app.api.http.gzip import GZIP_FORMAT, takes_gzip

# Compressed only once, so as small as possible: a page's script is 1.4 MB plain, 0.4 MB compressed.
GZIP_LEVEL_MAX = 9


@dataclass(frozen=True, slots=True)
class _Ready:
    tag: str
    plain: bytes
    gzipped: bytes


class Copy(NamedTuple):
    """A response as the server sends it, with the headers of its document."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


@dataclass(slots=True, eq=False)
class StaticDocument:
    """One document. `make` is called once, in a thread: it may read a file or be slow."""

    make: Callable[[], bytes]
    media_type: str
    headers: Mapping[str, str] = field(default_factory=dict)
    _ready: _Ready | None = None
    _making: threading.Lock = field(default_factory=threading.Lock)

    async def answer(self, request: Request) -> Response:
        """Send the document, compressed if the client accepts that, or 304 if it has it."""
        if self._ready is None:
            await anyio.to_thread.run_sync(self._prepare)
        copy = self.ready_copy(request.headers.get("accept-encoding"), request.headers.get("if-none-match"))
        if copy is None:
            raise RuntimeError("not prepared")
        response = Response(copy.body, status_code=copy.status)
        response.raw_headers = copy.headers
        return response

    def ready_copy(self, accept_encoding: str | None, if_none_match: str | None) -> Copy | None:
        """The response; None until the document has been made, which `answer` does."""
        ready = self._ready
        if ready is None:
            return None
        headers = {**self.headers, "etag": ready.tag, "vary": "Accept-Encoding"}
        if is_known(ready.tag, if_none_match):
            return Copy(304, _as_sent(headers), b"")
        body = ready.plain
        if takes_gzip(accept_encoding):
            headers["content-encoding"], body = "gzip", ready.gzipped
        headers["content-length"] = str(len(body))
        headers["content-type"] = _with_charset(self.media_type)
        return Copy(200, _as_sent(headers), body)

    def _prepare(self) -> _Ready:
        with self._making:
            if self._ready is not None:
                return self._ready
            plain = self.make()
            ready = self._ready = _Ready(weak_tag(plain), plain, zlib.compress(plain, GZIP_LEVEL_MAX, GZIP_FORMAT))
            return ready


def _as_sent(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


def _with_charset(media_type: str) -> str:
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
