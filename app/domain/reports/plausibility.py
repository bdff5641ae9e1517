"""Plausibility: a count that is almost certainly a typing error adds nothing to any sum until an officer confirms it.

A statement is compared with three sizes: its own total, the facility's beds in a register (`beds_stated`) and the total
that counts for the same line so far. A value that is no greater than the one that counts now is not a typing error, so
what was confirmed once stays plausible. An officer's bounds for a line replace all of these rules.
"""

from dataclasses import dataclass, replace

from app.domain.beds.counts import BedCount
from app.domain.registry.facility import Facility, LineBounds
from app.domain.reports.lines import ChannelState
from app.domain.reports.report import LineKey, Report, ReportWarning


@dataclass(frozen=True, slots=True)
class PlausibleSizes:
    """The largest plausible values.

    Units: beds for `*_extra`; factors of the line's total, of `beds_stated` of the facility and of the line's last
        total.
    """

    occupied_factor: float = 2
    occupied_extra: int = 50
    stated_factor: float = 5
    growth_factor: float = 10
    growth_extra: int = 100


DEFAULT_SIZES = PlausibleSizes()


def find_implausible(
    state: ChannelState, report: Report, facility: Facility, sizes: PlausibleSizes = DEFAULT_SIZES
) -> dict[LineKey, str]:
    """The implausible lines of a report, each with the reason in English."""
    found: dict[LineKey, str] = {}
    for key, _, beds, _ in report.stated():
        if beds is None:
            continue
        line = state.lines.get(key)
        bounds = facility.line_bounds.get(key) if facility.line_bounds else None
        reason = _reason(beds, line.beds if line is not None else None, facility.beds_stated, bounds, sizes)
        if reason is not None:
            found[key] = reason
    return found


def mark_implausible(
    state: ChannelState, report: Report, facility: Facility, sizes: PlausibleSizes
) -> tuple[Report, tuple[ReportWarning, ...]]:
    """The report with its implausible lines marked, and a warning for each of them."""
    known = state if report.withdraws is None else state.without(report.withdraws)
    found = find_implausible(known, report, facility, sizes)
    if not found:
        return (replace(report, implausible=frozenset()) if report.implausible else report), ()
    warnings = tuple(
        ReportWarning("implausible", n, f"{found[line.key]}; it adds nothing to any sum until an officer confirms it")
        for n, line in enumerate(report.lines)
        if line.key in found
    )
    return replace(report, implausible=frozenset(found)), warnings


def _reason(
    beds: BedCount, current: BedCount | None, beds_stated: int | None, bounds: LineBounds | None, sizes: PlausibleSizes
) -> str | None:
    if bounds is not None:
        return _beyond_bounds(beds, bounds)
    known_size = None if current is None else current.size
    return _too_many_occupied(beds, current, known_size, sizes) or _too_large(beds, known_size, beds_stated, sizes)


def _beyond_bounds(beds: BedCount, bounds: LineBounds) -> str | None:
    total_max, occupied_max = bounds
    if total_max is not None and beds.size > total_max:
        return f"{beds.size} beds, and an officer set at most {total_max} for this line"
    if occupied_max is not None and beds.beds_occupied is not None and beds.beds_occupied > occupied_max:
        return f"{beds.beds_occupied} beds occupied, and an officer set at most {occupied_max} for this line"
    return None


def _too_many_occupied(
    beds: BedCount, current: BedCount | None, known_size: int | None, sizes: PlausibleSizes
) -> str | None:
    occupied = beds.beds_occupied
    total = beds.beds_total if beds.beds_total is not None else known_size
    if occupied is None or total is None or occupied <= sizes.occupied_factor * total + sizes.occupied_extra:
        return None
    known = None if current is None else current.beds_occupied
    return None if known is not None and occupied <= known else f"{occupied} beds occupied of {total}"


def _too_large(beds: BedCount, known_size: int | None, beds_stated: int | None, sizes: PlausibleSizes) -> str | None:
    size = beds.size
    if known_size is not None and size <= known_size:
        return None
    if beds_stated and size > sizes.stated_factor * beds_stated:
        return f"{size} beds in one line, and the register states {beds_stated} for the whole facility"
    if known_size is not None and size > sizes.growth_factor * known_size + sizes.growth_extra:
        return f"{size} beds, and {known_size} in the figures before"
    return None
