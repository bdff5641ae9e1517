"""Foreign protocols, at the paths that existing hospital software calls. `install` adds them to an application.

One folder per protocol, all with the same modules: `__init__` (specification, divergences), `routes`, `message` (parse
a request), `rows` (what a message changes), `codes`, `envelope` (responses), `examples` (for OpenAPI). The modules here
are shared by all of them. Rules that other input shares belong in `app/domain`; nothing here uses SQL.
"""

from fastapi import FastAPI
from starlette.routing import Route

from app.protocols import aplicares, siranap_v1, sirs
from app.protocols.protocol import ForeignProtocol
from app.protocols.route import NoSuchRoute

PACKAGES = (sirs, aplicares, siranap_v1)
PROTOCOLS: tuple[ForeignProtocol, ...] = tuple(package.PROTOCOL for package in PACKAGES)


def install(app: FastAPI) -> None:
    """Add the routes of all protocols, and a catch-all below each prefix that replies in the protocol's envelope."""
    app.openapi_tags = [*(app.openapi_tags or ()), *(package.TAG for package in PACKAGES)]
    for package in PACKAGES:
        app.include_router(package.router)
        for path in (package.PROTOCOL.prefix, f"{package.PROTOCOL.prefix}/{{rest:path}}"):
            no_route = NoSuchRoute(package.PROTOCOL, package.router.routes)
            app.router.routes.append(Route(path, no_route, include_in_schema=False))


def protocol_at(path: str) -> ForeignProtocol | None:
    """Return the protocol that owns this path; None for paths of our own API."""
    return next((protocol for protocol in PROTOCOLS if protocol.holds(path)), None)
