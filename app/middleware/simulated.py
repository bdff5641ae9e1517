"""Responses of a simulation say so (`BALAI_SIMULATED`), so that nobody takes an invented figure for a real one.

Every JSON object below /v1 gets the member `"simulated": true`: documents, problem documents, each event of a stream,
each line of NDJSON. The names of CSV and XLSX files get a prefix. All responses get a header. The hospital protocols
keep their bodies: their clients compare them with fixed texts.

This layer and the compression after it are the outermost ones, because streams continue outside all others
(`app/middleware/keep_open.py`). The layers inside do not compress: they see no Accept-Encoding.
"""

import re
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.http.formats import MEDIA_TYPES, Format

HEADER: Final = "balai-simulated"
PREFIX: Final = "/v1/"
FILE_PREFIX: Final = "simulated-"
# A copy of a real installation at the same address must not pass for one of a simulation, and the reverse.
TAG_SUFFIX: Final = "-simulated"

_MEMBER = b'"simulated":true'
_OBJECTS = ("application/json", "application/problem+json", MEDIA_TYPES[Format.geojson])
# Where an object begins in a line: both formats have one object in a line.
_LINES = {
    MEDIA_TYPES[Format.ndjson]: re.compile(rb"^(\{)(\}?)", re.MULTILINE),
    "text/event-stream": re.compile(rb"^(data: ?\{)(\}?)", re.MULTILINE),
}
_FILENAME = re.compile(r'(filename=")')
_TAG_END = re.compile(re.escape(TAG_SUFFIX) + r'"')
_CONDITIONS = (b"if-none-match", b"if-match")


class Simulated:
    """Mark all responses of the application inside."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            marked = _Marking(send, is_api=scope["path"].startswith(PREFIX), is_head=scope["method"] == "HEAD")
            await self.app({**scope, "headers": _headers_for_inside(scope)}, receive, marked.send)
        else:
            await self.app(scope, receive, send)


def _headers_for_inside(scope: Scope) -> list[tuple[bytes, bytes]]:
    """The request's headers without Accept-Encoding, and with tags as the routes know them."""
    return [
        (name, _TAG_END.sub('"', value.decode("latin-1")).encode("latin-1") if name in _CONDITIONS else value)
        for name, value in scope["headers"]
        if name != b"accept-encoding"
    ]


class _Marking:
    """One response, on its way out."""

    def __init__(self, send: Send, *, is_api: bool, is_head: bool) -> None:
        self._send = send
        self._is_api = is_api
        self._is_head = is_head
        self._line: re.Pattern[bytes] | None = None
        self._is_at_line_start = True
        self._start: Message | None = None  # of an object whose beginning was not sent yet
        self._begun = b""

    async def send(self, message: Message) -> None:
        """Pass on a message of the application."""
        if message["type"] == "http.response.start":
            await self._send_start(message)
        elif message["type"] != "http.response.body":
            await self._send(message)
        elif self._start is not None:
            await self._send_beginning(message)
        elif self._line is not None and message.get("body"):
            await self._send({**message, "body": self._mark_lines(message["body"])})
        else:
            await self._send(message)

    async def _send_start(self, message: Message) -> None:
        message = {**message, "headers": [*message.get("headers", ())]}
        headers = MutableHeaders(raw=message["headers"])
        headers[HEADER] = "true"
        if self._is_api:
            media_type = headers.get("content-type", "").partition(";")[0]
            self._line = _LINES.get(media_type)
            is_object = media_type in _OBJECTS
            if (tag := headers.get("etag")) is not None:
                headers["etag"] = f'{tag.removesuffix(chr(34))}{TAG_SUFFIX}"'
            if (disposition := headers.get("content-disposition")) is not None:
                headers["content-disposition"] = _FILENAME.sub(rf"\1{FILE_PREFIX}", disposition)
            if self._line is not None or (is_object and self._is_head):
                del headers["content-length"]  # HEAD has no body to measure
            elif is_object:
                self._start = message  # its length is known with the beginning of the body
                return
        await self._send(message)

    async def _send_beginning(self, message: Message) -> None:
        """Send the head and the first bytes of an object; one byte says too little about what follows it."""
        self._begun += message.get("body", b"")
        if self._start is None or (len(self._begun) < 2 and message.get("more_body", False)):
            return
        body = _mark_object(self._begun)
        headers = MutableHeaders(raw=self._start["headers"])
        if "content-length" in headers:
            added = len(body) - len(self._begun)
            headers["content-length"] = str(int(headers["content-length"]) + added)
        start, self._start, self._begun = self._start, None, b""
        await self._send(start)
        await self._send({**message, "body": body})

    def _mark_lines(self, chunk: bytes) -> bytes:
        if self._line is None:
            return chunk
        first = 0 if self._is_at_line_start else chunk.find(b"\n") + 1 or len(chunk)
        self._is_at_line_start = chunk.endswith(b"\n")
        return chunk[:first] + self._line.sub(_with_member, chunk[first:])


def _mark_object(body: bytes) -> bytes:
    """A JSON object with the member in front; unchanged if it says so itself, or is no object."""
    if not body.startswith(b"{") or _MEMBER in body:
        return body
    return b"{" + _MEMBER + (b"" if body.startswith(b"{}") else b",") + body[1:]


def _with_member(found: re.Match[bytes]) -> bytes:
    return found[1] + _MEMBER + (found[2] or b",")
