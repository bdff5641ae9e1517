"""The XML of SIRANAP v1, read piece by piece: no DTD, no entities, no tree, and no more cells than one report has."""

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from app.domain.errors import Fault, InvalidInput
from app.domain.report import LINES_MAX
from app.domain.tolerant import Unreadable

PIECE_LENGTH = 4096


def too_many_cells() -> InvalidInput:
    """The refusal of a message with more cells than a report may have."""
    return InvalidInput(Fault("data", f"paling banyak {LINES_MAX} dalam satu permintaan"))


class _Cells:
    """A target for the parser: the children of each `data` element, by name."""

    def __init__(self) -> None:
        self.found: list[dict[str, str]] = []
        self._name: str | None = None
        self._depth = 0  # inside a `data` element; 0 outside
        self._text: list[str] = []
        self._is_in_field = False

    def start(self, tag: str, _attributes: Mapping[str, str]) -> None:
        if self._depth:
            self._depth += 1
            if self._depth == 2:
                self._name, self._text = tag, []
            self._is_in_field = self._depth == 2  # text after an element inside a field is not the field's
        elif tag == "data":
            if len(self.found) >= LINES_MAX:
                raise too_many_cells()
            self.found.append({})
            self._depth = 1

    def data(self, text: str) -> None:
        if self._is_in_field:
            self._text.append(text)

    def end(self, _tag: str) -> None:
        if self._depth == 2 and self._name is not None:
            self.found[-1][self._name] = "".join(self._text)
        self._depth = max(0, self._depth - 1)
        self._is_in_field = False

    def close(self) -> None:
        """Nothing is left to do."""


def read_xml(text: str) -> list[Mapping[str, Any]]:
    """What each `data` element says. Raises: Unreadable, with the place; InvalidInput, where there are too many."""
    cells = _Cells()
    parser = DefusedXMLParser(target=cells, forbid_dtd=True)
    try:
        for at in range(0, len(text), PIECE_LENGTH):
            parser.feed(text[at : at + PIECE_LENGTH])
        parser.close()
    except ParseError as error:
        line, column = error.position
        starts = [0, *(at + 1 for at, character in enumerate(text) if character == "\n")]
        raise Unreadable(text, starts[min(line, len(starts)) - 1] + column, wanted="XML atau JSON") from None
    except DefusedXmlException:
        raise Unreadable(text, max(0, text.find("<!")), wanted="XML tanpa DTD") from None
    except ValueError:  # a declared encoding that nobody knows
        raise Unreadable(text, 0, wanted="XML atau JSON") from None
    return list(cells.found)
