"""The topic of an area's children: their rows that changed, and the area's own."""

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import NamedTuple

from app.api.http.response_cache import moment_of
from app.api.streaming.encoded_rows import EncodedRow, EncodedRows, RowName
from app.api.streaming.events import encode_event, encode_position, encode_reset
from app.domain.capacity import Filters
from app.runtime.node import Node

# Rows of one event. Encoding one takes up to 1 ms, sending one that is encoded some microseconds.
ENCODED_AT_ONCE = 8
ROWS_AT_ONCE = 64
COMPARED_MAX = 256  # children of one topic whose last row is remembered


class _Known(NamedTuple):
    """What was sent of a row: its digest, which holds since a mark, and the version for which that was checked."""

    version: int
    digest: bytes
    since: int


@dataclass(frozen=True, slots=True)
class ChildrenTopic:
    """Rows of an area's children that changed. A mark is twice the board's count of changes, or twice that plus one.

    An odd mark belongs to a listener that is in the middle of many rows, or has just begun. Of several events that are
    sent together only the last carries the position.

    A change below a child need not concern the filters: a row is left out if it is equal to what a listener has.
    `_known` has the last row of each child at every even mark, or nothing. Entries that no longer hold are dropped
    whenever a listener reaches an even mark.
    """

    code: str
    filters: Filters
    node: Node = field(compare=False, repr=False)
    rows: EncodedRows = field(compare=False, repr=False)
    _known: dict[RowName, _Known] = field(default_factory=dict, compare=False, repr=False)

    def mark(self) -> int:
        """Return the current mark."""
        return 2 * self.node.board.changes

    def since(self, mark: int) -> tuple[int, bytes]:
        """Encode the rows that changed since; if there are many, those that changed first."""
        board = self.node.board
        count, is_between = divmod(mark, 2)
        if not is_between and board.version(self.code) <= count:
            return self.mark(), b""
        is_void = count < max(board.replaced_at, board.rearranged_at)  # rows may be gone, or no part of the ledger
        changed = board.changed_rows(self.code, since=count)
        reached, events = self._encode(changed, None if is_between or is_void else mark)
        return reached, (encode_reset(board.position, None) if is_void else b"") + events

    def begin(self, after: int | None) -> tuple[int, bytes]:
        """Encode the rows that may have changed since a position; all of them without one."""
        board = self.node.board
        if after is not None and (after > board.position or board.recent_changes.after(after) is None):
            mark, everything = self.begin(None)
            return mark, encode_reset(board.position, None) + everything
        changed = board.changed_rows(self.code) if after is None else board.changed_rows(self.code, after=after)
        # Other listeners' object of this topic does not know of this one's rows: it begins at an odd mark.
        reached, events = self._encode(changed, None)
        return reached | 1, events

    def comment(self) -> bytes:
        """Encode the current position, for listeners that are up to date."""
        return encode_position(self.node.board.head)

    def _encode(self, changed: list[tuple[int, str | None]], mark: int | None) -> tuple[int, bytes]:
        """Encode one event of changed rows. `mark` is what the listener has; None if that is not known exactly."""
        board = self.node.board
        changed.sort()
        sent: list[tuple[RowName, EncodedRow]] = []
        encoded, place, reached = 0, 0, self.mark()
        looked_at: set[RowName] = set()
        for place, (version, child) in enumerate(changed, start=1):  # noqa: B007
            name = RowName(self.code, is_unplaced=True) if child is None else RowName(child)
            encoded += not self.rows.has(name, self.filters, version)
            row = self.rows.row(board, name, self.filters, version)
            looked_at.add(name)
            if self._is_new(name, row, mark):
                sent.append((name, row))
            if encoded >= ENCODED_AT_ONCE or len(sent) >= ROWS_AT_ONCE:
                break
        is_whole = place == len(changed)
        if is_whole:
            self._forget_unchecked(looked_at)
        else:
            reached = 2 * changed[place - 1][0] + 1
        return reached, self._event(sent, is_whole=is_whole) if sent else b""

    def _is_new(self, name: RowName, row: EncodedRow, mark: int | None) -> bool:
        """Compare a row with what a listener at this mark has, and remember it."""
        digest, known = blake2b(b"".join(row.parts), digest_size=8).digest(), self._known.get(name)
        if known is None or known.digest != digest:
            if known is not None or len(self._known) < COMPARED_MAX:
                self._known[name] = _Known(row.version, digest, self.mark())
            return True
        self._known[name] = known._replace(version=row.version)
        return mark is None or known.since > mark

    def _forget_unchecked(self, looked_at: set[RowName]) -> None:
        """Drop the rows that have changed since they were compared, and were not looked at now."""
        board = self.node.board
        versions = {name: version for version, name in board.changed_rows(self.code)}
        for name in [name for name in self._known if name not in looked_at]:
            if versions.get(None if name.is_unplaced else name.code) != self._known[name].version:
                del self._known[name]

    def _event(self, rows: list[tuple[RowName, EncodedRow]], *, is_whole: bool) -> bytes:
        board = self.node.board
        moment = moment_of(board.position, board.now)
        own = self.rows.row(board, RowName(self.code), self.filters, board.version(self.code))
        children = b",".join(moment.join(row.parts) for name, row in rows if not name.is_unplaced)
        unplaced = next((moment.join(row.parts) for name, row in rows if name.is_unplaced), b"null")
        document = b'{%b,"children":[%b],"unplaced":%b,"total":%b}' % (
            moment,
            children,
            unplaced,
            moment.join(own.parts),
        )
        return encode_event("children", document, board.head if is_whole else None)
