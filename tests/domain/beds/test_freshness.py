"""Freshness at its boundaries."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.beds.freshness import Freshness, Thresholds, hours
from app.domain.registry.facility import DEFAULT_THRESHOLDS, FacilityKind
from tests.factories import MORNING

TICK = timedelta(microseconds=1)
FRESH, STALE, SILENT = Freshness.fresh, Freshness.stale, Freshness.silent


@pytest.mark.parametrize(("kind", "stale", "silent"), [(k, 24, 72) for k in FacilityKind if k != "hospital"] + [
    (FacilityKind.hospital, 6, 24)
])  # fmt: skip
def test_the_limits_are_those_of_the_contract(kind: FacilityKind, stale: int, silent: int) -> None:
    assert DEFAULT_THRESHOLDS[kind] == hours(stale, silent)


@pytest.mark.parametrize(
    ("age", "judged", "next_change"),
    [
        (timedelta(minutes=-5), FRESH, 6),
        (timedelta(0), FRESH, 6),
        (timedelta(hours=6), FRESH, 6),
        (timedelta(hours=6) + TICK, STALE, 24),
        (timedelta(hours=24), STALE, 24),
        (timedelta(hours=24) + TICK, SILENT, None),
        (timedelta(days=400), SILENT, None),
    ],
)
def test_at_exactly_the_limit_it_has_not_passed_yet(age: timedelta, judged: Freshness, next_change: int | None) -> None:
    thresholds = hours(6, 24)
    assert thresholds.judge(MORNING, MORNING + age) is judged
    change = thresholds.next_change(MORNING, MORNING + age)
    assert change == (None if next_change is None else MORNING + timedelta(hours=next_change))


@given(st.integers(1, 50), st.integers(0, 50), st.integers(-10, 120))
def test_the_judgement_holds_up_to_its_next_change_and_not_longer(stale: int, more: int, age: int) -> None:
    thresholds = Thresholds(timedelta(hours=stale), timedelta(hours=stale + more))
    now = MORNING + timedelta(hours=age)
    judged, until = thresholds.judge(MORNING, now), thresholds.next_change(MORNING, now)
    if until is None:
        assert judged is SILENT
    else:
        assert until >= now
        assert thresholds.judge(MORNING, until) is judged
        assert thresholds.judge(MORNING, until + TICK) is not judged


@pytest.mark.parametrize(
    ("stale", "silent", "is_fault"),
    [(1, 1, False), (1, 2, False), (2, 1, True), (0, 1, True), (-1, 1, True), (0.5, 1, True), (1, 1.5, True)],
)
def test_limits_are_whole_seconds_and_in_order(stale: float, silent: float, is_fault: bool) -> None:
    limits = Thresholds(timedelta(seconds=stale), timedelta(seconds=silent))
    assert (limits.fault() is not None) == is_fault
