"""Patients over time, and when facilities report them."""

from itertools import islice, pairwise
from math import inf

import pytest

from app.cli.demo.city import Place, plan_city
from app.cli.demo.rhythm import SHIFTS, START_OF_DAY, count_patients, report_times
from app.cli.demo.scenes import FILLING_FIRST, FILLING_UP, SURGE_FIRST, Scenes
from app.domain.beds.bed_types import BED_TYPES, BedGroup
from app.domain.channels import Channel
from tests.cli.demo.registry import FACILITIES

SEED = 3
PLACES = plan_city(FACILITIES, SEED)
SCENES = Scenes.of(PLACES, SEED)


def occupied(place: Place, hours: float, group: BedGroup | None = None) -> int:
    return sum(
        count_patients(place, ward, hours, SEED, SCENES.pressure).occupied
        for ward in place.wards
        if group in {None, BED_TYPES[ward.bed_type].group}
    )


def test_figures_are_the_same_whenever_they_are_asked() -> None:
    later = [occupied(place, 7.5) for place in PLACES]
    [occupied(place, 1.0) for place in PLACES]
    assert later == [occupied(place, 7.5) for place in PLACES]


def test_figures_are_plausible_at_every_hour() -> None:
    for hours in range(-24, 72, 3):
        counts = [count_patients(p, w, hours, SEED, SCENES.pressure) for p in PLACES for w in p.wards]
        total, used = sum(each.total for each in counts), sum(each.occupied for each in counts)
        assert 0.45 < used / total < 0.85
        assert all(0 <= each.occupied <= 1.2 * each.total + 1 for each in counts)


def test_figures_move_by_few_beds_at_a_time() -> None:
    steps = [abs(occupied(place, 5.1) - occupied(place, 5.0)) for place in PLACES]
    assert any(steps)
    assert max(steps) <= 12


def test_the_intensive_care_of_one_hospital_fills_up_and_others_do_not() -> None:
    full = SCENES.filling_at(0.0)
    assert full is not None
    [ward, *_] = [ward for ward in full.wards if ward.bed_type == "icu_ventilator"]
    at_full = count_patients(full, ward, FILLING_FIRST + FILLING_UP + 0.1, SEED, SCENES.pressure)
    assert at_full.available == 0
    assert at_full.queue
    assert count_patients(full, ward, FILLING_FIRST - 0.1, SEED, SCENES.pressure).occupied < at_full.occupied


def test_a_surge_is_felt_most_in_its_kecamatan() -> None:
    where = SCENES.surge_at(SURGE_FIRST)
    assert where is not None
    near = next(place for place in PLACES if place.area_code.startswith(where) and place in SCENES.hospitals)
    emergency = next(ward for ward in near.wards if ward.bed_type == "intermediate_emergency")
    far = next(place for place in SCENES.hospitals if not place.area_code.startswith(where))
    assert SCENES.pressure(near, emergency, SURGE_FIRST) > 2 * SCENES.pressure(far, emergency, SURGE_FIRST) > 0


@pytest.mark.parametrize("place", [p for p in PLACES if p.returns < inf], ids=lambda place: place.facility_id)
def test_facilities_report_again_and_again_never_at_once(place: Place) -> None:
    for channel in place.channels:
        times = list(islice(report_times(place, channel, SEED), 30))
        assert times[0] >= place.returns
        assert all(0.01 < after - before <= 1.2 * place.every + 1e-9 for before, after in pairwise(times))
        assert times == list(islice(report_times(place, channel, SEED), 30))


def test_people_report_after_each_change_of_shift() -> None:
    place = next(p for p in PLACES if p.channels == (Channel.native,) and p.every == 2.0 and p.returns == 0)
    clock = [(hours + START_OF_DAY) % 24 for hours in islice(report_times(place, Channel.native, SEED), 40)]
    for shift in SHIFTS:
        assert any(shift < hour < shift + 0.6 for hour in clock)
