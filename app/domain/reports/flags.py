"""Flags of a current line: what is unusual about its figures, whatever it stated before.

Receipts have them as warnings (`app.domain.reports.warnings`). They are computed for every line of a facility with
each of its changes, so a line without any must take well under a microsecond.
"""

from collections.abc import Collection

from app.domain.beds.bed_types import BED_TYPES, overlapping
from app.domain.beds.counts import BedCount
from app.domain.registry.facility import FacilityKind

STATED_SHARE_MAX = 1.25

# In the order in which a line has them.
FLAGS = (
    "over_capacity",
    "above_stated",
    "free_beside_queue",
    "unusual_bed_type",
    "may_overlap",
    "split_mismatch",
    "total_mismatch",
)
_VENTILATOR_TYPES = frozenset(code for code, bed_type in BED_TYPES.items() if bed_type.ventilator)


def flags_of(
    bed_type: str, beds: BedCount, *, kind: FacilityKind, beds_stated: int | None, reported: Collection[str]
) -> tuple[str, ...]:
    """The flags of a line with these counts (completed), in the order of `FLAGS`.

    `kind` and `beds_stated` are those of its facility, `reported` the bed types of its channel's open lines.
    """
    total, occupied, _, available, _, _, queue, suspected, confirmed, _, _, _ = beds
    is_over = is_mismatch = False
    if total is not None and occupied is not None:
        is_over = occupied > total
        is_mismatch = bool(available) and not is_over and occupied + (available or 0) > total
    found: list[str] = []
    if is_over:
        found.append("over_capacity")
    if beds_stated is not None and total is not None and total > STATED_SHARE_MAX * beds_stated:
        found.append("above_stated")
    if queue and available:
        found.append("free_beside_queue")
    if kind is FacilityKind.isolation_site and bed_type in _VENTILATOR_TYPES:
        found.append("unusual_bed_type")
    if overlapping(bed_type, reported):
        found.append("may_overlap")
    if occupied is not None and (suspected or confirmed) and (suspected or 0) + (confirmed or 0) > occupied:
        found.append("split_mismatch")
    if is_mismatch:
        found.append("total_mismatch")
    return tuple(found)
