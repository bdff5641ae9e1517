"""Bodies of requests: how much of them is read, and for how long."""

import asyncio

from starlette.requests import ClientDisconnect, Request

from app.domain.errors import Malformed, TooLarge

BODY_SECONDS_MAX = 30  # reliability section 4


class IncompleteBody(Malformed):
    """The body did not arrive completely in time."""


async def read_body(request: Request, *, bytes_max: int, seconds_max: float = BODY_SECONDS_MAX) -> bytes:
    """The whole body, chunked or not.

    Raises: TooLarge, saying limit and size; IncompleteBody, when it does not arrive in time.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > bytes_max:
        raise TooLarge(f"The body has {declared[:20]} bytes; at most {bytes_max} are taken here.")
    body = bytearray()
    try:
        async with asyncio.timeout(seconds_max):
            async for chunk in request.stream():
                body += chunk
                if len(body) > bytes_max:
                    raise TooLarge(f"The body has {len(body)} bytes or more; at most {bytes_max} are taken here.")
    except (TimeoutError, ClientDisconnect):
        raise IncompleteBody(f"The body was not complete within {seconds_max:g} seconds.") from None
    return bytes(body)
