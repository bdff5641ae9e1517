"""Read request bodies: limits of size, time and number, and what they count for."""

import asyncio
from contextlib import nullcontext

from starlette.requests import ClientDisconnect, Request

from app.domain.errors import Malformed, TooLarge
from app.limits.rate_limits import Source, charge, counted_as
from app.limits.slots import SLOT, Slot

BODY_SECONDS_MAX = 30  # docs/limits.md
# Each such part of a body counts as one request.
BYTES_PER_REQUEST = 64 * 1024
# The same for the lines of a report: storing them takes about as long as everything else of a request.
LINES_PER_REQUEST = 50
# Parsing a larger body takes a millisecond or more: one begins in each turn of the event loop.
LARGE_BYTES = 16 * 1024
_COUNTED = "balai.body_counted"


class IncompleteBody(Malformed):
    """The body did not arrive completely in time."""


async def read_body(request: Request, *, bytes_max: int, seconds_max: float = BODY_SECONDS_MAX) -> bytes:
    """The whole body, chunked or not. The request takes its slot when the body is complete.

    Call it after authentication: the caller is in `request.state["actor"]`.
    Raises: TooLarge, saying limit and size; IncompleteBody, when it does not arrive in time; RateLimited, when the
        caller sends too many others; Overloaded, when this process is busy.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > bytes_max:
        await request.state["slices"].turn()  # the refusal of many large bodies takes its time too
        raise TooLarge(f"The body has {declared[:20]} bytes; at most {bytes_max} are accepted here.")
    slot = SLOT.get()
    async with slot.slots.body_of(_caller(request), seconds_max=seconds_max) if slot is not None else nullcontext():
        body = await _receive(request, slot, bytes_max=bytes_max, seconds_max=seconds_max)
    if slot is not None:
        slot.take()
    if len(body) > LARGE_BYTES:
        await request.state["slices"].turn()
    if _COUNTED not in request.scope:  # the fast path passes the body on to the route
        request.scope[_COUNTED] = True
        count_as(request, len(body) // BYTES_PER_REQUEST)
    return body


def count_as(request: Request, more: int) -> None:
    """Count this request as so many more of its caller: rates limit work, not requests."""
    charge(request.state["rates"], request.scope["state"].get("actor"), Source.of(request.scope), more)


def count_lines(request: Request, *lines: int) -> None:
    """Count reports of so many lines each by what storing them costs, beyond the one request each that they are."""
    count_as(request, sum(each // LINES_PER_REQUEST for each in lines))


async def _receive(request: Request, slot: Slot | None, *, bytes_max: int, seconds_max: float) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(seconds_max):
            async for chunk in request.stream():
                body += chunk
                if len(body) > bytes_max:
                    raise TooLarge(f"The body has {len(body)} bytes or more; at most {bytes_max} are accepted here.")
                if slot is not None:
                    slot.hold_body(len(body))
    except (TimeoutError, ClientDisconnect):
        raise IncompleteBody(f"The body was not complete within {seconds_max:g} seconds.") from None
    return bytes(body)


def _caller(request: Request) -> str:
    return counted_as(request.scope["state"].get("actor"), request.client.host if request.client else None)
