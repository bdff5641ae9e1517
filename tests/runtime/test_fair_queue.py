"""The queue with shares: senders in turn, each in its own order, and no one kept out by another."""

from dataclasses import dataclass

import pytest

from app.domain.errors import Overloaded
from app.runtime.fair_queue import FairQueue


@dataclass(eq=False)
class Work:
    sender: str
    units_left: int = 1


def take_all(queue: FairQueue[Work], *, turn: int = 10**9) -> list[tuple[str, int]]:
    """Who was taken from, and how much, in this order."""
    taken = []
    while queue:
        piece = queue.first()
        units = min(turn, piece.units_left)
        piece.units_left -= units
        queue.take(piece, units)
        taken.append((piece.sender, units))
    assert queue.units == 0
    return taken


def test_senders_take_turns_and_each_keeps_its_order() -> None:
    queue = FairQueue[Work](share=100, total=100)
    for sender, units in [("a", 1), ("a", 2), ("a", 3), ("b", 4), ("c", 5), ("b", 6)]:
        queue.put(Work(sender, units))
    assert take_all(queue) == [("a", 1), ("b", 4), ("c", 5), ("a", 2), ("b", 6), ("a", 3)]


def test_a_long_piece_is_taken_in_parts_between_those_of_others() -> None:
    queue = FairQueue[Work](share=100, total=100)
    for sender, units in [("a", 5), ("b", 1), ("b", 1)]:
        queue.put(Work(sender, units))
    assert take_all(queue, turn=2) == [("a", 2), ("b", 1), ("a", 2), ("b", 1), ("a", 1)]


def test_one_sender_has_a_share_and_a_single_piece_may_be_larger() -> None:
    queue = FairQueue[Work](share=10, total=100)
    queue.put(Work("a", 50))
    with pytest.raises(Overloaded):
        queue.put(Work("a", 1))
    queue.put(Work("b", 6))
    queue.put(Work("b", 4))
    with pytest.raises(Overloaded):
        queue.put(Work("b", 1))


def test_a_full_queue_lets_in_who_has_nothing_waiting_until_it_holds_twice_as_much() -> None:
    queue = FairQueue[Work](share=100, total=10)
    queue.put(Work("a", 10))
    with pytest.raises(Overloaded):
        queue.put(Work("a", 1))
    for n in range(10):
        queue.put(Work(f"b{n}"))
    with pytest.raises(Overloaded):
        queue.put(Work("c"))


def test_what_waits_can_be_taken_back() -> None:
    queue = FairQueue[Work](share=100, total=100)
    first, second = Work("a", 3), Work("a", 4)
    queue.put(first)
    queue.put(second)
    assert queue.remove(second)
    assert not queue.remove(second)
    assert queue.units == 3
    assert queue.remove(first)
    assert not queue
    queue.put(first)
    queue.put(second)
    assert queue.clear() == [first, second]
    assert (bool(queue), queue.units) == (False, 0)
