"""Tolerant parsing of single fields of foreign messages: counts, ids and texts, for all row protocols.

An unreadable required count is a fault of the message. Any other unreadable field is left out and flagged with its
name; it never causes a row to be rejected. Some programs send words for an empty value (`null`, `NaN`, `undefined`,
`-`): those are empty in every field, including ids and names. Ids that are equal as numbers are the same id. A number
with exactly three zeros after its separator ("1.000") may be one or one thousand, so it is not a number. Rules:
`docs/protocols/common.md`.
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
# A thousand in Indonesian or English notation; with four or more digits before the separator only decimals can follow.
_MAYBE_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,]000")
_MINUS = "\u2212"


class Oddities(NamedTuple):
    """What was unusual about the fields of one message.

    Shape: `left_out` has the unreadable optional fields, each with the value as sent; `missing` has the required counts
        that were sent empty or not at all.
    """

    left_out: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()

    def warnings(self, line: int | None) -> list[ReportWarning]:
        """Return the warnings for the line at this index of the report; None for the report as a whole."""
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
    """Reads the members of one message and collects their oddities."""

    def __init__(self, members: Mapping[str, Any]) -> None:
        self._members = members
        self._left_out: dict[str, str] = {}
        self._missing: list[str] = []
        self._faults: list[Fault] = []

    @property
    def oddities(self) -> Oddities:
        """The oddities found so far."""
        return Oddities(tuple(self._left_out.items()), tuple(self._missing))

    def check(self) -> None:
        """Check the required counts. Raises: InvalidInput, naming every required count that cannot be read."""
        if self._faults:
            raise InvalidInput(*self._faults)

    def required(self, name: str, *, least: int = 0) -> int | None:
        """Read a required count; None if it is absent or empty."""
        if name not in self._members:
            return None
        value = self._members[name]
        if is_empty(value):
            self._missing.append(name)
            return None
        count = whole_number(value)
        if count is None or not least <= count <= COUNT_MAX:
            self._faults.append(not_a_count(name))
            return None
        return count

    def optional(self, name: str, *, least: int = 0) -> int | None:
        """Read an optional count: 0 if it is null or blank, None if it is absent or unreadable."""
        value = self._members.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            return 0 if name in self._members else None
        count = None if is_empty(value) else whole_number(value)
        if count is None or not least <= count <= COUNT_MAX:
            self._leave_out(name)
            return None
        return count

    def is_left_out(self, name: str) -> bool:
        """Whether this field was sent but could not be read."""
        return name in self._left_out

    def switch(self, name: str) -> int | None:
        """Read a field that is 1 or 0; any positive number is 1."""
        if isinstance(value := self._members.get(name), bool):
            return int(value)
        count = self.optional(name)
        return None if count is None else min(count, 1)

    def text(self, name: str, *, most: int | None = None) -> str:
        """Read a code; empty if there is none. One longer than `most` characters is truncated and flagged.

        Unprintable characters are removed and flagged.
        """
        text = self.as_sent(name, most=most)
        if not is_printable(text):
            self._leave_out(name)
        return printable(text).strip()

    def as_sent(self, name: str, *, most: int | None = None) -> str:
        """Read a name as sent; empty if there is none. One longer than `most` characters is truncated and flagged."""
        value = self._members.get(name)
        if isinstance(value, (dict, list, bool)):
            self._leave_out(name)
            return ""
        text = "" if is_empty(value) else text_of(value)
        if most is not None and len(text) > most:
            self._leave_out(name)
            return text[:most].rstrip()
        return text

    def row_id(self, name: str) -> str:
        """Read a row id: a positive number as text; empty if there is none."""
        value = self._members.get(name)
        if is_empty(value):
            return ""
        if row_id := positive(value):
            return row_id
        if whole_number(value) != 0:
            self._leave_out(name)
        return ""

    def _leave_out(self, name: str) -> None:
        self._left_out[name] = cleaned(str(self._members[name]))[:SHOWN_LENGTH_MAX]


def is_empty(value: object) -> bool:
    """Whether the value is absent, or a word that programs send for an empty value."""
    if isinstance(value, float):
        return value != value  # noqa: PLR0124 - NaN, which JSON readers accept
    return value is None or (isinstance(value, str) and value.strip().casefold() in EMPTY_WORDS)


def whole_number(value: object) -> int | None:
    """Parse a whole number, sent as a number or as text (`7`, `" 7 "`, `7.0`, `-2`); None if it is not one.

    The text `1.000` is not one: it may mean one or one thousand.
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
    """Return a positive number in canonical form, without leading zeros, sign or decimals; empty if it is not one.

    Shape: two ids are the same if these texts are equal.
    """
    number = whole_number(value)
    return "" if number is None or not 0 < number < 10**ID_DIGITS_MAX else str(number)


def not_a_count(name: str) -> Fault:
    """Return the fault of a required count that cannot be read."""
    return Fault(name, f"harus bilangan bulat dari 0 sampai {COUNT_MAX}")


def is_required(name: str) -> Fault:
    """Return the fault of a required count that is absent or empty and has no earlier value."""
    return Fault(name, "diperlukan, sebagai bilangan bulat 0 atau lebih")
