"""Messages to hospitals, in Indonesian: one sentence for each warning code and each class of refusal.

This is the only place that words them. The domain describes a warning as a code with values; its English `detail` is
for the native API. A test checks that every code and every class has a sentence.
"""

from collections.abc import Mapping
from math import ceil

from app.domain.errors import (
    Conflict,
    FacilityClosed,
    Fault,
    InvalidInput,
    Malformed,
    NotFound,
    NotPermitted,
    Overloaded,
    RateLimited,
    Refusal,
    TooLarge,
    Unauthenticated,
    Unavailable,
)
from app.domain.reports.report import ReportWarning
from app.limits.request_bodies import IncompleteBody
from app.protocols.lenient_parsing import NotOneRow, Unreadable, excerpt

# Some clients take any response that contains "gagal", "error", "tidak ditemukan" or "post" for a failure: avoid these.
WARNINGS: Mapping[str, str] = {
    "above_stated": "kapasitas baris ini jauh di atas jumlah tempat tidur fasyankes yang terdaftar",
    "capacity_jump": "kapasitas jauh berbeda dari laporan sebelumnya; periksa angkanya",
    "channel_changed": "sejak laporan ini, angka dari jalur ini yang dihitung untuk fasyankes ini",
    "clock_ahead": "waktu laporan lebih maju daripada waktu server; periksa jam pengirim",
    "clock_skew": "jam pengirim tidak cocok dengan waktu server",
    "clock_unreadable": "X-Timestamp bukan waktu Unix (detik)",
    "count_missing": "angka wajib ini kosong; angka dan waktu yang lama tetap berlaku",
    "count_dropped": "angka ini sebelumnya ada dan kini tidak diketahui; kirim setiap baris secara lengkap",
    "covid_unknown": "tidak jelas apakah tempat tidur ini untuk COVID; kirim field covid",
    "free_beside_queue": "ada tempat tidur kosong padahal ada antrean",
    "id_replaced": "baris ini sudah ada dan kini memakai id_t_tt dari kementerian",
    "implausible": "angka ini tidak masuk akal; angka lama tetap berlaku sampai petugas mengonfirmasi",
    "late": "angka yang lebih baru sudah diterima dan tetap berlaku",
    "may_overlap": "jenis ini mungkin mencakup tempat tidur dari jenis lain yang juga dilaporkan",
    "over_capacity": "tempat tidur terisi lebih banyak daripada kapasitas",
    "partial_channel": "jalur ini memuat kurang dari setengah tempat tidur dari jalur lain, sehingga tidak dihitung",
    "same_name": "ada baris lain dengan id_tt, ruang dan covid yang sama; keduanya dihitung",
    "split_mismatch": "rincian tidak sesuai dengan jumlah tempat tidur terisi",
    "swapped_codes": "kode_ruang dan tipe_pasien tertukar",
    "total_mismatch": "terisi dan kosong tidak sesuai dengan kapasitas",
    "unknown_code": "kode tidak dikenal; tempat tidurnya dihitung sebagai lainnya",
    "unreadable_value": "isi field ini tidak dapat dibaca dan diabaikan",
    "unusual_bed_type": "jenis tempat tidur ini tidak lazim untuk tempat isolasi",
    "values_alternate": "angka baris ini berganti-ganti; mungkin dua kelas atau dua pengirim memakai satu kunci",
}
UNKNOWN_WARNING = "ada yang janggal pada data ini; periksa angkanya"
_NAMES = {
    "bed_type": "jenis",
    "before": "sebelumnya",
    "available_female": "kosong untuk perempuan",
    "available_male": "kosong untuk laki-laki",
    "beds_available": "kosong",
    "beds_occupied": "terisi",
    "beds_planned": "direncanakan",
    "beds_preparing": "sedang disiapkan",
    "beds_stated": "terdaftar",
    "beds_total": "kapasitas",
    "occupied_confirmed": "terkonfirmasi",
    "occupied_suspected": "suspek",
    "others": "jenis lain",
    "queue": "antrean",
    "seconds_ahead": "selisih detik",
    "split": "rincian",
    "value": "isinya",
}

REFUSALS: Mapping[type[Refusal], str] = {
    Conflict: "data ini bertentangan dengan yang sudah terdaftar",
    FacilityClosed: "fasyankes ini sudah ditutup; hubungi petugas",
    IncompleteBody: "isi permintaan tidak lengkap",
    InvalidInput: "isi permintaan tidak dapat diterima",
    Malformed: "permintaan tidak dapat dibaca",
    NotFound: "alamat {path} tidak ada; periksa URL (alamat dasar: {base})",
    NotPermitted: "tidak diizinkan untuk fasyankes ini",
    Overloaded: "layanan sedang penuh; kirim lagi sebentar lagi",
    RateLimited: "terlalu banyak permintaan; coba lagi setelah {seconds} detik",
    Refusal: "kesalahan di server kami; sebutkan {request_id} kepada petugas",
    TooLarge: "isi permintaan terlalu besar; paling banyak {bytes_max} byte",
    Unauthenticated: "kredensial tidak sah",
    Unavailable: "layanan belum siap; kirim lagi sebentar lagi",
}
_TOO_LARGE = {
    414: "alamat (URL) permintaan terlalu panjang",
    431: "header permintaan terlalu besar atau terlalu banyak",
}
_OPENS_LATER = "fasyankes ini baru dibuka pada {at:%Y-%m-%d %H:%M} UTC; laporan diterima mulai saat itu"
_OUT_OF_RANGE = "nilai tidak dapat diterima"

_WHY_NOT_JSON = {
    "Expecting ',' delimiter": 'di sini seharusnya koma atau kurung tutup; tanda petik di dalam teks ditulis \\"',
    "Expecting property name": "di sini seharusnya nama field dalam tanda petik ganda",
    "Expecting value": "di sini seharusnya sebuah nilai",
    "Expecting ':' delimiter": "di sini seharusnya titik dua",
    "Unterminated string": "tanda petik yang dibuka di sini tidak ditutup",
    "Extra data": "JSON sudah selesai sebelum teks ini",
    "Invalid \\escape": "garis miring terbalik di dalam teks ditulis \\\\",
    "Illegal trailing comma": "koma ini tidak diikuti nilai",
}


def warning_text(code: str, values: Mapping[str, object] | None = None) -> str:
    """Return the code, its sentence and its values; the name of the `field` comes first, if there is one."""
    rest = dict(values or {})
    fields = str(rest.pop("field", "")).split(", ")
    field = ", ".join(_NAMES.get(name, name) for name in fields) + ": " if fields != [""] else ""
    shown = ", ".join(f"{_NAMES.get(name, name)} {value}" for name, value in rest.items())
    return f"{code}: {field}{WARNINGS.get(code, UNKNOWN_WARNING)}" + (f" ({shown})" if shown else "")


def receipt_warning_text(warning: ReportWarning) -> str:
    """Return the same for a warning of the domain."""
    return warning_text(warning.code, warning.values)


def refusal_text(refusal: Refusal, *, status: int, path: str, request_id: str, bytes_max: int, base: str) -> str:
    """Return why a request was refused, for the staff of the hospital. `path` is the path as sent."""
    if isinstance(refusal, InvalidInput) and refusal.faults:
        return "; ".join(_fault_text(fault) for fault in refusal.faults)
    if refusal.language == "id":
        return refusal.detail
    if isinstance(refusal, FacilityClosed) and refusal.opens_at is not None:
        return _OPENS_LATER.format(at=refusal.opens_at)
    kind = next(kind for kind in type(refusal).__mro__ if kind in REFUSALS)
    sentence = _TOO_LARGE.get(status, REFUSALS[kind]) if kind is TooLarge else REFUSALS[kind]
    seconds = ceil(getattr(refusal, "retry_after_seconds", 0))
    return sentence.format(path=path, request_id=request_id, seconds=seconds, bytes_max=bytes_max, base=base)


def _fault_text(fault: Fault) -> str:
    # Faults of foreign rows name a field and are in Indonesian; those with a JSON pointer come from the rules that all
    # reports share and are in English.
    *_, name = fault.pointer.split("/")
    return f"{name}: {_OUT_OF_RANGE if fault.pointer.startswith('#') else fault.detail}"


def unreadable_text(unreadable: Unreadable) -> str:
    """Return where parsing stopped, and the text at that position."""
    if unreadable.is_empty:
        return "isi permintaan bukan JSON: isinya kosong"
    found = f"ditemukan «{excerpt(unreadable.found)}»" if unreadable.found else "teks berakhir"
    why = next((text for start, text in _WHY_NOT_JSON.items() if unreadable.why.startswith(start)), "")
    place = f"isi permintaan bukan {unreadable.wanted}: baris {unreadable.line}, kolom {unreadable.column}: {found}"
    return f"{place}; {why}" if why else place


def not_one_row_text(found: NotOneRow) -> str:
    """Return what was sent instead of one row."""
    if found.rows is None:
        return f"isi permintaan bukan JSON berisi satu baris: ditemukan «{excerpt(found.found)}»"
    if found.rows == 0:
        return "isi permintaan bukan JSON berisi satu baris: daftarnya kosong"
    return f"isi permintaan berisi {found.rows} baris; kirim satu baris per permintaan"
