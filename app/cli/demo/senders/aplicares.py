"""Aplicares, as software of hospitals with a contract of BPJS uses it: a signed request for each room."""

import base64
import hmac
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from app.cli.demo.posting import Poster
from app.cli.demo.senders.stated import Stated
from app.domain.beds.bed_types import BED_TYPES

BASE = "/aplicaresws/rest/bed"
# The insurer's classes name no ventilators and no pressure.
_CLASS_OF_CARE = {
    "icu": "ICU", "iccu": "ICC", "nicu": "NIC", "picu": "PIC", "hcu": "HCU", "isolation": "ISO", "delivery": "SAL",
    "intermediate": "IGD", "emergency": "IGD",
}  # fmt: skip


@dataclass(slots=True)
class AplicaresSender:
    """Rooms of one hospital."""

    poster: Poster
    consumer_id: str
    secret: str
    code: str
    _known: set[str] = field(default_factory=set)

    async def send(self, wards: Sequence[Stated]) -> None:
        """Create or update the room of each of these wards."""
        for ward, counts in wards:
            room = {
                "kodekelas": class_of(ward.bed_type),
                "koderuang": ward.code,
                "namaruang": ward.name,
                "kapasitas": str(counts.total),
                "tersedia": str(counts.total - counts.occupied),
                "tersediapria": "0",
                "tersediawanita": "0",
                "tersediapriawanita": str(counts.available),
            }
            document = await self.poster.send(
                "aplicares",
                "POST",
                f"{BASE}/{'update' if ward.code in self._known else 'create'}/{self.code}",
                json=room,
                headers=self._signed(),
                is_accepted=_is_accepted,
            )
            if document is not None:
                self._known.add(ward.code)

    def _signed(self) -> dict[str, str]:
        timestamp = str(int(time.time()))
        signed = hmac.new(self.secret.encode(), f"{self.consumer_id}&{timestamp}".encode(), sha256).digest()
        return {
            "X-cons-id": self.consumer_id,
            "X-timestamp": timestamp,
            "X-signature": base64.b64encode(signed).decode(),
        }


def class_of(bed_type: str) -> str:
    """The insurer's class of a bed type; rooms without one are `NON`."""
    known = BED_TYPES[bed_type]
    return known.aplicares[0] if known.aplicares else _CLASS_OF_CARE.get(known.care_level, "NON")


def _is_accepted(document: Any) -> bool:
    return isinstance(document, dict) and document.get("metadata", {}).get("code") == 1
