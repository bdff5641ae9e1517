"""OpenAPI descriptions of foreign protocols: headers, example bodies and example responses."""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

_WHY = {
    400: "The body cannot be parsed.",
    401: "The credentials are not valid here; they are checked before anything else.",
    403: "The hospital is closed here, or the code belongs to another hospital.",
    404: "There is nothing at this path.",
    405: "The path does not support this method; the message names those that it does.",
    413: "The body is too large.",
    429: "Too many requests; Retry-After says how long to wait.",
    503: "Temporarily unavailable; send the same request again.",
}


def header(name: str, description: str, example: str, *, required: bool = True) -> Json:
    """Describe a header parameter."""
    return {
        "name": name,
        "in": "header",
        "required": required,
        "description": description,
        "schema": {"type": "string"},
        "example": example,
    }


def body(headers: Json, example: object, media_type: str = "application/json") -> Json:
    """Describe these headers and an example body."""
    return {**headers, "requestBody": {"required": True, "content": {media_type: _content(example)}}}


def answers(example: object, refused: object) -> dict[int | str, Json]:
    """Describe the responses: always the protocol's envelope, and HTTP 200 for errors that concern one row."""
    responses: Mapping[int | str, tuple[str, object]] = {
        200: ("Done, or the reason why this row was not stored.", example),
        **{status: (why, refused) for status, why in _WHY.items()},
        "default": ("Any other refusal has the same form.", refused),
    }
    return {
        status: {"description": why, "content": {"application/json": _content(shown)}}
        for status, (why, shown) in responses.items()
    }


def _content(example: object) -> Json:
    return {"schema": {"type": "string" if isinstance(example, str) else "object"}, "example": example}
