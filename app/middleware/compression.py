"""Compressed answers for those who take them, as the layer that is nearest to the routes."""

from starlette.datastructures import Headers
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipResponder, IdentityResponder
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.http.formats import MEDIA_TYPES, Format
from app.api.http.gzip import GZIP_BYTES_MIN, GZIP_LEVEL, takes_gzip

# XLSX is a zip already, and the change feed may go on when this layer is done (app/middleware/keep_open.py). Event
# streams and pictures are among the framework's own exceptions.
_LEFT_ALONE = (*DEFAULT_EXCLUDED_CONTENT_TYPES, MEDIA_TYPES[Format.xlsx], "application/x-ndjson")
_VARY = b"Accept-Encoding"


class Compression:
    """The framework's way to compress, by our reading of Accept-Encoding: its own takes `gzip;q=0` for a wish."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif takes_gzip(Headers(scope=scope).get("accept-encoding")):
            gzip = GZipResponder(self.app, GZIP_BYTES_MIN, GZIP_LEVEL, exclude_content_types=_LEFT_ALONE)
            await gzip(scope, receive, _saying_it_once(send))
        else:
            plain = IdentityResponder(self.app, GZIP_BYTES_MIN, exclude_content_types=_LEFT_ALONE)
            await plain(scope, receive, _saying_it_once(send))


def _said_once(name: bytes, value: bytes, *, is_packed: bool) -> bytes:
    if name == b"vary" and value.count(_VARY) > 1:
        return value.removesuffix(b", " + _VARY)
    if name == b"etag" and is_packed and not value.startswith(b"W/"):
        # A strong tag names bytes, and these are others (RFC 9110, 8.8.3.3).
        return value.removesuffix(b'"') + b'-gzip"'
    return value


def _saying_it_once(send: Send) -> Send:
    """Roll-ups say themselves what they vary by, for 304 too; the framework says it again for what is large."""

    async def send_once(message: Message) -> None:
        if message["type"] == "http.response.start":
            is_packed = any(name == b"content-encoding" for name, _ in message["headers"])
            message["headers"] = [
                (name, _said_once(name, value, is_packed=is_packed)) for name, value in message["headers"]
            ]
        await send(message)

    return send_once
