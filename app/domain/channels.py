"""Channels: the protocols and inputs through which a line can arrive, and the one that counts.

Two channels may report the same physical beds, so channels are never added up: each facility has one that counts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from app.domain.beds.freshness import Freshness, Thresholds
from app.domain.vocabulary import StoredEnum


class Channel(StoredEnum):
    """The channels, in order of preference among fresh ones."""

    native = "native"
    sirs = "sirs"
    aplicares = "aplicares"
    siranap_v1 = "siranap_v1"
    fhir = "fhir"
    sheet = "sheet"
    form = "form"


class CountingReason(StoredEnum):
    """Why a channel counts.

    `only`: no other channel has open lines. `pinned`: an officer chose it. `preferred`: the first channel, in order,
    that is fresh and not partial. `newest`: there is no such channel, and this one reported last.
    """

    only = "only"
    pinned = "pinned"
    preferred = "preferred"
    newest = "newest"


class ChannelEvidence(NamedTuple):
    """What decides whether a channel counts.

    `heard_at` is when its newest report is true, as far as is known; `observed_at` the time which that report states,
    which decides if a wrong clock has made channels equally old. `is_open`: it has open lines; `is_lapsed`: all of them
    have lapsed. `beds` is the number of beds that the others state.
    """

    heard_at: datetime
    observed_at: datetime
    is_open: bool
    is_lapsed: bool
    beds: int


@dataclass(frozen=True, slots=True)
class CountingChannel:
    """Which channel counts for a facility, how fresh it is and why it counts.

    Shape: `channel` is None if there was never a report. `until` is the last moment for which this holds by the age of
        the channels; None if time alone changes nothing any more. `partial` are the fresh channels that state fewer
        than half of the beds of the fresh channel that states most.
    """

    channel: Channel | None
    freshness: Freshness
    until: datetime | None
    reason: CountingReason | None = None
    partial: frozenset[Channel] = frozenset()


class CountingSince(NamedTuple):
    """Since when a channel counts, and why it began to.

    `since` is None if it counted before this was recorded. `by_clock`: no report or officer made it count, only time.
    """

    channel: Channel
    since: datetime | None
    reason: CountingReason
    by_clock: bool


class CountingRecord(NamedTuple):
    """The same as stored, with the time of the facility's last entry, for which it was true.

    `since` is None if the channel has counted since before that was recorded.
    """

    since: CountingSince | None
    judged_at: datetime


NEVER_REPORTED = CountingChannel(None, Freshness.never, None)


def counting_channel(
    channels: Mapping[Channel, ChannelEvidence], *, pinned: Channel | None, thresholds: Thresholds, now: datetime
) -> CountingChannel:
    """The counting channel: the pinned one, else the first fresh one that is not partial, else the newest.

    A channel without open lines never counts while another has some, nor one whose lines have all lapsed while another
    has a line that has not. A pinned channel that has never reported is ignored.
    """
    if not channels:
        return NEVER_REPORTED
    if len(channels) == 1:
        [(channel, evidence)] = channels.items()
        reason = CountingReason.pinned if pinned is channel else CountingReason.only
        until = thresholds.next_change(evidence.heard_at, now)
        return CountingChannel(channel, judge_channel(evidence, thresholds, now), until, reason)
    freshness = {c: judge_channel(evidence, thresholds, now) for c, evidence in channels.items()}
    fresh = [c for c in in_order(channels) if freshness[c] is Freshness.fresh]
    most = max((channels[c].beds for c in fresh), default=0)
    partial = frozenset(c for c in fresh if 2 * channels[c].beds < most)
    eligible = [c for c in channels if channels[c].is_open]
    eligible = [c for c in eligible if not channels[c].is_lapsed] or eligible or list(channels)
    if pinned is not None and pinned in eligible:
        channel, reason = pinned, CountingReason.pinned
    elif (preferred := next((c for c in fresh if c in eligible and c not in partial), None)) is not None:
        channel, reason = preferred, CountingReason.preferred
    else:
        reason = CountingReason.newest
        channel = max(
            eligible,
            key=lambda c: (channels[c].heard_at, channels[c].observed_at, -_ORDER.get(c, len(_ORDER))),
        )
    if reason is not CountingReason.pinned and len(eligible) == 1:
        reason = CountingReason.only
    changes = (thresholds.next_change(evidence.heard_at, now) for evidence in channels.values())
    until = min((at for at in changes if at is not None), default=None)
    return CountingChannel(channel, freshness[channel], until, reason, partial)


def judge_channel(evidence: ChannelEvidence, thresholds: Thresholds, now: datetime) -> Freshness:
    """The freshness of a channel: by its newest report, or `lapsed` if all of its open lines are."""
    return Freshness.lapsed if evidence.is_lapsed else thresholds.judge(evidence.heard_at, now)


def in_order(channels: Iterable[Channel]) -> list[Channel]:
    """These channels in order of preference; channels that only a newer version knows come last."""
    return sorted(channels, key=lambda channel: (_ORDER.get(channel, len(_ORDER)), channel))


_ORDER = {channel: place for place, channel in enumerate(Channel)}
