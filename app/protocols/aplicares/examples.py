"""OpenAPI examples of Aplicares: headers, request bodies and responses."""

from typing import Any

from app.protocols.aplicares.envelope import envelope, listed, written
from app.protocols.documentation import answers, header
from app.protocols.documentation import body as with_body

_ROOM: dict[str, Any] = {
    "kodekelas": "ISO",
    "koderuang": "ANG1",
    "namaruang": "Anggrek Isolasi",
    "kapasitas": "8",
    "tersedia": "3",
    "tersediapria": "3",
    "tersediawanita": "3",
    "tersediapriawanita": "3",
}
_ITEM = {
    "kodekelas": "ISO",
    "namakelas": "RUANG ISOLASI",
    "koderuang": "ANG1",
    "namaruang": "Anggrek Isolasi",
    "kodeppk": "1199R001",
    "kapasitas": 8,
    "tersedia": 3,
    "tersediapria": 3,
    "tersediawanita": 3,
    "tersediapriawanita": 3,
    "rownumber": 1,
    "lastupdate": "2025-01-01 07:00:00",
}
_REFUSED = envelope({}, 401, "Gagal: X-cons-id atau X-signature tidak sah")

HEADERS: dict[str, Any] = {
    "parameters": [
        header("X-cons-id", "The consumer id that was issued for Aplicares.", "1000"),
        header("X-timestamp", "Unix seconds, UTC.", "1735689600"),
        header(
            "X-signature",
            "Base64 of HMAC-SHA256(secret, X-cons-id & X-timestamp).",
            "Jtckx6qmZM7MoxD2URoexsDr6KOBnimG5++t4411hio=",
        ),
    ],
    "security": [],
}


def body(operation: str) -> dict[str, Any]:
    """Describe the headers and an example body for this operation."""
    is_delete = operation == "delete"
    return with_body(HEADERS, {name: _ROOM[name] for name in ("kodekelas", "koderuang")} if is_delete else _ROOM)


WRITTEN = answers(written("diupdate"), _REFUSED)
READ = answers(listed([_ITEM]), _REFUSED)
TABLE = answers(listed([{"kodekelas": "NON", "namakelas": "-"}, {"kodekelas": "VVP", "namakelas": "VVIP"}]), _REFUSED)
