"""Refusals from outside the routes: in the envelope of the protocol, else as a problem document."""

from starlette.types import Message, Scope, Send

from app.api.http.busy_stream import busy
from app.api.http.problems import send_problem
from app.domain.errors import Refusal
from app.protocols import protocol_at


async def send_refusal(scope: Scope, send: Send, refusal: Refusal, *, status: int | None = None) -> None:
    """Send a refusal; `status` overrides that of the refusal."""
    protocol = protocol_at(scope["path"])
    if (response := busy(scope, refusal)) is not None:
        await response(scope, _receive_nothing, send)
    elif protocol is None:
        await send_problem(scope, send, refusal, status=status)
    else:
        await protocol.refusal(scope, refusal, status=status)(scope, _receive_nothing, send)


async def _receive_nothing() -> Message:
    return {"type": "http.disconnect"}
