"""Counts of a line: two give the third, a surge is real, and what cannot be true is named."""

import pytest
from hypothesis import given

from app.domain.beds.counts import COUNT_FIELDS, COUNT_MAX, AvailableIs, BedCount
from tests import strategies
from tests.oracle import third

REPORTED, DERIVED = AvailableIs.reported, AvailableIs.derived


@pytest.mark.parametrize(
    ("said", "total", "occupied", "available", "available_is"),
    [
        (BedCount(10, 4), 10, 4, 6, DERIVED),
        (BedCount(10, 4, beds_blocked=1), 10, 4, 5, DERIVED),
        (BedCount(10, 8, beds_blocked=3), 10, 8, 0, DERIVED),
        (BedCount(10, beds_available=3), 10, 7, 3, REPORTED),
        (BedCount(10, beds_available=3, beds_blocked=2), 10, 5, 3, REPORTED),
        (BedCount(10, beds_available=10, beds_blocked=2), 10, 0, 10, REPORTED),
        (BedCount(None, 4, beds_available=6), 10, 4, 6, REPORTED),
        (BedCount(None, 4, beds_available=6, beds_blocked=2), 12, 4, 6, REPORTED),
        (BedCount(10, 4, beds_available=2), 10, 4, 2, REPORTED),
        (BedCount(10, 4, beds_available=9), 10, 4, 9, REPORTED),
        (BedCount(0, 0), 0, 0, 0, DERIVED),
        (BedCount(10), 10, None, None, None),
        (BedCount(None, 4), None, 4, None, None),
        (BedCount(beds_available=0), None, None, 0, REPORTED),
    ],
)
def test_two_of_total_occupied_and_available_give_the_third(
    said: BedCount, total: int | None, occupied: int | None, available: int | None, available_is: AvailableIs | None
) -> None:
    known = said.completed()
    assert (known.beds_total, known.beds_occupied, known.beds_available) == (total, occupied, available)
    assert known.available_is is available_is


@pytest.mark.parametrize("available", [None, 0, 3])
def test_in_a_surge_nothing_is_available_whatever_was_said(available: int | None) -> None:
    said = BedCount(10, 12, beds_available=available)
    assert said.faults() == []
    assert (said.completed().beds_available, said.completed().available_is) == (0, DERIVED)


@given(strategies.beds())
def test_what_was_said_is_kept_and_only_the_third_is_added(said: BedCount) -> None:
    known = said.completed()
    assert (known.beds_total, known.beds_occupied, known.beds_available) == third(said)
    for name in set(COUNT_FIELDS) - {"beds_total", "beds_occupied", "beds_available"}:
        assert getattr(known, name) == getattr(said, name)
    assert known.is_unknown == (None in third(said))
    assert known.completed() == known or known.available_is is DERIVED


@pytest.mark.parametrize("name", COUNT_FIELDS)
@pytest.mark.parametrize(("value", "is_fault"), [(-1, True), (0, False), (COUNT_MAX, False), (COUNT_MAX + 1, True)])
def test_a_count_is_from_0_to_100000(name: str, value: int, is_fault: bool) -> None:
    counts = {"beds_total": COUNT_MAX} | {name: value}
    assert (name in [field for field, _ in BedCount(**counts).faults()]) == is_fault


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        (BedCount(), [""]),
        (BedCount(queue=3, beds_planned=2), [""]),
        (BedCount(10, beds_blocked=11), ["beds_blocked"]),
        (BedCount(10, beds_available=11), ["beds_available"]),
        (BedCount(10, 4, 11, 12), ["beds_blocked", "beds_available"]),
        (
            BedCount(-1, -1, -1, -1, queue=-1),
            ["beds_total", "beds_occupied", "beds_blocked", "beds_available", "queue"],
        ),
        (BedCount(10, 10, 10), []),
        (BedCount(None, 4, 100), []),
    ],
)
def test_all_that_cannot_be_true_is_named_at_once(said: BedCount, fields: list[str]) -> None:
    assert [field for field, _ in said.faults()] == fields
