"""Rows of SIRS Online read and told: theirs to ours, and back. Pure functions."""

from collections.abc import Mapping
from typing import Any

from app.compat.sirs.codes import BED_TYPES, KODE_SIRANAP
from app.domain.beds import COUNT_MAX
from app.domain.errors import Fault, InvalidInput
from app.domain.rows import Row
from app.domain.sirs_rows import COUNTS, SirsRow
from app.domain.tolerant import count_field, text_of, wib

_REQUIRED = ("jumlah", "terpakai")


def read_row(said: Mapping[str, Any], row_id: str = "") -> SirsRow:
    """The row that the members of a body say; `row_id` is the one of the path.

    Raises: InvalidInput, naming every count that is none.
    """
    found = {name: count_field(said[name], COUNT_MAX) for name in (*COUNTS, "covid") if name in said}
    faults = [Fault(name, f"harus bilangan bulat dari 0 sampai {COUNT_MAX}") for name, n in found.items() if n == -1]
    if faults:
        raise InvalidInput(*faults)
    counts = {name: count or 0 for name, count in found.items() if count is not None or name not in _REQUIRED}
    covid = counts.pop("covid", None)
    return SirsRow(
        id_t_tt=row_id or text_of(said.get("id_t_tt")),
        id_tt=_code(text_of(said.get("id_tt"))),
        ruang=None if said.get("ruang") is None else text_of(said["ruang"]),
        covid=None if covid is None else min(covid, 1),
        counts=counts,
    )


def told_row(row: Row) -> dict[str, str]:
    """A row as `GET /Fasyankes` has it: all text, in the order of the ministry's own answer."""
    said = row.details
    total, occupied = said.get("jumlah", 0), said.get("terpakai", 0)
    count = {name: str(said.get(name, 0)) for name in (*COUNTS, "covid")}
    id_tt = said["id_tt"]
    return {
        "id_tt": id_tt,
        "tt": BED_TYPES.get(id_tt, ""),
        "ruang": said.get("ruang", ""),
        "kode_siranap": KODE_SIRANAP.get(id_tt, ""),
        "jumlah_ruang": count["jumlah_ruang"],
        "jumlah": count["jumlah"],
        "terpakai_suspek": count["terpakai_suspek"],
        "terpakai_konfirmasi": count["terpakai_konfirmasi"],
        "antrian": count["antrian"],
        "prepare": count["prepare"],
        "prepare_plan": count["prepare_plan"],
        "kosong": str(max(0, total - occupied)),
        "terpakai_dbd": count["terpakai_dbd"],
        "terpakai_dbd_anak": count["terpakai_dbd_anak"],
        "terpakai": count["terpakai"],
        "covid": count["covid"],
        "id_t_tt": row.row_id,
        "tglupdate": wib(row.line.moment.observed_at),
    }


def order(row: Row) -> tuple[int, str, str, str]:
    """By bed type as a number, then by room."""
    id_tt = row.details["id_tt"]
    number = int(id_tt) if id_tt.isascii() and id_tt.isdigit() else 10**9
    return number, id_tt, row.details.get("ruang", ""), row.row_id


def _code(text: str) -> str:
    """A code as the table has it: 07 is 7."""
    return (text.lstrip("0") or "0") if text.isascii() and text.isdigit() else text
