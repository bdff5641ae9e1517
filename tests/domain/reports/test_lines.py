"""The join: of all statements about a line the one with the highest (observed_at, seq) counts, in any order."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.reports import lines
from app.domain.reports.assessment import assess
from app.domain.reports.lines import ChannelState, Moment, change
from app.domain.reports.report import LineKey, Outcome, Report
from tests import strategies
from tests.factories import FACILITIES, MORNING, line, report
from tests.oracle import Said, is_late, late_lines, open_lines, third

ICU = LineKey("", "icu")
HOSPITAL = FACILITIES[0]


def hear(state: ChannelState, said: Report, seq: int) -> Outcome:
    """One report as the store and the board take it in."""
    now = MORNING + timedelta(hours=1)
    outcome, _ = assess(state, said, HOSPITAL, seq=seq, now=now)
    change(state, said, seq=seq, recorded_at=now).apply_to(state)
    return outcome


def state_after(said: Sequence[Said]) -> ChannelState:
    state = ChannelState()
    for one in said:
        hear(state, one.report, one.seq)
    return state


def totals(state: ChannelState) -> dict[str, int | None]:
    """The totals of the open lines, by bed type."""
    return {key.bed_type: line.beds.beds_total for key, line in state.lines.items() if line.beds is not None}


many = st.lists(strategies.reports(bed_types=("icu", "hcu"), minutes_max=3, implausible=False), max_size=6)


@given(many, st.data())
def test_any_order_of_any_reports_gives_the_same_state(reports: list[Report], data: st.DataObject) -> None:
    said = [Said(one, seq) for seq, one in enumerate(reports, start=1)]
    shuffled = state_after(data.draw(st.permutations(said)))
    assert shuffled.without_recent() == state_after(said).without_recent()


@given(many, st.data())
def test_any_order_of_arrival_gives_the_same_figures(reports: list[Report], data: st.DataObject) -> None:
    """With positions as they are given out on arrival, where no two reports are of one moment."""
    apart = list({one.observed_at: one for one in reports}.values())
    shuffled = data.draw(st.permutations(apart))
    before, after = (state_after([Said(one, n) for n, one in enumerate(order, 1)]) for order in (apart, shuffled))

    def figures(state: ChannelState) -> dict[LineKey, object]:
        return {key: (line.beds, line.moment.observed_at) for key, line in state.lines.items()}

    assert figures(after) == figures(before)
    assert (after.newest and after.newest.observed_at) == (before.newest and before.newest.observed_at)


@given(many)
def test_what_stands_is_what_the_contract_says_taken_literally(reports: list[Report]) -> None:
    state, before = ChannelState(), []
    for seq, one in enumerate(reports, start=1):
        new = Said(one, seq)
        outcome, warnings = assess(state, one, HOSPITAL, seq=seq, now=MORNING)
        assert (outcome is Outcome.late) == is_late(before, new)
        assert [w.line for w in warnings if w.code == "late"] == late_lines(before, new)
        hear(state, one, seq)
        before.append(new)
        expected = {key: third(line.beds) for key, (line, _) in open_lines(before)[0].items() if line.beds}
        stands = {
            key: (line.beds.beds_total, line.beds.beds_occupied, line.beds.beds_available)
            for key, line in state.lines.items()
            if line.beds is not None
        }
        assert stands == expected
        assert state.newest == max(Moment(*one.moment) for one in before)


disbelieved = st.lists(strategies.reports(bed_types=("icu", "hcu"), minutes_max=3), max_size=6)


@given(disbelieved)
def test_lines_and_implausible_statements_are_what_the_contract_says_in_any_order_of_arrival(
    reports: list[Report],
) -> None:
    state, before = ChannelState(), []
    for seq, one in enumerate(reports, start=1):
        hear(state, one, seq)
        before.append(Said(one, seq))
        lines, implausible = open_lines(before)
        stands = {key: line.moment.seq for key, line in state.lines.items() if line.beds is not None}
        assert stands == {key: said.seq for key, (_, said) in lines.items()}
        assert set(state.implausible) == implausible


@given(many)
def test_hearing_a_report_twice_is_hearing_it_once(reports: list[Report]) -> None:
    said = [Said(one, seq) for seq, one in enumerate(reports, start=1)]
    assert state_after([*said, *said]) == state_after(said)


@given(many)
def test_a_late_report_moves_no_figure(reports: list[Report]) -> None:
    state = ChannelState()
    for seq, one in enumerate(reports, start=1):
        before = dict(state.lines)
        if hear(state, one, seq) is Outcome.late:
            assert state.lines == before


def test_of_two_statements_of_one_moment_the_later_in_the_ledger_stands() -> None:
    first, second = Said(report(line(beds_total=1)), 1), Said(report(line(beds_total=2)), 2)
    assert totals(state_after([first, second])) == {"icu": 2}
    assert totals(state_after([second, first])) == {"icu": 2}
    assert is_late([second], first)


def test_a_tie_with_a_complete_report_goes_by_the_ledger_too() -> None:
    gone, named = report(complete=True), report(line(beds_total=2))
    assert totals(state_after([Said(gone, 1), Said(named, 2)])) == {"icu": 2}
    assert totals(state_after([Said(named, 1), Said(gone, 2)])) == {}


def test_a_report_is_silent_about_the_lines_that_it_does_not_name() -> None:
    state = state_after(
        [Said(report(line("icu"), line("hcu")), 1), Said(report(line("hcu", beds_total=3), minutes=1), 2)]
    )
    assert totals(state) == {"icu": 10, "hcu": 3}


def test_a_complete_report_closes_what_it_does_not_name() -> None:
    state = state_after(
        [Said(report(line("icu"), line("hcu")), 1), Said(report(line("hcu"), minutes=1, complete=True), 2)]
    )
    assert totals(state) == {"hcu": 10}


def test_an_older_report_does_not_open_what_a_complete_one_closed() -> None:
    state = ChannelState()
    hear(state, report(minutes=5, complete=True), 1)
    assert hear(state, report(line(), minutes=4), 2) is Outcome.late
    assert totals(state) == {}


def test_a_late_complete_report_closes_only_what_is_older_than_itself() -> None:
    state = state_after([Said(report(line("hcu"), minutes=0), 1), Said(report(line("icu"), minutes=5), 2)])
    assert hear(state, report(line("ward_1"), minutes=3, complete=True), 3) is Outcome.applied
    assert totals(state) == {"icu": 10, "ward_1": 10}


def test_an_older_report_does_not_open_a_closed_line() -> None:
    state = ChannelState()
    hear(state, report(line(closed=True), minutes=5), 1)
    assert hear(state, report(line(), minutes=4), 2) is Outcome.late
    assert totals(state) == {}
    assert hear(state, report(line(), minutes=6), 3) is Outcome.applied
    assert totals(state) == {"icu": 10}


def test_a_report_of_which_one_line_is_late_is_applied_with_a_warning() -> None:
    state = state_after([Said(report(line("icu", beds_total=1), minutes=5), 1)])
    outcome, warnings = assess(state, report(line("icu"), line("hcu")), HOSPITAL, seq=2, now=MORNING)
    assert (outcome, [(w.code, w.line) for w in warnings]) == (Outcome.applied, [("late", 0)])


def test_a_complete_report_whose_own_lines_are_late_is_applied_if_it_closes_others() -> None:
    state = state_after([Said(report(line("icu"), minutes=5), 1), Said(report(line("hcu")), 2)])
    assert hear(state, report(line("icu", beds_total=1), minutes=3, complete=True), 3) is Outcome.applied
    assert totals(state) == {"icu": 10}


@pytest.mark.parametrize("minutes", [4, 5])
def test_an_empty_complete_report_is_late_where_a_newer_complete_one_is_known(minutes: int) -> None:
    state = state_after([Said(report(complete=True, minutes=5), 1)])
    outcome, _ = assess(state, report(complete=True, minutes=minutes), HOSPITAL, seq=2, now=MORNING)
    assert outcome is (Outcome.late if minutes == 4 else Outcome.applied)


def test_a_report_that_says_nothing_new_still_makes_its_channel_fresh() -> None:
    state = state_after([Said(report(line("icu")), 1), Said(report(line("hcu"), minutes=9), 2)])
    assert state.newest == Moment(MORNING + timedelta(minutes=9), 2)
    assert state.lines[ICU].moment == Moment(MORNING, 1)


def test_a_late_report_does_not_make_its_channel_older() -> None:
    state = state_after([Said(report(minutes=9), 1), Said(report(), 2)])
    assert state.newest == Moment(MORNING + timedelta(minutes=9), 1)


@pytest.mark.parametrize(
    ("counts", "codes"),
    [
        ({"beds_total": 10, "beds_occupied": 4}, []),
        ({"beds_total": 10, "beds_occupied": 11}, ["over_capacity"]),
        ({"beds_total": 10, "beds_occupied": 10}, []),
        ({"beds_total": 10, "beds_occupied": 4, "beds_available": 7}, ["total_mismatch"]),
        ({"beds_total": 10, "beds_occupied": 4, "beds_available": 6}, []),
        ({"beds_total": 10, "beds_occupied": 4, "beds_available": 2}, []),
        ({"beds_total": 10, "beds_occupied": 4, "occupied_suspected": 2, "occupied_confirmed": 3}, ["split_mismatch"]),
        ({"beds_total": 10, "beds_occupied": 4, "occupied_suspected": 1, "occupied_confirmed": 3}, []),
        ({"beds_total": 10, "occupied_confirmed": 99}, []),
        (
            {"beds_total": 10, "beds_occupied": 11, "occupied_confirmed": 12},
            ["over_capacity", "split_mismatch"],
        ),
        ({"beds_available": 3}, []),
    ],
)
def test_what_is_odd_about_a_line_is_a_warning(counts: dict[str, int], codes: list[str]) -> None:
    _, warnings = assess(ChannelState(), report(line("hcu"), line(**counts)), HOSPITAL, seq=1, now=MORNING)
    assert [(w.code, w.line) for w in warnings] == [(code, 1) for code in codes]


@pytest.mark.parametrize(
    ("before", "after", "is_jump"),
    [
        *[(20, 30, False), (20, 31, True), (20, 10, False), (20, 9, True), (10, 1, False), (10, 19, False)],
        *[(0, 10, True), (0, 9, False), (100, 150, False), (100, 151, True), (100, 49, True), (18, 28, True)],
    ],
)
def test_a_total_that_moves_by_more_than_half_and_ten_beds_is_a_jump(before: int, after: int, is_jump: bool) -> None:
    state = state_after([Said(report(line(beds_total=before)), 1)])
    _, warnings = assess(
        state, report(line(beds_total=after), minutes=1), HOSPITAL, seq=2, now=MORNING + timedelta(hours=1)
    )
    assert [w.code for w in warnings] == ["capacity_jump"] * is_jump


def test_a_line_that_was_closed_or_had_no_total_does_not_jump() -> None:
    for before in (line(closed=True), line(beds_available=5)):
        _, warnings = assess(
            state_after([Said(report(before), 1)]),
            report(line(beds_total=99, beds_available=5), minutes=1),
            HOSPITAL,
            seq=2,
            now=MORNING + timedelta(hours=1),
        )
        assert warnings == ()


def test_a_late_line_has_no_other_warning_than_that() -> None:
    state = state_after([Said(report(minutes=5), 1)])
    _, warnings = assess(state, report(line(beds_total=99, beds_occupied=100)), HOSPITAL, seq=2, now=MORNING)
    assert [w.code for w in warnings] == ["late"]


@pytest.mark.parametrize(("minutes", "codes"), [(0, []), (1, ["clock_ahead"])])
def test_a_report_of_the_near_future_is_a_warning(minutes: int, codes: list[str]) -> None:
    _, warnings = assess(ChannelState(), report(minutes=minutes), HOSPITAL, seq=1, now=MORNING)
    assert [(w.code, w.line) for w in warnings] == [(code, None) for code in codes]


# Forgetting closed lines.


@st.composite
def of_many_wards(draw: st.DrawFn, *, in_order: bool) -> list[Said]:
    """Reports about more wards than are kept; with `in_order` each is newer than those before."""
    found = []
    for seq in range(1, draw(st.integers(1, 25)) + 1):
        wards = draw(st.lists(st.integers(0, 30), min_size=1, max_size=3, unique=True))
        lines = [line("icu", ward=f"{n:02}", closed=draw(st.sampled_from((True, False, True)))) for n in wards]
        minutes = seq if in_order else draw(st.integers(0, 25))
        found.append(Said(report(*lines, minutes=minutes, complete=draw(st.integers(0, 9)) == 0), seq))
    return found


def is_open_in(state: ChannelState) -> set[LineKey]:
    return {key for key, found in state.lines.items() if found.beds is not None}


@contextmanager
def few_are_kept() -> Iterator[None]:
    """A fixture would not be of one example."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(lines, "OPEN_LINES_MAX", 0)  # that only has to do with what is let in
        patched.setattr(lines, "LINES_KEPT_MAX", 6)
        patched.setattr(lines, "FORGOTTEN_AT_ONCE", 1)
        yield


@given(of_many_wards(in_order=True))
def test_forgetting_closed_lines_changes_no_figure(said: list[Said]) -> None:
    with few_are_kept():
        state = state_after(said)
    assert is_open_in(state) == open_lines(said)[0].keys()
    assert len(state.lines) <= max(6, len(is_open_in(state)) + 2)  # one for the forgotten, and the highest ward code


@given(of_many_wards(in_order=False))
def test_no_late_report_opens_a_line_that_was_closed_and_forgotten(said: list[Said]) -> None:
    with few_are_kept():
        state = state_after(said)
    assert is_open_in(state) <= open_lines(said)[0].keys()


@given(of_many_wards(in_order=False))
def test_a_change_that_forgets_is_the_same_when_it_is_made_twice(said: list[Said]) -> None:
    with few_are_kept():
        state = state_after(said[:-1])
        effect = change(state, said[-1].report, seq=said[-1].seq, recorded_at=MORNING)
    effect.apply_to(state)
    before = state.copy()
    effect.apply_to(state)
    assert state == before


def test_ten_thousand_lines_are_kept_and_then_the_oldest_closed_ones_forgotten() -> None:
    state = ChannelState()
    for start in range(0, 10_000, 500):
        wards = [line("icu", ward=f"w{n:05}", closed=n >= 100) for n in range(start, start + 500)]
        hear(state, report(*wards, minutes=start // 500), start + 1)
    assert len(state.lines) == 10_000
    hear(state, report(line("icu", ward="new"), minutes=30), 20_000)
    assert len(state.lines) == 10_000 - lines.FORGOTTEN_AT_ONCE + 1  # the one that represents all of them
    assert len(is_open_in(state)) == 101
    assert LineKey("w00100", "icu") not in state.lines
    assert LineKey("w00700", "icu") in state.lines
    assert hear(state, report(line("icu", ward="w00100")), 20_001) is Outcome.late
