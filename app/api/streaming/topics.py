"""Topics of streams: totals of areas, or single facilities. Events are encoded here, once for all listeners."""

from dataclasses import dataclass, field

from app.api.schemas.capacity import CapacityOut
from app.api.schemas.stream import ChangeOut, LeftOut
from app.api.streaming.events import encode_event, encode_position, encode_reset
from app.board.recent_changes import RecentChange
from app.domain.capacity import Filters
from app.domain.registry.facility import Facility
from app.runtime.node import Node

# How many are encoded at once: a step takes 0.1 ms, an area 1 ms, and other tasks run in between.
STEPS_AT_ONCE = 256
AREAS_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class CapacityTopic:
    """Totals of areas. A mark is the board's count of changes.

    Of events that are sent together only the last carries the position: a client that disconnects in between gets all
    of them again.
    """

    codes: tuple[str, ...]
    filters: Filters
    node: Node = field(compare=False, repr=False)

    def mark(self) -> int:
        """Return the board's current count of changes."""
        return self.node.board.changes

    def since(self, mark: int) -> tuple[int, bytes]:
        """Encode the areas that changed since, in their current state; if there are many, those that changed first."""
        board = self.node.board
        reached, events = self._encode_areas([code for code in self.codes if board.version(code) > mark])
        if mark < board.replaced_at:  # what was sent up to here is no longer part of the ledger
            events = encode_reset(board.position, None) + events
        return reached, events

    def begin(self, after: int | None) -> tuple[int, bytes]:
        """Encode the areas that may have changed since a position; all of them without one."""
        board = self.node.board
        if after is not None and after > board.position:
            mark, everything = self.begin(None)
            return mark, encode_reset(board.position, None) + everything
        return self._encode_areas([code for code in self.codes if after is None or board.settled(code) > after])

    def comment(self) -> bytes:
        """Encode the current position, for listeners that are up to date."""
        return encode_position(self.node.board.head)

    def _encode_areas(self, moved: list[str]) -> tuple[int, bytes]:
        board, mark = self.node.board, self.node.board.changes
        rest: list[str] = []
        if len(moved) > AREAS_AT_ONCE:
            moved.sort(key=board.version)
            mark = board.version(moved[AREAS_AT_ONCE - 1])  # one change affects an area and all that contain it
            rest = [code for code in moved if board.version(code) > mark]
            moved = moved[: len(moved) - len(rest)]
        documents = [CapacityOut.of(board.roll_up(code, board.now, self.filters)) for code in moved]
        last = None if rest else len(documents) - 1
        return (mark if rest else board.changes), b"".join(
            encode_event("capacity", document, board.head if place == last else None)
            for place, document in enumerate(documents)
        )


@dataclass(frozen=True, slots=True)
class ChangesTopic:
    """Changed facilities inside some areas, one event each in ledger order. A mark is one of the recent changes.

    Of several events of one entry only the last carries its position: a client that disconnects in between gets all of
    them again.
    """

    codes: tuple[str, ...]
    filters: Filters
    node: Node = field(compare=False, repr=False)

    def mark(self) -> int:
        """Return the mark of the most recent change."""
        return self.node.board.recent_changes.mark

    def since(self, mark: int) -> tuple[int, bytes]:
        """Encode the facilities that changed since, or a `reset` if the changes were discarded."""
        board = self.node.board
        missed = board.recent_changes.since(mark)
        if missed is None:
            return board.recent_changes.mark, encode_reset(board.position, board.head)
        steps, rest = missed[:STEPS_AT_ONCE], missed[STEPS_AT_ONCE:]
        sent = [(step, document) for step in steps if (document := self._build_event(step)) is not None]
        last_of_entry = {step.seq: place for place, (step, _) in enumerate(sent) if not step.by_clock}
        if rest and not rest[0].by_clock:
            last_of_entry.pop(rest[0].seq, None)
        return mark + len(steps), b"".join(
            encode_event(
                document.event, document, board.place(step.seq) if last_of_entry.get(step.seq) == place else None
            )
            for place, (step, document) in enumerate(sent)
        )

    def begin(self, after: int | None) -> tuple[int, bytes]:
        """Encode the changes after a position; without one only the current position, since nothing was missed."""
        board = self.node.board
        if after is None:
            return board.recent_changes.mark, encode_position(board.head)
        mark = None if after > board.position else board.recent_changes.after(after)
        return (
            (board.recent_changes.mark, encode_reset(board.position, board.head)) if mark is None else self.since(mark)
        )

    def comment(self) -> bytes:
        """Encode the current position, for listeners that are up to date."""
        return encode_position(self.node.board.head)

    def _build_event(self, step: RecentChange) -> ChangeOut | LeftOut | None:
        board = self.node.board
        facility = board.facility(step.facility_id)
        if self._matches(facility):
            return ChangeOut.of(board.figures(facility, board.now, self.filters), None if step.by_clock else step.seq)
        if step.before is not None and self._matches(step.before):
            return LeftOut(position=step.seq, facility_id=step.facility_id)
        return None

    def _matches(self, facility: Facility) -> bool:
        filters = self.filters
        if filters.kind and facility.kind not in filters.kind:
            return False
        if filters.operated_by and facility.operated_by not in filters.operated_by:
            return False
        return any(code in self.codes for code in self.node.board.area_target(facility.area_code).path)
