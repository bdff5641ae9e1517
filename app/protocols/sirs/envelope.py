"""How SIRS Online says yes and no. Clients look for words in `message`: 2.7 says which, and why."""

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
    """A row that was written: `verb` is what became of it (disimpan, diupdate, dihapus)."""
    said: dict[str, Any] = {"status": "200", "message": f"Data tempat tidur telah {verb}", "id_t_tt": row_id}
    if warnings:
        said["warnings"] = list(warnings)
    return {"fasyankes": [said], "id_t_tt": row_id}


def envelope(scope: Scope, status: int, message: str) -> dict[str, Any]:
    """A refusal. One client reads the message of a GET as JSON and shows its `response`."""
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
