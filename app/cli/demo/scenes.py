"""What happens in the city: surges, wards that fill up, a typing error, halls that open."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

from app.cli.demo.chance import pick
from app.cli.demo.city import Place
from app.cli.demo.wards import Ward
from app.domain.beds.bed_types import BED_TYPES, BedGroup
from app.domain.registry.facility import FacilityKind

# A surge in one kecamatan every day and a half, strongest some hours after its beginning.
SURGE_EVERY, SURGE_WIDTH, SURGE_FIRST = 36.0, 6.0, 2.0
# The intensive care of one hospital fills up every evening: within three hours, for six, and empties again.
FILLING_EVERY, FILLING_UP, FULL_FOR, EMPTYING = 24.0, 3.0, 6.0, 8.0
FILLING_FIRST = -1.5

_SURGE = {
    BedGroup.emergency: 0.4,
    BedGroup.isolation: 0.35,
    BedGroup.intensive: 0.16,
    BedGroup.ward: 0.1,
    BedGroup.maternal_newborn: 0.02,
}


@dataclass(frozen=True, slots=True)
class Hall:
    """An RW hall that opens during the run, at a simulated hour. Its RW is registered if it is unknown."""

    at: float
    facility_id: str
    name: str
    kelurahan: str
    rw: int
    beds: int

    @property
    def area_code(self) -> str:
        """The code of its RW."""
        return f"{self.kelurahan}.{self.rw:03d}"


HALLS = (
    Hall(0.25, "balai-rw05-meteseh", "Balai RW 05 Meteseh", "33.74.10.1001", 5, 8),
    Hall(5.0, "balai-rw02-bandarharjo", "Balai RW 02 Bandarharjo", "33.74.02.1001", 2, 6),
    Hall(11.0, "balai-rw11-kalipancur", "Balai RW 11 Kalipancur", "33.74.15.1005", 11, 10),
    Hall(20.0, "balai-rw03-wonolopo", "Balai RW 03 Wonolopo", "33.74.14.1007", 3, 6),
)


@dataclass(frozen=True, slots=True)
class Scenes:
    """The events of one simulation.

    Shape: `typing_error` is the site whose newest report at the start has a digit too many.
    """

    seed: int
    kecamatan: Sequence[str]
    hospitals: Sequence[Place]
    typing_error: str | None

    @classmethod
    def of(cls, places: Sequence[Place], seed: int) -> "Scenes":
        """The events among these facilities."""
        # Only where software reports: who is late shows nothing of it.
        large = [each for each in places if each.kind is FacilityKind.hospital and each.every < 1 and _has_icu(each)]
        sites = [each.facility_id for each in places if each.kind is FacilityKind.isolation_site and not each.returns]
        kecamatan = sorted({_kecamatan(each) for each in large})
        return cls(seed, kecamatan, large, pick(sites, seed, "typing error") if sites else None)

    def pressure(self, place: Place, ward: Ward, hours: float) -> float:
        """How much more of a ward is in use because of what happens."""
        return self._surge(place, ward, hours) + self._fill(place, ward, hours)

    def surge_at(self, hours: float) -> str | None:
        """The kecamatan of the surge that is nearest to this hour."""
        number = round((hours - SURGE_FIRST) / SURGE_EVERY)
        return pick(self.kecamatan, self.seed, "surge", number) if self.kecamatan and number >= 0 else None

    def filling_at(self, hours: float) -> Place | None:
        """The hospital whose intensive care fills up or empties at this hour."""
        number = int((hours - FILLING_FIRST) // FILLING_EVERY)
        return pick(self.hospitals, self.seed, "filling", number) if self.hospitals and number >= 0 else None

    def _surge(self, place: Place, ward: Ward, hours: float) -> float:
        where = self.surge_at(hours)
        if where is None:
            return 0.0
        since = (hours - SURGE_FIRST) % SURGE_EVERY
        distance = min(since, SURGE_EVERY - since)
        near = 1.0 if _kecamatan(place) == where else 0.25
        share = _SURGE.get(BED_TYPES[ward.bed_type].group, 0.0)
        return near * share * exp(-((distance / SURGE_WIDTH) ** 2))

    def _fill(self, place: Place, ward: Ward, hours: float) -> float:
        if ward.bed_type != "icu_ventilator" or place is not self.filling_at(hours):
            return 0.0
        since = (hours - FILLING_FIRST) % FILLING_EVERY
        full = 1.15 - ward.load
        if since < FILLING_UP:
            return full * since / FILLING_UP
        return full * max(0.0, min(1.0, 1 - (since - FILLING_UP - FULL_FOR) / EMPTYING))


def _kecamatan(place: Place) -> str:
    return ".".join(place.area_code.split(".")[:3])


def _has_icu(place: Place) -> bool:
    return any(ward.bed_type == "icu_ventilator" and ward.beds >= 4 for ward in place.wards)
