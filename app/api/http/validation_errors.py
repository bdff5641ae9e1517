"""Translate validation errors of pydantic to faults: a JSON pointer and a reason. The input is never repeated."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from app.domain.errors import Fault

POINTER_PART_MAX = 100

_WHY = {
    "missing": "is required",
    "extra_forbidden": "is not a known field",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "string_type": "must be text",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "set_type": "must be a list",
    "frozen_set_type": "must be a list",
    "set_item_not_hashable": "must be a list of single values",
    "dict_type": "must be an object",
    "mapping_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "dataclass_type": "must be an object",
    "none_required": "must be null",
    "json_type": "must be JSON",
}

_SHOULD = re.compile(r"^[A-Z][a-z]+ should ")
# A fault must not mention terms of the implementation language.
PYTHON_WORDS = re.compile(
    r"\b(frozenset|dict|dictionary|tuple|NoneType|None|True|False|instance|iterable|hashable|dataclass|generator|callable"
    r"|attribute|Python|bytes|str|int|bool|Decimal|UUID|timedelta|pydantic)\b"
)
UNUSABLE = "is not a valid value"


def pydantic_faults(errors: Iterable[Mapping[str, Any]], body: object = None) -> list[Fault]:
    """Translate every error of a validation, in the order found.

    Shape: the body is `#`, so its first line's total is `#/lines/0/beds_total`; query, path and header parameters are
        `#/query/limit`, `#/path/...`, `#/header/...`. If a list was sent as its single element (`body` is an object),
        the list index is left out.
    """
    return [Fault(_pointer(error["loc"], body), _why(error)) for error in errors]


def _pointer(loc: tuple[int | str, ...], body: object) -> str:
    source, *rest = loc or ("body",)
    if source == "body" and isinstance(body, dict) and rest[:1] == [0]:
        del rest[0]
    return pointer(*([] if source == "body" else [source]), *rest)


def pointer(*parts: int | str) -> str:
    """Build a JSON pointer (RFC 6901) as a fragment; overlong names, which only a client can send, are truncated."""
    escaped = (str(part)[:POINTER_PART_MAX].replace("~", "~0").replace("/", "~1") for part in parts)
    return "/".join(["#", *escaped])


def _why(error: Mapping[str, Any]) -> str:
    if known := _WHY.get(error["type"]):
        return known
    why = _SHOULD.sub("must ", error["msg"], count=1).removeprefix("Value error, ").replace("datetime", "time")
    return UNUSABLE if PYTHON_WORDS.search(why) else why
