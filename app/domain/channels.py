"""Channels: the protocols and inputs through which a line can arrive, and the one that counts.

Two channels may report the same physical beds, so channels are never added up: each facility has one that counts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

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


@dataclass(frozen=True, slots=True)
class CountingChannel:
    """Which channel counts for a facility, how fresh it is, and until when this holds without a new report.

    `channel` is None if there was never a report; `until` is None if time alone changes nothing any more.
    """

    channel: Channel | None
    freshness: Freshness
    until: datetime | None


def counting_channel(
    heard: Mapping[Channel, datetime],
    *,
    pinned: Channel | None,
    thresholds: Thresholds,
    now: datetime,
    newest: Mapping[Channel, datetime] = MappingProxyType({}),
) -> CountingChannel:
    """The counting channel: the pinned one, else the first fresh one, else the one with the newest report.

    `heard` holds the newest `observed_at` of each channel that has ever reported. A pinned channel that has never
    reported is ignored. `newest` holds the times that the reports themselves state: they decide if a wrong clock has
    made channels equally old.
    """
    if not heard:
        return CountingChannel(None, Freshness.never, None)
    if pinned is not None and pinned in heard:
        channel = pinned
        deciding: Mapping[Channel, datetime] = {pinned: heard[pinned]}
    else:
        fresh = (c for c in in_order(heard) if thresholds.judge(heard[c], now) is Freshness.fresh)
        channel = next(fresh, None) or max(
            heard, key=lambda c: (heard[c], newest.get(c, heard[c]), -_ORDER.get(c, len(_ORDER)))
        )
        deciding = heard
    changes = (thresholds.next_change(observed_at, now) for observed_at in deciding.values())
    until = min((at for at in changes if at is not None), default=None)
    return CountingChannel(channel, thresholds.judge(heard[channel], now), until)


def in_order(channels: Iterable[Channel]) -> list[Channel]:
    """These channels in order of preference; channels that only a newer version knows come last."""
    return sorted(channels, key=lambda channel: (_ORDER.get(channel, len(_ORDER)), channel))


_ORDER = {channel: place for place, channel in enumerate(Channel)}
