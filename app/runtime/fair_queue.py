"""A fair queue: the work of one sender never delays the others for long.

Senders take turns, and each turn covers a bounded amount of work; a long piece of work is taken in parts. Work is
counted in lines, which determine the cost of writing. (Deficit round robin, Shreedhar and Varghese 1995, with parts
instead of deficits.)
"""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from app.domain.errors import Overloaded


class Piece(Protocol):
    """An item of the queue: some units of work, in order, that belong together."""

    sender: str

    @property
    def units_left(self) -> int:
        """The number of units that have not been taken yet."""


P = TypeVar("P", bound=Piece)


@dataclass(slots=True)
class FairQueue(Generic[P]):
    """Pieces of work by sender, taken in turns.

    A piece is always queued whole, whatever its size: the code that reads the request limits it. A sender with nothing
    waiting is accepted until the queue holds twice `total`, so that senders who fill the queue lock nobody out.
    Units: `share` is the number of units that one sender may have waiting, `total` that of all together.
    """

    share: int
    total: int
    _of: OrderedDict[str, deque[P]] = field(default_factory=OrderedDict)  # by sender, in the order of their turns
    _units: dict[str, int] = field(default_factory=dict)
    units: int = 0

    def __bool__(self) -> bool:
        return bool(self._of)

    def put(self, piece: P) -> None:
        """Add it behind the earlier pieces of its sender. Raises: Overloaded."""
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

    def take(self, piece: P, units: int) -> None:
        """Take these units of the first piece, partly or completely, and give the next sender its turn."""
        mine = self._of[piece.sender]
        self._count(piece.sender, -units)
        if not piece.units_left:
            mine.popleft()
        if mine:
            self._of.move_to_end(piece.sender)
        else:
            del self._of[piece.sender]

    def remove(self, piece: P) -> bool:
        """Remove it from the queue. Returns False if it was already taken completely."""
        mine = self._of.get(piece.sender)
        if mine is None or piece not in mine:
            return False
        mine.remove(piece)
        self._count(piece.sender, -piece.units_left)
        if not mine:
            del self._of[piece.sender]
        return True

    def clear(self) -> list[P]:
        """Remove and return all pieces."""
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
