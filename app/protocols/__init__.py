"""Other people's protocols, at the paths where their software looks. `install` puts them into an application."""

from fastapi import FastAPI
from starlette.routing import Route

from app.protocols import aplicares, siranap_v1, sirs
from app.protocols.protocol import ForeignProtocol
from app.protocols.route import NoSuchRoute

ROOMS = (sirs, aplicares, siranap_v1)
PROTOCOLS: tuple[ForeignProtocol, ...] = tuple(room.PROTOCOL for room in ROOMS)


def install(app: FastAPI) -> None:
    """Add the routes of all doors, and an answer in their words to whatever else is asked below them."""
    app.openapi_tags = [*(app.openapi_tags or ()), *(room.TAG for room in ROOMS)]
    for room in ROOMS:
        app.include_router(room.router)
        for path in (room.PROTOCOL.prefix, f"{room.PROTOCOL.prefix}/{{rest:path}}"):
            nothing = NoSuchRoute(room.PROTOCOL, room.router.routes)
            app.router.routes.append(Route(path, nothing, include_in_schema=False))


def protocol_at(path: str) -> ForeignProtocol | None:
    """The door that this path is below."""
    return next((protocol for protocol in PROTOCOLS if protocol.holds(path)), None)
