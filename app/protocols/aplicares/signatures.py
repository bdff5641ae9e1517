"""Verify signatures of Aplicares: who signed a request, and when. Rules: `docs/protocols/aplicares.md`."""

import hmac
from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import unquote

from fastapi import Request

from app.actions.hospital_logins import recognise_consumer
from app.domain.channels import Channel
from app.domain.errors import Unauthenticated
from app.domain.permissions import Actor, Credential
from app.domain.registry.facility import Facility, Switch
from app.domain.signatures import signature
from app.protocols.authentication import admitted, count_rejected, header, valid_key
from app.protocols.lenient_parsing import moment_of
from app.protocols.messages import clock_skew, clock_warnings
from app.runtime.node import Node
from app.runtime.sender_clocks import WINDOW

TIMESTAMP_LENGTH_MAX = 18
# Hours by which a clock is ahead that sends local time as UTC, in the three time zones of Indonesia.
ZONES = (7, 8, 9)


class WrongTime(Unauthenticated):
    """The sender's clock is too far off."""

    language = "id"


def recognise(request: Request) -> Credential | None:
    """Find the credential that signed a request, as far as this node knows it, whatever its clock. Raises: OtherKey."""
    consumer_id, timestamp, shown = _read_headers(request)
    key, secret = recognise_consumer(request.state["node"], consumer_id) or (None, "")
    signed = _find_signed_time(secret, consumer_id, timestamp, shown)  # the same work for an unknown consumer
    return None if signed is None else key


async def hospital(request: Request) -> tuple[Facility, Actor, list[str]]:
    """Authenticate a signed request; return the hospital, the actor and the warnings about its clock.

    Raises: Unauthenticated, with its own text if only the time is wrong or the signature was used hours ago;
        RateLimited, FacilityClosed, Unavailable.
    """
    node: Node = request.state["node"]
    consumer_id, timestamp, shown = _read_headers(request)
    key = await valid_key(request, recognise)
    if key is None:
        named = node.board.credential(consumer_id)
        if named is not None and named.channel is Channel.aplicares:
            count_rejected(request, named.actor.scope.id or "")
        raise Unauthenticated
    facility = await admitted(request, key)
    moment, skew = clock_skew(request, timestamp)
    zones = () if Switch.aplicares_utc in facility.switches else ZONES
    hours = None if moment is None else _hours_ahead(moment - node.clock(), zones)
    if moment is None or hours is None:
        now = node.clock()
        ours = f"{int(now.timestamp())} ({now:%H:%M:%S} UTC)"
        raise WrongTime(f"X-timestamp {timestamp[:40]} di luar batas 15 menit; waktu server {ours}")
    if (hours or key.clock_hours) and not node.only_reads:
        signed = _find_signed_time(node.secret_box.unseal(key.sealed or ""), consumer_id, timestamp, shown)
        signed_at = moment_of(signed or timestamp) or moment
        await node.clocks.take(key, int(signed_at.timestamp()), hours, node.clock())
    return facility, key.actor, clock_warnings(request, timestamp, skew)


def _read_headers(request: Request) -> tuple[str, str, str]:
    signed = unquote(header(request, "x-signature"))
    return header(request, "x-cons-id"), header(request, "x-timestamp"), signed


def _hours_ahead(ahead: timedelta, zones: Iterable[int]) -> int | None:
    """Return the time zone offset in hours that explains this difference, within the window; None if none does."""
    return next((hours for hours in (0, *zones) if abs(ahead - timedelta(hours=hours)) <= WINDOW), None)


def _find_signed_time(secret: str, consumer_id: str, timestamp: str, shown: str) -> str | None:
    """Return the signed timestamp: as sent, or one second off, since some software reads its clock twice."""
    times = [timestamp]
    if timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= TIMESTAMP_LENGTH_MAX:
        times += [str(int(timestamp) + 1), str(int(timestamp) - 1)]
    signed = [(signed_time, signature(secret, consumer_id, signed_time)) for signed_time in times]
    found = [signed_time for signed_time, right in signed if hmac.compare_digest(right.encode(), shown.encode())]
    return found[0] if found else None
