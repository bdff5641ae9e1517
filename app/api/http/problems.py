"""Refusals as problem documents (RFC 9457). The only place that maps refusals to HTTP statuses."""

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
from app.limits.request_bodies import IncompleteBody

MEDIA_TYPE = "application/problem+json"


class NoSuchPath(NotFound):
    """There is nothing at this path; /docs lists all paths."""


class MethodNotAllowed(Refusal):
    """The path does not support this method; the header Allow names those that it does."""

    code = "method-not-allowed"


class UnsupportedMediaType(Refusal):
    """The body is not in a supported format."""

    code = "unsupported-media-type"


class Internal(Refusal):
    """An unexpected error occurred. It is in the log of the service under this request id. Nothing was stored."""

    code = "internal"


@dataclass(frozen=True, slots=True)
class Kind:
    """Status and title of one class of refusal, and what the caller can do about it."""

    status: int
    title: str
    remedy: str


KINDS: Mapping[type[Refusal], Kind] = MappingProxyType(
    {
        Malformed: Kind(400, "Not readable", "Correct the request; `detail` says where parsing stopped."),
        InvalidReportId: Kind(
            400, "Report id not usable", "Send another Idempotency-Key or report_id; a UUID is always valid."
        ),
        Unauthenticated: Kind(
            401,
            "Key needed",
            "Send the key that an officer issued to you. If you did, it is mistyped, expired or revoked.",
        ),
        NotPermitted: Kind(403, "Not allowed", "Ask an officer whose key has this scope."),
        NotFound: Kind(
            404, "Not found", "Check the code or id. Anything outside your key's scope gets the same response."
        ),
        MethodNotAllowed: Kind(405, "Method not allowed", "Use a method that the header Allow lists."),
        NotAcceptable: Kind(406, "Format not available", "Request a format that `detail` names."),
        Conflict: Kind(409, "Clashes with the registry", "Look up what is registered, then choose another id."),
        FacilityClosed: Kind(410, "Facility closed", "An officer can open the facility again."),
        Expired: Kind(410, "Not there any more", "Discard your copy and read everything again."),
        PreconditionFailed: Kind(412, "Changed meanwhile", "Read it again and repeat your change."),
        TooLarge: Kind(413, "Too large", "Send less at once; `detail` has the limit and the size."),
        UnsupportedMediaType: Kind(
            415, "Format not readable", "Send a format that `detail` names, with that Content-Type."
        ),
        InvalidInput: Kind(422, "Cannot be true", "Correct everything that `errors` names, then send it again."),
        ReportConflict: Kind(
            422, "Report id used before", "Send a new report under a new id, or a retry with the same content."
        ),
        PreconditionRequired: Kind(428, "If-Match needed", "Send the ETag that you read in the header If-Match."),
        RateLimited: Kind(429, "Too many requests", "Wait for the time in Retry-After, then send it again."),
        Internal: Kind(500, "Internal error", "Try once more. If it persists, give the operator the request id."),
        Unavailable: Kind(503, "Not now", "Wait for the time in Retry-After, then send the same request again."),
        Uncertain: Kind(503, "Not certain", "Send the same report again under the same report id; it counts once."),
        WriteRejected: Kind(503, "Not stored", "Wait for the time in Retry-After; if it persists, tell the operator."),
        Overloaded: Kind(503, "Too busy", "Wait for the time in Retry-After, then send the same request again."),
    }
)

_BY_STATUS: Mapping[int, type[Refusal]] = {kind.status: refusal for refusal, kind in reversed(list(KINDS.items()))}


class FaultOut(BaseModel):
    """One fault of the input."""

    pointer: str = Field(description="Location, as a JSON pointer into the body, or `#/query/...`.")
    detail: str = Field(description="What is wrong.")


class Problem(BaseModel):
    """Why a request was refused (RFC 9457)."""

    type: str = Field(description="Path of a page that explains this code.")
    title: str
    status: int
    detail: str = Field(description="What happened in this request.")
    code: str = Field(description="Stable identifier for programs.")
    instance: str = Field(description="The request id, which is also in the log of the service.")
    errors: list[FaultOut] | None = Field(
        default=None, description="Every fault of an invalid input.", exclude_if=lambda errors: errors is None
    )


def kind_of(refusal: type[Refusal]) -> Kind:
    """Return the kind of this class or of its nearest base class."""
    return next(KINDS[cls] for cls in refusal.__mro__ if cls in KINDS)


def problem(refusal: Refusal, request_id: str, *, status: int | None = None) -> Problem:
    """Build the document; `status` overrides that of the refusal (414 and 431 for TooLarge)."""
    if type(refusal) is Refusal:
        refusal = Internal()
    kind = kind_of(type(refusal))
    return Problem(
        type=f"/problems/{refusal.code}",
        title=kind.title,
        status=status or kind.status,
        # One sentence for hidden and for missing resources, or the difference would reveal which it is.
        detail=NotFound().detail if type(refusal) is NotFound else refusal.detail,
        code=refusal.code,
        instance=request_id,
        errors=_faults_out(refusal.faults) if isinstance(refusal, InvalidInput) else None,
    )


def _faults_out(faults: Iterable[Fault]) -> list[FaultOut]:
    return [FaultOut(pointer=fault.pointer, detail=fault.detail) for fault in faults]


def _headers(refusal: Refusal) -> dict[str, str]:
    headers = {"cache-control": "no-store"}
    if isinstance(refusal, RateLimited | Unavailable):
        # With jitter: clients refused at the same moment must not retry at the same moment.
        seconds = refusal.retry_after_seconds
        headers["retry-after"] = str(ceil(seconds * random.uniform(1, 2)))  # noqa: S311 - chance, not a secret
    if isinstance(refusal, Unauthenticated):
        headers["www-authenticate"] = "Bearer"
    if isinstance(refusal, TooLarge | IncompleteBody):
        # The rest of the body will not be read.
        headers["connection"] = "close"
    return headers


def request_id_of(scope: Scope) -> str:
    """Return the id under which this request is logged."""
    known: str | None = scope.get("state", {}).get("request_id")
    return known or uuid4().hex


def why(document: Problem) -> str:
    """Summarise the document in one line: all its faults, else its detail."""
    return "; ".join(f"{fault.pointer}: {fault.detail}" for fault in document.errors or ()) or document.detail


async def _record(scope: Scope, refusal: Refusal, status: int | None) -> Problem:
    """Build the document and record it in the messages of the facility, if any; every refusal passes here."""
    document = problem(refusal, request_id_of(scope), status=status)
    await note_refusal(scope, document.status, why(document))
    return document


async def _respond(
    scope: Scope, refusal: Refusal, *, status: int | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    document = await _record(scope, refusal, status)
    return Response(
        document.model_dump_json(),
        status_code=document.status,
        media_type=MEDIA_TYPE,
        headers=_headers(refusal) | dict(headers or {}),
    )


async def send_problem(scope: Scope, send: Send, refusal: Refusal, *, status: int | None = None) -> None:
    """Send a problem document from plain ASGI middleware, without a request object."""
    document = await _record(scope, refusal, status)
    body = document.model_dump_json().encode()
    headers = {
        "content-type": MEDIA_TYPE,
        "content-length": str(len(body)),
        **_headers(refusal),
    }
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": document.status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


async def _on_refusal(request: Request, refusal: Exception) -> Response:
    if not isinstance(refusal, Refusal):
        raise refusal
    return busy(request.scope, refusal) or await _respond(request.scope, refusal)


async def _on_invalid(request: Request, invalid: Exception) -> Response:
    if not isinstance(invalid, RequestValidationError):
        raise invalid
    return await _respond(request.scope, InvalidInput(*pydantic_faults(invalid.errors(), invalid.body)))


async def _on_http(request: Request, refused: Exception) -> Response:
    """Handle refusals of the framework: unknown paths and methods."""
    if not isinstance(refused, HTTPException):
        raise refused
    status = refused.status_code
    refusal = _BY_STATUS.get(status, Malformed if status < 500 else Internal)
    if refusal is NotFound:
        refusal = NoSuchPath
    headers = dict(refused.headers or {})
    if refusal is MethodNotAllowed:
        headers["Allow"] = ", ".join(_list_methods(request))
    return await _respond(request.scope, refusal(), status=status, headers=headers)


def _list_methods(request: Request) -> list[str]:
    """Return all methods of this path; the framework names only those of the first matching route."""
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
    """Return the schemas that `refusals` refers to, for the components of the OpenAPI document."""
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs"), "Problem": schema}


def install_handlers(app: FastAPI) -> None:
    """Send every refusal as a problem document. `app/middleware/limits.py` handles other exceptions."""
    app.add_exception_handler(Refusal, _on_refusal)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
