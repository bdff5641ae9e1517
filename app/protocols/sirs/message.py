"""Rows of SIRS Online as messages say them, read tolerantly: `protocols/indonesia.md` 1.3, 2.3 and 7."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.domain.beds.bed_types import BED_TYPES
from app.domain.reports.report import WARD_CODE_LENGTH_MAX
from app.domain.reports.rows import Details
from app.protocols.class_names import bed_type_named
from app.protocols.field_values import NOTHING_ODD, FieldReader, Oddities, is_empty, positive, whole_number

ROOM_LENGTH_MAX = 255
REQUIRED = ("jumlah", "terpakai")
COUNTS = (
    "jumlah_ruang", "jumlah", "terpakai", "terpakai_suspek", "terpakai_konfirmasi", "antrian", "prepare",
    "prepare_plan", "terpakai_dbd", "terpakai_dbd_anak", "jumlah_dbd",
)  # fmt: skip
# The class code of the older protocol beside each bed type: recorded in a live response of 2026 (section 7).
KODE_SIRANAP = {
    **{str(id_tt): f"{id_tt:04}" for id_tt in range(1, 6)},
    "12": "0007",
    **dict.fromkeys(("6", "7", "8", "9", "10", "11", "14"), "0008"),
    **{str(id_tt): f"{id_tt + 33:04}" for id_tt in range(24, 35)},
    **{str(id_tt): f"{id_tt + 32:04}" for id_tt in range(36, 41)},
    **{str(id_tt): f"{id_tt + 23:04}" for id_tt in range(50, 53)},
}
_ID_TT = {code: id_tt for id_tt, code in KODE_SIRANAP.items() if code != "0008"}  # which stands for seven types


@dataclass(frozen=True, slots=True)
class SirsRow:
    """A row as a message says it: empty or None where it is silent. `counts` holds only what was said.

    `ruang` is empty where an empty value was sent for it: then the row has no name.
    """

    id_t_tt: str = ""
    id_tt: str = ""
    ruang: str | None = None
    covid: int | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    odd: Oddities = NOTHING_ODD

    @property
    def details(self) -> dict[str, str | int]:
        """What it says, as it is kept."""
        said: dict[str, str | int | None] = {"id_tt": self.id_tt or None, "ruang": self.ruang, "covid": self.covid}
        return {name: value for name, value in said.items() if value is not None} | dict(self.counts)

    def over(self, known: Details) -> dict[str, Any]:
        """What is known, with what it says in its place. An empty `ruang` takes no name away."""
        kept = {} if self.ruang or is_empty(known.get("ruang")) else {"ruang": known["ruang"]}
        return {**known, **self.details, **kept}


def read_row(said: Mapping[str, Any], row_id: str = "", *, needs_counts: bool = True) -> SirsRow:
    """The row that the members of a body say; `row_id` is the one of the path. A deletion needs no counts.

    Raises: InvalidInput, naming every required count that cannot be read.
    """
    reader = FieldReader(said)
    counts = {
        name: reader.required(name) if name in REQUIRED and needs_counts else reader.optional(name) for name in COUNTS
    }
    reader.check()
    id_tt = _code(reader.text("id_tt", most=WARD_CODE_LENGTH_MAX))
    id_tt = id_tt or _ID_TT.get(reader.text("kode_siranap").zfill(4), "") or _named(reader.text("tt"))
    return SirsRow(
        id_t_tt=positive(row_id) or reader.row_id("id_t_tt"),
        id_tt=id_tt,
        ruang=reader.as_sent("ruang", most=ROOM_LENGTH_MAX) if "ruang" in said else None,
        covid=reader.switch("covid"),
        counts={name: count for name, count in counts.items() if count is not None},
        odd=reader.oddities,
    )


def _code(text: str) -> str:
    """A code as the table has it: 07 and 7.0 are 7; 0 is none."""
    number = whole_number(text)
    if number is None:
        return text
    return str(number) if number > 0 else ""


def _named(name: str) -> str:
    """The code of a bed type that is given by its name; empty where that can mean several or none."""
    bed_type = bed_type_named(name)
    return "" if bed_type is None else next(iter(BED_TYPES[bed_type].sirs), "")
