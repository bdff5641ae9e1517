"""Server-Sent Events as bytes."""

from fastapi.sse import format_sse_event
from pydantic import BaseModel

from app.api.schemas.stream import ResetOut
from app.domain.ledger import Position

# To start after this means that nothing before is known: the client gets a `reset`.
NOWHERE = 2**63


def encode_position(place: Position) -> bytes:
    """Encode a bare `id`: the client stores it as the position to continue from."""
    return f"id: {place}\n\n".encode()


def encode_reset(position: int, place: Position | None) -> bytes:
    """Encode a `reset`: the missed changes are not known here."""
    return encode_event("reset", ResetOut(position=position), place)


def encode_event(name: str, document: BaseModel | bytes, place: Position | None) -> bytes:
    """Encode an event, with an `id` if the client may continue from this position."""
    data = document.decode() if isinstance(document, bytes) else document.model_dump_json()
    return format_sse_event(data_str=data, event=name, id=None if place is None else str(place))
