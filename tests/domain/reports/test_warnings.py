"""Warnings about known values that are lost: counts no longer stated, totals that become unknown, closed lines."""

from datetime import timedelta
from typing import Any

import pytest

from app.domain.beds.counts import COUNT_FIELDS
from app.domain.reports.assessment import assess
from app.domain.reports.lines import ChannelState, change
from app.domain.reports.report import Report, ReportLine, ReportWarning
from tests.factories import FACILITIES, MORNING, line, report

WHOLE = {"beds_total": 10, "beds_occupied": 4}


def warnings_after(*reports: Report, facility: int = 0) -> list[ReportWarning]:
    """The warnings of the last of these reports."""
    state, warnings = ChannelState(), tuple[ReportWarning, ...]()
    for seq, one in enumerate(reports, start=1):
        now = MORNING + timedelta(days=1)
        _, warnings = assess(state, one, FACILITIES[facility], seq=seq, now=now)
        change(state, one, seq=seq, recorded_at=now).apply_to(state)
    return list(warnings)


def after(before: ReportLine, now: ReportLine) -> list[tuple[str, object]]:
    """Code and named counts of the warnings when one line follows another."""
    found = warnings_after(report(before), report(now, minutes=1))
    return [(warning.code, warning.values.get("field", warning.values.get("before"))) for warning in found]


@pytest.mark.parametrize("name", COUNT_FIELDS[4:])
def test_an_optional_count_that_is_no_longer_stated_is_named(name: str) -> None:
    before = {**WHOLE, name: 0}
    assert after(line("hcu", **before), line("hcu", **WHOLE)) == [("count_dropped", name)]
    assert after(line("hcu", **before), line("hcu", **before)) == []
    assert after(line("hcu", **WHOLE), line("hcu", **before)) == []


@pytest.mark.parametrize(
    ("before", "now", "dropped"),
    [
        ({"beds_total": 8, "beds_occupied": 4}, {"beds_total": 8}, "beds_occupied"),
        ({"beds_total": 8, "beds_available": 4}, {"beds_total": 8}, "beds_available"),
        ({"beds_total": 8, "beds_occupied": 4}, {"beds_available": 4}, "beds_total, beds_occupied"),
        ({"beds_total": 8, "beds_available": 4}, {"beds_available": 4}, "beds_total"),
        (
            {"beds_total": 8, "beds_occupied": 3, "beds_available": 4},
            {"beds_total": 8},
            "beds_occupied, beds_available",
        ),
        # The third is derived from the two that are stated now.
        ({"beds_total": 8, "beds_occupied": 4}, {"beds_total": 8, "beds_available": 4}, None),
        ({"beds_total": 8, "beds_available": 4}, {"beds_occupied": 4, "beds_available": 4}, None),
        # Blocked beds are 0 unless stated.
        ({"beds_total": 8, "beds_occupied": 4, "beds_blocked": 1}, {"beds_total": 8, "beds_occupied": 4}, None),
    ],
)
def test_of_total_occupied_and_available_those_are_named_that_were_stated(
    before: dict[str, Any], now: dict[str, Any], dropped: str | None
) -> None:
    expected = [] if dropped is None else [("count_dropped", dropped)]
    assert after(line("hcu", **before), line("hcu", **now)) == expected


def test_all_dropped_counts_are_in_one_warning_of_the_line() -> None:
    full = line("hcu", **WHOLE, queue=0, beds_planned=3)
    (warning,) = warnings_after(report(line("ward_1"), full), report(line("ward_1"), line("hcu"), minutes=1))
    assert (warning.code, warning.line) == ("count_dropped", 1)
    assert "beds_planned, queue" in warning.detail


@pytest.mark.parametrize(("total", "is_jump"), [(9, False), (10, True)])
def test_a_total_that_becomes_unknown_or_is_closed_is_a_jump_from_ten_beds_on(total: int, is_jump: bool) -> None:
    jump = [("capacity_jump", total)] * is_jump
    unknown = after(line("hcu", beds_total=total, beds_available=1), line("hcu", beds_available=1))
    assert unknown == [*jump, ("count_dropped", "beds_total")]
    assert after(line("hcu", beds_total=total), line("hcu", closed=True)) == jump


def test_a_closed_line_whose_beds_continue_under_another_type_does_not_jump() -> None:
    first = report(line("hcu", ward="A", beds_total=20), line("icu", ward="B", beds_total=20))
    moved = report(line("hcu", ward="A", closed=True), line("ward_1", ward="A", beds_total=20), minutes=1)
    assert warnings_after(first, moved) == []
    fewer = report(line("hcu", ward="A", closed=True), line("ward_1", ward="A", beds_total=10), minutes=1)
    assert [(warning.code, warning.line) for warning in warnings_after(first, fewer)] == [("capacity_jump", 0)]


def test_large_lines_that_a_complete_report_does_not_name_are_named_in_one_warning() -> None:
    first = report(line("hcu", ward="A", beds_total=20), line("ward_1", beds_total=9), line("ward_2", beds_total=30))
    (warning,) = warnings_after(first, report(line("ward_3"), minutes=1, complete=True))
    assert (warning.code, warning.line, warning.values) == ("capacity_jump", None, {"before": 50})
    assert warning.detail.endswith("closes hcu in A (20 beds), ward_2 (30 beds)")
    assert warnings_after(first, report(*first.lines, minutes=1, complete=True)) == []


def test_of_many_lines_that_a_complete_report_closes_the_first_are_named() -> None:
    first = report(*(line("hcu", ward=f"w{n}", beds_total=20) for n in range(9)))
    (warning,) = warnings_after(first, report(line("ward_3"), minutes=1, complete=True))
    assert warning.detail.endswith("hcu in w4 (20 beds) and 4 more")


def test_a_late_line_lost_nothing() -> None:
    full = report(line("hcu", **WHOLE, queue=1), minutes=5)
    assert [warning.code for warning in warnings_after(full, report(line("hcu")))] == ["late"]


def test_types_overlap_with_those_that_are_open_after_the_report() -> None:
    icu, ventilator = line("icu", beds_total=9), line("icu_ventilator", beds_total=9)
    both = warnings_after(report(icu, ventilator))
    assert [(warning.code, warning.line) for warning in both] == [("may_overlap", 0), ("may_overlap", 1)]
    assert "icu_ventilator" in both[0].detail
    assert [w.code for w in warnings_after(report(icu), report(ventilator, minutes=1))] == ["may_overlap"]
    assert warnings_after(report(icu), report(ventilator, minutes=1, complete=True)) == []
    assert warnings_after(report(icu), report(ventilator, line("icu", closed=True), minutes=1)) == []
    assert warnings_after(report(line("all_icu")), report(ventilator, minutes=1)) == []


def test_a_ventilator_at_an_isolation_site_is_told() -> None:
    assert [warning.code for warning in warnings_after(report(line("icu_ventilator")), facility=2)] == [
        "unusual_bed_type"
    ]
