"""Chance that depends on the seed and a name only, not on the order in which it is asked."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")


def chance(*names: object) -> float:
    """A number from 0 up to 1, always the same for the same names."""
    digest = hashlib.sha256("|".join(map(str, names)).encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64


def between(low: float, high: float, *names: object) -> float:
    """A number in this range."""
    return low + (high - low) * chance(*names)


def pick(options: Sequence[T], *names: object) -> T:
    """One of these."""
    return options[int(chance(*names) * len(options))]


def shuffled(items: Iterable[T], *names: object) -> list[T]:
    """These in another order."""
    return sorted(items, key=lambda item: chance(*names, item))
