"""CORS: which pages of other origins may use the API in a browser.

If reading is public, any page may read without a key. `BALAI_CORS_ORIGINS` restricts this to the listed origins, which
may also send a key and write. A private installation without that setting is closed to other origins.

The framework's middleware answers preflights. All other responses get the headers of the policy, including those sent
before the framework (`app/fastpath/cached_responses.py`, `app/server/http_protocol.py`).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Self

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.middleware.limits import SECURITY_HEADERS
from app.middleware.rate_limits import pause_after_probes

EXPOSED = "ETag, Retry-After, X-Request-ID"
PREFLIGHT_SECONDS = 24 * 60 * 60  # the longest time that browsers cache it (Chromium: 2 hours)
READING_METHODS = ("GET", "HEAD")
WRITING_METHODS = ("POST", "PUT", "PATCH", "DELETE")
READING_HEADERS = ("If-None-Match", "Last-Event-ID", "X-Request-ID", "Cache-Control", "Pragma", "X-Requested-With")
KEY_HEADERS = ("Authorization", "If-Match", "Idempotency-Key")

_EXPOSE = (b"access-control-expose-headers", EXPOSED.encode())
_PREFLIGHT_ROUTE = SimpleNamespace(path_format="(preflight)")  # the name in logs and metrics

Fields = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class CrossOriginPolicy:
    """Which origins may read: the listed ones, with keys; else any, without keys; else none."""

    listed: frozenset[str] = frozenset()
    is_any: bool = False

    @classmethod
    def of(cls, origins: Collection[str], *, public_read: bool) -> Self:
        """Create the policy from the settings."""
        return cls(frozenset(origins), is_any=public_read and not origins)

    @property
    def is_open(self) -> bool:
        """Whether any page of another origin may read."""
        return self.is_any or bool(self.listed)

    def headers(self, origin: bytes | None) -> Fields:
        """Return the headers of a response to a request from this origin (None: no Origin header).

        If any origin may read they are constant, so that a shared cache can serve one copy to all pages. For listed
        origins they vary by origin, and `Vary` is set even without an Origin.
        """
        if self.is_any:
            return _FOR_ANY
        if not self.listed:
            return ()
        if origin is not None and origin.decode("latin-1") in self.listed:
            return ((b"access-control-allow-origin", origin), _EXPOSE, _VARY)
        return (_VARY,)


_VARY = (b"vary", b"Origin")
_FOR_ANY = ((b"access-control-allow-origin", b"*"), _EXPOSE)


def origin_of(headers: Fields) -> bytes | None:
    """Return the Origin header of a request, if any."""
    return next((value for name, value in headers if name == b"origin"), None)


class CrossOrigin(CORSMiddleware):
    """The framework's middleware with the headers of the policy; preflights need no slot and are not rate-limited."""

    def __init__(self, app: ASGIApp, policy: CrossOriginPolicy) -> None:
        self.policy = policy
        super().__init__(
            app,
            allow_origins=("*",) if policy.is_any else policy.listed,
            allow_methods=READING_METHODS if policy.is_any else READING_METHODS + WRITING_METHODS,
            allow_headers=READING_HEADERS if policy.is_any else READING_HEADERS + KEY_HEADERS,
            max_age=PREFLIGHT_SECONDS,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "OPTIONS":
            headers = Headers(scope=scope)
            if "origin" in headers and "access-control-request-method" in headers:
                scope["route"] = _PREFLIGHT_ROUTE
                send = pause_after_probes(scope, send)
        await super().__call__(scope, receive, send)

    def preflight_response(self, request_headers: Headers) -> Response:
        """Add the headers that all responses have to the framework's response."""
        response = super().preflight_response(request_headers)
        response.raw_headers.extend(SECURITY_HEADERS)
        return response

    async def simple_response(self, scope: Scope, receive: Receive, send: Send, request_headers: Headers) -> None:
        """Send the response with the headers of the policy; the framework's always vary by origin."""
        fields = self.policy.headers(origin_of(scope["headers"]))

        async def send_with_fields(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *fields]}
            await send(message)

        await self.app(scope, receive, send_with_fields)
