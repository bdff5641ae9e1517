"""Rows of areas in streams, encoded once for all listeners as long as the figures stay as they are."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from app.api.http.response_cache import moment_of
from app.api.schemas.capacity import CapacityOut
from app.board.board import Board
from app.domain.capacity import Filters

BYTES_MAX = 16 * 1024 * 1024


class RowName(NamedTuple):
    """An area, or with `is_unplaced` the facilities that are registered in the area itself."""

    code: str
    is_unplaced: bool = False


class EncodedRow(NamedTuple):
    """A row, split where its position and time belong. It holds while the version is this one."""

    version: int
    parts: Sequence[bytes]


@dataclass(slots=True)
class EncodedRows:
    """The rows of one process, the oldest encoding first."""

    _rows: dict[tuple[RowName, Filters], EncodedRow] = field(default_factory=dict)
    _bytes: int = 0

    def has(self, name: RowName, filters: Filters, version: int) -> bool:
        """Whether this version of a row is encoded."""
        row = self._rows.get((name, filters))
        return row is not None and row.version == version

    def row(self, board: Board, name: RowName, filters: Filters, version: int) -> EncodedRow:
        """The row as it is now; `version` is that of its figures."""
        row = self._rows.get((name, filters))
        if row is None or row.version != version:
            row = EncodedRow(version, _encode(board, name, filters))
            self._keep((name, filters), row)
        return row

    def _keep(self, key: tuple[RowName, Filters], row: EncodedRow) -> None:
        self._drop(key)
        self._rows[key] = row
        self._bytes += sum(map(len, row.parts))
        while self._bytes > BYTES_MAX:
            self._drop(next(iter(self._rows)))

    def _drop(self, key: tuple[RowName, Filters]) -> None:
        row = self._rows.pop(key, None)
        if row is not None:
            self._bytes -= sum(map(len, row.parts))


def _encode(board: Board, name: RowName, filters: Filters) -> list[bytes]:
    read = board.unplaced if name.is_unplaced else board.roll_up
    document = CapacityOut.of(read(name.code, board.now, filters))
    return document.model_dump_json().encode().split(moment_of(board.position, board.now))
