"""The native API: JSON over HTTP, under /v1. `install` adds it to an application.

`routes` has one module per subject, `schemas` the request and response models, `http` what routes share, `streaming`
the responses that stay open. Rules belong in `app/domain`, operations in `app/actions`; nothing here uses SQL.
"""

from fastapi import FastAPI

from app.api.http import problems
from app.api.routes import (
    areas,
    bed_types,
    boundaries,
    bulk_reports,
    capacity,
    changes,
    display,
    docs,
    facilities,
    health,
    hospitals,
    inbox,
    keys,
    lines,
    nearest,
    position,
    problem_types,
    registry,
    relay,
    reporting,
    reports,
    session,
    stream,
    stream_tickets,
    withdrawals,
)


def install(app: FastAPI) -> None:
    """Add the routes, the error handlers and the documentation pages.

    `request.state` must have the members of `app.main.State`. Create the application with `openapi_url=None`,
    `docs_url=None` and `redoc_url=None`.
    """
    problems.install_handlers(app)
    for module in (
        reports,
        withdrawals,
        bulk_reports,
        lines,
        capacity,
        nearest,
        stream,
        stream_tickets,
        changes,
        facilities,
        reporting,
        registry,
        hospitals,
        inbox,
        relay,
        areas,
        boundaries,
        bed_types,
        display,
        position,
        keys,
        session,
        problem_types,
        health,
        docs,
    ):
        app.include_router(module.router)
    docs.install_openapi(app)
