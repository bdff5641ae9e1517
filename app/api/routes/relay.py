"""The relay of a facility: its accounts with the ministry and the insurer, and the state of the relay."""

from typing import Annotated, Literal

from fastapi import Body, Path, Response

from app.actions.relay_accounts import deposit, relay_states, withdraw
from app.actions.resolve import facility_for
from app.api.http.documented_errors import refusals
from app.api.http.parameters import FacilityRef
from app.api.http.problems import UnsupportedMediaType
from app.api.http.strict_json import strict_router
from app.api.schemas.relay import ACCOUNT_EXAMPLES, AccountIn, RelayOut
from app.dependencies import KnownCaller, NodeDep
from app.domain.channels import Channel
from app.domain.errors import Malformed, NotFound, NotPermitted, TooLarge, Unavailable
from app.domain.permissions import Actor, Verb
from app.runtime.node import Node

router = strict_router("hospitals")

Upstream = Annotated[Literal["sirs", "aplicares"], Path(description="The ministry (sirs) or the insurer (aplicares).")]
_REFUSALS = (NotPermitted, NotFound, Unavailable)


@router.get(
    "/facilities/{facility_id}/relay",
    summary="State of the relay",
    response_description="One entry per upstream.",
    responses=refusals(*_REFUSALS),
)
async def read_relay(facility_id: FacilityRef, node: NodeDep, caller: KnownCaller, response: Response) -> RelayOut:
    """What was relayed to the ministry and the insurer (*penerusan laporan*), what waits, and their last response.

    Off unless the facility's `switches` include `relay_sirs` or `relay_aplicares`, the installation configures the
    upstream, and the facility's account there is deposited. It never delays our own response.
    """
    response.headers["cache-control"] = "no-store"
    return await _describe_relay(node, facility_id, caller)


@router.put(
    "/facilities/{facility_id}/relay/{upstream}",
    summary="Deposit an account with an upstream",
    response_description="The state of the relay, without the secret.",
    responses=refusals(*_REFUSALS, Malformed, TooLarge, UnsupportedMediaType),
)
async def deposit_account(
    facility_id: FacilityRef,
    upstream: Upstream,
    body: Annotated[AccountIn, Body(openapi_examples=ACCOUNT_EXAMPLES)],
    node: NodeDep,
    caller: KnownCaller,
) -> RelayOut:
    """Deposit the hospital's own credentials (*titip kredensial*), stored encrypted and used only for its relay."""
    await deposit(node, facility_id, Channel(upstream), body.given(), by=caller)
    return await _describe_relay(node, facility_id, caller)


@router.delete(
    "/facilities/{facility_id}/relay/{upstream}",
    summary="Delete an account with an upstream",
    response_description="The state of the relay.",
    responses=refusals(*_REFUSALS),
)
async def withdraw_account(
    facility_id: FacilityRef, upstream: Upstream, node: NodeDep, caller: KnownCaller
) -> RelayOut:
    """Delete the credentials (*tarik kredensial*); nothing more is sent with them."""
    await withdraw(node, facility_id, Channel(upstream), by=caller)
    return await _describe_relay(node, facility_id, caller)


async def _describe_relay(node: Node, facility_id: str, by: Actor) -> RelayOut:
    facility = facility_for(node, facility_id, by, Verb.read_history)
    return RelayOut.of(facility.facility_id, await relay_states(node, facility.facility_id, by=by))
