"""Responses of SIRS Online. Clients search `message` for certain words: see `docs/protocols/sirs-online.md`."""

import json
from collections.abc import Sequence
from typing import Any

from starlette.types import Scope

from app.actions.hospitals import BASE_OF_CHANNEL
from app.domain.channels import Channel
from app.protocols.authentication import recognise_by_password
from app.protocols.protocol import ForeignProtocol

REFERENCE = "/fo/index.php/Referensi/tempat_tidur"


def written(verb: str, row_id: str, warnings: Sequence[str] = ()) -> dict[str, Any]:
    """Build the response to a stored row; `verb` is the outcome (disimpan, diupdate, dihapus)."""
    body: dict[str, Any] = {"status": "200", "message": f"Data tempat tidur telah {verb}", "id_t_tt": row_id}
    if warnings:
        body["warnings"] = list(warnings)
    return {"fasyankes": [body], "id_t_tt": row_id}


def envelope(scope: Scope, status: int, message: str) -> dict[str, Any]:
    """Build a refusal. One client parses the message of a GET as JSON and shows its `response`."""
    if scope["method"] == "GET":
        message = json.dumps({"response": message}, ensure_ascii=False)
    key = "tempat_tidur" if scope["path"] == REFERENCE else "fasyankes"
    return {key: [{"status": str(status), "message": message}]}


PROTOCOL = ForeignProtocol(
    channel=Channel.sirs,
    prefix="/fo",
    base=BASE_OF_CHANNEL[Channel.sirs],
    words=frozenset({"Fasyankes", "Referensi", "tempat_tidur"}),
    unauthenticated="X-rs-id atau X-pass tidak sah",
    envelope=envelope,
    recognise=recognise_by_password(Channel.sirs),
    login_header="x-rs-id",
)
