"""OpenAPI descriptions of the refusals of each route."""

import html
import json
from typing import Any

from app.api.http.problems import MEDIA_TYPE, Internal, UnsupportedMediaType, kind_of, problem
from app.domain.errors import (
    Fault,
    InvalidInput,
    InvalidReportId,
    Malformed,
    Overloaded,
    RateLimited,
    Refusal,
    TooLarge,
    Unauthenticated,
    Unavailable,
)

# For `openapi_extra=` of routes where the key is optional.
OPTIONAL_KEY: dict[str, Any] = {"security": [{}]}
# Of every route that accepts reports.
REPORT_REFUSALS = (Malformed, InvalidReportId, TooLarge, UnsupportedMediaType, Unavailable)


def refusals(*specific: type[Refusal]) -> dict[int | str, dict[str, Any]]:
    """Describe the refusals of an API route, for `responses=`: its own, and those common to all routes."""
    return only(*specific, Unauthenticated, InvalidInput, RateLimited, Overloaded)


def only(*classes: type[Refusal]) -> dict[int | str, dict[str, Any]]:
    """Describe only these refusals, with an example each, for routes outside the API."""
    by_status: dict[int, list[type[Refusal]]] = {}
    for refusal in dict.fromkeys(classes):
        by_status.setdefault(kind_of(refusal).status, []).append(refusal)
    documented: dict[int | str, dict[str, Any]] = {
        status: _describe(" ".join(f"{kind_of(r).title}: {r().detail}" for r in of_status), of_status)
        for status, of_status in sorted(by_status.items())
    }
    return documented | {"default": _describe("Any other refusal has the same form.", [Internal])}


def _describe(description: str, classes: list[type[Refusal]]) -> dict[str, Any]:
    examples = {refusal.code: {"value": _example(refusal)} for refusal in classes}
    content = {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}
    # Swagger renders Markdown, in which <key> would be a tag.
    return {"description": html.escape(description, quote=False), "content": {MEDIA_TYPE: content}}


def _example(refusal: type[Refusal]) -> Any:
    faults = [Fault("#/lines/0/beds_total", "must be a whole number from 0 to 100000")]
    refused = InvalidInput(*faults) if refusal is InvalidInput else refusal()
    return json.loads(problem(refused, "0f6f6e6c0d5b4a3f9a51c2f4f9f7c1de").model_dump_json())
