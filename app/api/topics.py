"""What streams tell: areas added up, or facilities one by one; encoded here, once for all who listen."""

from dataclasses import dataclass, field

from fastapi.sse import format_sse_event
from pydantic import BaseModel

from app.actions.node import Node
from app.api.schemas.capacity import CapacityOut
from app.api.schemas.stream import ChangeOut, ResetOut
from app.board.trail import Step
from app.domain.capacity import Filters

# As many steps are told at a stretch: each takes 0.1 ms, and others have their turn in between.
STEPS_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class CapacityTopic:
    """Areas added up. A mark is the board's count of changes."""

    codes: tuple[str, ...]
    filters: Filters
    node: Node = field(compare=False, repr=False)

    def mark(self) -> int:
        """How far the board has come."""
        return self.node.board.changes

    def since(self, mark: int) -> tuple[int, bytes]:
        """The areas that moved since, each as it is now."""
        board = self.node.board
        return board.changes, b"".join(self._event(code) for code in self.codes if board.version(code) > mark)

    def begin(self, after: int | None) -> tuple[int, bytes]:
        """The areas that may have moved since a position; all without one."""
        board = self.node.board
        if after is not None and after > board.position:
            mark, everything = self.begin(None)
            return mark, _reset(board.position) + everything
        moved = (code for code in self.codes if after is None or board.settled(code) > after)
        return board.changes, b"".join(map(self._event, moved))

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

    def since(self, mark: int) -> tuple[int, bytes]:
        """The facilities that changed since, or a `reset` where that is not known any more."""
        board = self.node.board
        missed = board.trail.since(mark)
        if missed is None:
            return board.trail.mark, _reset(board.position)
        steps, rest = missed[:STEPS_AT_ONCE], missed[STEPS_AT_ONCE:]
        told = [(step, document) for step in steps if (document := self._document(step)) is not None]
        last_of_entry = {step.seq: place for place, (step, _) in enumerate(told) if not step.by_clock}
        if rest and not rest[0].by_clock:
            last_of_entry.pop(rest[0].seq, None)
        return mark + len(steps), b"".join(
            _event("change", document, step.seq if last_of_entry.get(step.seq) == place else None)
            for place, (step, document) in enumerate(told)
        )

    def begin(self, after: int | None) -> tuple[int, bytes]:
        """What has changed after a position; without one nothing, since nothing has been missed."""
        board = self.node.board
        if after is None:
            return board.trail.mark, b""
        mark = None if after > board.position else board.trail.after(after)
        return (board.trail.mark, _reset(board.position)) if mark is None else self.since(mark)

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


def _reset(position: int) -> bytes:
    """What was missed is not known here: begin anew."""
    return _event("reset", ResetOut(position=position), position)


def _event(name: str, document: BaseModel, position: int | None) -> bytes:
    return format_sse_event(
        data_str=document.model_dump_json(), event=name, id=None if position is None else str(position)
    )
