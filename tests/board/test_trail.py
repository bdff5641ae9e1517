"""Which facilities changed: marks, positions, and what is forgotten."""

import pytest

from app.board import trail as module
from app.board.trail import Step, Trail


def by_entry(seq: int, facility_id: str = "a") -> Step:
    return Step(seq, facility_id, by_clock=False)


def by_clock(seq: int, facility_id: str = "a") -> Step:
    return Step(seq, facility_id, by_clock=True)


def test_what_came_after_a_position():
    trail = Trail()
    steps = [by_entry(1), by_entry(2, "b"), by_entry(2, "c"), by_entry(4)]
    for step in steps:
        trail.add(step)
    assert [trail.since(trail.after(position)) for position in range(5)] == [
        steps,
        steps[1:],
        steps[3:],
        steps[3:],
        [],
    ]


def test_what_the_clock_did_after_an_entry_is_told_again_with_its_position():
    trail = Trail()
    for step in (by_entry(1), by_clock(1, "b"), by_clock(1, "c"), by_entry(2)):
        trail.add(step)
    assert trail.since(trail.after(1)) == [by_clock(1, "b"), by_clock(1, "c"), by_entry(2)]
    assert trail.since(trail.after(2)) == []


def test_a_mark_is_told_only_what_came_after_it():
    trail = Trail()
    trail.add(by_entry(1))
    mark = trail.mark
    assert trail.since(mark) == []
    trail.add(by_entry(2))
    assert trail.since(mark) == [by_entry(2)]


def test_what_was_pushed_out_is_known_to_be_forgotten(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "STEPS_KEPT", 3)
    trail = Trail()
    first = trail.mark
    for seq in range(1, 5):
        trail.add(by_entry(seq))
    assert trail.since(first) is None
    assert trail.after(0) is None
    assert trail.since(trail.after(1)) == [by_entry(2), by_entry(3), by_entry(4)]


def test_an_entry_that_was_pushed_out_in_part_is_forgotten(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "STEPS_KEPT", 3)
    trail = Trail()
    for step in (by_entry(1, "a"), by_entry(1, "b"), by_entry(2), by_entry(3)):
        trail.add(step)
    assert trail.after(0) is None
    assert trail.since(trail.after(1)) == [by_entry(2), by_entry(3)]


def test_it_begins_with_what_the_store_knows():
    trail = Trail()
    trail.forget(10)
    trail.add(by_entry(11, "a"))
    trail.add(by_entry(13, "b"))
    assert trail.after(9) is None
    assert trail.since(trail.after(10)) == [by_entry(11), by_entry(13, "b")]


def test_it_begins_after_the_last_entry_whose_facilities_are_not_listed():
    trail = Trail()
    trail.forget(10)
    trail.add(by_entry(11, "a"))
    trail.forget(12)
    trail.add(by_entry(13, "b"))
    assert trail.after(11) is None
    assert trail.since(trail.after(12)) == [by_entry(13, "b")]
