"""What hypothesis draws: counts, lines and reports that are valid, and often touch the same few things."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import product

from hypothesis import strategies as st

from app.domain.beds.counts import BedCount
from app.domain.channels import Channel
from app.domain.reports.report import Report, ReportLine
from tests.factories import MORNING

# Types that contain one another, types that stand alone, and every group.
BED_TYPES = (
    "icu", "icu_ventilator", "all_icu", "adult_icu", "ward_1", "burn", "adult_inpatient", "all_inpatient", "all_beds",
    "isolation", "obstetric", "emergency", "emergency_adult", "isolation_bed",
)  # fmt: skip
WARDS = ("", "A")
CHANNELS = (Channel.native, Channel.sirs, Channel.form)


def _all_counts() -> Iterator[BedCount]:
    for total, occupied, available in product((10, 17, 0, None), (4, 12, 0, None), (6, 2, 0, None)):
        for blocked, queue in ((0, None), (0, 0), (2, 3)):
            counts = BedCount(total, occupied, blocked, available, queue=queue)
            if not counts.faults():
                yield counts


# Every way of telling one or more of total, occupied and available; surges too.
COUNTS = tuple(_all_counts())


@st.composite
def beds(draw: st.DrawFn) -> BedCount:
    """Counts that can be true."""
    total = draw(st.none() | st.integers(0, 30))
    limit = 30 if total is None else total
    occupied = draw(st.none() | st.integers(0, 40))
    has_to = total is None and occupied is None
    available = draw(st.integers(0, limit) if has_to else st.none() | st.integers(0, limit))
    blocked = draw(st.integers(0, min(limit, 3)))
    return BedCount(total, occupied, blocked, available, queue=draw(st.none() | st.integers(0, 5)))


def lines(bed_types: Sequence[str] = BED_TYPES) -> st.SearchStrategy[list[ReportLine]]:
    """Lines of different wards and types; about every sixth one closes its line."""
    counts = st.sampled_from(tuple(c if n % 6 else None for n, c in enumerate(COUNTS, start=1)))
    one = st.builds(ReportLine, st.sampled_from(bed_types), st.sampled_from(WARDS), st.none(), counts)
    return st.lists(one, unique_by=lambda line: line.key, max_size=3)


rarely = st.sampled_from((False, False, False, False, True))


@st.composite
def reports(
    draw: st.DrawFn,
    *,
    facility_ids: Sequence[str] = ("rs-a",),
    channels: Sequence[Channel] = (Channel.native,),
    bed_types: Sequence[str] = BED_TYPES,
    minutes_max: int = 5,
    implausible: bool = True,
) -> Report:
    """A report that says something, around the same few moments as all others."""
    said = draw(lines(bed_types))
    return Report(
        facility_id=draw(st.sampled_from(facility_ids)),
        channel=draw(st.sampled_from(channels)),
        report_id="r",
        observed_at=MORNING + timedelta(minutes=draw(st.integers(0, minutes_max))),
        lines=tuple(said),
        complete=not said or draw(st.sampled_from((False, False, True))),
        implausible=frozenset(line.key for line in said if implausible and line.beds is not None and draw(rarely)),
    )
