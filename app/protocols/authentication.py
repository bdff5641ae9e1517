"""Who stands at a door: a hospital that has a key for it, or nobody."""

from collections.abc import Callable
from contextlib import suppress

from fastapi import Request
from starlette.types import Scope

from app.actions.hospital_logins import recognise_password
from app.domain.channels import Channel
from app.domain.errors import FacilityClosed, NotFound, Refusal, Unauthenticated, Unavailable
from app.domain.permissions import Actor, Credential
from app.domain.registry.facility import Facility
from app.protocols.protocol import ForeignProtocol
from app.protocols.request_note import note_of
from app.rate_limits import Rates, Source, address_of, spend
from app.runtime.node import Node


def header(request: Request, name: str) -> str:
    """A header without outer spaces; empty where it was not sent."""
    return request.headers.get(name, "").strip()


def shown_password(request: Request, channel: Channel) -> tuple[str, str]:
    """The hospital's code and what proves its password; SIRANAP v1 sends the MD5 of it, in hex."""
    shown = header(request, "x-pass")
    return header(request, "x-rs-id"), shown.lower() if channel is Channel.siranap_v1 else shown


def recognise_by_password(channel: Channel) -> Callable[[Request], Credential | None]:
    """What recognises the valid key of a request with a password, as far as this node knows."""
    return lambda request: recognise_password(request.state["node"], *shown_password(request, channel), channel)


async def admitted(request: Request, key: Credential) -> Facility:
    """The facility that this key opens the door for; the request is counted, and its note knows whose it is.

    Raises: RateLimited, FacilityClosed.
    """
    node: Node = request.state["node"]
    rates: Rates = request.state["rates"]
    facility = node.board.facility(key.actor.scope.id or "")
    note_of(request.scope).facility_id = facility.facility_id
    request.state["actor"] = key.actor
    spend(rates, key.actor, Source.of(request.scope), rates.protocol)
    if not facility.is_open:
        raise FacilityClosed
    return facility


async def by_password(request: Request, channel: Channel) -> tuple[Facility, Actor]:
    """The hospital of `X-rs-id`, where `X-pass` proves its password.

    Raises: Unauthenticated, RateLimited, FacilityClosed.
    """
    key = await valid_key(request, recognise_by_password(channel))
    if key is None:
        code, _ = shown_password(request, channel)
        count_rejected(request, f"sirs:{code}")
        raise Unauthenticated
    return await admitted(request, key), key.actor


async def valid_key(request: Request, recognise: Callable[[Request], Credential | None]) -> Credential | None:
    """The valid key of a request. One that this node does not know is counted first, then costs a read of the ledger.

    Raises: RateLimited, when there were too many such requests from this address; Unavailable.
    """
    key = recognise(request)
    if key is None:
        spend(request.state["rates"], None, Source.of(request.scope))
        await request.state["node"].follower.catch_up()  # issued a moment ago by another process
        key = recognise(request)
    return key


def count_rejected(request: Request, reference: str) -> None:
    """Count a request without a valid credential for the hospital that it names, if it names one."""
    node: Node = request.state["node"]
    address = address_of(Source.of(request.scope).host)
    with suppress(NotFound):
        node.rejections.count(node.board.facility(reference).facility_id, address, node.clock())


def count_unrouted(scope: Scope, protocol: ForeignProtocol) -> None:
    """Count a request that no route of its protocol counts: for the holder of its credential, else for its address.

    Raises: RateLimited.
    """
    rates: Rates = scope["state"]["rates"]
    key = recognised(scope, protocol)
    if key is None:
        spend(rates, None, Source.of(scope))
    else:
        spend(rates, key.actor, Source.of(scope), rates.protocol)


async def look_up_shown(scope: Scope, protocol: ForeignProtocol) -> None:
    """Have this node know the credential that a request shows, for its note: it may have been issued a moment ago.

    It may cost a read of the ledger: count the request first.
    """
    if (
        any(name == protocol.login_header.encode() for name, _ in scope["headers"])
        and recognised(scope, protocol) is None
    ):
        with suppress(Unavailable):
            await scope["state"]["node"].follower.catch_up()


def recognised(scope: Scope, protocol: ForeignProtocol) -> Credential | None:
    """The credential that a request shows, as far as this node knows it; no database is asked."""
    with suppress(Refusal):  # of a secret that was sealed under another key
        return protocol.recognise(Request(scope))
    return None
