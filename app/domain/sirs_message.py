"""Rows of SIRS Online as messages say them, read tolerantly: `protocols/indonesia.md` 1.3 and 2.3."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.domain.beds import COUNT_MAX
from app.domain.errors import Fault, InvalidInput
from app.domain.report import WARD_CODE_LENGTH_MAX
from app.domain.tolerant import count_field, text_of

ROOM_LENGTH_MAX = 255
COUNTS = (
    "jumlah_ruang", "jumlah", "terpakai", "terpakai_suspek", "terpakai_konfirmasi", "antrian", "prepare",
    "prepare_plan", "terpakai_dbd", "terpakai_dbd_anak", "jumlah_dbd",
)  # fmt: skip
_REQUIRED = ("jumlah", "terpakai")


@dataclass(frozen=True, slots=True)
class SirsRow:
    """A row as a message says it: empty or None where it is silent. `counts` holds only what was said."""

    id_t_tt: str = ""
    id_tt: str = ""
    ruang: str | None = None
    covid: int | None = None
    counts: Mapping[str, int] = field(default_factory=dict)

    def check(self) -> None:
        """Raises: InvalidInput, for texts that are too long to be what they should be."""
        for name, value, most in (
            ("id_t_tt", self.id_t_tt, WARD_CODE_LENGTH_MAX),
            ("id_tt", self.id_tt, WARD_CODE_LENGTH_MAX),
            ("ruang", self.ruang or "", ROOM_LENGTH_MAX),
        ):
            if len(value) > most:
                raise InvalidInput(Fault(name, f"paling panjang {most} karakter"))

    @property
    def details(self) -> dict[str, str | int]:
        """What it says, as it is kept."""
        said: dict[str, str | int | None] = {"id_tt": self.id_tt or None, "ruang": self.ruang, "covid": self.covid}
        return {name: value for name, value in said.items() if value is not None} | dict(self.counts)


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


def _code(text: str) -> str:
    """A code as the table has it: 07 is 7."""
    return (text.lstrip("0") or "0") if text.isascii() and text.isdigit() else text
