"""Changes of a facility that are planned for a time in the future. What a change does is in `facility_change`."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

PLANS_MAX = 20  # per facility
YEARS_AHEAD_MAX = 5
AHEAD_MAX = timedelta(days=YEARS_AHEAD_MAX * 365 + 2)  # two of the years may be leap years


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """A change that takes effect at `effective_at`, planned by the principal `by`.

    Shape: `changes` has the new value of each field that changes, by the names of `FacilityChange`. `problem` says why
        it could not take effect; it is then kept without effect until an officer cancels it.
    """

    plan_id: str
    effective_at: datetime
    reason: str
    by: str
    changes: Mapping[str, Any]
    problem: str | None = None

    @property
    def opens(self) -> bool:
        """Whether it opens the facility."""
        return self.changes.get("is_open") is True


Plans = tuple[PlannedChange, ...]


def with_plan(plans: Plans, plan: PlannedChange) -> Plans:
    """With one more plan, sorted by time; plans of the same instant keep the order of their arrival."""
    return tuple(sorted((*plans, plan), key=lambda each: each.effective_at))


def without_plan(plans: Plans, plan: PlannedChange) -> Plans:
    """Without this plan."""
    return tuple(each for each in plans if each.plan_id != plan.plan_id)


def with_problem(plans: Plans, plan: PlannedChange, problem: str) -> Plans:
    """With the reason why this plan could not take effect."""
    return tuple(replace(each, problem=problem) if each.plan_id == plan.plan_id else each for each in plans)


def next_plan(plans: Plans) -> PlannedChange | None:
    """The plan that takes effect next."""
    return next((plan for plan in plans if plan.problem is None), None)
