"""Channels: the doors by which a line may come, and the one that counts.

The same physical beds may arrive by two doors, so channels are never added: each facility has one that counts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from app.domain.beds.freshness import Freshness, Thresholds
from app.domain.vocabulary import StoredEnum


class Channel(StoredEnum):
    """The doors, in the order in which a fresh one is preferred."""

    native = "native"
    sirs = "sirs"
    aplicares = "aplicares"
    siranap_v1 = "siranap_v1"
    fhir = "fhir"
    sheet = "sheet"
    form = "form"


@dataclass(frozen=True, slots=True)
class CountingChannel:
    """Which channel counts for a facility, how fresh it is, and until when this stands if nothing new comes.

    `channel` is None where nothing was ever heard; `until` is None where time alone changes nothing any more.
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
    """The counting channel: the pinned one, else the first that is fresh, else the one heard last.

    `heard` holds the newest `observed_at` of each channel that ever said anything. A pinned channel that never
    said anything does not silence the others. `newest` has the times that the reports themselves state: they decide
    where a wrong clock has made channels equally old.
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
    """These, in the order in which a fresh one is preferred; those of a newer version come last."""
    return sorted(channels, key=lambda channel: (_ORDER.get(channel, len(_ORDER)), channel))


_ORDER = {channel: place for place, channel in enumerate(Channel)}
