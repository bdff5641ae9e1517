"""What streams tell: areas added up, or facilities one by one; encoded here, once for all who listen."""

from dataclasses import dataclass, field

from fastapi.sse import format_sse_event
from pydantic import BaseModel

from app.api.schemas.capacity import CapacityOut
from app.api.schemas.stream import ChangeOut, LeftOut, ResetOut
from app.board.recent_changes import RecentChange
from app.domain.capacity import Filters
from app.domain.ledger import Position
from app.domain.registry.facility import Facility
from app.runtime.node import Node

# Begin after this and whatever came before is unknown: the client is told to begin again.
NOWHERE = 2**63

# As many are told at a stretch: a step takes 0.1 ms, an area 1 ms, and others have their turn in between.
STEPS_AT_ONCE = 256
AREAS_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class CapacityTopic:
    """Areas added up. A mark is the board's count of changes.

    Of events that are told together only the last carries the position: who is cut off between them hears all again.
    """

    codes: tuple[str, ...]
    filters: Filters
    node: Node = field(compare=False, repr=False)

    def mark(self) -> int:
        """How far the board has come."""
        return self.node.board.changes

    def since(self, mark: int) -> tuple[int, bytes]:
        """The areas that moved since, each as it is now; where they are many, those that moved first."""
        board = self.node.board
        reached, events = self._told([code for code in self.codes if board.version(code) > mark])
        if mark < board.replaced_at:  # what was told up to here is no longer part of the ledger
            events = _event("reset", ResetOut(position=board.position), None) + events
        return reached, events

    def begin(self, after: int | None) -> tuple[int, bytes]:
        """The areas that may have moved since a position; all without one."""
        board = self.node.board
        if after is not None and after > board.position:
            mark, everything = self.begin(None)
            return mark, _event("reset", ResetOut(position=board.position), None) + everything
        return self._told([code for code in self.codes if after is None or board.settled(code) > after])

    def comment(self) -> bytes:
        """What is said to who is up to date and has not heard of anything for a while: how far that is."""
        return _position(self.node.board.head)

    def _told(self, moved: list[str]) -> tuple[int, bytes]:
        board, mark = self.node.board, self.node.board.changes
        rest: list[str] = []
        if len(moved) > AREAS_AT_ONCE:
            moved.sort(key=board.version)
            mark = board.version(moved[AREAS_AT_ONCE - 1])  # one change moves an area with all around it
            rest = [code for code in moved if board.version(code) > mark]
            moved = moved[: len(moved) - len(rest)]
        documents = [CapacityOut.of(board.roll_up(code, board.now, self.filters)) for code in moved]
        last = None if rest else len(documents) - 1
        return (mark if rest else board.changes), b"".join(
            _event("capacity", document, board.head if place == last else None)
            for place, document in enumerate(documents)
        )


@dataclass(frozen=True, slots=True)
class ChangesTopic:
    """Facilities inside some areas that changed, one event each in order of the ledger. A mark is one of the trail's.

    Several events of one entry carry its position on the last of them: who is cut off between them hears all again.
    """

    codes: tuple[str, ...]
    filters: Filters
    node: Node = field(compare=False, repr=False)

    def mark(self) -> int:
        """How far the trail has come."""
        return self.node.board.recent_changes.mark

    def since(self, mark: int) -> tuple[int, bytes]:
        """The facilities that changed since, or a `reset` where that is not known any more."""
        board = self.node.board
        missed = board.recent_changes.since(mark)
        if missed is None:
            return board.recent_changes.mark, _reset(board.head)
        steps, rest = missed[:STEPS_AT_ONCE], missed[STEPS_AT_ONCE:]
        told = [(step, document) for step in steps if (document := self._document(step)) is not None]
        last_of_entry = {step.seq: place for place, (step, _) in enumerate(told) if not step.by_clock}
        if rest and not rest[0].by_clock:
            last_of_entry.pop(rest[0].seq, None)
        return mark + len(steps), b"".join(
            _event(document.event, document, board.place(step.seq) if last_of_entry.get(step.seq) == place else None)
            for place, (step, document) in enumerate(told)
        )

    def begin(self, after: int | None) -> tuple[int, bytes]:
        """What has changed after a position; without one nothing has been missed, and the client is told how far."""
        board = self.node.board
        if after is None:
            return board.recent_changes.mark, _position(board.head)
        mark = None if after > board.position else board.recent_changes.after(after)
        return (board.recent_changes.mark, _reset(board.head)) if mark is None else self.since(mark)

    def comment(self) -> bytes:
        """As of `CapacityTopic`."""
        return _position(self.node.board.head)

    def _document(self, step: RecentChange) -> ChangeOut | LeftOut | None:
        board = self.node.board
        facility = board.facility(step.facility_id)
        if self._is_of(facility):
            return ChangeOut.of(board.figures(facility, board.now, self.filters), None if step.by_clock else step.seq)
        if step.before is not None and self._is_of(step.before):
            return LeftOut(position=step.seq, facility_id=step.facility_id)
        return None

    def _is_of(self, facility: Facility) -> bool:
        filters = self.filters
        if filters.kind and facility.kind not in filters.kind:
            return False
        if filters.operated_by and facility.operated_by not in filters.operated_by:
            return False
        return any(code in self.codes for code in self.node.board.area_target(facility.area_code).path)


def _position(place: Position) -> bytes:
    """No event: the client notes where to go on from."""
    return f"id: {place}\n\n".encode()


def _reset(place: Position) -> bytes:
    """What was missed is not known here: begin again."""
    return _event("reset", ResetOut(position=place.seq), place)


def _event(name: str, document: BaseModel, place: Position | None) -> bytes:
    return format_sse_event(data_str=document.model_dump_json(), event=name, id=None if place is None else str(place))
