"""Parse rows of SIRS Online from messages, tolerantly: `docs/protocols/sirs-online.md`."""

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
# The class code of the older protocol for each bed type, recorded from a live response of 2026.
KODE_SIRANAP = {
    **{str(id_tt): f"{id_tt:04}" for id_tt in range(1, 6)},
    "12": "0007",
    **dict.fromkeys(("6", "7", "8", "9", "10", "11", "14"), "0008"),
    **{str(id_tt): f"{id_tt + 33:04}" for id_tt in range(24, 35)},
    **{str(id_tt): f"{id_tt + 32:04}" for id_tt in range(36, 41)},
    **{str(id_tt): f"{id_tt + 23:04}" for id_tt in range(50, 53)},
}
_ID_TT = {code: id_tt for id_tt, code in KODE_SIRANAP.items() if code != "0008"}  # 0008 stands for seven types


@dataclass(frozen=True, slots=True)
class SirsRow:
    """A row as sent: fields that were not sent are empty or None. `counts` has only the counts that were sent.

    `ruang` is empty if an empty value was sent: then the row has no name.
    """

    id_t_tt: str = ""
    id_tt: str = ""
    ruang: str | None = None
    covid: int | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    oddities: Oddities = NOTHING_ODD

    @property
    def details(self) -> dict[str, str | int]:
        """The fields that were sent, in the form in which they are stored."""
        sent: dict[str, str | int | None] = {"id_tt": self.id_tt or None, "ruang": self.ruang, "covid": self.covid}
        return {name: value for name, value in sent.items() if value is not None} | dict(self.counts)

    def over(self, known: Details) -> dict[str, Any]:
        """Merge this row over known details. An empty `ruang` does not remove a name."""
        kept = {} if self.ruang or is_empty(known.get("ruang")) else {"ruang": known["ruang"]}
        return {**known, **self.details, **kept}


def read_row(sent: Mapping[str, Any], row_id: str = "", *, needs_counts: bool = True) -> SirsRow:
    """Parse a row from the members of a body; `row_id` is the id in the path. A deletion needs no counts.

    Raises: InvalidInput, naming every required count that cannot be read.
    """
    reader = FieldReader(sent)
    counts = {
        name: reader.required(name) if name in REQUIRED and needs_counts else reader.optional(name) for name in COUNTS
    }
    reader.check()
    id_tt = _normalise_code(reader.text("id_tt", most=WARD_CODE_LENGTH_MAX))
    id_tt = id_tt or _ID_TT.get(reader.text("kode_siranap").zfill(4), "") or _code_of_name(reader.text("tt"))
    return SirsRow(
        id_t_tt=positive(row_id) or reader.row_id("id_t_tt"),
        id_tt=id_tt,
        ruang=reader.as_sent("ruang", most=ROOM_LENGTH_MAX) if "ruang" in sent else None,
        covid=reader.switch("covid"),
        counts={name: count for name, count in counts.items() if count is not None},
        oddities=reader.oddities,
    )


def _normalise_code(text: str) -> str:
    """Return a code in the form of the table: 07 and 7.0 are 7; 0 is no code."""
    number = whole_number(text)
    if number is None:
        return text
    return str(number) if number > 0 else ""


def _code_of_name(name: str) -> str:
    """Return the code of a bed type given by name; empty if the name is ambiguous or unknown."""
    bed_type = bed_type_named(name)
    return "" if bed_type is None else next(iter(BED_TYPES[bed_type].sirs), "")
