"""Routes of a door: every answer leaves in its envelope, and a note of the message stays."""

import logging
from collections.abc import Callable, Coroutine
from typing import Any, ClassVar

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send

from app.compat.door import Door
from app.compat.message import begin, keep
from app.domain.errors import NotFound, Refusal

log = logging.getLogger(__name__)

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class DoorRoute(APIRoute):
    """A route of a door: refusals and mishaps leave in its envelope, and a note of the message stays."""

    door: ClassVar[Door]

    def get_route_handler(self) -> Handler:
        """The framework's handler, inside all that."""
        handle = super().get_route_handler()
        door = self.door

        async def told(request: Request) -> Response:
            note = begin(request)
            try:
                response = await handle(request)
            except Refusal as refusal:
                note.kept, note.odd = True, door.sentence(request.scope, refusal)
                response = door.refusal(request.scope, refusal)
            except Exception:
                log.exception("internal error")
                note.kept, note.odd = True, "internal error"
                response = door.refusal(request.scope, Refusal())
            keep(request, door.channel, response)
            return response

        return told


class NothingHere:
    """Whatever is below a door and no path of it: 404 in its envelope, for every method."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._door.refusal(scope, NotFound())(scope, receive, send)
