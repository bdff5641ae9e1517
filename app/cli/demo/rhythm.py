"""Patients over time: a pure function of seed, ward and hour, so that the same seed gives the same figures.

Hours are simulated: 0 is the start of the simulation, at 18:00 of its first day; before that they are negative.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil, pi, sin

from app.cli.demo.chance import chance
from app.cli.demo.city import Place
from app.cli.demo.wards import Ward
from app.domain.beds.bed_types import BED_TYPES, BedGroup
from app.domain.channels import Channel

START_OF_DAY = 18.0
SHIFTS = (7.0, 14.0, 21.0)
QUEUES_FROM = 0.9
_QUEUING = {BedGroup.intensive, BedGroup.emergency, BedGroup.isolation}
# Period in hours and amplitude of the ups and downs of a ward, as a share of its beds.
_WAVES = ((5.3, 0.03), (17.0, 0.04), (61.0, 0.05))

# How much more or less a ward is in use at an hour, as a share of its beds (`app/cli/demo/scenes.py`).
Pressure = Callable[[Place, Ward, float], float]


@dataclass(frozen=True, slots=True)
class Counts:
    """What a facility knows of one ward; `queue` is None where nobody queues."""

    total: int
    occupied: int
    queue: int | None = None

    @property
    def available(self) -> int:
        """Free beds."""
        return max(0, self.total - self.occupied)


def count_patients(place: Place, ward: Ward, hours: float, seed: int, pressure: Pressure) -> Counts:
    """The counts of a ward at a simulated hour."""
    share = ward.load + _swing(place, ward, hours, seed) + pressure(place, ward, hours)
    group = BED_TYPES[ward.bed_type].group
    most = ceil(ward.beds * 1.2) if group is BedGroup.emergency or ward.bed_type == "icu_ventilator" else ward.beds
    queue = max(0, round((share - QUEUES_FROM) * ward.beds * 1.5)) if group in _QUEUING else None
    return Counts(ward.beds, min(most, max(0, round(ward.beds * share))), queue)


def _swing(place: Place, ward: Ward, hours: float, seed: int) -> float:
    """Discharges around noon, admissions until the evening, and ups and downs of its own."""
    daily = 0.035 * sin(2 * pi * (hours + START_OF_DAY - 16.0) / 24)
    return daily + sum(
        amplitude * sin(2 * pi * (hours / period + chance(seed, place.facility_id, ward.code, period)))
        for period, amplitude in _WAVES
    )


def report_times(place: Place, channel: Channel, seed: int) -> Iterator[float]:
    """The simulated hours at which a facility reports through this channel, without end.

    Software reports on its own schedule from the start on. People report now and then, and after each change of shift.
    """
    is_software = channel is not Channel.native
    offset = chance(seed, "offset", place.facility_id, channel)
    at = place.returns if is_software or place.returns else offset * place.every
    while True:
        yield at
        regular = at + place.every * (0.8 + 0.4 * chance(seed, place.facility_id, channel, at))
        at = regular if is_software else min(regular, _after_next_shift(at, 0.1 + 0.4 * offset))


def _after_next_shift(hours: float, offset: float) -> float:
    day, clock = divmod(hours + START_OF_DAY, 24)
    times = (change + offset + days for days in (0, 24) for change in SHIFTS)
    return next(time for time in times if time > clock + 0.01) + 24 * day - START_OF_DAY
