"""What a route may ask for: the node, the time, who calls. Who calls is also counted here, and slowed down.

A key that is sent must be valid, on public routes too: a hospital that mistyped its key should hear of it rather
than be served as a stranger. Requests are counted per holder of a key, those without one per address
(reliability section 4, `rate`).
"""

import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address, ip_network
from math import ceil
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.actions.keys import authenticate
from app.actions.node import Node
from app.domain.actor import Actor, ScopeKind, Target, Verb, authorise
from app.domain.errors import RateLimited, Unauthenticated

# When the request came, for rules that are judged while its body is read (a report from the future).
REQUEST_TIME: ContextVar[datetime] = ContextVar("request_time")

# As many callers are remembered; past it the ones that have been quiet longest are forgotten.
CALLERS_MAX = 100_000

# A tenth of a second has no exact float: the last request of a burst may come out late by this.
ROUNDING_SECONDS = 1e-6

_CALLER = "balai.caller"


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests per second in the long run, and so many at once after a pause."""

    per_second: float
    burst: int


LOOPBACK: tuple[IPv4Network | IPv6Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


@dataclass(slots=True)
class Rates:
    """How often each caller may ask, and what each has used: one object per process, in `request.state["rates"]`.

    A key for an area or the nation speaks for many facilities and gets more. `exempt` networks are not counted: the
    machine itself, or an own gateway that counts.
    Shape: `_free_at` holds, per caller, the moment at which its allowance is full again: a token bucket in one
        number (GCRA). The `limits` package keeps a list of moments per caller and reads the wall clock, which may
        jump (promise P15); this does neither.
    """

    facility_key: Rate = Rate(10, 50)
    area_key: Rate = Rate(200, 1000)
    public: Rate = Rate(2, 20)
    door: Rate = Rate(10, 300)  # foreign software sends a request for each room, all at once
    exempt: tuple[IPv4Network | IPv6Network, ...] = LOOPBACK
    clock: Callable[[], float] = time.monotonic
    _free_at: dict[str, float] = field(default_factory=dict, repr=False)

    def spend(self, caller: str, rate: Rate) -> None:
        """Count one request.

        Raises: RateLimited, with the seconds until the next one is allowed.
        """
        now = self.clock()
        each = 1 / rate.per_second
        free_at = max(now, self._free_at.pop(caller, now))  # popped: the order of the dict is that of last use
        wait = free_at - now - (rate.burst - 1) * each
        if wait > ROUNDING_SECONDS:
            self._free_at[caller] = free_at
            raise RateLimited(
                f"At most {rate.per_second:g} requests a second in the long run, {rate.burst} at once.",
                retry_after_seconds=ceil(wait),
            )
        self._free_at[caller] = free_at + each
        if len(self._free_at) > CALLERS_MAX:
            del self._free_at[next(iter(self._free_at))]

    def is_exempt(self, host: str | None) -> bool:
        """Whether requests from this address are not counted."""
        return _lies_in(host, self.exempt)


@lru_cache(4096)
def _network(host: str | None) -> IPv4Network | IPv6Network | None:
    """The address as one counts it: alone in IPv4, with its /64 in IPv6, where a caller owns all of that."""
    try:
        address = ip_address((host or "").partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv4Address):
        return ip_network(address)
    if address.is_loopback:
        return ip_network(address)
    if address.ipv4_mapped:
        return ip_network(address.ipv4_mapped)
    return ip_network((address, 64), strict=False)


@lru_cache(4096)
def _lies_in(host: str | None, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    network = _network(host)
    return network is not None and any(
        network.version == one.version and network.network_address in one for one in networks
    )


async def admit(request: Request) -> Actor | None:
    """Who calls: the holder of the key that was sent, None without one. Counts the request, once.

    The caller also stands in `request.state["actor"]`, for the log.
    Raises: Unauthenticated, RateLimited.
    """
    if _CALLER in request.scope:
        actor: Actor | None = request.scope[_CALLER]
        return actor
    rates: Rates = request.state["rates"]
    host = request.client.host if request.client else None
    actor = None
    try:
        if (header := request.headers.get("authorization")) is not None:
            actor = await authenticate(request.state["node"], bearer_key(header))
    finally:
        # Also where the key is wrong: guessing is a request like any other.
        spend(rates, actor, host)
    request.scope[_CALLER] = request.state["actor"] = actor
    return actor


def spend(rates: Rates, actor: Actor | None, host: str | None, rate: Rate | None = None) -> None:
    """Count one request of this caller from this address. Raises: RateLimited."""
    if not rates.is_exempt(host):
        rates.spend(counted_as(actor, host), rate or _rate_of(actor, rates))


def bearer_key(header: str) -> str:
    """The key in an Authorization header. Raises: Unauthenticated, when there is none."""
    scheme, _, key = header.partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise Unauthenticated
    return key.strip()


def counted_as(actor: Actor | None, host: str | None) -> str:
    """Whose limits a request uses up: those of the holder of the key, else of the address."""
    return f"address {_network(host)}" if actor is None else f"principal {actor.principal}"


def _rate_of(actor: Actor | None, rates: Rates) -> Rate:
    if actor is None:
        return rates.public
    return rates.facility_key if actor.scope.kind is ScopeKind.facility else rates.area_key


_bearer = HTTPBearer(
    scheme_name="key",
    description="The key that an officer issued for your facility, your area or the nation, as it was shown once. "
    "(*Kunci API yang diterbitkan petugas.*)",
    auto_error=False,
)


async def _node(request: Request) -> Node:
    node: Node = request.state["node"]
    return node


NodeDep = Annotated[Node, Depends(_node)]


async def _now(node: NodeDep) -> datetime:
    return REQUEST_TIME.get(None) or node.clock()


Now = Annotated[datetime, Depends(_now)]


async def _caller(
    request: Request, _documented: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Actor | None:
    return await admit(request)


CallerDep = Annotated[Actor | None, Depends(_caller)]


async def _known_caller(caller: CallerDep) -> Actor:
    if caller is None:
        raise Unauthenticated
    return caller


KnownCaller = Annotated[Actor, Depends(_known_caller)]


async def _reader(caller: CallerDep, node: NodeDep) -> Actor | None:
    if caller is None and not node.public_read:
        raise Unauthenticated
    return caller


# Anybody where figures are public; else anybody with a key. How far that key sees is judged per target.
Reader = Annotated[Actor | None, Depends(_reader)]


def check_may_read(node: Node, reader: Actor | None, target: Target) -> None:
    """Raises: NotFound, when the figures of this target are not for the reader."""
    authorise(reader, Verb.read, target, public_read=node.public_read)
