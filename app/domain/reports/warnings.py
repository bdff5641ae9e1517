"""Warnings of a receipt about single lines: what their figures look like, and how they differ from the last ones.

A warning never rejects a line. Codes: docs/api.md; in Indonesian: `app.protocols.texts`.
"""

from collections.abc import Collection, Sequence

from app.domain.beds.bed_types import overlapping
from app.domain.beds.counts import COUNT_FIELDS, AvailableIs, BedCount
from app.domain.registry.facility import Facility
from app.domain.reports.flags import flags_of
from app.domain.reports.report import ReportWarning

JUMP_BEDS_MIN = 10
JUMP_SHARE = 0.5


def warn_of_flags(
    place: int, bed_type: str, beds: BedCount, *, facility: Facility, reported: Collection[str]
) -> Sequence[ReportWarning]:
    """A warning for each flag of the line at this index. `reported`: the bed types of its channel's open lines."""
    stated = facility.beds_stated
    flags = flags_of(bed_type, beds, kind=facility.kind, beds_stated=stated, reported=reported)
    if not flags:
        return ()
    others = ", ".join(sorted(overlapping(bed_type, reported)))
    return [_flag_warning(flag, place, bed_type, beds, beds_stated=stated, others=others) for flag in flags]


def _flag_warning(
    flag: str, place: int, bed_type: str, beds: BedCount, *, beds_stated: int | None, others: str
) -> ReportWarning:
    total, occupied, available = beds.beds_total, beds.beds_occupied, beds.beds_available
    values: dict[str, object]
    match flag:
        case "over_capacity":
            detail = f"{occupied} beds occupied of {total}"
            values = {"beds_occupied": occupied, "beds_total": total}
        case "above_stated":
            detail = f"beds_total is {total}, but the facility is registered with {beds_stated} beds"
            values = {"beds_total": total, "beds_stated": beds_stated}
        case "free_beside_queue":
            detail = f"{available} beds available while {beds.queue} patients wait"
            values = {"beds_available": available, "queue": beds.queue}
        case "unusual_bed_type":
            detail = f"{bed_type} is unusual at an isolation site"
            values = {"bed_type": bed_type}
        case "may_overlap":
            detail = f"{bed_type} and {others} may have beds in common, which then count twice"
            values = {"bed_type": bed_type, "others": others}
        case "split_mismatch":
            split = (beds.occupied_suspected or 0) + (beds.occupied_confirmed or 0)
            detail = f"{split} suspected and confirmed of {occupied} occupied"
            values = {"split": split, "beds_occupied": occupied}
        case "total_mismatch":
            detail = f"{occupied} occupied and {available} available of {total}"
            values = {"beds_occupied": occupied, "beds_total": total, "beds_available": available}
        case _:
            raise ValueError(flag)
    return ReportWarning(flag, place, detail, values)


def warn_of_change(place: int, before: BedCount, after: BedCount) -> list[ReportWarning]:
    """The warnings about the line at this index, which stated `before` until now: a jump, counts no longer stated."""
    found: list[ReportWarning] = []
    if not _is_unusual(before, after):
        return found
    known, total = before.beds_total, after.beds_total
    if known is not None and total is None and known >= JUMP_BEDS_MIN:
        detail = f"beds_total was {known} in the last report and is unknown now"
        found.append(ReportWarning("capacity_jump", place, detail, {"before": known}))
    elif known is not None and total is not None and _is_jump(known, total):
        detail = f"beds_total was {known} in the last report, now {total}"
        found.append(ReportWarning("capacity_jump", place, detail, {"before": known, "beds_total": total}))
    if dropped := _dropped_counts(before, after):
        names = ", ".join(dropped)
        detail = f"no longer stated, so unknown now: {names}; state each line in full"
        found.append(ReportWarning("count_dropped", place, detail, {"field": names}))
    return found


def warn_of_closing(place: int, before: BedCount) -> list[ReportWarning]:
    """The warning about the line at this index, which stated `before` and is closed, if it had many beds."""
    known = before.beds_total
    if known is None or known < JUMP_BEDS_MIN:
        return []
    detail = f"beds_total was {known} in the last report; the line is closed"
    return [ReportWarning("capacity_jump", place, detail, {"before": known})]


def warn_of_alternation(place: int, before: BedCount, after: BedCount) -> ReportWarning:
    """The warning about the line at this index, whose value alternates between these two."""
    names = ("beds_total", "beds_occupied", "beds_available")
    field = ", ".join(name for name in names if getattr(before, name) != getattr(after, name))
    detail = f"{field}: two values alternate within an hour; two programs may report this line"
    return ReportWarning("values_alternate", place, detail, {"field": field})


def _is_unusual(before: BedCount, after: BedCount) -> bool:
    """Whether `warn_of_change` may have warnings. It is asked for every line of every report."""
    known, total, old = before[0], after[0], before
    _, occupied, _, available, preparing, planned, queue, suspected, confirmed, male, female, _ = after
    return (
        (known is not None and (total is None or abs(total - known) >= JUMP_BEDS_MIN))
        or (occupied is None and old[1] is not None)
        or (available is None and old[3] is not None)
        or (preparing is None and old[4] is not None)
        or (planned is None and old[5] is not None)
        or (queue is None and old[6] is not None)
        or (suspected is None and old[7] is not None)
        or (confirmed is None and old[8] is not None)
        or (male is None and old[9] is not None)
        or (female is None and old[10] is not None)
    )


def _is_jump(known: int, total: int) -> bool:
    jump = abs(total - known)
    return jump >= JUMP_BEDS_MIN and jump > JUMP_SHARE * known


def _dropped_counts(before: BedCount, after: BedCount) -> list[str]:
    """The counts that the facility stated before and that are unknown now.

    Of total, occupied and available one may have been derived. Occupied is taken for the derived one if it is what
    the other two yield.
    """
    dropped = [
        name for name, was, now in zip(COUNT_FIELDS, before, after, strict=False) if now is None and was is not None
    ]
    if before.available_is is AvailableIs.derived and "beds_available" in dropped:
        dropped.remove("beds_available")
    elif "beds_occupied" in dropped and before == before._replace(beds_occupied=None).completed():
        dropped.remove("beds_occupied")
    return dropped
