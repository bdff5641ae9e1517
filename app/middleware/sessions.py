"""Renews the cookie of a session that is used."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.actions.sessions import is_open, write_cookie
from app.domain.sessions import Session
from app.runtime.node import Node
from app.session_cookies import cookie_header


class RenewSessions:
    """Adds the new cookie to the response of a request that used a session, at most once a minute."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_renewed(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 400:
                _renew(scope, message)
            await send(message)

        await self.app(scope, receive, send_renewed)


def _renew(scope: Scope, message: Message) -> None:
    session: Session | None = scope["state"].get("session")
    if session is None:
        return
    node: Node = scope["state"]["node"]
    now = node.clock()
    headers = MutableHeaders(raw=[*message["headers"]])
    # A route that begins or ends a session sets the cookie itself.
    if "set-cookie" in headers or not session.is_due(now) or not is_open(node, session):
        return
    headers.append("set-cookie", cookie_header(scope, write_cookie(node, session.used(now))).decode())
    if "no-store" not in headers.get("cache-control", ""):
        headers["cache-control"] = "private, no-cache"  # a shared cache would give the cookie to others
    message["headers"] = headers.raw
