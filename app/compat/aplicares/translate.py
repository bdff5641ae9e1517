"""Rooms of Aplicares read and told: theirs to ours, and back. Pure functions."""

from collections.abc import Mapping
from typing import Any

from app.compat.aplicares.codes import CLASSES
from app.domain.aplicares_rows import SPLIT, Room
from app.domain.beds import COUNT_MAX
from app.domain.errors import Fault, InvalidInput
from app.domain.rows import Row
from app.domain.tolerant import count_field, text_of, wib

COUNTS = ("kapasitas", "tersedia", *SPLIT)


def read_room(said: Mapping[str, Any]) -> Room:
    """The room that the members of a body say. Raises: InvalidInput, naming every count that is none."""
    found = {name: count_field(said[name], COUNT_MAX) for name in COUNTS if name in said}
    faults = [Fault(name, f"harus bilangan bulat dari 0 sampai {COUNT_MAX}") for name, n in found.items() if n == -1]
    if faults:
        raise InvalidInput(*faults)
    return Room(
        kodekelas=text_of(said.get("kodekelas")).upper(),
        koderuang=text_of(said.get("koderuang")),
        namaruang=text_of(said.get("namaruang")),
        counts={name: count for name, count in found.items() if count is not None},
    )


def told_room(row: Row, kodeppk: str, number: int) -> dict[str, str | int]:
    """A room as `bed/read` has it; `number` is its place in the whole list."""
    said = row.details
    return {
        "kodekelas": said["kodekelas"],
        "namakelas": CLASSES.get(said["kodekelas"], ""),
        "koderuang": said["koderuang"],
        "namaruang": said.get("namaruang", ""),
        "kodeppk": kodeppk,
        **{name: said[name] for name in COUNTS},
        "rownumber": number,
        "lastupdate": wib(row.line.moment.observed_at),
    }


def order(row: Row) -> tuple[str, str]:
    """By class, then by room."""
    return row.details["kodekelas"], row.details["koderuang"]
