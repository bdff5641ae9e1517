"""What the documentation shows of SIRS Online: headers, and bodies to paste."""

from typing import Any

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
_WRITTEN = {
    "fasyankes": [{"status": "200", "message": "Data tempat tidur telah disimpan", "id_t_tt": "900000017"}],
    "id_t_tt": "900000017",
}
_REFUSED = {"fasyankes": [{"status": "401", "message": "Gagal: X-rs-id atau X-pass tidak sah"}]}


def _header(name: str, description: str, example: str, *, required: bool = True) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": required,
        "description": description,
        "schema": {"type": "string"},
        "example": example,
    }


HEADERS: dict[str, Any] = {
    "parameters": [
        _header("X-rs-id", "The hospital's code at the ministry (*kode RS*).", "3374999"),
        _header("X-pass", "The password that was issued for this door.", "contoh-sandi"),
        _header("X-Timestamp", "Unix seconds. A wrong clock is told, not refused.", "1735689600", required=False),
    ],
    "security": [],
}


def body(method: str) -> dict[str, Any]:
    """The headers, and a body to paste."""
    content = {"application/json": {"schema": {"type": "object"}, "example": _BODIES[method]}}
    return {**HEADERS, "requestBody": {"required": True, "content": content}}


def answers(example: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    """What comes back: always this envelope, and HTTP 200 for whatever concerns one row."""
    return {
        200: {"description": "Done, or told why not for this row.", "content": _json(example)},
        **{
            status: {"description": why, "content": _json(_REFUSED)}
            for status, why in {
                400: "The body is neither JSON nor a form.",
                401: "Unknown hospital, or wrong password.",
                403: "The hospital is closed here.",
                429: "Too many requests; Retry-After says how long to wait.",
                503: "Not now; send the same again.",
            }.items()
        },
    }


def _json(example: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": {"type": "object"}, "example": example}}


WRITTEN = answers(_WRITTEN)
ROWS = answers(
    {
        "fasyankes": [
            {
                "id_tt": "28",
                "tt": "Isolasi Tekanan Negatif",
                "ruang": "Anggrek Isolasi",
                "kode_siranap": "",
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
        ]
    }
)
TYPES = answers({"tempat_tidur": [{"kode_tt": "1", "nama_tt": "VVIP/ Super VIP"}, {"kode_tt": "2", "nama_tt": "VIP"}]})
