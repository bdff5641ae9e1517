"""Authenticate requests of foreign protocols: which hospital holds the credential."""

from collections.abc import Callable
from contextlib import suppress

from fastapi import Request
from starlette.types import Scope

from app.actions.hospital_logins import recognise_password
from app.domain.channels import Channel
from app.domain.errors import FacilityClosed, NotFound, Refusal, Unauthenticated, Unavailable
from app.domain.permissions import Actor, Credential
from app.domain.registry.facility import Facility
from app.limits.rate_limits import Rates, Source, address_of, spend
from app.protocols.protocol import ForeignProtocol
from app.protocols.request_note import note_of
from app.runtime.node import Node


def header(request: Request, name: str) -> str:
    """Return a header without surrounding whitespace; empty if it was not sent."""
    return request.headers.get(name, "").strip()


def shown_password(request: Request, channel: Channel) -> tuple[str, str]:
    """Return the hospital's code and the password as sent; SIRANAP v1 sends its MD5 in hex."""
    shown = header(request, "x-pass")
    return header(request, "x-rs-id"), shown.lower() if channel is Channel.siranap_v1 else shown


def recognise_by_password(channel: Channel) -> Callable[[Request], Credential | None]:
    """Return a function that finds the valid credential of a password request, as far as this node knows it."""
    return lambda request: recognise_password(request.state["node"], *shown_password(request, channel), channel)


async def admitted(request: Request, key: Credential) -> Facility:
    """Count the request against this credential, note whose it is, and return its facility.

    Raises: RateLimited, FacilityClosed.
    """
    node: Node = request.state["node"]
    rates: Rates = request.state["rates"]
    facility = node.board.facility(key.actor.scope.id or "")
    note_of(request.scope).facility_id = facility.facility_id
    request.state["actor"] = key.actor
    spend(rates, key.actor, Source.of(request.scope), rates.protocol)
    if not facility.is_open:
        raise FacilityClosed(opens_at=facility.opens_at)
    return facility


async def by_password(request: Request, channel: Channel) -> tuple[Facility, Actor]:
    """Authenticate `X-rs-id` and `X-pass`; return the hospital and the actor.

    Raises: Unauthenticated, RateLimited, FacilityClosed.
    """
    key = await valid_key(request, recognise_by_password(channel))
    if key is None:
        code, _ = shown_password(request, channel)
        count_rejected(request, f"sirs:{code}")
        raise Unauthenticated
    return await admitted(request, key), key.actor


async def valid_key(request: Request, recognise: Callable[[Request], Credential | None]) -> Credential | None:
    """Find the valid credential of a request; None without one.

    A credential that this node does not know is counted first and then looked up in the ledger.

    Raises: RateLimited, after too many such requests from this address; Unavailable.
    """
    key = recognise(request)
    if key is None:
        spend(request.state["rates"], None, Source.of(request.scope))
        await request.state["node"].follower.catch_up()  # another process may have issued it a moment ago
        key = recognise(request)
    return key


def count_rejected(request: Request, reference: str) -> None:
    """Count a request without a valid credential against the hospital that it names, if that exists."""
    node: Node = request.state["node"]
    address = address_of(Source.of(request.scope).host)
    with suppress(NotFound):
        node.rejections.count(node.board.facility(reference).facility_id, address, node.clock())


def count_unrouted(scope: Scope, protocol: ForeignProtocol) -> None:
    """Count a request that matches no route: against the holder of its credential, else against its address.

    Raises: RateLimited.
    """
    rates: Rates = scope["state"]["rates"]
    key = recognised(scope, protocol)
    if key is None:
        spend(rates, None, Source.of(scope))
    else:
        spend(rates, key.actor, Source.of(scope), rates.protocol)


async def look_up_shown(scope: Scope, protocol: ForeignProtocol) -> None:
    """Read the ledger if this node does not know the credential of a request yet, so that the request can be logged.

    Another process may have issued it a moment ago. Count the request first: this may cost a read of the ledger.
    """
    if (
        any(name == protocol.login_header.encode() for name, _ in scope["headers"])
        and recognised(scope, protocol) is None
    ):
        with suppress(Unavailable):
            await scope["state"]["node"].follower.catch_up()


def recognised(scope: Scope, protocol: ForeignProtocol) -> Credential | None:
    """Return the credential of a request as far as this node knows it; no database query."""
    with suppress(Refusal):  # the secret is sealed under another key
        return protocol.recognise(Request(scope))
    return None
