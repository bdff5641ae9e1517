"""Other people's protocols, at the paths where their software looks. `install` puts them into an application."""

from fastapi import FastAPI
from starlette.routing import Route

from app.protocols import aplicares, siranap_v1, sirs
from app.protocols.protocol import Door
from app.protocols.route import NoSuchRoute

ROOMS = (sirs, aplicares, siranap_v1)
DOORS: tuple[Door, ...] = tuple(room.DOOR for room in ROOMS)


def install(app: FastAPI) -> None:
    """Add the routes of all doors, and an answer in their words to whatever else is asked below them."""
    app.openapi_tags = [*(app.openapi_tags or ()), *(room.TAG for room in ROOMS)]
    for room in ROOMS:
        app.include_router(room.router)
        for path in (room.DOOR.prefix, f"{room.DOOR.prefix}/{{rest:path}}"):
            nothing = NoSuchRoute(room.DOOR, room.router.routes)
            app.router.routes.append(Route(path, nothing, include_in_schema=False))


def door_at(path: str) -> Door | None:
    """The door that this path is below."""
    return next((door for door in DOORS if door.holds(path)), None)
