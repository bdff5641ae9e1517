"""Incremental parser for the XML of SIRANAP v1: no DTD, no entities, no tree, at most as many cells as a report.

Other requests run between two chunks. A thread would not help: the parser calls back into Python for each element, so
the event loop would wait for the interpreter as long as for the parser itself.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from app.domain.errors import Fault, InvalidInput
from app.domain.reports.report import LINES_MAX
from app.limits.time_slices import TimeSlices
from app.protocols.lenient_parsing import Unreadable

PIECE_LENGTH = 4096  # under a millisecond
DEPTH_MAX = 16
ELEMENTS_MAX = 16 * LINES_MAX  # a cell has nine


def too_many_cells() -> InvalidInput:
    """Return the refusal of a message with more cells than a report may have."""
    return InvalidInput(Fault("data", f"paling banyak {LINES_MAX} dalam satu permintaan"))


class _Cells:
    """Parser target that collects the children of each `data` element by name."""

    def __init__(self) -> None:
        self.found: list[dict[str, str]] = []
        self._depth = self._elements = 0
        self._data_depth: int | None = None  # depth of the open `data` element
        self._text: list[str] = []
        self._is_in_field = False

    def start(self, tag: str, _attributes: Mapping[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > DEPTH_MAX or self._elements > ELEMENTS_MAX:
            limits = f"paling dalam {DEPTH_MAX} tingkat, paling banyak {ELEMENTS_MAX} elemen"
            raise InvalidInput(Fault("xml", limits))
        if self._data_depth is not None:
            # Text after a nested element does not belong to the field.
            self._is_in_field = self._depth == self._data_depth + 1
            self._text = [] if self._is_in_field else self._text
        elif tag == "data":
            if len(self.found) >= LINES_MAX:
                raise too_many_cells()
            self.found.append({})
            self._data_depth = self._depth

    def data(self, text: str) -> None:
        if self._is_in_field:
            self._text.append(text)

    def end(self, tag: str) -> None:
        if self._data_depth is not None:
            if self._depth == self._data_depth + 1:
                self.found[-1][tag] = "".join(self._text)
            elif self._depth == self._data_depth:
                self._data_depth = None
        self._is_in_field = False
        self._depth -= 1

    def close(self) -> None:
        """Required by the parser; nothing to do."""


async def read_xml(text: str, slices: TimeSlices) -> list[Mapping[str, Any]]:
    """Parse the `data` elements. Raises: Unreadable, with the position; InvalidInput, if there are too many."""
    cells = _Cells()
    parser = DefusedXMLParser(target=cells, forbid_dtd=True)
    try:
        await slices.steps(_feed_pieces(parser, text))
    except ParseError as error:
        line, column = error.position
        starts = [0, *(at + 1 for at, character in enumerate(text) if character == "\n")]
        raise Unreadable(text, starts[min(line, len(starts)) - 1] + column, wanted="XML atau JSON") from None
    except DefusedXmlException:
        raise Unreadable(text, max(0, text.find("<!")), wanted="XML tanpa DTD") from None
    except ValueError:  # an unknown declared encoding
        raise Unreadable(text, 0, wanted="XML atau JSON") from None
    return list(cells.found)


def _feed_pieces(parser: DefusedXMLParser, text: str) -> Iterator[None]:
    for at in range(0, len(text), PIECE_LENGTH):
        parser.feed(text[at : at + PIECE_LENGTH])
        yield
    parser.close()
