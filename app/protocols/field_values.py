"""Single fields of foreign messages read tolerantly: counts, ids and texts. One reader for all row protocols.

A required count that cannot be read is a fault of the message. Any other field that cannot be read is left out and
flagged with its name; it never causes a row to be rejected. Programs write words for an empty value (`null`, `NaN`,
`undefined`, `-`): those are empty in every field, in ids and names too. Ids that are equal as numbers are one id. A
number with exactly three zeros after its separator ("1.000") may be one or one thousand, so it is no number. Rules:
`protocols/indonesia.md` 1.3 and 7.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from app.domain.beds.counts import COUNT_MAX
from app.domain.errors import Fault, InvalidInput
from app.domain.reports.report import ReportWarning
from app.domain.text import cleaned, is_printable, printable
from app.protocols.lenient_parsing import text_of

ID_DIGITS_MAX = 18
SHOWN_LENGTH_MAX = 40
DASHES = frozenset({"-", "--", "\u2013", "\u2014"})
EMPTY_WORDS = DASHES | {
    "", "null", "(null)", "<null>", "[null]", "nil", "(nil)", "<nil>", "none", "<none>", "undefined", "<undefined>",
    "nan", "n/a", "#n/a", r"\n",
}  # fmt: skip
_WHOLE = re.compile(r"([+-]?)([0-9]{1,18})(?:[.,]0*)?")
# Indonesian and English write a thousand so; four digits and more before the separator can only have decimals.
_MAYBE_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,]000")
_MINUS = "\u2212"


class Oddities(NamedTuple):
    """What was odd about the fields of one message.

    Shape: `left_out` has the optional fields that could not be read, each with the value as it was sent; `missing`
        the required counts that were sent empty, or not at all.
    """

    left_out: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()

    def warnings(self, line: int | None) -> list[ReportWarning]:
        """The warnings, for the line at this place of the report; None for the whole of it."""
        found = [
            ReportWarning(
                "unreadable_value",
                line,
                f"{field}: {value!r} cannot be read and was left out",
                {"field": field, "value": value},
            )
            for field, value in self.left_out
        ]
        found += [
            ReportWarning(
                "count_missing", line, f"{field} is empty; a known figure is kept, with its time", {"field": field}
            )
            for field in self.missing
        ]
        return found


NOTHING_ODD = Oddities()


class FieldReader:
    """Reads the members of one message, and remembers what was odd about them."""

    def __init__(self, said: Mapping[str, Any]) -> None:
        self._said = said
        self._left_out: dict[str, str] = {}
        self._missing: list[str] = []
        self._faults: list[Fault] = []

    @property
    def oddities(self) -> Oddities:
        """What was odd so far."""
        return Oddities(tuple(self._left_out.items()), tuple(self._missing))

    def check(self) -> None:
        """Raises: InvalidInput, naming every required count that could not be read."""
        if self._faults:
            raise InvalidInput(*self._faults)

    def required(self, name: str, *, least: int = 0) -> int | None:
        """A required count; None where it is absent or empty."""
        if name not in self._said:
            return None
        value = self._said[name]
        if is_empty(value):
            self._missing.append(name)
            return None
        count = whole_number(value)
        if count is None or not least <= count <= COUNT_MAX:
            self._faults.append(not_a_count(name))
            return None
        return count

    def optional(self, name: str, *, least: int = 0) -> int | None:
        """An optional count: 0 where it is null or blank, None where it is absent or was left out."""
        value = self._said.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            return 0 if name in self._said else None
        count = None if is_empty(value) else whole_number(value)
        if count is None or not least <= count <= COUNT_MAX:
            self._leave_out(name)
            return None
        return count

    def is_left_out(self, name: str) -> bool:
        """Whether this field was sent, and could not be read."""
        return name in self._left_out

    def switch(self, name: str) -> int | None:
        """A field that is 1 or 0: any positive number is 1."""
        if isinstance(value := self._said.get(name), bool):
            return int(value)
        count = self.optional(name)
        return None if count is None else min(count, 1)

    def text(self, name: str, *, most: int | None = None) -> str:
        """A code; empty where there is none. One longer than `most` is cut, and flagged.

        Characters that no screen shows are taken out, and flagged.
        """
        text = self.as_sent(name, most=most)
        if not is_printable(text):
            self._leave_out(name)
        return printable(text).strip()

    def as_sent(self, name: str, *, most: int | None = None) -> str:
        """A name as it was sent; empty where there is none. One longer than `most` is cut, and flagged."""
        value = self._said.get(name)
        if isinstance(value, (dict, list, bool)):
            self._leave_out(name)
            return ""
        text = "" if is_empty(value) else text_of(value)
        if most is not None and len(text) > most:
            self._leave_out(name)
            return text[:most].rstrip()
        return text

    def row_id(self, name: str) -> str:
        """An id of a row: a positive number as text; empty where there is none."""
        value = self._said.get(name)
        if is_empty(value):
            return ""
        if row_id := positive(value):
            return row_id
        if whole_number(value) != 0:
            self._leave_out(name)
        return ""

    def _leave_out(self, name: str) -> None:
        self._left_out[name] = cleaned(str(self._said[name]))[:SHOWN_LENGTH_MAX]


def is_empty(value: object) -> bool:
    """Whether nothing was sent, or a word that programs write for nothing."""
    if isinstance(value, float):
        return value != value  # noqa: PLR0124 - NaN, which JSON readers accept
    return value is None or (isinstance(value, str) and value.strip().casefold() in EMPTY_WORDS)


def whole_number(value: object) -> int | None:
    """A whole number, sent as a number or as text (`7`, `" 7 "`, `7.0`, `-2`); None where it is none.

    The text `1.000` is none: nobody knows whether it says one or one thousand.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    if not isinstance(value, str):
        return None
    text = value.strip().replace(_MINUS, "-")
    found = None if _MAYBE_THOUSANDS.fullmatch(text) else _WHOLE.fullmatch(text)
    return None if found is None else int(found[1] + found[2])


def positive(value: object) -> str:
    """A positive number in the one way to write it: without leading zeros, sign and decimals; empty where it is none.

    Shape: two ids are the same where this text is.
    """
    number = whole_number(value)
    return "" if number is None or not 0 < number < 10**ID_DIGITS_MAX else str(number)


def not_a_count(name: str) -> Fault:
    """The fault of a required count that is no count."""
    return Fault(name, f"harus bilangan bulat dari 0 sampai {COUNT_MAX}")


def is_required(name: str) -> Fault:
    """The fault of a required count that is absent or empty, and not known from before."""
    return Fault(name, "diperlukan, sebagai bilangan bulat 0 atau lebih")
