"""Responses of SIRANAP v1: `response` is "1" or "0"."""

from collections.abc import Sequence
from typing import Any

from starlette.types import Scope

from app.actions.hospitals import BASE_OF_CHANNEL
from app.domain.channels import Channel
from app.protocols.authentication import recognise_by_password
from app.protocols.protocol import ForeignProtocol


def written(verb: str, warnings: Sequence[str] = ()) -> dict[str, Any]:
    """Build the response to stored cells; `verb` is the outcome (disimpan, dihapus)."""
    body: dict[str, Any] = {"response": "1", "deskripsi": f"Data berhasil {verb}"}
    return body | ({"warnings": list(warnings)} if warnings else {})


def envelope(_scope: Scope, _status: int, message: str) -> dict[str, Any]:
    """Build a refusal."""
    return {"response": "0", "deskripsi": message}


PROTOCOL = ForeignProtocol(
    channel=Channel.siranap_v1,
    prefix="/sirsservice",
    base=BASE_OF_CHANNEL[Channel.siranap_v1],
    words=frozenset({"ranap", "sisrute", "hapusdata"}),
    unauthenticated="X-rs-id atau X-pass tidak sah (X-pass adalah MD5 sandi, huruf kecil)",
    envelope=envelope,
    recognise=recognise_by_password(Channel.siranap_v1),
    login_header="x-rs-id",
    sent_as_http_200=frozenset({422}),
)
