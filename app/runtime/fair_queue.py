"""A queue with a share for each sender: what one of them sends never keeps the others waiting for long.

Senders take turns, and each turn is worth a bounded amount of work; a long piece of work is taken in parts. Work is
counted in lines, since those are what writing costs. (Deficit round robin, Shreedhar and Varghese 1995, with parts in
the place of deficits.)
"""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from app.domain.errors import Overloaded


class Piece(Protocol):
    """What waits: some units of work, in order, that belong together."""

    sender: str

    @property
    def units_left(self) -> int:
        """How much of it has not been taken yet."""


P = TypeVar("P", bound=Piece)


@dataclass(slots=True)
class FairQueue(Generic[P]):
    """Pieces of work by sender, taken in turns.

    `share` is what one sender may have waiting, `total` what all may have together; a sender that has nothing waiting
    is let in until there is twice that, so that those who fill the queue keep nobody out. One piece is always taken
    whole into the queue, however large: its size is limited by whoever reads it.
    """

    share: int
    total: int
    _of: OrderedDict[str, deque[P]] = field(default_factory=OrderedDict)  # the sender whose turn it is stands first
    _units: dict[str, int] = field(default_factory=dict)
    units: int = 0

    def __bool__(self) -> bool:
        return bool(self._of)

    def put(self, piece: P) -> None:
        """Let it wait behind all that its sender has sent before. Raises: Overloaded."""
        mine = self._units.get(piece.sender, 0)
        if mine and (mine + piece.units_left > self.share or self.units >= self.total):
            raise Overloaded
        if self.units >= 2 * self.total:
            raise Overloaded
        self._of.setdefault(piece.sender, deque()).append(piece)
        self._count(piece.sender, piece.units_left)

    def first(self) -> P:
        """The piece whose turn it is."""
        return next(iter(self._of.values()))[0]

    def took(self, piece: P, units: int) -> None:
        """So many units of the first piece were taken, perhaps all; it is the next sender's turn."""
        mine = self._of[piece.sender]
        self._count(piece.sender, -units)
        if not piece.units_left:
            mine.popleft()
        if mine:
            self._of.move_to_end(piece.sender)
        else:
            del self._of[piece.sender]

    def remove(self, piece: P) -> bool:
        """Let it not wait any longer; False where it was taken whole already."""
        mine = self._of.get(piece.sender)
        if mine is None or piece not in mine:
            return False
        mine.remove(piece)
        self._count(piece.sender, -piece.units_left)
        if not mine:
            del self._of[piece.sender]
        return True

    def clear(self) -> list[P]:
        """Take all that waits."""
        pieces = [piece for mine in self._of.values() for piece in mine]
        self._of.clear()
        self._units.clear()
        self.units = 0
        return pieces

    def _count(self, sender: str, units: int) -> None:
        self.units += units
        left = self._units.get(sender, 0) + units
        if left:
            self._units[sender] = left
        else:
            self._units.pop(sender, None)
