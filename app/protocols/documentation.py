"""How doors are described in OpenAPI: headers, and bodies and answers to paste."""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

_WHY = {
    400: "The body cannot be read.",
    401: "Nobody has a door here by these credentials; they are checked before anything else.",
    403: "The hospital is closed here, or this is another's.",
    404: "There is nothing at this path.",
    405: "This path has other methods; the message names them.",
    413: "The body is too large.",
    429: "Too many requests; Retry-After says how long to wait.",
    503: "Not now; send the same again.",
}


def header(name: str, description: str, example: str, *, required: bool = True) -> Json:
    """A header, as a parameter of a path."""
    return {
        "name": name,
        "in": "header",
        "required": required,
        "description": description,
        "schema": {"type": "string"},
        "example": example,
    }


def body(headers: Json, example: object, media_type: str = "application/json") -> Json:
    """These headers, and a body to paste."""
    return {**headers, "requestBody": {"required": True, "content": {media_type: _shown(example)}}}


def answers(example: object, refused: object) -> dict[int | str, Json]:
    """What comes back: always the door's envelope, and HTTP 200 for whatever concerns one row."""
    told: Mapping[int | str, tuple[str, object]] = {
        200: ("Done; or why not, where it concerns this row alone.", example),
        **{status: (why, refused) for status, why in _WHY.items()},
        "default": ("Any other refusal has the same form.", refused),
    }
    return {
        status: {"description": why, "content": {"application/json": _shown(shown)}}
        for status, (why, shown) in told.items()
    }


def _shown(example: object) -> Json:
    return {"schema": {"type": "string" if isinstance(example, str) else "object"}, "example": example}
