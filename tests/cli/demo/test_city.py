"""The plan of the simulated city: plausible, complete, and the same for the same seed."""

import re
from collections import Counter
from math import inf

import pytest

from app.cli.demo.city import Place, bpjs_code, plan_city
from app.cli.demo.senders.aplicares import class_of
from app.cli.demo.senders.siranap_v1 import codes_of
from app.domain.beds.bed_types import BED_TYPES, BY_APLICARES
from app.domain.channels import Channel
from app.domain.registry.facility import DEFAULT_THRESHOLDS, IDENTIFIER_PATTERN, FacilityKind
from app.protocols.siranap_v1 import codes as siranap
from tests.cli.demo.registry import FACILITIES

SEEDS = range(1, 6)


def hospitals(seed: int) -> list[Place]:
    return [place for place in plan_city(FACILITIES, seed) if place.kind is FacilityKind.hospital]


def test_the_same_seed_plans_the_same_city_and_another_one_another() -> None:
    assert plan_city(FACILITIES, 1) == plan_city(FACILITIES, 1)
    assert plan_city(FACILITIES, 1) != plan_city(FACILITIES, 2)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_facility_has_as_many_beds_as_the_register_states(seed: int) -> None:
    places = {place.facility_id: place for place in plan_city(FACILITIES, seed)}
    assert places.keys() == {facility.facility_id for facility in FACILITIES}
    for facility in FACILITIES:
        place = places[facility.facility_id]
        assert place.beds == (facility.beds_stated or place.beds)
        assert all(ward.beds > 0 for ward in place.wards)
        assert len({ward.code for ward in place.wards}) == len(place.wards)


@pytest.mark.parametrize("seed", SEEDS)
def test_hospitals_use_all_protocols_some_of_them_two(seed: int) -> None:
    channels = [place.channels for place in hospitals(seed)]
    assert {each for used in channels for each in used} == {
        *(Channel.native, Channel.sirs, Channel.aplicares, Channel.siranap_v1)
    }
    assert Counter(map(len, channels)).keys() == {1, 2}


@pytest.mark.parametrize("seed", SEEDS)
def test_each_ward_can_be_said_in_each_protocol_of_its_hospital(seed: int) -> None:
    for place in hospitals(seed):
        for ward in place.wards:
            assert BED_TYPES[ward.bed_type].sirs
            assert class_of(ward.bed_type) in BY_APLICARES
            room_class, kind = codes_of(ward)
            assert room_class in siranap.CLASSES
            assert kind in siranap.KINDS
        rows = [(ward.bed_type, ward.name) for ward in place.wards]
        assert len(set(rows)) == len(rows), "two rows of SIRS Online would be one"


@pytest.mark.parametrize("seed", SEEDS)
def test_some_are_late_silent_lapsed_or_never_heard_of(seed: int) -> None:
    places = plan_city(FACILITIES, seed)
    for kind in (FacilityKind.hospital, FacilityKind.clinic):
        limits = DEFAULT_THRESHOLDS[kind]
        stale, silent = limits.stale_after.total_seconds() / 3600, limits.silent_after.total_seconds() / 3600
        newest = [place.ages[-1] if place.ages else inf for place in places if place.kind is kind]
        assert sum(stale < age < silent for age in newest) >= 3
        assert sum(silent < age < inf for age in newest) == 2
        assert newest.count(inf) == 1
    assert [place.kind for place in places if place.ages and place.ages[-1] > 30 * 24] == [FacilityKind.isolation_site]


def test_invented_codes_of_the_insurer_look_invented() -> None:
    codes = [bpjs_code(facility) for facility in FACILITIES if facility.kind is FacilityKind.hospital]
    assert len(set(codes)) == len(codes)
    assert all(code.startswith("DEMO") for code in codes)
    assert all(re.match(IDENTIFIER_PATTERN, code) for code in codes)
