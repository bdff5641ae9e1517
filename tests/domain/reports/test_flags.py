"""Flags of a current line: each alone, several in one order, and none for ordinary figures."""

import pytest

from app.domain.beds.counts import BedCount
from app.domain.registry.facility import FacilityKind
from app.domain.reports.flags import FLAGS, flags_of


def flags(
    bed_type: str = "ward_1",
    *,
    kind: FacilityKind = FacilityKind.hospital,
    beds_stated: int | None = None,
    reported: frozenset[str] = frozenset({"ward_1", "ward_2"}),
    **counts: int,
) -> tuple[str, ...]:
    beds = BedCount(**(counts or {"beds_total": 10, "beds_occupied": 4})).completed()
    return flags_of(bed_type, beds, kind=kind, beds_stated=beds_stated, reported=reported)


@pytest.mark.parametrize("kind", FacilityKind)
@pytest.mark.parametrize(
    "counts",
    [
        {"beds_total": 10, "beds_occupied": 10, "queue": 5},
        {"beds_total": 10, "beds_occupied": 4, "queue": 0},
        {"beds_total": 10, "beds_occupied": 4, "beds_available": 2, "occupied_suspected": 1, "occupied_confirmed": 3},
        {"beds_available": 3},
        {"beds_total": 10, "occupied_confirmed": 99},
        {"beds_total": 0, "beds_occupied": 0},
    ],
)
def test_ordinary_figures_have_no_flag(counts: dict[str, int], kind: FacilityKind) -> None:
    assert flags("isolation", kind=kind, beds_stated=8, **counts) == ()


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"beds_total": 10, "beds_occupied": 11}, "over_capacity"),
        ({"beds_total": 10, "beds_occupied": 4, "beds_available": 7}, "total_mismatch"),
        ({"beds_total": 10, "beds_occupied": 4, "occupied_suspected": 2, "occupied_confirmed": 3}, "split_mismatch"),
        ({"beds_total": 10, "beds_occupied": 4, "queue": 1}, "free_beside_queue"),
        ({"beds_available": 1, "queue": 1}, "free_beside_queue"),
    ],
)
def test_each_flag_of_counts(counts: dict[str, int], expected: str) -> None:
    assert flags(**counts) == (expected,)


@pytest.mark.parametrize(
    ("total", "stated", "is_above"),
    [(125, 100, False), (126, 100, True), (10, None, False), (1, 0, True), (0, 0, False), (6, 5, False), (7, 5, True)],
)
def test_a_line_may_exceed_the_registered_beds_by_a_quarter(total: int, stated: int | None, is_above: bool) -> None:
    assert flags(beds_total=total, beds_stated=stated) == ("above_stated",) * is_above


@pytest.mark.parametrize("kind", FacilityKind)
@pytest.mark.parametrize("bed_type", ["icu_ventilator", "icu_no_ventilator", "icu"])
def test_a_ventilator_is_unusual_at_an_isolation_site_only(bed_type: str, kind: FacilityKind) -> None:
    is_unusual = bed_type == "icu_ventilator" and kind is FacilityKind.isolation_site
    assert flags(bed_type, kind=kind) == ("unusual_bed_type",) * is_unusual


def test_a_whole_and_its_part_may_overlap() -> None:
    reported = frozenset({"icu", "icu_ventilator", "ward_1"})
    assert flags("icu", reported=reported) == flags("icu_ventilator", reported=reported) == ("may_overlap",)
    assert flags("icu", reported=frozenset({"icu", "ward_1"})) == ()


def test_several_flags_have_one_order() -> None:
    found = flags(
        "icu_ventilator",
        kind=FacilityKind.isolation_site,
        beds_stated=2,
        reported=frozenset({"icu"}),
        beds_total=10,
        beds_occupied=8,
        beds_available=5,
        queue=1,
        occupied_confirmed=9,
    )
    assert ("over_capacity", *found) == FLAGS
