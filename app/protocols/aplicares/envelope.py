"""How Aplicares says yes and no. Clients compare `code` with 1 and `message` letter by letter: 3.4."""

from collections.abc import Sequence
from typing import Any

from starlette.types import Scope

from app.actions.hospitals import BASE_OF_CHANNEL
from app.domain.channels import Channel
from app.protocols.aplicares.signatures import recognise
from app.protocols.protocol import ForeignProtocol


def written(verb: str, warnings: Sequence[str] = ()) -> dict[str, Any]:
    """A room that was written: `verb` is what became of it (disimpan, diupdate, dihapus). Never with `response`."""
    said: dict[str, Any] = {"code": 1, "message": f"Data berhasil {verb}."}
    if warnings:
        said["warnings"] = list(warnings)
    return {"metadata": said}


def listed(items: Sequence[Any]) -> dict[str, Any]:
    """A list; `totalitems` counts what is in it, and clients loop up to that."""
    return {"metadata": {"code": 1, "message": "OK", "totalitems": len(items)}, "response": {"list": list(items)}}


def failed(message: str) -> dict[str, Any]:
    """A room that was not stored."""
    return {"metadata": {"code": 0, "message": message}}


# What is wrong with the message itself. SIMRS Khanza shows `message` only with HTTP 200.
TOLD_AS_ROW = frozenset({400, 409, 413, 422})


def envelope(_scope: Scope, status: int, message: str) -> dict[str, Any]:
    """A refusal: the code is the HTTP status, and 0 where it concerns the message."""
    return {"metadata": {"code": 0 if status in TOLD_AS_ROW else status, "message": message}}


PROTOCOL = ForeignProtocol(
    channel=Channel.aplicares,
    prefix="/aplicaresws",
    base=BASE_OF_CHANNEL[Channel.aplicares],
    words=frozenset({"ref", "kelas", "bed", "read", "create", "update", "delete"}),
    unauthenticated="X-cons-id atau X-signature tidak sah",
    envelope=envelope,
    recognise=recognise,
    login_header="x-cons-id",
    sent_as_http_200=TOLD_AS_ROW,
)
