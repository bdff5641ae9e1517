"""Format stored rows as SIRS Online sends them. Pure functions; `app.protocols.sirs.message` parses them."""

import json
from collections.abc import Callable
from dataclasses import replace

from app.domain.relay import RelayedRequest
from app.domain.reports.rows import Row, Written, read_details
from app.protocols.lenient_parsing import wib
from app.protocols.sirs.codes import BED_TYPES
from app.protocols.sirs.message import COUNTS, KODE_SIRANAP, SirsRow
from app.protocols.sirs.row_ids import is_own_id


def row_out(row: Row) -> dict[str, str]:
    """Format a row as in `GET /Fasyankes`: all values text, in the order of the ministry's response."""
    sent = row.details
    total, occupied = sent.get("jumlah", 0), sent.get("terpakai", 0)
    count = {name: str(sent.get(name, 0)) for name in (*COUNTS, "covid")}
    id_tt = sent["id_tt"]
    return {
        "id_tt": id_tt,
        "tt": BED_TYPES.get(id_tt, ""),
        "ruang": sent.get("ruang", ""),
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


def with_names(relayed: Callable[[Written], RelayedRequest], sent: SirsRow) -> Callable[[Written], RelayedRequest]:
    """Build the same request to relay, with bed type and room in place of an id that only we know."""
    if not is_own_id(sent.id_t_tt):
        return relayed

    def relay_by_name(written: Written) -> RelayedRequest:
        [details] = [read_details(line.details) for line in written.lines[:1] if line.details]
        names = {name: details[name] for name in ("id_tt", "ruang", "covid") if name in details}
        body = json.dumps(sent.over(names), ensure_ascii=False)
        return replace(relayed(written), path="/fo/index.php/Fasyankes", body=body.encode())

    return relay_by_name


def order(row: Row) -> tuple[int, str, str, str]:
    """Sort key: bed type as a number, then room."""
    id_tt = row.details["id_tt"]
    number = int(id_tt) if id_tt.isascii() and id_tt.isdigit() else 10**9
    return number, id_tt, row.details.get("ruang", ""), row.row_id
