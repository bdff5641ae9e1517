"""The cookie of a session: its name and attributes, and which requests may use it.

With TLS it is `__Host-balai`: browsers send it only to this host and only over TLS, and no other host can set it.
Without TLS, only pages on the browser's own machine get one (`localhost`), since everybody on the way could read it.
SameSite=Strict keeps browsers from sending it with requests of other sites; `check_same_site` does not rely on that.
"""

import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import Scope

from app.domain.errors import NotPermitted
from app.domain.sessions import IDLE

SECURE_NAME = "__Host-balai"
LOCAL_NAME = "balai"
READING = frozenset({"GET", "HEAD", "OPTIONS"})


def is_protected(scope: Scope) -> bool:
    """Whether nobody between the browser and this service can read: TLS, or the browser's own machine.

    Behind a proxy the scheme is what a trusted one put into X-Forwarded-Proto.
    """
    return bool(scope["scheme"] == "https") or _is_local(Headers(scope=scope).get("host", ""))


def read_cookie(scope: Scope) -> str | None:
    """The session cookie of a request, if it may have one."""
    text = Headers(scope=scope).get("cookie")
    if text is None or not is_protected(scope):
        return None
    return cookie_parser(text).get(_name(scope))


def cookie_header(scope: Scope, value: str) -> bytes:
    """A Set-Cookie header; an empty value removes the cookie."""
    seconds = int(IDLE.total_seconds()) if value else 0
    secure = "; Secure" if scope["scheme"] == "https" else ""
    return f"{_name(scope)}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}".encode()


def check_same_site(scope: Scope, *, must_be_said: bool = True) -> None:
    """Check that a page of this service sent a request that changes something.

    Browsers say so in Sec-Fetch-Site, older ones in Origin.
    Raises: NotPermitted, for a request of another site, and for one that says neither if `must_be_said`.
    """
    if scope["method"] in READING:
        return
    headers = Headers(scope=scope)
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is None and origin is None and not must_be_said:
        return
    is_ours = site == "same-origin" if site is not None else _is_host(origin, headers.get("host"))
    if not is_ours:
        raise NotPermitted(
            "A session changes something only from a page of this service itself. Programs send the key as "
            "'Authorization: Bearer <key>'."
        )


def _name(scope: Scope) -> str:
    return SECURE_NAME if scope["scheme"] == "https" else LOCAL_NAME


def _is_host(origin: str | None, host: str | None) -> bool:
    try:
        return host is not None and urlsplit(origin or "").netloc.lower() == host.lower()
    except ValueError:
        return False


def _is_local(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or name.endswith(".localhost") or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
