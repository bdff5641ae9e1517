"""What a receipt says about a report: whether it changes the figures, and what is unusual about it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice

from app.domain.beds.bed_types import BED_TYPES, overlapping
from app.domain.beds.counts import BedCount
from app.domain.registry.facility import Facility
from app.domain.reports import recent_values
from app.domain.reports.lines import ChannelState, recent_after
from app.domain.reports.recent_values import alternates, may_alternate
from app.domain.reports.report import Outcome, Report, ReportWarning
from app.domain.reports.statements import CurrentLine, Moment
from app.domain.reports.warnings import (
    JUMP_BEDS_MIN,
    warn_of_alternation,
    warn_of_change,
    warn_of_closing,
    warn_of_flags,
)

CLOSED_SHOWN_MAX = 5


def assess(
    state: ChannelState, report: Report, facility: Facility, *, seq: int, now: datetime
) -> tuple[Outcome, tuple[ReportWarning, ...]]:
    """Whether the report changes the figures, and its warnings (docs/api.md)."""
    moment = Moment(report.observed_at, seq)
    warnings: list[ReportWarning] = []
    if report.redates or report.confirms:
        return Outcome.applied, ()
    if report.withdraws is not None:
        if report.is_void:
            return Outcome.void, ()
        _, of_figures = assess(state.without(report.withdraws), report.figures(), facility, seq=seq, now=now)
        return Outcome.correction, of_figures
    if report.observed_at > now:
        warnings.append(ReportWarning("clock_ahead", None, "observed_at lies in the future; check the sender's clock"))
    # A complete report also covers the lines that it does not name, unless a newer complete one is known.
    closes = report.complete and (state.complete is None or state.complete <= moment)
    is_newest, late = state.is_newest(moment), 0
    overlaps = any(overlapping(stated.key.bed_type, BED_TYPES) for stated in report.stated())
    reported = _types_after(state, report, moment, closes=closes) if overlaps else frozenset[str]()
    for n, (key, _, beds, _) in enumerate(report.stated()):
        if not is_newest and (
            state.has_newer(key, moment) or (key in report.implausible and state.has_newer_implausible(key, moment))
        ):
            late += 1
            warnings.append(ReportWarning("late", n, "a newer figure for this line is known and is kept"))
            continue
        if beds is not None:
            warnings += warn_of_flags(n, key.bed_type, beds, facility=facility, reported=reported)
        before = state.lines.get(key)
        if before is not None and before.beds != beds:
            warnings += _compare_line(n, before, beds, moment)
    warnings += _warn_of_closed(state, report, moment)
    if closes:
        warnings += _warn_of_unnamed(state, report, moment)
    is_late = late == len(report.lines) and not closes
    return (Outcome.late if is_late else Outcome.applied), tuple(warnings)


def _types_after(state: ChannelState, report: Report, moment: Moment, *, closes: bool) -> frozenset[str]:
    """The bed types of the lines that are open after the report."""
    stated = {key: beds for key, _, beds, _ in report.stated() if not state.has_newer(key, moment)}
    found = {key.bed_type for key, beds in stated.items() if beds is not None}
    for key, line in state.lines.items():
        if line.beds is not None and key not in stated and not (closes and line.moment < moment):
            found.add(key.bed_type)
    return frozenset(found)


def _compare_line(place: int, line: CurrentLine, after: BedCount | None, moment: Moment) -> Sequence[ReportWarning]:
    """The warnings about an open line that states other counts now."""
    before = line.beds
    if before is None or after is None:
        return ()
    found = warn_of_change(place, before, after)
    if may_alternate(line.recent):
        recent = recent_after(line, after, moment, moment.observed_at - recent_values.WITHIN)
        found += [warn_of_alternation(place, before, after)] if alternates(recent, moment.observed_at) else []
    return found


def _warn_of_closed(state: ChannelState, report: Report, moment: Moment) -> Iterable[ReportWarning]:
    """The warnings about large lines that the report closes, unless their beds continue under another type or row."""
    closed = [(n, stated.key) for n, stated in enumerate(report.stated()) if stated.beds is None]
    if not closed:
        return
    opened = [(beds.beds_total, key) for key, _, beds, _ in report.stated() if beds is not None]
    wards, types = {(n, key.ward_code) for n, key in opened}, {(n, key.bed_type) for n, key in opened}
    for place, key in closed:
        line = state.lines.get(key)
        if line is None or line.beds is None or state.has_newer(key, moment):
            continue
        total = line.beds.beds_total
        if (total, key.ward_code) not in wards and (total, key.bed_type) not in types:
            yield from warn_of_closing(place, line.beds)


def _warn_of_unnamed(state: ChannelState, report: Report, moment: Moment) -> Iterable[ReportWarning]:
    """The warning about large lines that a complete report closes without naming them."""
    named = {stated.key for stated in report.stated()}
    closed = {
        key: line.beds.beds_total
        for key, line in state.lines.items()
        if line.beds is not None
        and (line.beds.beds_total or 0) >= JUMP_BEDS_MIN
        and line.moment < moment
        and key not in named
    }
    if closed:
        shown = ", ".join(
            f"{key.bed_type}{key.ward_code and f' in {key.ward_code}'} ({total} beds)"
            for key, total in islice(closed.items(), CLOSED_SHOWN_MAX)
        )
        more = f" and {len(closed) - CLOSED_SHOWN_MAX} more" if len(closed) > CLOSED_SHOWN_MAX else ""
        detail = f"this complete report does not name and so closes {shown}{more}"
        yield ReportWarning("capacity_jump", None, detail, {"before": sum(filter(None, closed.values()))})
