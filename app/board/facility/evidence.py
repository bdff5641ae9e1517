"""What decides whether a channel of a facility counts: its age, its open lines and their beds."""

from datetime import datetime

from app.board.facility.judged_lines import reported_around
from app.domain.beds.bed_types import BED_TYPES
from app.domain.beds.counts import BedCount
from app.domain.beds.freshness import Thresholds
from app.domain.channels import ChannelEvidence
from app.domain.reports.lines import ChannelState


def evidence_of(
    state: ChannelState, thresholds: Thresholds, now: datetime, *, is_alone: bool
) -> ChannelEvidence | None:
    """What decides whether a channel counts; None if it has never reported. One that `is_alone` needs no beds."""
    heard_at, newest = state.last_received_at, state.newest
    if heard_at is None or newest is None:
        return None
    lapsed_before = now - thresholds.lapsed_after
    is_open = has_current = False
    current: list[tuple[str, BedCount]] = []
    for key, line in state.lines.items():
        if line.beds is None:
            continue
        is_open = True
        if line.moment.observed_at >= lapsed_before and line.recorded_at >= lapsed_before:
            has_current = True
            if is_alone:
                break
            if key.bed_type in BED_TYPES:
                current.append((key.bed_type, line.beds))
    beds = 0
    if not is_alone:
        reported = {bed_type for bed_type, _ in current}
        beds = sum(beds.size for bed_type, beds in current if not reported_around(bed_type, reported))
    return ChannelEvidence(heard_at, newest.observed_at, is_open, is_open and not has_current, beds)
