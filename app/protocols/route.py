"""Routes of a protocol: every refusal is sent in its envelope."""

import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, ClassVar

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from app.domain.errors import NotFound, RateLimited, Refusal
from app.protocols.authentication import count_unrouted, look_up_shown
from app.protocols.protocol import ForeignProtocol, WrongMethod
from app.protocols.request_note import note_of

log = logging.getLogger(__name__)

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class ProtocolRoute(APIRoute):
    """A route of a protocol: refusals and unexpected errors are sent in its envelope."""

    protocol: ClassVar[ForeignProtocol]

    def get_route_handler(self) -> Handler:
        """Wrap the framework's handler."""
        handle = super().get_route_handler()
        protocol = self.protocol

        async def handle_in_envelope(request: Request) -> Response:
            try:
                return await handle(request)
            except Refusal as refusal:
                return protocol.refusal(request.scope, refusal)
            except Exception:
                log.exception("internal error")
                return protocol.refusal(request.scope, Refusal())

        return handle_in_envelope


class NoSuchRoute:
    """Catch-all below a protocol's prefix: 405 with the allowed methods if the path exists, else 404."""

    def __init__(self, protocol: ForeignProtocol, routes: Sequence[BaseRoute]) -> None:
        self._protocol = protocol
        self._routes = [route for route in routes if isinstance(route, Route)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = [route.methods or () for route in self._routes if route.path_regex.fullmatch(scope["path"])]
        # HEAD is served wherever GET only reads, so the message need not name it.
        methods = {method for allowed in found for method in allowed} - {"HEAD"}
        note = note_of(scope)
        refusal: Refusal = WrongMethod(note.method, note.path, methods) if methods else NotFound()
        try:
            count_unrouted(scope, self._protocol)
            await look_up_shown(scope, self._protocol)
        except RateLimited as limited:
            refusal = limited
        await self._protocol.refusal(scope, refusal)(scope, receive, send)
