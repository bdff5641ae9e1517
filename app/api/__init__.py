"""Our own protocol: JSON over HTTP, under /v1. `install` puts it into an application."""

from fastapi import FastAPI

from app.api.http import problems
from app.api.routes import (
    areas,
    bed_types,
    bulk_reports,
    capacity,
    changes,
    docs,
    facilities,
    health,
    hospitals,
    inbox,
    keys,
    position,
    problem_types,
    registry,
    relay,
    reports,
    stream,
    stream_tickets,
)


def install(app: FastAPI) -> None:
    """Add the routes, the way refusals are told, and the documentation pages.

    `request.state` must hold what `app.main.State` names. The application is made with `openapi_url=None`,
    `docs_url=None` and `redoc_url=None`.
    """
    problems.install_handlers(app)
    for room in (
        reports,
        bulk_reports,
        capacity,
        stream,
        stream_tickets,
        changes,
        facilities,
        registry,
        hospitals,
        inbox,
        relay,
        areas,
        bed_types,
        position,
        keys,
        problem_types,
        health,
        docs,
    ):
        app.include_router(room.router)
    docs.install_openapi(app)
