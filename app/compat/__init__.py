"""Other people's protocols, at the paths where their software looks. `install` puts them into an application."""

from fastapi import FastAPI
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from app.compat import aplicares, siranap_v1, sirs
from app.compat.door import Door, collapsed
from app.compat.route import NothingHere

ROOMS = (sirs, aplicares, siranap_v1)
DOORS: tuple[Door, ...] = tuple(room.DOOR for room in ROOMS)


def install(app: FastAPI) -> None:
    """Add the routes of all doors, and an answer in their words to whatever else is asked below them."""
    app.openapi_tags = [*(app.openapi_tags or ()), *(room.TAG for room in ROOMS)]
    for room in ROOMS:
        app.include_router(room.router)
        for path in (room.DOOR.prefix, f"{room.DOOR.prefix}/{{rest:path}}"):
            app.router.routes.append(Route(path, NothingHere(room.DOOR), include_in_schema=False))


def door_at(path: str) -> Door | None:
    """The door that this path is below."""
    return next((door for door in DOORS if door.holds(path)), None)


class TidyPaths:
    """Brings the paths of the doors to the form of their routes. A redirect would do so too, and lose the message."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path = collapsed(scope["path"])
            door = door_at(path)
            if door is not None:
                scope["path"] = door.tidied(path)  # in place: the log outside looks here for the route
        await self.app(scope, receive, send)
