"""Reports: every fault at once, and one text for one content."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.beds.counts import BedCount
from app.domain.channels import Channel
from app.domain.errors import InvalidInput, InvalidReportId
from app.domain.reports.report import CLOCK_AHEAD_MAX, LINES_MAX, Report, ReportLine
from tests import strategies
from tests.factories import MORNING, line, report

WIB = timezone(timedelta(hours=7))


def faults(said: Report, now: datetime = MORNING) -> list[str]:
    with pytest.raises(InvalidInput) as refused:
        said.check(now)
    return [fault.pointer for fault in refused.value.faults]


def test_every_fault_is_named_at_once() -> None:
    said = report(
        line("no_such_bed"),
        line(beds_occupied=-1),
        line("ward_1", beds_total=2, beds_available=3),
        line("ward_1", closed=True),
        line("hcu", queue=1),
        minutes=6,
    )
    assert faults(said) == [
        "#/lines/0/bed_type",
        "#/lines/1/beds_occupied",
        "#/lines/2/beds_available",
        "#/lines/4",
        "#/lines/3",
        "#/observed_at",
    ]


def test_the_same_bed_type_may_be_in_two_wards_but_only_once_in_each() -> None:
    report(line(ward="A"), line(ward="B"), line()).check(MORNING)
    assert faults(report(line(ward="A"), line(ward="B"), line(ward="A"))) == ["#/lines/2"]


def test_a_closing_line_needs_no_counts_but_a_known_bed_type() -> None:
    report(line(closed=True)).check(MORNING)
    assert faults(report(line("nothing", closed=True))) == ["#/lines/0/bed_type"]


@pytest.mark.parametrize(("ahead", "is_fault"), [(timedelta(0), False), (timedelta(microseconds=1), True)])
def test_five_minutes_ahead_is_a_clock_and_more_is_refused(ahead: timedelta, is_fault: bool) -> None:
    said = replace(report(), observed_at=MORNING + CLOCK_AHEAD_MAX + ahead)
    if is_fault:
        assert faults(said) == ["#/observed_at"]
    else:
        said.check(MORNING)


def test_the_past_is_never_a_fault_of_the_report_itself() -> None:
    replace(report(), observed_at=MORNING - timedelta(days=10_000)).check(MORNING)


@pytest.mark.parametrize(("number", "pointers"), [(LINES_MAX, []), (LINES_MAX + 1, ["#/lines"])])
def test_a_report_has_at_most_512_lines(number: int, pointers: list[str]) -> None:
    said = report(*(line(ward=f"W{n}") for n in range(number)))
    if pointers:
        assert faults(said) == pointers
    else:
        said.check(MORNING)


def test_a_report_without_lines_says_something_only_if_it_is_complete() -> None:
    report(complete=True).check(MORNING)
    assert faults(Report("rs-a", Channel.native, "r", MORNING, ())) == ["#/lines"]


@pytest.mark.parametrize("report_id", ["a", "0197f0c2-5b0e-7e55-9d9c-1b8f8f3d2a11", "A.b:c_d-9", "x" * 128])
def test_a_report_id_of_the_right_form_is_taken(report_id: str) -> None:
    report(report_id=report_id).check(MORNING)


@pytest.mark.parametrize("report_id", ["", "x" * 129, "a b", "a\n", "é", "a/b", "a\x00", "٣"])
def test_a_report_id_of_another_form_is_refused_before_anything_else(report_id: str) -> None:
    said = replace(report(line("no_such_bed")), report_id=report_id)
    with pytest.raises(InvalidReportId):
        said.check(MORNING)


def test_the_same_moment_in_another_time_zone_is_the_same_content() -> None:
    here = report(report_id="a")
    there = replace(here, observed_at=here.observed_at.astimezone(WIB))
    assert there.digest() == here.digest()
    assert there.content() == here.content()


def test_the_id_is_not_part_of_the_content() -> None:
    assert report(report_id="a").digest() == report(report_id="b").digest()


@pytest.mark.parametrize(
    "other",
    [
        report(facility_id="rs-b"),
        report(channel=Channel.sirs),
        report(minutes=1),
        report(complete=True),
        report(line(), complete=True),
        report(line("hcu")),
        report(line(ward="A")),
        report(line(closed=True)),
        report(line(beds_total=10)),
        report(line(beds_total=10, beds_occupied=4, queue=0)),
        report(line(beds_total=10, beds_occupied=4, beds_blocked=1)),
        report(line(), line("hcu")),
        report(line()._replace(ward_name="ICU Garuda")),
        report(line()._replace(ward_name="")),
    ],
    ids=[
        "facility",
        "channel",
        "moment",
        "nothing",
        "complete",
        "type",
        "ward",
        "closing",
        "total",
        "queue",
        "blocked",
        "more",
        "name",
        "empty",
    ],
)
def test_any_difference_is_another_content(other: Report) -> None:
    assert other.digest() != report().digest()


@given(strategies.reports(), strategies.reports())
def test_equal_digests_are_equal_reports(one: Report, other: Report) -> None:
    assert (one.digest() == other.digest()) == (one == other)


@given(st.text(max_size=5), st.text(max_size=5))
def test_no_text_in_a_report_can_be_mistaken_for_another(one: str, other: str) -> None:
    beds = BedCount(1)
    said = [report(ReportLine("icu", one, other, beds)), report(ReportLine("icu", other, one, beds))]
    assert (said[0].content() == said[1].content()) == (one == other)


def test_the_content_is_the_same_text_for_ever() -> None:
    """A digest written years ago must be found again."""
    said = Report(
        "rs-a",
        Channel.native,
        "x",
        datetime(2026, 11, 23, 3, tzinfo=UTC),
        (ReportLine("icu", "ICU-1", "ICU Garuda", BedCount(12, 9, queue=2)), ReportLine("hcu")),
    )
    assert said.content() == (
        '{"channel":"native","complete":false,"facility_id":"rs-a","lines":['
        '{"bed_type":"icu","beds_blocked":0,"beds_occupied":9,"beds_total":12,"queue":2,'
        '"ward_code":"ICU-1","ward_name":"ICU Garuda"},'
        '{"bed_type":"hcu","closed":true,"ward_code":""}],"observed_at":"2026-11-23T03:00:00+00:00"}'
    )
