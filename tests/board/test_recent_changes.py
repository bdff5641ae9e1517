"""Which facilities changed: marks, positions, and what is forgotten."""

import pytest

from app.board import recent_changes as module
from app.board.recent_changes import RecentChange, RecentChanges


def by_entry(seq: int, facility_id: str = "a") -> RecentChange:
    return RecentChange(seq, facility_id, by_clock=False)


def by_clock(seq: int, facility_id: str = "a") -> RecentChange:
    return RecentChange(seq, facility_id, by_clock=True)


def test_what_came_after_a_position():
    recent_changes = RecentChanges()
    steps = [by_entry(1), by_entry(2, "b"), by_entry(2, "c"), by_entry(4)]
    for step in steps:
        recent_changes.add(step)
    assert [recent_changes.since(recent_changes.after(position)) for position in range(5)] == [
        steps,
        steps[1:],
        steps[3:],
        steps[3:],
        [],
    ]


def test_what_the_clock_did_after_an_entry_is_told_again_with_its_position():
    recent_changes = RecentChanges()
    for step in (by_entry(1), by_clock(1, "b"), by_clock(1, "c"), by_entry(2)):
        recent_changes.add(step)
    assert recent_changes.since(recent_changes.after(1)) == [by_clock(1, "b"), by_clock(1, "c"), by_entry(2)]
    assert recent_changes.since(recent_changes.after(2)) == []


def test_a_mark_is_told_only_what_came_after_it():
    recent_changes = RecentChanges()
    recent_changes.add(by_entry(1))
    mark = recent_changes.mark
    assert recent_changes.since(mark) == []
    recent_changes.add(by_entry(2))
    assert recent_changes.since(mark) == [by_entry(2)]


def test_what_was_pushed_out_is_known_to_be_forgotten(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "CHANGES_KEPT", 3)
    recent_changes = RecentChanges()
    first = recent_changes.mark
    for seq in range(1, 5):
        recent_changes.add(by_entry(seq))
    assert recent_changes.since(first) is None
    assert recent_changes.after(0) is None
    assert recent_changes.since(recent_changes.after(1)) == [by_entry(2), by_entry(3), by_entry(4)]


def test_an_entry_that_was_pushed_out_in_part_is_forgotten(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "CHANGES_KEPT", 3)
    recent_changes = RecentChanges()
    for step in (by_entry(1, "a"), by_entry(1, "b"), by_entry(2), by_entry(3)):
        recent_changes.add(step)
    assert recent_changes.after(0) is None
    assert recent_changes.since(recent_changes.after(1)) == [by_entry(2), by_entry(3)]


def test_it_begins_with_what_the_store_knows():
    recent_changes = RecentChanges()
    recent_changes.forget(10)
    recent_changes.add(by_entry(11, "a"))
    recent_changes.add(by_entry(13, "b"))
    assert recent_changes.after(9) is None
    assert recent_changes.since(recent_changes.after(10)) == [by_entry(11), by_entry(13, "b")]


def test_it_begins_after_the_last_entry_whose_facilities_are_not_listed():
    recent_changes = RecentChanges()
    recent_changes.forget(10)
    recent_changes.add(by_entry(11, "a"))
    recent_changes.forget(12)
    recent_changes.add(by_entry(13, "b"))
    assert recent_changes.after(11) is None
    assert recent_changes.since(recent_changes.after(12)) == [by_entry(13, "b")]
