"""Who reports what, how and when: a plan for each facility of the seeded registry."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf

from app.cli.demo.chance import between, chance, shuffled
from app.cli.demo.wards import Ward, wards_of
from app.domain.channels import Channel
from app.domain.registry.facility import Facility, FacilityKind

# No BPJS code of Semarang is known from open sources; these cannot be taken for real ones.
BPJS_PREFIX = "DEMO"

# Software of hospitals, as it is distributed over the city: some use one protocol, some two.
_SOFTWARE: Sequence[tuple[Channel, ...]] = (
    (Channel.sirs,),
    (Channel.sirs, Channel.aplicares),
    (Channel.aplicares,),
    (Channel.native,),
    (Channel.sirs,),
    (Channel.siranap_v1,),
    (Channel.native, Channel.sirs),
    (Channel.siranap_v1, Channel.aplicares),
)
# Hours between reports. Software sends what changed every few minutes; people report when they have time.
_EVERY_SOFTWARE = 0.1
_EVERY = {
    FacilityKind.hospital: 2.0,
    FacilityKind.clinic: 8.0,
    FacilityKind.isolation_site: 4.0,
    FacilityKind.rw_hall: 6.0,
}


@dataclass(frozen=True, slots=True)
class Place:
    """One facility and its habits.

    Shape: `ages` are those of its reports before the start, oldest first. `forgotten` are wards that only the oldest
        one names. `states_total` is False where only the free beds are known.
    Units: hours; `returns` is when it reports again in simulated time, infinite for never.
    """

    facility_id: str
    name: str
    area_code: str
    kind: FacilityKind
    wards: tuple[Ward, ...]
    channels: tuple[Channel, ...] = (Channel.native,)
    every: float = 2.0
    ages: tuple[float, ...] = ()
    returns: float = 0.0
    forgotten: frozenset[str] = frozenset()
    states_total: bool = True

    @property
    def beds(self) -> int:
        """All its beds."""
        return sum(ward.beds for ward in self.wards)


def bpjs_code(facility: Facility) -> str:
    """An invented code of the insurer."""
    return BPJS_PREFIX + facility.facility_id.removeprefix("rs-").removeprefix("x-")[:20].upper()


def plan_city(facilities: Sequence[Facility], seed: int) -> list[Place]:
    """A plan for each facility, in their order."""
    places = {each.facility_id: _plan(each, seed) for each in facilities}
    hospitals = [each for each in facilities if each.kind is FacilityKind.hospital]
    _give_software(places, hospitals, seed)
    for kind in FacilityKind:
        _give_habits(places, kind, seed)
    return list(places.values())


def _plan(facility: Facility, seed: int) -> Place:
    every = _EVERY[facility.kind]
    newest = between(0.02, every, seed, "age", facility.facility_id)
    return Place(
        facility.facility_id,
        facility.name,
        facility.area_code,
        facility.kind,
        wards_of(facility.facility_id, facility.kind, facility.name, facility.beds_stated, seed=seed),
        every=every,
        ages=(newest + 2 * every, newest + every, newest),
    )


def _give_software(places: dict[str, Place], hospitals: Sequence[Facility], seed: int) -> None:
    """Give each hospital its protocols; those of which the ministry's code is unknown report natively."""
    known = [each.facility_id for each in hospitals if "sirs" in each.identifiers]
    for number, facility_id in enumerate(shuffled(known, seed, "software")):
        channels = _SOFTWARE[number % len(_SOFTWARE)]
        every = places[facility_id].every if channels == (Channel.native,) else _EVERY_SOFTWARE
        places[facility_id] = replace(places[facility_id], channels=channels, every=every)


# What is unusual, by kind, as ages of the reports before the start and the hour of return. Hospitals are stale after 6
# hours and silent after 24, the others after 24 and 72 (docs/installing.md): the first hospital turns stale while
# people watch.
_HABITS: dict[FacilityKind, Sequence[tuple[tuple[float, ...], float]]] = {
    FacilityKind.hospital: (
        ((14.0, 5.965), 3.0), ((15.0, 7.4), 0.7), ((17.0, 9.2), 5.0), ((20.5, 13.1), 8.0), ((43.0, 27.5), inf),
        ((75.0, 51.2), inf), ((), inf),
    ),
    FacilityKind.clinic: (
        ((50.0, 26.0), 2.0), ((55.0, 31.0), 6.0), ((70.0, 47.0), inf), ((100.0, 77.0), inf), ((140.0, 98.0), inf),
        ((), inf),
    ),
    FacilityKind.isolation_site: (((48.0, 29.0), 4.0), ((120.0, 83.0), inf), ((1008.0, 984.0), inf)),
    FacilityKind.rw_hall: (((60.0, 38.0), 3.0),),
}  # fmt: skip


def _give_habits(places: dict[str, Place], kind: FacilityKind, seed: int) -> None:
    """Make a few facilities late, silent, lapsed or never heard of: small ones that report natively."""
    candidates = [each for each in places.values() if each.kind is kind and each.beds <= 400]
    if kind is FacilityKind.hospital:
        candidates = sorted(candidates, key=lambda each: (each.channels != (Channel.native,), each.beds > 200))
        candidates = candidates[: len(_HABITS[kind]) + 4]
    unusual = shuffled([each.facility_id for each in candidates], seed, "habit")
    for facility_id, (ages, returns) in zip(unusual, _HABITS[kind], strict=False):
        native = replace(places[facility_id], channels=(Channel.native,), every=_EVERY[kind])
        places[facility_id] = replace(native, ages=ages, returns=returns)
    usual = [places[each] for each in unusual[len(_HABITS[kind]) :] if places[each].channels == (Channel.native,)]
    for place in usual[:1]:
        oldest = between(26.0, 40.0, seed, "forgotten", place.facility_id)
        changed = replace(place, ages=(oldest, *place.ages), forgotten=frozenset({place.wards[-1].code}))
        places[place.facility_id] = changed if len(place.wards) > 1 else place
    for place in usual[1:2]:
        if kind is not FacilityKind.hospital and chance(seed, "states", kind) < 0.8:
            places[place.facility_id] = replace(place, states_total=False)
