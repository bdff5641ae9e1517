"""Who signed a request of Aplicares, and when: `protocols/indonesia.md` 3.2."""

import hmac
from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import unquote

from fastapi import Request

from app.actions.door_secrets import recognise_consumer
from app.actions.node import Node
from app.compat.callers import admitted, count_rejected, header, valid_key
from app.compat.message import odd_clock, skew_of
from app.domain.actor import Actor, Credential
from app.domain.channels import Channel
from app.domain.errors import Unauthenticated
from app.domain.facility import Facility, Switch
from app.domain.proofs import signature

TIMESTAMP_LENGTH_MAX = 18
WINDOW = timedelta(minutes=15)
# Local time taken for UTC, in the three zones of Indonesia.
ZONES = tuple(timedelta(hours=hours) for hours in (7, 8, 9))


class WrongTime(Unauthenticated):
    """The clock of the sender is too far off."""

    language = "id"


def recognise(request: Request) -> Credential | None:
    """The valid key that signed a request, as far as this node knows, whatever its clock says. Raises: OtherKey."""
    consumer_id, timestamp, shown = _shown(request)
    key, secret = recognise_consumer(request.state["node"], consumer_id) or (None, "")
    return key if _is_signed(secret, consumer_id, timestamp, shown) else None  # the same work for an unknown consumer


async def hospital(request: Request) -> tuple[Facility, Actor, list[str]]:
    """The hospital whose consumer signed this, and what is odd about its clock.

    Raises: Unauthenticated, with another text where only the time is wrong; RateLimited, FacilityClosed.
    """
    node: Node = request.state["node"]
    consumer_id, timestamp, _ = _shown(request)
    key = await valid_key(request, recognise)
    if key is None:
        named = node.board.credential(consumer_id)
        if named is not None and named.channel is Channel.aplicares:
            count_rejected(request, named.actor.scope.id or "")
        raise Unauthenticated
    facility = await admitted(request, key)
    moment, skew = skew_of(request, timestamp)
    zones = () if Switch.aplicares_utc in facility.switches else ZONES
    if moment is None or not _is_in_time(moment - node.clock(), zones):
        now = node.clock()
        ours = f"{int(now.timestamp())} ({now:%H:%M:%S} UTC)"
        raise WrongTime(f"X-timestamp {timestamp[:40]} di luar batas 15 menit; waktu server {ours}")
    return facility, key.actor, odd_clock(request, timestamp, skew)


def _shown(request: Request) -> tuple[str, str, str]:
    signed = unquote(header(request, "x-signature"))
    return header(request, "x-cons-id"), header(request, "x-timestamp"), signed


def _is_in_time(ahead: timedelta, zones: Iterable[timedelta]) -> bool:
    return any(abs(ahead - zone) <= WINDOW for zone in (timedelta(), *zones))


def _is_signed(secret: str, consumer_id: str, timestamp: str, shown: str) -> bool:
    """Over the time as sent, or a second beside it: some software reads its clock twice."""
    times = [timestamp]
    if timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= TIMESTAMP_LENGTH_MAX:
        times += [str(int(timestamp) + 1), str(int(timestamp) - 1)]
    signed = [signature(secret, consumer_id, each) for each in times]
    return any(hmac.compare_digest(each.encode(), shown.encode()) for each in signed)
