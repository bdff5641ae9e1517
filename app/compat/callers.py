"""Who stands at a door: a hospital that has a key for it, or nobody."""

from collections.abc import Callable
from contextlib import suppress

from fastapi import Request
from starlette.types import Scope

from app.actions.door_secrets import holder_of_password, recognise_password
from app.actions.node import Node
from app.compat.door import Door
from app.compat.note import note_of
from app.domain.actor import Actor, Credential
from app.domain.channels import Channel
from app.domain.errors import FacilityClosed, NotFound, Refusal, Unauthenticated
from app.domain.facility import Facility
from app.rate_limits import Rates, Source, spend


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
    spend(rates, key.actor, Source.of(request.scope), rates.door)
    if not facility.is_open:
        raise FacilityClosed
    return facility


async def by_password(request: Request, channel: Channel) -> tuple[Facility, Actor]:
    """The hospital of `X-rs-id`, where `X-pass` proves its password.

    Raises: Unauthenticated, RateLimited, FacilityClosed.
    """
    code, shown = shown_password(request, channel)
    try:
        key = await holder_of_password(request.state["node"], code, channel, shown)
    except Unauthenticated:
        turned_away(request, f"sirs:{code}")
        raise
    return await admitted(request, key), key.actor


def turned_away(request: Request, reference: str) -> None:
    """Count a request that nobody stands for; if it names a hospital, its people will see it.

    Raises: RateLimited, when there were too many from this address.
    """
    node: Node = request.state["node"]
    with suppress(NotFound):
        note_of(request.scope).facility_id = node.board.facility(reference).facility_id
    spend(request.state["rates"], None, Source.of(request.scope))


def count_unrouted(scope: Scope, door: Door) -> None:
    """Count a request that no route of its protocol counts: for the holder of its credential, else for its address.

    Raises: RateLimited.
    """
    request, key = Request(scope), None
    with suppress(Refusal):  # of a secret that was sealed under another key
        key = door.recognise(request)
    rates: Rates = request.state["rates"]
    if key is None:
        spend(rates, None, Source.of(scope))
    else:
        spend(rates, key.actor, Source.of(scope), rates.door)
