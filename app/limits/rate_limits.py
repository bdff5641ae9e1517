"""Rate limits per caller (docs/limits.md, "rate"), and where a request came from.

Requests are counted per holder of a key, those without one per address.
"""

import time
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address, ip_network
from math import ceil
from typing import Any, Protocol

from app.domain.errors import RateLimited
from app.domain.permissions import Actor, ScopeKind

# Callers remembered; beyond it the one idle longest is dropped.
CALLERS_MAX = 100_000

# A tenth of a second has no exact float: the last request of a burst may be late by this.
ROUNDING_SECONDS = 1e-6

Network = IPv4Network | IPv6Network

LOOPBACK: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))

# Headers that proxies add. A request with one of them came through a proxy, or claims so.
_FORWARDING = frozenset(
    {b"forwarded", b"via", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-real-ip"}
)


@dataclass(frozen=True, slots=True)
class Rate:
    """Requests per second in the long run, and the burst after a pause."""

    per_second: float
    burst: int


@dataclass(frozen=True, slots=True)
class Source:
    """The origin of a request.

    `host` is the caller's address: the socket's peer, or what a trusted proxy put into X-Forwarded-For. `is_direct`
    is false for a request with any header that proxies add: only without one is `host` certainly the peer.
    """

    host: str | None
    is_direct: bool = True

    @classmethod
    def of(cls, scope: Mapping[str, Any]) -> "Source":
        """The source of this request (ASGI scope)."""
        host = scope["client"][0] if scope.get("client") else None
        return cls(host, all(name not in _FORWARDING for name, _ in scope["headers"]))


class Allowances(Protocol):
    """When the allowance of each caller is full again; 0 for an unknown caller."""

    def get(self, name: str) -> float:
        """The time at which this caller's allowance is full, in seconds of the clock."""

    def put(self, name: str, number: float) -> None:
        """Set this time."""


@dataclass(slots=True)
class LocalAllowances:
    """The allowances of one process."""

    free_at: MutableMapping[str, float] = field(default_factory=dict)

    def get(self, name: str) -> float:
        """The time at which this caller's allowance is full, in seconds of the clock."""
        return self.free_at.get(name, 0.0)

    def put(self, name: str, number: float) -> None:
        """Set this time; the caller idle longest is dropped when full."""
        self.free_at.pop(name, None)  # keeps the dict in order of last use
        self.free_at[name] = number
        if len(self.free_at) > CALLERS_MAX:
            del self.free_at[next(iter(self.free_at))]


@dataclass(slots=True)
class Rates:
    """The rates and what each caller has used: one object per process, in `request.state["rates"]`.

    A key of an area or the nation reports for many facilities and gets more. `exempt` networks are not counted: the
    machine itself, or an internal network.
    Shape: a token bucket in one number (GCRA): the moment at which a caller's allowance is full again. The `limits`
        package keeps a list of moments per caller and reads the wall clock, which may jump (docs/reliability.md, P15);
        this does neither. Several processes may share `allowances`; their monotonic clock is the same.
    """

    facility_key: Rate = Rate(10, 50)
    area_key: Rate = Rate(200, 1000)
    public: Rate = Rate(2, 20)
    protocol: Rate = Rate(10, 300)  # hospital software sends a request for each room, all at once
    exempt: tuple[Network, ...] = LOOPBACK
    clock: Callable[[], float] = time.monotonic
    allowances: Allowances = field(default_factory=LocalAllowances, repr=False)

    def spend(self, caller: str, rate: Rate) -> None:
        """Count one request.

        Raises: RateLimited, with the seconds until the next one is allowed.
        """
        now = self.clock()
        each = 1 / rate.per_second
        free_at = max(now, self.allowances.get(caller))
        wait = free_at - now - (rate.burst - 1) * each
        if wait > ROUNDING_SECONDS:
            raise RateLimited(
                f"At most {rate.per_second:g} requests a second in the long run, {rate.burst} at once.",
                retry_after_seconds=ceil(wait),
            )
        self.allowances.put(caller, free_at + each)

    def charge(self, caller: str, rate: Rate, requests: int) -> None:
        """Count an admitted request as so many more: its cost is known only after reading it."""
        free_at = max(self.clock(), self.allowances.get(caller))
        self.allowances.put(caller, free_at + requests / rate.per_second)

    def is_exempt(self, source: Source) -> bool:
        """Whether requests from this source are exempt.

        Only the socket's peer is looked at: an address that a header names is never exempt, because whoever reaches
        the service through a trusted network could write any address there, and because the proxy's own address
        stands for all its clients.
        """
        return source.is_direct and _lies_in(source.host, self.exempt)


def spend(rates: Rates, actor: Actor | None, source: Source, rate: Rate | None = None) -> None:
    """Count one request of this caller. Raises: RateLimited."""
    if not rates.is_exempt(source):
        rates.spend(counted_as(actor, source.host), rate or _rate_of(actor, rates))


def spend_unread(rates: Rates, source: Source) -> None:
    """Count bytes that are not an HTTP request; old software sends such in bursts. Raises: RateLimited."""
    if not rates.is_exempt(source):
        rates.spend(f"unread {counted_as(None, source.host)}", rates.protocol)


SIGN_INS = Rate(5 / 60, 5)  # wrong keys only, so a whole office may sign in at the change of shift


def spend_sign_in(rates: Rates, source: Source) -> None:
    """Count an attempt to sign in; `give_back_sign_in` after a successful one. Raises: RateLimited."""
    if not rates.is_exempt(source):
        try:
            rates.spend(_sign_ins_of(source), SIGN_INS)
        except RateLimited as refusal:
            wait = refusal.retry_after_seconds
            raise RateLimited(
                "At most 5 wrong keys a minute from one address; wait a little.", retry_after_seconds=wait
            ) from None


def give_back_sign_in(rates: Rates, source: Source) -> None:
    """Count a successful attempt as none."""
    if not rates.is_exempt(source):
        rates.charge(_sign_ins_of(source), SIGN_INS, -1)


def _sign_ins_of(source: Source) -> str:
    return f"sign-in {counted_as(None, source.host)}"


PROBES = Rate(10, 100)  # a load balancer and a few monitors, or the pages of an office


def is_frequent(rates: Rates, source: Source) -> bool:
    """Count a probe or a preflight, which are always answered; whether this source sends too many."""
    try:
        if not rates.is_exempt(source):
            rates.spend(f"probes {counted_as(None, source.host)}", PROBES)
    except RateLimited:
        return True
    return False


def charge(rates: Rates, actor: Actor | None, source: Source, requests: int) -> None:
    """Count a request of this caller as so many more; its next ones must wait."""
    if requests > 0 and not rates.is_exempt(source):
        rates.charge(counted_as(actor, source.host), _rate_of(actor, rates), requests)


def counted_as(actor: Actor | None, host: str | None) -> str:
    """The name that a request counts under: the holder of its key, else its address."""
    return f"address {network_of(host)}" if actor is None else f"principal {actor.principal}"


def address_of(host: str | None) -> str:
    """The address that an anonymous caller counts under, as text: in IPv6 its /64."""
    network = network_of(host)
    if network is None:
        return "unknown"
    return str(network.network_address) if network.num_addresses == 1 else str(network)


def _rate_of(actor: Actor | None, rates: Rates) -> Rate:
    if actor is None:
        return rates.public
    return rates.facility_key if actor.scope.kind is ScopeKind.facility else rates.area_key


@lru_cache(4096)
def network_of(host: str | None) -> Network | None:
    """The network that an address counts under: itself in IPv4, its /64 in IPv6, which one caller owns."""
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
def _lies_in(host: str | None, networks: tuple[Network, ...]) -> bool:
    network = network_of(host)
    return network is not None and any(
        network.version == one.version and network.network_address in one for one in networks
    )
