"""Refusals as problem documents (RFC 9457). This is the one place that knows which refusal is which HTTP status."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil
from types import MappingProxyType
from typing import Any
from uuid import uuid4

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.types import Scope, Send

from app.api.http.busy_stream import busy
from app.api.http.request_messages import note_refusal
from app.api.http.validation_errors import pydantic_faults
from app.bodies import IncompleteBody
from app.domain.errors import (
    Conflict,
    Expired,
    FacilityClosed,
    Fault,
    InvalidInput,
    InvalidReportId,
    Malformed,
    NotAcceptable,
    NotFound,
    NotPermitted,
    Overloaded,
    PreconditionFailed,
    PreconditionRequired,
    RateLimited,
    Refusal,
    ReportConflict,
    TooLarge,
    Unauthenticated,
    Unavailable,
    Uncertain,
    WriteRejected,
)

MEDIA_TYPE = "application/problem+json"


class NoSuchPath(NotFound):
    """There is nothing at this path; /docs shows all there are."""


class MethodNotAllowed(Refusal):
    """This path is there, but not with this method; the header Allow names those it takes."""

    code = "method-not-allowed"


class UnsupportedMediaType(Refusal):
    """The body is not in a format that is read here."""

    code = "unsupported-media-type"


class Internal(Refusal):
    """Something went wrong here, and it is in our log under this request id. Nothing was stored."""

    code = "internal"


@dataclass(frozen=True, slots=True)
class Kind:
    """How one class of refusal is told: its status and title, and what the caller can do about it."""

    status: int
    title: str
    remedy: str


KINDS: Mapping[type[Refusal], Kind] = MappingProxyType(
    {
        Malformed: Kind(400, "Not readable", "Correct the request; `detail` says where reading stopped."),
        InvalidReportId: Kind(
            400, "Report id not usable", "Send another Idempotency-Key or report_id; a UUID always fits."
        ),
        Unauthenticated: Kind(
            401,
            "Key needed",
            "Send the key that an officer issued to you. If you did: it was mistyped, has expired or was revoked.",
        ),
        NotPermitted: Kind(403, "Not allowed", "Ask an officer whose key reaches this far."),
        NotFound: Kind(404, "Not found", "Check the code or id. What is not for you is answered in the same way."),
        MethodNotAllowed: Kind(405, "Method not allowed", "Use a method that the header Allow names."),
        NotAcceptable: Kind(406, "Format not available", "Ask for a format that `detail` names."),
        Conflict: Kind(409, "Clashes with the registry", "See what is registered, then choose another id."),
        FacilityClosed: Kind(410, "Facility closed", "An officer can open the facility again."),
        Expired: Kind(410, "Not there any more", "Forget what you have and read all of it anew."),
        PreconditionFailed: Kind(412, "Changed meanwhile", "Read it again and repeat your change."),
        TooLarge: Kind(413, "Too large", "Send less at once; `detail` says the limit and the size."),
        UnsupportedMediaType: Kind(
            415, "Format not readable", "Send a format that `detail` names, with that Content-Type."
        ),
        InvalidInput: Kind(422, "Cannot be true", "Correct all that `errors` names, then send it again."),
        ReportConflict: Kind(
            422, "Report id used before", "Send a new report under a new id, a retry with the same content."
        ),
        PreconditionRequired: Kind(428, "If-Match needed", "Send the ETag that you read as If-Match."),
        RateLimited: Kind(429, "Too many requests", "Wait as long as Retry-After says, then send it again."),
        Internal: Kind(500, "Internal error", "Try once more. If it stays, tell the operator the request id."),
        Unavailable: Kind(503, "Not now", "Wait as long as Retry-After says, then send the same again."),
        Uncertain: Kind(503, "Not certain", "Send the same again under the same report id; it will count once."),
        WriteRejected: Kind(503, "Not stored", "Wait as long as Retry-After says; if it stays, tell the operator."),
        Overloaded: Kind(503, "Too busy", "Wait as long as Retry-After says, then send the same again."),
    }
)

_BY_STATUS: Mapping[int, type[Refusal]] = {kind.status: refusal for refusal, kind in reversed(list(KINDS.items()))}


class FaultOut(BaseModel):
    """One thing that is wrong."""

    pointer: str = Field(description="Where, as a JSON pointer into the body, or `#/query/...`.")
    detail: str = Field(description="Why.")


class Problem(BaseModel):
    """Why a request was refused (RFC 9457)."""

    type: str = Field(description="A path that explains this code in plain words.")
    title: str
    status: int
    detail: str = Field(description="What happened this time.")
    code: str = Field(description="Stable: what a program should look at.")
    instance: str = Field(description="The request id, also in the log of the service.")
    errors: list[FaultOut] | None = Field(
        default=None, description="Every fault of a bad input.", exclude_if=lambda errors: errors is None
    )


def kind_of(refusal: type[Refusal]) -> Kind:
    """Its own kind, or that of the nearest class above it."""
    return next(KINDS[cls] for cls in refusal.__mro__ if cls in KINDS)


def problem(refusal: Refusal, request_id: str, *, status: int | None = None) -> Problem:
    """The document; `status` where it is another than the refusal's usual one (414 and 431 for TooLarge)."""
    if type(refusal) is Refusal:
        refusal = Internal()
    kind = kind_of(type(refusal))
    return Problem(
        type=f"/problems/{refusal.code}",
        title=kind.title,
        status=status or kind.status,
        # One sentence for what is hidden and what is not there, or the difference would tell.
        detail=NotFound().detail if type(refusal) is NotFound else refusal.detail,
        code=refusal.code,
        instance=request_id,
        errors=_told(refusal.faults) if isinstance(refusal, InvalidInput) else None,
    )


def _told(faults: Iterable[Fault]) -> list[FaultOut]:
    return [FaultOut(pointer=fault.pointer, detail=fault.detail) for fault in faults]


def _headers(refusal: Refusal) -> dict[str, str]:
    headers = {"cache-control": "no-store"}
    if isinstance(refusal, RateLimited | Unavailable):
        # With jitter, or all who were refused together come back together.
        seconds = refusal.retry_after_seconds
        headers["retry-after"] = str(ceil(seconds * random.uniform(1, 2)))  # noqa: S311 - chance, not a secret
    if isinstance(refusal, Unauthenticated):
        headers["www-authenticate"] = "Bearer"
    if isinstance(refusal, TooLarge | IncompleteBody):
        # The rest of the body will not be read.
        headers["connection"] = "close"
    return headers


def request_id_of(scope: Scope) -> str:
    """The id under which this request is logged."""
    known: str | None = scope.get("state", {}).get("request_id")
    return known or uuid4().hex


def why(told: Problem) -> str:
    """The document in one line: every fault that it names, else its detail."""
    return "; ".join(f"{fault.pointer}: {fault.detail}" for fault in told.errors or ()) or told.detail


async def _noted(scope: Scope, refusal: Refusal, status: int | None) -> Problem:
    """The document for this request, which is noted where it is a facility's: nobody is refused past this."""
    told = problem(refusal, request_id_of(scope), status=status)
    await note_refusal(scope, told.status, why(told))
    return told


async def _answer(
    scope: Scope, refusal: Refusal, *, status: int | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    told = await _noted(scope, refusal, status)
    return Response(
        told.model_dump_json(),
        status_code=told.status,
        media_type=MEDIA_TYPE,
        headers=_headers(refusal) | dict(headers or {}),
    )


async def send_problem(scope: Scope, send: Send, refusal: Refusal, *, status: int | None = None) -> None:
    """The same answer from where there is no request object: for plain ASGI layers."""
    told = await _noted(scope, refusal, status)
    body = told.model_dump_json().encode()
    headers = {
        "content-type": MEDIA_TYPE,
        "content-length": str(len(body)),
        **_headers(refusal),
    }
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": told.status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


async def _on_refusal(request: Request, refusal: Exception) -> Response:
    if not isinstance(refusal, Refusal):
        raise refusal
    return busy(request.scope, refusal) or await _answer(request.scope, refusal)


async def _on_invalid(request: Request, invalid: Exception) -> Response:
    if not isinstance(invalid, RequestValidationError):
        raise invalid
    return await _answer(request.scope, InvalidInput(*pydantic_faults(invalid.errors(), invalid.body)))


async def _on_http(request: Request, refused: Exception) -> Response:
    """What the framework refuses by itself: a path or a method that is not there."""
    if not isinstance(refused, HTTPException):
        raise refused
    status = refused.status_code
    refusal = _BY_STATUS.get(status, Malformed if status < 500 else Internal)
    if refusal is NotFound:
        refusal = NoSuchPath
    headers = dict(refused.headers or {})
    if refusal is MethodNotAllowed:
        headers["Allow"] = ", ".join(_methods(request))
    return await _answer(request.scope, refusal(), status=status, headers=headers)


def _methods(request: Request) -> list[str]:
    """All methods of this path; the framework names only those of the first route that has it."""
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    contexts = iter_route_contexts(request.app.routes)
    return sorted(
        {
            method
            for context in contexts
            if (pattern := getattr(context, "path_regex", None)) and pattern.match(path)
            for method in context.methods or ()
        }
    )


def schemas() -> dict[str, Any]:
    """What `refusals` points to, for the components of the OpenAPI document."""
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs"), "Problem": schema}


def install_handlers(app: FastAPI) -> None:
    """From here on every refusal leaves as a problem document. What is no refusal is the edge's to tell."""
    app.add_exception_handler(Refusal, _on_refusal)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
