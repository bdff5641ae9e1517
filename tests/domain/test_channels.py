"""The channel that counts: the pinned one, else the first that is fresh, else the one heard last."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.beds.freshness import Freshness, hours
from app.domain.channels import Channel, ChannelEvidence, counting_channel
from app.domain.registry.facility import Facility, FacilityKind
from app.domain.reports.report import Report
from tests.factories import MORNING, line
from tests.oracle import Said, World

NATIVE, SIRS, APLICARES, FORM = Channel.native, Channel.sirs, Channel.aplicares, Channel.form
LIMITS = hours(6, 24)


def hours_ago(**ages: float) -> dict[Channel, datetime]:
    return {Channel(channel): MORNING - timedelta(hours=age) for channel, age in ages.items()}


def evidence(heard: dict[Channel, datetime], **of_all: object) -> dict[Channel, ChannelEvidence]:
    """Channels that were heard at these times, each with the same lines."""
    lines = {"is_open": True, "is_lapsed": False, "beds": 10} | of_all
    return {channel: ChannelEvidence(at, at, **lines) for channel, at in heard.items()}  # type: ignore[arg-type]


def counting(heard: dict[Channel, datetime], pinned: Channel | None = None) -> tuple[Channel | None, Freshness]:
    found = counting_channel(evidence(heard), pinned=pinned, thresholds=LIMITS, now=MORNING)
    return found.channel, found.freshness


def test_the_order_of_preference_is_that_of_the_contract() -> None:
    assert list(Channel) == ["native", "sirs", "aplicares", "siranap_v1", "fhir", "sheet", "form"]


@pytest.mark.parametrize(
    ("ages", "channel", "freshness"),
    [
        ({"native": 1}, NATIVE, "fresh"),
        ({"form": 0, "sirs": 5, "native": 6}, NATIVE, "fresh"),
        ({"form": 0, "sirs": 5, "native": 6.001}, SIRS, "fresh"),
        ({"form": 1, "sirs": 7, "native": 7}, FORM, "fresh"),
        ({"native": 20, "sirs": 7, "form": 9}, SIRS, "stale"),
        ({"native": 30, "sirs": 40, "form": 29}, FORM, "silent"),
        ({"native": 23, "sirs": 25}, NATIVE, "stale"),
        ({"form": 9, "aplicares": 9, "sirs": 10}, APLICARES, "stale"),
        ({"form": -0.05, "native": 5}, NATIVE, "fresh"),
    ],
)
def test_the_first_fresh_one_counts_else_the_one_heard_last(
    ages: dict[str, float], channel: Channel, freshness: str
) -> None:
    assert counting(hours_ago(**ages)) == (channel, freshness)


@pytest.mark.parametrize(
    ("pinned", "channel", "freshness"),
    [(SIRS, SIRS, "silent"), (NATIVE, NATIVE, "fresh"), (FORM, FORM, "stale"), (APLICARES, NATIVE, "fresh")],
)
def test_a_pinned_channel_counts_however_old_but_not_if_it_never_spoke(
    pinned: Channel, channel: Channel, freshness: str
) -> None:
    assert counting(hours_ago(native=1, sirs=100, form=8), pinned) == (channel, freshness)


@pytest.mark.parametrize("pinned", [None, NATIVE])
def test_where_nothing_was_heard_no_channel_counts(pinned: Channel | None) -> None:
    found = counting_channel({}, pinned=pinned, thresholds=LIMITS, now=MORNING)
    assert (found.channel, found.freshness, found.until) == (None, Freshness.never, None)


def test_it_stands_until_the_first_of_the_channels_changes() -> None:
    found = counting_channel(evidence(hours_ago(sirs=5, native=7)), pinned=None, thresholds=LIMITS, now=MORNING)
    assert (found.channel, found.until) == (SIRS, MORNING + timedelta(hours=1))


def test_a_pinned_channel_stands_until_another_one_may_become_partial() -> None:
    found = counting_channel(evidence(hours_ago(sirs=5, native=7)), pinned=NATIVE, thresholds=LIMITS, now=MORNING)
    assert (found.channel, found.until) == (NATIVE, MORNING + timedelta(hours=1))


def of(channel: Channel, *, hours: float = 1, is_open: bool = True, is_lapsed: bool = False, beds: int = 10) -> dict[
    Channel, ChannelEvidence
]:  # fmt: skip
    at = MORNING - timedelta(hours=hours)
    return {channel: ChannelEvidence(at, at, is_open, is_lapsed, beds)}


@pytest.mark.parametrize(
    ("channels", "pinned", "expected", "reason", "partial"),
    [
        # A test line must not hide a hospital.
        (of(NATIVE, beds=1) | of(SIRS, beds=152), None, SIRS, "preferred", {NATIVE}),
        (of(NATIVE, beds=76) | of(SIRS, beds=152), None, NATIVE, "preferred", set()),
        (of(NATIVE, beds=75) | of(SIRS, beds=152), None, SIRS, "preferred", {NATIVE}),
        (of(NATIVE, beds=1) | of(SIRS, beds=152), NATIVE, NATIVE, "pinned", {NATIVE}),
        (of(NATIVE, beds=1) | of(SIRS, beds=152, hours=7), None, NATIVE, "preferred", set()),
        # Nothing is open: it never counts while another one has lines.
        (of(NATIVE, is_open=False, beds=0) | of(SIRS, hours=30), None, SIRS, "only", set()),
        (of(NATIVE, is_open=False, beds=0) | of(SIRS, hours=30), NATIVE, SIRS, "only", set()),
        (of(NATIVE, is_open=False, beds=0) | of(SIRS), None, SIRS, "only", {NATIVE}),
        (of(NATIVE, is_open=False, beds=0) | of(FORM, is_open=False, beds=0), None, NATIVE, "preferred", set()),
        # All lines have lapsed: the same while another one has some that have not.
        (of(NATIVE, is_lapsed=True, beds=0) | of(SIRS, hours=30), None, SIRS, "only", set()),
        (of(NATIVE, is_lapsed=True, beds=0) | of(SIRS, is_lapsed=True, beds=0, hours=2), None, NATIVE, "newest", set()),
        (of(NATIVE, hours=9) | of(SIRS, hours=8), None, SIRS, "newest", set()),
    ],
)
def test_which_channel_counts_and_why(
    channels: dict[Channel, ChannelEvidence],
    pinned: Channel | None,
    expected: Channel,
    reason: str,
    partial: set[Channel],
) -> None:
    found = counting_channel(channels, pinned=pinned, thresholds=LIMITS, now=MORNING)
    assert (found.channel, found.reason, found.partial) == (expected, reason, partial)


@given(
    st.dictionaries(st.sampled_from(Channel), st.integers(-1, 40), max_size=4),
    st.none() | st.sampled_from(Channel),
    st.integers(0, 40),
)
def test_nothing_changes_before_until(ages: dict[Channel, int], pinned: Channel | None, later: int) -> None:
    """The board looks at a facility again only when `until` has passed, so nothing may change before."""
    heard = evidence(hours_ago(**ages))
    before = counting_channel(heard, pinned=pinned, thresholds=LIMITS, now=MORNING)
    now = MORNING + timedelta(hours=later)
    if before.until is None or now <= before.until:
        after = counting_channel(heard, pinned=pinned, thresholds=LIMITS, now=now)
        assert (after.channel, after.freshness) == (before.channel, before.freshness)


@given(
    st.dictionaries(st.sampled_from(Channel), st.sampled_from((-1, 0, 5, 6, 7, 23, 24, 25, 30)), max_size=4),
    st.none() | st.sampled_from(Channel),
)
def test_the_rule_is_the_contract_s_in_every_case(ages: dict[Channel, int], pinned: Channel | None) -> None:
    heard = hours_ago(**ages)
    facility = Facility("rs-a", FacilityKind.hospital, "RS A", "33", counting_channel=pinned)
    world = World()
    world.times = [MORNING + timedelta(hours=2)] * len(heard)  # all were recorded after they were true
    for seq, (channel, at) in enumerate(heard.items(), start=1):
        world.said["rs-a", channel] = [Said(Report("rs-a", channel, "r", at, (line(),)), seq)]
    assert counting(heard, pinned) == world.counting(facility, MORNING)
