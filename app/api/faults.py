"""What pydantic found wrong, in our words: a JSON pointer and why. What was sent is never repeated."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from app.domain.errors import Fault

POINTER_PART_MAX = 100

_WHY = {
    "missing": "is required",
    "extra_forbidden": "is not a field that is known here",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "string_type": "must be text",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
}

_SHOULD = re.compile(r"^[A-Z][a-z]+ should ")


def pydantic_faults(errors: Iterable[Mapping[str, Any]], body: object = None) -> list[Fault]:
    """Every error of a validation, in the order it was found.

    Shape: the body is `#`, so its first line's total is `#/lines/0/beds_total`; query, path and header parameters
        are `#/query/limit`, `#/path/...`, `#/header/...`. Where a list may also be sent as its single element
        (`body` is an object then), the place in the list is left out.
    """
    return [Fault(_pointer(error["loc"], body), _why(error)) for error in errors]


def _pointer(loc: tuple[int | str, ...], body: object) -> str:
    source, *rest = loc or ("body",)
    if source == "body" and isinstance(body, dict) and rest[:1] == [0]:
        del rest[0]
    return pointer(*([] if source == "body" else [source]), *rest)


def pointer(*parts: int | str) -> str:
    """A JSON pointer (RFC 6901) as a fragment; an overlong name, which only a client can have sent, is cut."""
    escaped = (str(part)[:POINTER_PART_MAX].replace("~", "~0").replace("/", "~1") for part in parts)
    return "/".join(["#", *escaped])


def _why(error: Mapping[str, Any]) -> str:
    if known := _WHY.get(error["type"]):
        return known
    return _SHOULD.sub("must ", error["msg"], count=1).removeprefix("Value error, ")
