"""A line that alternates between two values more than twice an hour, and what it keeps to notice that."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.beds.counts import BedCount
from app.domain.reports.assessment import assess
from app.domain.reports.lines import ChannelState, change
from tests.factories import FACILITIES, MORNING, line, report


def said(*statements: tuple[float, str]) -> tuple[list[bool], ChannelState]:
    """Whether each statement (minutes, and a letter for its value) is found to alternate; the state after all."""
    state, found = ChannelState(), []
    for seq, (minutes, value) in enumerate(statements, start=1):
        one = report(line("hcu", beds_total=20, beds_occupied="ABC".index(value)), minutes=minutes)
        _, warnings = assess(state, one, FACILITIES[0], seq=seq, now=MORNING + timedelta(days=1))
        found.append(any(warning.code == "values_alternate" for warning in warnings))
        change(state, one, seq=seq, recorded_at=MORNING).apply_to(state)
    return found, state


def every(minutes: float, values: str) -> list[tuple[float, str]]:
    return [(minutes * place, value) for place, value in enumerate(values)]


@pytest.mark.parametrize(
    ("minutes", "values", "first"),
    [
        (5, "ABABA", 4),
        (5, "AABBAABBA", 8),
        (0, "ABABA", 4),
        (29, "ABABABA", 4),  # three returns within 58 minutes
        (31, "ABABABA", None),
        (61, "ABABABA", None),
        (5, "ABABCABAB", None),  # the third value ends it
        (5, "ABCABCABC", None),
        (5, "AAAAAAA", None),
        (5, "ABAB", None),
    ],
)
def test_the_third_return_within_an_hour_is_found(minutes: float, values: str, first: int | None) -> None:
    found, _ = said(*every(minutes, values))
    assert [place for place, alternates in enumerate(found) if alternates][:1] == ([] if first is None else [first])


def test_each_further_return_is_found_too_until_it_ends() -> None:
    assert said(*every(5, "ABABABBA"))[0] == [False] * 4 + [True, True, False, True]


@pytest.mark.parametrize(
    ("statements", "is_kept"),
    [
        ([(0, "A")], False),
        ([(0, "A"), (60, "B")], True),
        ([(0, "A"), (61, "B")], False),
        ([(0, "A"), (5, "A")], False),
        ([(0, "A"), (5, "B"), (66, "B")], False),
    ],
)
def test_a_line_keeps_values_only_if_it_changes_within_an_hour(
    statements: list[tuple[float, str]], is_kept: bool
) -> None:
    (current,) = said(*statements)[1].lines.values()
    assert (current.recent is not None) == is_kept


def test_a_closed_line_keeps_its_last_counts_alone() -> None:
    _, state = said(*every(5, "ABA"))
    change(state, report(line("hcu", closed=True), minutes=16), seq=9, recorded_at=MORNING).apply_to(state)
    assert [current.recent for current in state.lines.values()] == [(20, 0, 20)]


def test_after_a_wrong_clock_was_corrected_the_values_are_forgotten() -> None:
    _, state = said(*every(5, "ABA"))
    state.redate(MORNING)
    assert [current.recent for current in state.lines.values()] == [None]


statements = st.lists(st.tuples(st.integers(0, 25), st.sampled_from("ABC")), max_size=15)


@given(statements)
def test_what_is_kept_never_grows_and_the_rule_is_as_it_says(gaps: list[tuple[int, str]]) -> None:
    """Against the rule taken literally; no two statements here are more than an hour apart."""
    at, moments = 0, list[tuple[float, str]]()
    for gap, value in gaps:
        at += gap
        moments.append((at, value))
    found, state = said(*moments)
    assert found == list(literally(moments))
    for current in state.lines.values():
        assert len(current.recent or ()) <= 6


def literally(moments: list[tuple[float, str]]) -> Iterable[bool]:
    for place, (at, value) in enumerate(moments):
        changes: list[tuple[float, str]] = []
        for moment in moments[: place + 1]:
            if not changes or changes[-1][1] != moment[1]:
                changes.append(moment)
        returns = []
        for before, after in zip(changes, changes[2:], strict=False):
            if before[1] == after[1]:
                returns.append(after[0])
            else:
                returns = []
        is_change = place > 0 and moments[place - 1][1] != value
        yield is_change and len(returns) >= 3 and at - returns[-3] <= 60


def test_a_repeated_statement_changes_nothing() -> None:
    _, state = said(*every(5, "ABAB"))
    one = report(line("hcu", beds_total=20, beds_occupied=1), minutes=15)
    before = state.copy()
    change(state, one, seq=4, recorded_at=MORNING).apply_to(state)
    assert state == before


def test_times_and_values_are_those_of_the_statements() -> None:
    _, state = said(*every(5, "ABA"))
    (current,) = state.lines.values()
    returned: datetime = MORNING + timedelta(minutes=10)
    assert current.recent == (20, 1, 19, returned)
    assert current.beds == BedCount(20, 0).completed()
