"""Refusals from outside the routes, in the words of who is asked: a door's own envelope, else a problem document."""

from starlette.types import Message, Scope, Send

from app.api.http.busy_stream import busy
from app.api.http.problems import send_problem
from app.domain.errors import Refusal
from app.protocols import protocol_at


async def send_refusal(scope: Scope, send: Send, refusal: Refusal, *, status: int | None = None) -> None:
    """Answer with a refusal; `status` where it is another than the refusal's usual one."""
    protocol = protocol_at(scope["path"])
    if (response := busy(scope, refusal)) is not None:
        await response(scope, _nothing, send)
    elif protocol is None:
        await send_problem(scope, send, refusal, status=status)
    else:
        await protocol.refusal(scope, refusal, status=status)(scope, _nothing, send)


async def _nothing() -> Message:
    return {"type": "http.disconnect"}
