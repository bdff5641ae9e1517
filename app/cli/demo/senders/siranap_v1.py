"""SIRANAP v1, as older software uses it: all cells in one XML message. A cell is a class and a kind of ward."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import md5
from typing import Any
from xml.etree import ElementTree as ET

from app.cli.demo.posting import Poster
from app.cli.demo.senders.stated import Stated
from app.cli.demo.wards import Ward
from app.domain.beds.bed_types import BED_TYPES

PATH = "/sirsservice/ranap"
_CLASSES = {"ward_vvip": "0001", "ward_vip": "0002", "ward_1": "0003", "ward_2": "0004", "ward_3": "0005"}
_KINDS = {"icu": "0024", "nicu": "0025", "picu": "0026", "iccu": "0027", "hcu": "0029", "isolation": "0019"}
_CLASS_INTERMEDIATE, _CLASS_ISOLATION, _CLASS_SPECIAL = "0006", "0007", "0008"
_KIND_OBSTETRIC, _KIND_CHILDREN = "0004", "0001"


@dataclass(slots=True)
class SiranapSender:
    """Cells of one hospital."""

    poster: Poster
    code: str
    password: str
    zone: timedelta = timedelta(hours=7)

    async def send(self, wards: Sequence[Stated]) -> None:
        """Send the cells of these wards; wards of the same class and kind are one cell."""
        totals: Counter[tuple[str, str]] = Counter()
        occupied: Counter[tuple[str, str]] = Counter()
        for ward, counts in wards:
            totals[codes_of(ward)] += counts.total
            occupied[codes_of(ward)] += counts.occupied
        root = ET.Element("xml")
        for codes, total in sorted(totals.items()):
            self._add(root, codes, total, occupied[codes])
        await self.poster.send(
            "siranap_v1",
            "POST",
            PATH,
            content=ET.tostring(root, encoding="utf-8", xml_declaration=True),
            headers={
                "X-rs-id": self.code,
                "X-pass": md5(self.password.encode(), usedforsecurity=False).hexdigest(),
                "Content-Type": "application/xml",
            },
            is_accepted=_is_accepted,
        )

    def _add(self, root: ET.Element, codes: tuple[str, str], total: int, occupied: int) -> None:
        men, free = occupied // 2, total - occupied
        values = {
            "kode_ruang": codes[0],
            "tipe_pasien": codes[1],
            "total_TT": total,
            "terpakai_male": men,
            "terpakai_female": occupied - men,
            "kosong_male": free // 2,
            "kosong_female": free - free // 2,
            "waiting": 0,
            "tgl_update": f"{datetime.now(UTC) + self.zone:%Y-%m-%d %H:%M:%S}",
        }
        data = ET.SubElement(root, "data")
        for name, value in values.items():
            ET.SubElement(data, name).text = str(value)


def codes_of(ward: Ward) -> tuple[str, str]:
    """The class and the kind of a ward."""
    known = BED_TYPES[ward.bed_type]
    if ward.bed_type in _CLASSES:
        return _CLASSES[ward.bed_type], ward.specialty
    if (kind := _KINDS.get(known.care_level)) is not None:
        return (_CLASS_ISOLATION if known.care_level == "isolation" else _CLASS_INTERMEDIATE), kind
    return _CLASS_SPECIAL, _KIND_OBSTETRIC if known.care_level == "delivery" else _KIND_CHILDREN


def _is_accepted(document: Any) -> bool:
    return isinstance(document, dict) and document.get("response") == "1"
