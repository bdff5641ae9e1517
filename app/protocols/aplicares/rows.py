"""Rooms of Aplicares: what a message changes. Rules: `docs/protocols/aplicares.md`.

A room is identified by class and room code, both chosen by the hospital. Only `tersedia` is reliable: the split by sex
is copied, left at 0 or filled in one field, and is used only if it adds up. A negative `tersedia` is an overfull room,
down to minus its capacity.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.domain.beds.bed_types import BY_APLICARES
from app.domain.beds.counts import COUNT_MAX, BedCount
from app.domain.errors import Conflict, Fault, InvalidInput
from app.domain.reports.lines import ChannelState
from app.domain.reports.report import NAME_LENGTH_MAX, WARD_CODE_LENGTH_MAX, LineKey, ReportLine, ReportWarning
from app.domain.reports.rows import (
    Details,
    NothingToDelete,
    Written,
    alternation,
    check_row_limit,
    close_previous_line,
    deleted,
    find_row,
    without_deletion,
    write_details,
)
from app.domain.text import cleaned
from app.protocols.class_names import bed_type_named
from app.protocols.field_values import NOTHING_ODD, Oddities, is_required

CLASS_LENGTH_MAX = 48
CODE_LENGTH_MAX = 50
NAME_MAX = 255
REQUIRED = ("kapasitas", "tersedia")
SPLIT = ("tersediapria", "tersediawanita", "tersediapriawanita")


@dataclass(frozen=True, slots=True)
class Room:
    """A room as sent; `counts` has only the counts that were sent."""

    kodekelas: str
    koderuang: str
    namaruang: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    oddities: Oddities = NOTHING_ODD

    @property
    def key(self) -> LineKey:
        """The key of its line."""
        return LineKey(f"{self.kodekelas}:{self.koderuang}", _bed_type_of(self.kodekelas))

    def check(self) -> None:
        """Check the texts. Raises: InvalidInput, if one is missing or too long."""
        for name, value, most in (
            ("kodekelas", self.kodekelas, CLASS_LENGTH_MAX),
            ("koderuang", self.koderuang, CODE_LENGTH_MAX),
        ):
            if not value:
                raise InvalidInput(Fault(name, "diperlukan"))
            if len(value) > most:
                raise InvalidInput(Fault(name, f"paling panjang {most} karakter"))
        if len(self.key.ward_code) > WARD_CODE_LENGTH_MAX:
            raise InvalidInput(
                Fault("kodekelas", f"paling panjang {WARD_CODE_LENGTH_MAX - 1} karakter dengan koderuang")
            )


class NotAsNationally(Conflict):
    """A hospital with the switch `aplicares_strict` updates a room that does not exist, or creates one that does."""

    language = "id"


def write_room(state: ChannelState, sent: Room, now: datetime, *, must_exist: bool | None = None) -> Written:
    """Create or update a room. `must_exist` None: whether it exists or not.

    Raises: InvalidInput, naming the field; NotAsNationally.
    """
    sent.check()
    row = find_row(state, sent.key)
    is_shown = row is not None and row.is_shown
    if must_exist is not None and must_exist is not is_shown:
        raise NotAsNationally("Data tidak ada di database" if must_exist else "Data sudah ada di database")
    missing = [name for name in REQUIRED if name not in sent.counts]
    if row is None or not row.is_live(now):
        check_row_limit(state)
    if missing and (row is None or not is_shown):
        raise InvalidInput(*(is_required(name) for name in missing))
    named: Details = {"kodekelas": sent.kodekelas, "koderuang": sent.koderuang}
    if sent.namaruang:
        named = {**named, "namaruang": sent.namaruang}
    details = {**(without_deletion(row.details) if row else {}), **dict.fromkeys(SPLIT, 0), **named, **sent.counts}
    _check_free(details)
    alternates = alternation(row, details, ("kapasitas",), now)
    warnings = (*_room_warnings(details), *alternates, *sent.oddities._replace(missing=tuple(missing)).warnings(0))
    # A missing count is not a new observation: the line keeps its time.
    kept_at = row.line.moment.observed_at if row is not None and missing else None
    return Written(
        sent.key.ward_code,
        (_build_line(sent.key, details), *close_previous_line(row, sent.key.bed_type)),
        warnings,
        kept_at,
    )


def _check_free(details: Details) -> None:
    """Check `tersedia`. Raises: InvalidInput, if it is below minus the capacity: then it is not a count."""
    capacity, free = details["kapasitas"], details["tersedia"]
    if free < max(-capacity, capacity - COUNT_MAX):
        raise InvalidInput(Fault("tersedia", f"harus bilangan bulat, paling kecil -{capacity} (kapasitas)"))


def delete_room(state: ChannelState, sent: Room, now: datetime) -> Written:
    """Delete a room. Raises: NothingToDelete; InvalidInput, naming the field."""
    sent.check()
    row = find_row(state, sent.key)
    if row is None or not row.is_shown:
        raise NothingToDelete
    return Written(sent.key.ward_code, (_build_line(row.key, deleted(row.details, now)),))


def _build_line(key: LineKey, details: Details) -> ReportLine:
    capacity, free = details["kapasitas"], details["tersedia"]
    men, women, either = (details[name] for name in SPLIT)
    is_split = men + women + either == free
    beds = BedCount(
        beds_total=capacity,
        beds_occupied=capacity - free if free < 0 else None,
        beds_available=min(max(free, 0), capacity),
        available_male=men if is_split else None,
        available_female=women if is_split else None,
    )
    name = cleaned(details.get("namaruang", ""))[:NAME_LENGTH_MAX]
    return ReportLine(key.bed_type, key.ward_code, name or None, beds, write_details(details))


def _room_warnings(details: Details) -> list[ReportWarning]:
    capacity, free = details["kapasitas"], details["tersedia"]
    found = []
    if details["kodekelas"] not in BY_APLICARES and bed_type_named(details["kodekelas"]) is None:
        detail = f"class {details['kodekelas']} is not known; its beds count as other"
        found.append(ReportWarning("unknown_code", 0, detail, {"kodekelas": details["kodekelas"]}))
    if free > capacity:
        found.append(ReportWarning("total_mismatch", 0, f"{free} beds free of {capacity}; counted as {capacity}"))
    return found


def _bed_type_of(kodekelas: str) -> str:
    known = BY_APLICARES.get(kodekelas)
    return known.code if known else bed_type_named(kodekelas) or "other"
