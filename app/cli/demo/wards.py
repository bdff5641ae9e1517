"""The wards of an invented facility: how a number of beds is divided into rooms and bed types."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from app.cli.demo.chance import between
from app.domain.registry.facility import FacilityKind

ROOM_BEDS_MAX = 40
BEDS_WITHOUT_REGISTER = {
    FacilityKind.hospital: 30,
    FacilityKind.clinic: 8,
    FacilityKind.isolation_site: 40,
    FacilityKind.rw_hall: 6,
}


@dataclass(frozen=True, slots=True)
class Ward:
    """A room with beds of one type.

    Shape: `load` is the usual share of beds in use; `specialty` the kind of ward in SIRANAP v1.
    """

    code: str
    name: str
    bed_type: str
    beds: int
    load: float
    specialty: str = "0000"


# Bed type, share of the beds, usual share in use; the rest is class III.
_Profile = Sequence[tuple[str, float, float]]
_GENERAL: _Profile = (
    ("ward_1", 0.15, 0.62), ("ward_2", 0.19, 0.70), ("ward_vip", 0.08, 0.50), ("icu_ventilator", 0.05, 0.84),
    ("icu_no_ventilator", 0.02, 0.66), ("hcu", 0.04, 0.74), ("nicu_ventilator", 0.02, 0.66),
    ("picu_ventilator", 0.01, 0.55), ("perinatal", 0.04, 0.50), ("delivery_non_covid", 0.03, 0.45),
    ("isolation_negative_pressure", 0.03, 0.55), ("isolation_no_negative_pressure", 0.04, 0.42),
    ("intermediate_emergency", 0.04, 0.62),
)  # fmt: skip
_MOTHER_CHILD: _Profile = (
    ("ward_1", 0.2, 0.5), ("ward_2", 0.2, 0.6), ("ward_vip", 0.1, 0.45), ("perinatal", 0.12, 0.55),
    ("delivery_non_covid", 0.14, 0.5), ("nicu_no_ventilator", 0.08, 0.6),
)  # fmt: skip
_MENTAL: _Profile = (
    ("ward_1", 0.1, 0.5), ("ward_2", 0.2, 0.65), ("icu_no_ventilator", 0.03, 0.6),
    ("intermediate_emergency", 0.04, 0.5),
)  # fmt: skip
_TINY: _Profile = (("ward_1", 0.3, 0.4),)
_ROOM_NAMES = {
    "icu_ventilator": "ICU", "icu_no_ventilator": "ICU 2", "hcu": "HCU", "nicu_ventilator": "NICU",
    "nicu_no_ventilator": "NICU", "picu_ventilator": "PICU", "perinatal": "Perinatologi",
    "delivery_non_covid": "VK", "isolation_negative_pressure": "Isolasi Airborne",
    "isolation_no_negative_pressure": "Isolasi", "intermediate_emergency": "IGD Intermediate",
}  # fmt: skip
_FLOWERS = (
    "Anggrek", "Bougenville", "Cempaka", "Dahlia", "Edelweis", "Flamboyan", "Gardenia", "Kenanga", "Lavender", "Mawar",
    "Melati", "Nusa Indah", "Seruni", "Teratai", "Tulip", "Wijayakusuma",
)  # fmt: skip
_SPECIALTIES = ("0003", "0006", "0001", "0014", "0011", "0010", "0012", "0005", "0008", "0009")


def wards_of(facility_id: str, kind: FacilityKind, name: str, beds: int | None, *, seed: int) -> tuple[Ward, ...]:
    """The wards of a facility with so many beds."""
    size = beds or BEDS_WITHOUT_REGISTER[kind]
    lean = between(-0.14, 0.28, seed, "lean", facility_id)
    match kind:
        case FacilityKind.hospital:
            return tuple(_rooms(_profile(name, size), size, lean))
        case FacilityKind.clinic:
            delivery = Ward("VK", "Ruang bersalin", "delivery_non_covid", 2, 0.3 + lean)
            return (Ward("RI", "Rawat inap", "ward_3", size - 2, 0.4 + lean), delivery)
        case _:
            return (Ward("ISO", "Tempat isolasi", "isolation_bed", size, 0.38 + lean),)


def _profile(name: str, beds: int) -> _Profile:
    if "Ibu dan Anak" in name:
        return _MOTHER_CHILD
    if "Jiwa" in name:
        return _MENTAL
    return _GENERAL if beds >= 20 else _TINY


def _rooms(profile: _Profile, size: int, lean: float) -> Iterator[Ward]:
    left, number = size, count()
    shares = [(bed_type, round(size * share), load) for bed_type, share, load in profile]
    for bed_type, beds, load in shares:
        if beds:
            left -= beds
            yield from _split(bed_type, beds, load + lean, number)
    yield from _split("ward_3", left, 0.76 + lean, number)


def _split(bed_type: str, beds: int, load: float, number: Iterator[int]) -> Iterator[Ward]:
    rooms = -(-beds // ROOM_BEDS_MAX)
    for place in range(rooms):
        here = beds // rooms + (place < beds % rooms)
        at = next(number)
        name = _ROOM_NAMES.get(bed_type) or _FLOWERS[at % len(_FLOWERS)]
        numbered = f"{name} {place + 1}" if rooms > 1 else name
        yield Ward(f"R{at + 1:02d}", numbered, bed_type, here, load, _SPECIALTIES[at % len(_SPECIALTIES)])
