"""Our own protocol: JSON over HTTP, under /v1. `install` puts it into an application."""

from fastapi import FastAPI

from app.api import (
    areas,
    bed_types,
    bulk_reports,
    capacity,
    changes,
    docs,
    doors,
    facilities,
    health,
    hospitals,
    keys,
    position,
    problem_types,
    problems,
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
        doors,
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
