"""OpenAPI examples of SIRS Online: headers, request bodies and responses."""

from typing import Any

from app.protocols.documentation import answers, header
from app.protocols.documentation import body as with_body
from app.protocols.sirs.envelope import written

_ROW = {
    "id_tt": "28",
    "ruang": "Anggrek Isolasi",
    "jumlah_ruang": "4",
    "jumlah": "8",
    "terpakai": 5,
    "terpakai_suspek": "2",
    "terpakai_konfirmasi": "3",
    "antrian": "1",
    "prepare": "0",
    "prepare_plan": "0",
    "covid": 1,
}
_BODIES: dict[str, dict[str, Any]] = {
    "POST": _ROW,
    "PUT": {"id_t_tt": "900000017", "terpakai": 6, "jumlah_ruang": 4, "jumlah": 8},
    "DELETE": {"id_t_tt": "900000017"},
}
_LISTED = {
    "id_tt": "28",
    "tt": "Isolasi Tekanan Negatif",
    "ruang": "Anggrek Isolasi",
    "kode_siranap": "0061",
    "jumlah_ruang": "4",
    "jumlah": "8",
    "terpakai_suspek": "2",
    "terpakai_konfirmasi": "3",
    "antrian": "1",
    "prepare": "0",
    "prepare_plan": "0",
    "kosong": "3",
    "terpakai_dbd": "0",
    "terpakai_dbd_anak": "0",
    "terpakai": "5",
    "covid": "1",
    "id_t_tt": "900000017",
    "tglupdate": "2025-01-01 07:00:00",
}
_TYPES = [{"kode_tt": "1", "nama_tt": "VVIP/ Super VIP"}, {"kode_tt": "2", "nama_tt": "VIP"}]
_REFUSED = {"fasyankes": [{"status": "401", "message": "Gagal: X-rs-id atau X-pass tidak sah"}]}

HEADERS: dict[str, Any] = {
    "parameters": [
        header("X-rs-id", "The hospital's code at the ministry (*kode RS*).", "3374999"),
        header("X-pass", "The password that was issued for SIRS Online.", "contoh-sandi"),
        header(
            "X-Timestamp", "Unix seconds. A wrong clock causes a warning, not a refusal.", "1735689600", required=False
        ),
    ],
    "security": [],
}
WRITTEN = answers(written("disimpan", "900000017"), _REFUSED)
ROWS = answers({"fasyankes": [_LISTED]}, _REFUSED)
TYPES = answers({"tempat_tidur": _TYPES}, _REFUSED)


def body(method: str) -> dict[str, Any]:
    """Describe the headers and an example body for this method."""
    return with_body(HEADERS, _BODIES[method])
