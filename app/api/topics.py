"""What streams tell: areas added up, or facilities one by one; encoded here, once for all who listen."""

from dataclasses import dataclass, field

from fastapi.sse import format_sse_event
from pydantic import BaseModel

from app.actions.node import Node
from app.api.schemas.capacity import CapacityOut
from app.api.schemas.stream import ChangeOut, ResetOut
from app.board.trail import Step
from app.domain.capacity import Filters


@dataclass(frozen=True, slots=True)
class CapacityTopic:
    """Areas added up. A mark is the board's count of changes."""

    codes: tuple[str, ...]
    filters: Filters
    node: Node = field(compare=False, repr=False)

    def mark(self) -> int:
        """How far the board has come."""
        return self.node.board.changes

    def since(self, mark: int) -> bytes:
        """The areas that moved since, each as it is now."""
        return b"".join(self._event(code) for code in self.codes if self.node.board.version(code) > mark)

    def begin(self, after: int | None) -> bytes:
        """The areas that may have moved since a position; all without one."""
        board = self.node.board
        if after is not None and after > board.position:
            return reset(self.node) + self.begin(None)
        return b"".join(self._event(code) for code in self.codes if after is None or board.settled(code) > after)

    def _event(self, code: str) -> bytes:
        board = self.node.board
        document = CapacityOut.of(board.roll_up(code, board.now, self.filters))
        return _event("capacity", document, board.position)


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
        return self.node.board.trail.mark

    def since(self, mark: int) -> bytes:
        """The facilities that changed since, or a `reset` where that is not known any more."""
        steps = self.node.board.trail.since(mark)
        if steps is None:
            return reset(self.node)
        told = [(step, document) for step in steps if (document := self._document(step)) is not None]
        last_of_entry = {step.seq: place for place, (step, _) in enumerate(told) if not step.by_clock}
        return b"".join(
            _event("change", document, step.seq if last_of_entry.get(step.seq) == place else None)
            for place, (step, document) in enumerate(told)
        )

    def begin(self, after: int | None) -> bytes:
        """What has changed after a position; without one nothing, since nothing has been missed."""
        if after is None:
            return b""
        mark = None if after > self.node.board.position else self.node.board.trail.after(after)
        return reset(self.node) if mark is None else self.since(mark)

    def _document(self, step: Step) -> ChangeOut | None:
        board, filters = self.node.board, self.filters
        facility = board.facility(step.facility_id)
        if filters.kind and facility.kind not in filters.kind:
            return None
        if filters.operated_by and facility.operated_by not in filters.operated_by:
            return None
        if not any(code in self.codes for code in board.area_target(facility.area_code).path):
            return None
        return ChangeOut.of(board.figures(facility, board.now, filters), None if step.by_clock else step.seq)


def reset(node: Node) -> bytes:
    """The event that says: what you missed is not known here, begin anew."""
    return _event("reset", ResetOut(position=node.board.position), node.board.position)


def _event(name: str, document: BaseModel, position: int | None) -> bytes:
    return format_sse_event(
        data_str=document.model_dump_json(), event=name, id=None if position is None else str(position)
    )
