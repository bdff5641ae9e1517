"""Strict JSON parsing, and the routes that use it.

The standard parser is too tolerant for figures: of two members with one name the last wins, `NaN` is a number, and
1e400 is infinity. All of that is refused here, before validation.
"""

import codecs
import json
import math
import re
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, NoReturn

import anyio
import anyio.to_thread
from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

from app.api.http.problems import UnsupportedMediaType
from app.api.http.validation_errors import pointer
from app.dependencies import REQUEST_TIME, admit, known_caller
from app.domain.errors import Fault, InvalidInput, Malformed, TooLarge, Unauthenticated
from app.domain.text import is_printable
from app.limits.request_bodies import read_body
from app.limits.slots import take_slot

# See `docs/limits.md`.
REPORT_BYTES_MAX = 256 * 1024
BULK_BYTES_MAX = 2 * 1024 * 1024
DEPTH_MAX = 32
# No model has more fields, and each unknown field costs a fault.
MEMBERS_MAX = 200

# Larger bodies are parsed in a worker thread so that other requests need not wait: 64 KiB take about 1 ms.
WORKER_BYTES_MIN = 64 * 1024
_workers = anyio.CapacityLimiter(2)

JSON = "application/json"
NDJSON = "application/x-ndjson"

_BODY = "balai.body"
_EXACT_MAX = 2**53  # up to here a float has every whole number
_SURROGATE = re.compile(r"[\ud800-\udfff]")

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def without_bom(body: bytes) -> bytes:
    """The body without the byte order mark that some Windows programs put before UTF-8 text."""
    return body.removeprefix(codecs.BOM_UTF8)


def read_json(body: bytes | str) -> Any:
    """Parse a JSON text; a byte order mark before it is ignored.

    Raises: Malformed, if it is not JSON or not UTF-8, repeats a member, has an invalid number, a lone surrogate or a
        control character in a name, or is nested deeper than 32; TooLarge, if an object has more than 200 members.
    """
    try:
        text = body if isinstance(body, str) else without_bom(body).decode("utf-8")
        value = json.loads(
            text, object_pairs_hook=_build_object, parse_constant=_refuse_constant, parse_float=_parse_number
        )
    except UnicodeDecodeError as refused:
        raise Malformed(f"The body is not UTF-8 text: see byte {refused.start + 1}.") from None
    except json.JSONDecodeError as refused:
        raise Malformed(f"This is not JSON: {refused.msg}, line {refused.lineno} column {refused.colno}.") from None
    except RecursionError:
        raise Malformed(f"The JSON is nested deeper than {DEPTH_MAX}.") from None
    except ValueError:
        # The remaining case is Python's own limit for the digits of an integer.
        raise Malformed("A number in the JSON is too long.") from None
    _check_depth(value)
    if "\\" in text:
        _check_text(value)
    return value


def _build_object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(members) > MEMBERS_MAX:
        raise TooLarge(f"An object in the JSON has {len(members)} members; at most {MEMBERS_MAX} are accepted.")
    found = dict(members)
    if len(found) < len(members):
        seen: set[str] = set()
        twice = next(name for name, _ in members if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise Malformed(f"The JSON has the member {_SURROGATE.sub('?', twice)[:100]!r} twice in one object.")
    return found


def _refuse_constant(word: str) -> NoReturn:
    raise Malformed(f"{word} is not a number in JSON.")


def _parse_number(text: str) -> float:
    """Parse a number with a fraction or an exponent: 12.0 is the integer 12, as JSON Schema defines it."""
    number = float(text)
    if math.isinf(number):
        raise Malformed("A number in the JSON is too large.")
    return int(number) if abs(number) < _EXACT_MAX and number.is_integer() else number


def _check_depth(value: Any) -> None:
    level = [value] if isinstance(value, (dict, list)) else []
    depth = 0
    while level:
        depth += 1
        if depth > DEPTH_MAX:
            raise Malformed(f"The JSON is nested deeper than {DEPTH_MAX}.")
        level = [
            child
            for container in level
            for child in (container.values() if isinstance(container, dict) else container)
            if isinstance(child, (dict, list))
        ]


def _check_text(value: Any) -> None:
    """Check escaped characters, which raw text cannot contain. The models check control characters in values."""
    waiting = [value]
    while waiting:
        match waiting.pop():
            case dict() as members:
                if not all(map(is_printable, members)):
                    raise Malformed(
                        "The name of a member in the JSON has a control character or an invisible character."
                    )
                waiting += members.values()
            case list() as values:
                waiting += values
            case str() as text if _SURROGATE.search(text):
                raise Malformed("A text in the JSON has half a surrogate pair, which is not a character.")


async def read_json_aside(body: bytes) -> Any:
    """Parse a JSON body, in a worker thread if it is large. Raises: Malformed."""
    if len(body) < WORKER_BYTES_MIN:
        return read_json(body)
    return await anyio.to_thread.run_sync(read_json, body, limiter=_workers)


def check_content_type(request: Request, *accepted: str) -> str:
    """Return the media type of the body, one of `accepted`. Raises: UnsupportedMediaType."""
    media_type, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    charset = re.search(r'charset\s*=\s*"?([^";\s]+)', parameters)
    if media_type.strip() not in accepted or (charset and charset[1] not in {"utf-8", "utf8"}):
        raise UnsupportedMediaType(f"Send {' or '.join(accepted)} in UTF-8, with that Content-Type.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("Send the body uncompressed, without Content-Encoding.")
    return media_type.strip()


def is_sent_alone(request: Request) -> bool:
    """Whether the body of a strict route is one object, not a list."""
    return isinstance(request.scope[_BODY][1], dict)


class ReadRequest(Request):
    """A request whose body has already been read and parsed strictly."""

    async def body(self) -> bytes:
        """Return the body that was read."""
        body: bytes = self.scope[_BODY][0]
        return body

    async def json(self) -> Any:
        """Return the parsed body."""
        return self.scope[_BODY][1]


class StrictRoute(APIRoute):
    """A route of the native API: authenticates the caller before reading the body, then parses the body strictly.

    A route without query parameters refuses any; the others refuse unknown ones by their model.
    """

    bytes_max = REPORT_BYTES_MAX
    takes_ticket = False

    def get_route_handler(self) -> Handler:
        """Wrap the framework's handler with authentication and strict parsing."""
        handle = super().get_route_handler()
        needs_key = any(dependant.call is known_caller for dependant in _flat(self.dependant))
        reads_body_itself = "requestBody" in (self.openapi_extra or {})
        takes_query = any(dependant.query_params for dependant in _flat(self.dependant))

        async def handle_strictly(request: Request) -> Response:
            ticket = request.query_params.get("ticket") if self.takes_ticket else None
            if await admit(request, ticket=ticket) is None and needs_key:
                raise Unauthenticated
            token = REQUEST_TIME.set(request.state["node"].clock())
            try:
                if not takes_query and request.query_params:
                    names = map(partial(pointer, "query"), request.query_params)
                    raise InvalidInput(*(Fault(name, "this path has no parameters") for name in names))
                if self.body_field is not None:
                    body = await read_body(request, bytes_max=self.bytes_max)
                    request = await self._read(request, body)
                elif not reads_body_itself:
                    take_slot()
                return await handle(request)
            finally:
                REQUEST_TIME.reset(token)

        return handle_strictly

    async def _read(self, request: Request, body: bytes) -> ReadRequest:
        value = None
        if body:
            check_content_type(request, JSON)
            value = await read_json_aside(body)
        elif self.body_field is not None and self.body_field.field_info.is_required():
            raise Malformed("The body is empty; a JSON document is required.")
        request.scope[_BODY] = body, value
        return ReadRequest(request.scope, request.receive)


class BulkRoute(StrictRoute):
    """A route whose body may contain many items."""

    bytes_max = BULK_BYTES_MAX


def strict_router(tag: str, route_class: type[StrictRoute] = StrictRoute) -> APIRouter:
    """Create a router of the native API."""
    return APIRouter(prefix="/v1", tags=[tag], route_class=route_class)


def _flat(dependant: Any) -> list[Any]:
    return [dependant, *(nested for child in dependant.dependencies for nested in _flat(child))]
