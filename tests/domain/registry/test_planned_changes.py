"""Planned changes: the order in which they take effect, what each one changes, and what is refused."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.domain.channels import Channel
from app.domain.errors import Conflict, InvalidInput
from app.domain.permissions import Verb
from app.domain.registry.facility import Facility, Switch
from app.domain.registry.facility_change import (
    FacilityChange,
    add_plan,
    await_opening,
    cancel,
    carry_out,
    due_plan,
    foresee,
    is_same_registration,
    verb_of,
)
from app.domain.registry.planned_changes import PLANS_MAX, PlannedChange, with_problem
from tests.factories import FACILITIES, MORNING

RS_A = FACILITIES[0]
HOUR = timedelta(hours=1)
YEAR_2032 = datetime(2031, 11, 23, 3, tzinfo=MORNING.tzinfo)


def plan(plan_id: str = "p", hours: float = 1, **changes: Any) -> PlannedChange:
    return PlannedChange(plan_id, MORNING + hours * HOUR, "because", "k_officer", changes or {"is_open": False})


def planned(*plans: PlannedChange, facility: Facility = RS_A) -> Facility:
    for each in plans:
        facility = add_plan(facility, each, MORNING)
    return facility


def test_plans_are_sorted_by_time_and_in_one_instant_by_arrival() -> None:
    facility = planned(plan("a", 3), plan("b", 1), plan("c", 3), plan("d", 1))
    assert [each.plan_id for each in facility.planned] == ["b", "d", "a", "c"]


def test_a_plan_is_due_from_its_time_on_and_not_before() -> None:
    facility = planned(plan())
    assert due_plan(facility, MORNING + HOUR - timedelta(microseconds=1)) is None
    assert due_plan(facility, MORNING + HOUR) == plan()


def test_a_plan_changes_its_own_fields_only_and_has_its_own_time() -> None:
    facility = planned(plan("a", name="New", is_open=False))
    between = replace(facility, name="Between", phone="024")
    done = carry_out(between, facility.planned[0])
    assert done == replace(RS_A, name="New", phone="024", closed_at=MORNING + HOUR)


def test_a_plan_that_finds_the_facility_as_it_wants_it_changes_nothing() -> None:
    closed = replace(planned(plan()), closed_at=MORNING)
    assert carry_out(closed, plan()) == replace(RS_A, closed_at=MORNING)


def test_switches_of_a_newer_version_stay() -> None:
    facility = replace(RS_A, switches=frozenset({Switch.stored("later"), Switch.sirs_status}))
    done = carry_out(facility, plan(switches=frozenset()))
    assert done.switches == {"later"}


def test_what_a_plan_will_find_includes_the_plans_before_it_and_of_the_same_instant() -> None:
    facility = planned(plan("a", 2, name="A", phone="1"), plan("b", 2, name="B"), plan("c", 3, name="C"))
    then = foresee(facility, facility.planned[1])
    assert (then.name, then.phone, [each.plan_id for each in then.planned]) == ("B", "1", ["c"])


@pytest.mark.parametrize(
    ("at", "is_taken"), [(YEAR_2032, True), (YEAR_2032 + timedelta(days=2), False)], ids=["five years", "more"]
)
def test_a_plan_is_at_most_five_years_ahead(at: datetime, is_taken: bool) -> None:
    far = replace(plan(), effective_at=at)
    if is_taken:
        assert planned(far).planned == (far,)
        return
    with pytest.raises(InvalidInput) as refused:
        planned(far)
    assert [(fault.pointer, fault.detail) for fault in refused.value.faults] == [
        ("#/effective_at", "is more than 5 years ahead")
    ]


def test_a_plan_without_a_change_is_refused() -> None:
    with pytest.raises(InvalidInput):
        add_plan(RS_A, replace(plan(), changes={}), MORNING)


def test_a_facility_has_at_most_twenty_plans() -> None:
    full = planned(*(plan(str(n), n + 1) for n in range(PLANS_MAX)))
    with pytest.raises(Conflict, match="20 planned changes; cancel one"):
        planned(plan("more"), facility=full)


def test_a_plan_with_a_problem_is_kept_and_never_due() -> None:
    facility = planned(plan("a", 1), plan("b", 2))
    facility = replace(facility, planned=with_problem(facility.planned, facility.planned[0], "no area"))
    assert [each.problem for each in facility.planned] == ["no area", None]
    assert due_plan(facility, MORNING + 9 * HOUR) == facility.planned[1]


def test_a_plan_with_a_field_of_a_newer_version_waits_for_a_newer_node() -> None:
    facility = planned(plan("a", 1, successor="rs-b"), plan("b", 2))
    assert due_plan(facility, MORNING + 9 * HOUR) is None
    assert verb_of(facility.planned[0]) is Verb.register
    assert foresee(facility, facility.planned[1]).closed_at == MORNING + 2 * HOUR


def test_the_permission_is_that_of_the_change() -> None:
    assert verb_of(plan(counting_channel=Channel.sirs)) is Verb.change_site
    assert verb_of(plan(area_code="33.75")) is Verb.register


def test_a_facility_that_opens_later_is_closed_until_then() -> None:
    given = replace(RS_A, opened_at=MORNING + HOUR)
    new = await_opening(given, "p", reason="new", by="k", now=MORNING)
    assert (new.is_open, new.awaits_opening, new.opens_at) == (False, True, MORNING + HOUR)
    assert is_same_registration(replace(new, seq=4), given)
    assert not is_same_registration(new, RS_A)
    assert carry_out(new, new.planned[0]) == given


@pytest.mark.parametrize("opened_at", [None, MORNING, MORNING - HOUR])
def test_a_facility_that_has_opened_is_registered_as_given(opened_at: datetime | None) -> None:
    given = replace(RS_A, opened_at=opened_at)
    assert await_opening(given, "p", reason="", by="k", now=MORNING) == given


def test_a_first_opening_that_is_cancelled_leaves_a_facility_that_never_was_open() -> None:
    new = await_opening(replace(RS_A, opened_at=MORNING + HOUR), "p", reason="", by="k", now=MORNING)
    left = cancel(new, new.planned[0])
    assert (left.is_open, left.opened_at, left.closed_at, left.planned) == (False, MORNING, MORNING, ())


def test_a_cancelled_reopening_keeps_the_times_of_the_past() -> None:
    closed = replace(RS_A, opened_at=MORNING - 2 * HOUR, closed_at=MORNING - HOUR)
    facility = planned(plan(is_open=True), facility=closed)
    assert facility.opens_at == MORNING + HOUR
    assert not facility.awaits_opening
    assert cancel(facility, facility.planned[0]) == closed


def test_a_plan_has_the_values_of_its_change() -> None:
    assert FacilityChange(name="x", phone=None, is_open=True).values == {"name": "x", "phone": None, "is_open": True}
