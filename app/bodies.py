"""Bodies of requests: how much of them is read, for how long, and how many at once."""

import asyncio
from contextlib import nullcontext

from starlette.requests import ClientDisconnect, Request

from app.domain.errors import Malformed, TooLarge
from app.rate_limits import Source, charge, counted_as
from app.slots import SLOT, Slot

BODY_SECONDS_MAX = 30  # reliability section 4
# As much of a body is counted as one request; what goes beyond, as more of them.
BYTES_PER_REQUEST = 64 * 1024
# The same for the lines of a report: storing so many takes about as long as all else that a request costs.
LINES_PER_REQUEST = 50
# To read a body as large as this takes a millisecond or more: one begins in each turn of the event loop.
LARGE_BYTES = 16 * 1024
_COUNTED = "balai.body_counted"


class IncompleteBody(Malformed):
    """The body did not arrive completely in time."""


async def read_body(request: Request, *, bytes_max: int, seconds_max: float = BODY_SECONDS_MAX) -> bytes:
    """The whole body, chunked or not. Only when it is complete the request takes its slot.

    Call it when the caller is known: it stands in `request.state["actor"]`.
    Raises: TooLarge, saying limit and size; IncompleteBody, when it does not arrive in time; RateLimited, when the
        caller is sending too many others; Overloaded, when this process has too much work.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > bytes_max:
        raise TooLarge(f"The body has {declared[:20]} bytes; at most {bytes_max} are taken here.")
    slot = SLOT.get()
    async with slot.slots.body_of(_caller(request), seconds_max=seconds_max) if slot is not None else nullcontext():
        body = await _receive(request, slot, bytes_max=bytes_max, seconds_max=seconds_max)
    if slot is not None:
        slot.take()
    if len(body) > LARGE_BYTES:
        await request.state["slices"].turn()
    if _COUNTED not in request.scope:  # the short way of a report hands its body on to the route
        request.scope[_COUNTED] = True
        count_as(request, len(body) // BYTES_PER_REQUEST)
    return body


def count_as(request: Request, more: int) -> None:
    """Count this request as so many more of its caller: rates are for work, not for requests."""
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
                    raise TooLarge(f"The body has {len(body)} bytes or more; at most {bytes_max} are taken here.")
                if slot is not None:
                    slot.hold_body(len(body))
    except (TimeoutError, ClientDisconnect):
        raise IncompleteBody(f"The body was not complete within {seconds_max:g} seconds.") from None
    return bytes(body)


def _caller(request: Request) -> str:
    return counted_as(request.scope["state"].get("actor"), request.client.host if request.client else None)
