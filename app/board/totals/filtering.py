"""Which facilities and lines the filters of a query select."""

from app.domain.beds.bed_types import BED_TYPES
from app.domain.beds.freshness import Freshness
from app.domain.capacity import Filters
from app.domain.registry.facility import FacilityKind


def takes_type(filters: Filters, bed_type: str) -> bool:
    """Whether the filters select lines of this bed type."""
    if filters.bed_type and bed_type not in filters.bed_type:
        return False
    # A type that only a newer version knows is of no known group.
    return not filters.group or (bed_type in BED_TYPES and BED_TYPES[bed_type].group in filters.group)


def takes_line(filters: Filters, bed_type: str, freshness: Freshness) -> bool:
    """Whether the filters select lines of this bed type and freshness."""
    if filters.freshness and freshness not in filters.freshness:
        return False
    return takes_type(filters, bed_type)


def takes_facility(filters: Filters, kind: FacilityKind, operated_by: str | None) -> bool:
    """Whether the filters select facilities of this kind and operator."""
    if filters.kind and kind not in filters.kind:
        return False
    return not filters.operated_by or operated_by in filters.operated_by
