"""Responses of Aplicares. Clients compare `code` with 1 and `message` verbatim: see `docs/protocols/aplicares.md`."""

from collections.abc import Sequence
from typing import Any

from starlette.types import Scope

from app.actions.hospitals import BASE_OF_CHANNEL
from app.domain.channels import Channel
from app.protocols.aplicares.signatures import recognise
from app.protocols.protocol import ForeignProtocol


def written(verb: str, warnings: Sequence[str] = ()) -> dict[str, Any]:
    """Build the response to a stored room, without `response`; `verb` is disimpan, diupdate or dihapus."""
    body: dict[str, Any] = {"code": 1, "message": f"Data berhasil {verb}."}
    if warnings:
        body["warnings"] = list(warnings)
    return {"metadata": body}


def listed(items: Sequence[Any]) -> dict[str, Any]:
    """Build a list; `totalitems` is its length, and clients loop up to it."""
    return {"metadata": {"code": 1, "message": "OK", "totalitems": len(items)}, "response": {"list": list(items)}}


def failed(message: str) -> dict[str, Any]:
    """Build the response to a room that was not stored."""
    return {"metadata": {"code": 0, "message": message}}


# Errors of the message itself. SIMRS Khanza shows `message` only with HTTP 200.
MESSAGE_ERRORS = frozenset({400, 409, 413, 422})


def envelope(_scope: Scope, status: int, message: str) -> dict[str, Any]:
    """Build a refusal: the code is the HTTP status, or 0 if it concerns the message."""
    return {"metadata": {"code": 0 if status in MESSAGE_ERRORS else status, "message": message}}


PROTOCOL = ForeignProtocol(
    channel=Channel.aplicares,
    prefix="/aplicaresws",
    base=BASE_OF_CHANNEL[Channel.aplicares],
    words=frozenset({"ref", "kelas", "bed", "read", "create", "update", "delete"}),
    unauthenticated="X-cons-id atau X-signature tidak sah",
    envelope=envelope,
    recognise=recognise,
    login_header="x-cons-id",
    sent_as_http_200=MESSAGE_ERRORS,
)
