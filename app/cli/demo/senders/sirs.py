"""SIRS Online, as SIMRS software uses it: one request for each row, created once and then updated by its id."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.cli.demo.posting import Poster
from app.cli.demo.senders.stated import Stated
from app.domain.beds.bed_types import BED_TYPES

PATH = "/fo/index.php/Fasyankes"


@dataclass(slots=True)
class SirsSender:
    """Rows of one hospital."""

    poster: Poster
    code: str
    password: str
    _row_ids: dict[str, str] = field(default_factory=dict)

    async def send(self, wards: Sequence[Stated]) -> None:
        """Create or update the row of each of these wards."""
        for ward, counts in wards:
            row: dict[str, Any] = {
                "id_tt": BED_TYPES[ward.bed_type].sirs[0],
                "ruang": ward.name,
                "jumlah_ruang": "1",
                "jumlah": str(counts.total),
                "terpakai": str(counts.occupied),
                "antrian": str(counts.queue or 0),
                "prepare": "0",
                "covid": 0,
            }
            known = self._row_ids.get(ward.code)
            document = await self.poster.send(
                "sirs",
                "PUT" if known else "POST",
                PATH,
                json=row | ({"id_t_tt": known} if known else {}),
                headers={"X-rs-id": self.code, "X-pass": self.password},
                is_accepted=_is_accepted,
            )
            if document is not None:
                self._row_ids[ward.code] = str(document["fasyankes"][0]["id_t_tt"])


def _is_accepted(document: Any) -> bool:
    return isinstance(document, dict) and document.get("fasyankes", [{}])[0].get("status") == "200"
