"""Rooms of Aplicares read and told: theirs to ours, and back. Pure functions."""

from collections.abc import Mapping
from typing import Any

from app.domain.beds.counts import COUNT_MAX
from app.domain.reports.rows import Row
from app.protocols.aplicares.codes import CLASSES
from app.protocols.aplicares.rows import NAME_MAX, REQUIRED, SPLIT, Room
from app.protocols.field_values import DASHES, FieldReader
from app.protocols.lenient_parsing import wib

COUNTS = (*REQUIRED, *SPLIT)
NO_CLASS = "NON"  # which some software sends by its name, "-"


def read_room(said: Mapping[str, Any]) -> Room:
    """The room that the members of a body say.

    Raises: InvalidInput, naming every required count that cannot be read.
    """
    reader = FieldReader(said)
    counts = {
        "kapasitas": reader.required("kapasitas"),
        "tersedia": reader.required("tersedia", least=-COUNT_MAX),  # below 0 where a room is overfull
        **{name: reader.optional(name) for name in SPLIT},
    }
    reader.check()
    return Room(
        kodekelas=NO_CLASS if _is_dash(said.get("kodekelas")) else reader.text("kodekelas").upper(),
        koderuang=reader.text("koderuang"),
        namaruang=reader.as_sent("namaruang", most=NAME_MAX),
        counts={name: count for name, count in counts.items() if count is not None},
        odd=reader.oddities,
    )


def _is_dash(value: object) -> bool:
    return isinstance(value, str) and value.strip() in DASHES


def room_out(row: Row, kodeppk: str, number: int) -> dict[str, str | int]:
    """A room as `bed/read` has it; `number` is its place in the whole list."""
    said = row.details
    return {
        "kodekelas": said["kodekelas"],
        "namakelas": CLASSES.get(said["kodekelas"], ""),
        "koderuang": said["koderuang"],
        "namaruang": said.get("namaruang", ""),
        "kodeppk": kodeppk,
        **{name: max(0, said[name]) for name in COUNTS},
        "rownumber": number,
        "lastupdate": wib(row.line.moment.observed_at),
    }


def order(row: Row) -> tuple[str, str]:
    """By class, then by room."""
    return row.details["kodekelas"], row.details["koderuang"]
