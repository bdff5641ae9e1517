"""Parse rooms of Aplicares from messages, and format stored rooms. Pure functions."""

from collections.abc import Mapping
from typing import Any

from app.domain.beds.counts import COUNT_MAX
from app.domain.reports.rows import Row
from app.protocols.aplicares.codes import CLASSES
from app.protocols.aplicares.rows import NAME_MAX, REQUIRED, SPLIT, Room
from app.protocols.field_values import DASHES, FieldReader
from app.protocols.lenient_parsing import wib

COUNTS = (*REQUIRED, *SPLIT)
NO_CLASS = "NON"  # some software sends its name, "-"


def read_room(sent: Mapping[str, Any]) -> Room:
    """Parse a room from the members of a body.

    Raises: InvalidInput, naming every required count that cannot be read.
    """
    reader = FieldReader(sent)
    counts = {
        "kapasitas": reader.required("kapasitas"),
        "tersedia": reader.required("tersedia", least=-COUNT_MAX),  # below 0 if a room is overfull
        **{name: reader.optional(name) for name in SPLIT},
    }
    reader.check()
    return Room(
        kodekelas=NO_CLASS if _is_dash(sent.get("kodekelas")) else reader.text("kodekelas").upper(),
        koderuang=reader.text("koderuang"),
        namaruang=reader.as_sent("namaruang", most=NAME_MAX),
        counts={name: count for name, count in counts.items() if count is not None},
        oddities=reader.oddities,
    )


def _is_dash(value: object) -> bool:
    return isinstance(value, str) and value.strip() in DASHES


def room_out(row: Row, kodeppk: str, number: int) -> dict[str, str | int]:
    """Format a room as in `bed/read`; `number` is its position in the whole list, from 1."""
    details = row.details
    return {
        "kodekelas": details["kodekelas"],
        "namakelas": CLASSES.get(details["kodekelas"], ""),
        "koderuang": details["koderuang"],
        "namaruang": details.get("namaruang", ""),
        "kodeppk": kodeppk,
        **{name: max(0, details[name]) for name in COUNTS},
        "rownumber": number,
        "lastupdate": wib(row.line.moment.observed_at),
    }


def order(row: Row) -> tuple[str, str]:
    """Sort key: class, then room."""
    return row.details["kodekelas"], row.details["koderuang"]
