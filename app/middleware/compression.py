"""Compression of responses, as the innermost middleware."""

from starlette.datastructures import Headers
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipResponder, IdentityResponder
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.http.formats import MEDIA_TYPES, Format
from app.api.http.gzip import GZIP_BYTES_MIN, GZIP_LEVEL, takes_gzip

# XLSX is a zip already, and the change feed may continue after this middleware (app/middleware/keep_open.py). Event
# streams and images are among the framework's own exceptions.
_UNCOMPRESSED = (*DEFAULT_EXCLUDED_CONTENT_TYPES, MEDIA_TYPES[Format.xlsx], "application/x-ndjson")
_VARY = b"Accept-Encoding"


class Compression:
    """The framework's compression, with our parsing of Accept-Encoding: its own treats `gzip;q=0` as accepted."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif takes_gzip(Headers(scope=scope).get("accept-encoding")):
            gzip = GZipResponder(self.app, GZIP_BYTES_MIN, GZIP_LEVEL, exclude_content_types=_UNCOMPRESSED)
            await gzip(scope, receive, _correct_headers(send))
        else:
            plain = IdentityResponder(self.app, GZIP_BYTES_MIN, exclude_content_types=_UNCOMPRESSED)
            await plain(scope, receive, _correct_headers(send))


def _corrected_header(name: bytes, value: bytes, *, is_packed: bool) -> bytes:
    if name == b"vary" and value.count(_VARY) > 1:
        return value.removesuffix(b", " + _VARY)
    if name == b"etag" and is_packed and not value.startswith(b"W/"):
        # A strong tag identifies bytes, and these are different bytes (RFC 9110, 8.8.3.3).
        return value.removesuffix(b'"') + b'-gzip"'
    return value


def _correct_headers(send: Send) -> Send:
    """Remove a duplicate Vary, which routes set too (also for 304), and mark strong ETags of compressed bodies."""

    async def send_once(message: Message) -> None:
        if message["type"] == "http.response.start":
            is_packed = any(name == b"content-encoding" for name, _ in message["headers"])
            message["headers"] = [
                (name, _corrected_header(name, value, is_packed=is_packed)) for name, value in message["headers"]
            ]
        await send(message)

    return send_once
