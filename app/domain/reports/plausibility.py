"""Plausibility: a count that is almost certainly a typing error adds nothing to any sum until an officer confirms it.

A statement is compared with three sizes: its own total, the facility's beds in a register (`beds_stated`) and the total
that counts for the same line so far. A value that is no greater than the one that counts now is not a typing error, so
what was confirmed once stays plausible. An officer's bounds for a line replace these rules.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

from app.domain.beds.counts import BedCount
from app.domain.registry.facility import Facility, LineBounds
from app.domain.reports.lines import ChannelState
from app.domain.reports.report import LineKey, Report, ReportLine, ReportWarning
from app.domain.reports.statements import CurrentLine


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
NO_LIMITS = LineBounds()


def find_implausible(
    state: ChannelState, report: Report, facility: Facility, sizes: PlausibleSizes = DEFAULT_SIZES
) -> dict[LineKey, str]:
    """The implausible lines of a report, each with the reason in English.

    A row of hospital software whose bed type changes closes its old line: that stays until the new one is plausible.
    """
    stated = report.stated()
    replaced = {key.ward_code: key for key, _, beds, _ in stated if beds is None and key.ward_code}
    found: dict[LineKey, str] = {}
    for key, _, beds, details in stated:
        if beds is None:
            continue
        old = replaced.get(key.ward_code) if details is not None else None
        known = state.lines.get(key)
        if details is not None and (known is None or known.beds is None):
            known = next((state.lines[other] for other in _open_lines_of_row(state, key)), known)
        reason = _reason(beds, known, facility.beds_stated, facility.line_bounds.get(key, NO_LIMITS), sizes)
        if reason is not None:
            found[key] = reason
            if old is not None:
                found[old] = "its new figures are implausible, so it is not closed yet"
    return found


def mark_implausible(
    state: ChannelState, report: Report, facility: Facility, sizes: PlausibleSizes
) -> tuple[Report, tuple[ReportWarning, ...]]:
    """The report with its implausible lines marked, and a warning for each of them."""
    known = state if report.withdraws is None else state.without(report.withdraws)
    found = find_implausible(known, report, facility, sizes)
    report = _close_superseded(known, report, found)
    if not found:
        return (replace(report, implausible=frozenset()) if report.implausible else report), ()
    warnings = tuple(
        ReportWarning("implausible", n, f"{found[line.key]}; it adds nothing to any sum until an officer confirms it")
        for n, line in enumerate(report.lines)
        if line.key in found
    )
    return replace(report, implausible=frozenset(found)), warnings


def _close_superseded(state: ChannelState, report: Report, found: Collection[LineKey]) -> Report:
    """The report, which also closes what a row kept under an earlier bed type while its figures were implausible."""
    waiting = {key.ward_code for key in state.implausible}
    named = {line.key for line in report.lines}
    closed = [
        ReportLine(other.bed_type, other.ward_code)
        for key, _, beds, details in report.stated()
        if beds is not None and details is not None and key.ward_code in waiting and key not in found
        for other in _open_lines_of_row(state, key)
        if other not in named
    ]
    return replace(report, lines=(*report.lines, *closed)) if closed else report


def _open_lines_of_row(state: ChannelState, key: LineKey) -> list[LineKey]:
    """The open lines of a row of hospital software under other bed types than this one."""
    return [
        other
        for other, line in state.lines.items()
        if other.ward_code == key.ward_code and other != key and line.beds is not None and line.details is not None
    ]


def _reason(
    beds: BedCount, known: CurrentLine | None, beds_stated: int | None, bounds: LineBounds, sizes: PlausibleSizes
) -> str | None:
    """Why these counts are implausible, or None. A bound that an officer set replaces the rule for that count."""
    occupied, size = beds.beds_occupied, beds.size
    if bounds.beds_total_max is not None:
        if size > bounds.beds_total_max:
            return f"{size} beds, and an officer set at most {bounds.beds_total_max} for this line"
    elif reason := _too_large(size, None if known is None else known.size_max, beds_stated, sizes):
        return reason
    if bounds.beds_occupied_max is None:
        return _too_many_occupied(beds, known, sizes)
    if occupied is not None and occupied > bounds.beds_occupied_max:
        return f"{occupied} beds occupied, and an officer set at most {bounds.beds_occupied_max} for this line"
    return None


def _too_many_occupied(beds: BedCount, known: CurrentLine | None, sizes: PlausibleSizes) -> str | None:
    occupied, total = beds.beds_occupied, beds.beds_total
    if total is None and known is not None:
        total = known.size_max
    if occupied is None or total is None or occupied <= sizes.occupied_factor * total + sizes.occupied_extra:
        return None
    before = known.beds.beds_occupied if known is not None and known.beds is not None else None
    return None if before is not None and occupied <= before else f"{occupied} beds occupied of {total}"


def _too_large(size: int, known_size: int | None, beds_stated: int | None, sizes: PlausibleSizes) -> str | None:
    if known_size is not None and size <= known_size:
        return None
    if beds_stated and size > sizes.stated_factor * beds_stated:
        return f"{size} beds in one line, and the register states {beds_stated} for the whole facility"
    if known_size is not None and size > sizes.growth_factor * known_size + sizes.growth_extra:
        return f"{size} beds, and {known_size} in the figures before"
    return None
