"""A facility's account with an upstream, and the state of its relay."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from app.actions.resolve import facility_for
from app.domain.channels import Channel
from app.domain.errors import Fault, InvalidInput
from app.domain.header_values import header_value_fault
from app.domain.permissions import Actor, Verb
from app.domain.relay import SWITCH_OF_RELAY, RelayState, is_relayed
from app.runtime.node import Node
from app.runtime.secret_keys import check_is_known
from app.store.database import Transaction
from app.store.repositories import relay

# The fields of an account, by channel; the third is optional.
FIELDS = {Channel.sirs: ("x_rs_id", "x_pass"), Channel.aplicares: ("cons_id", "secret", "user_key")}


async def deposit(node: Node, reference: str, channel: Channel, account: Mapping[str, str], *, by: Actor) -> None:
    """Store a facility's credentials for an upstream, sealed, and replace earlier ones.

    Raises: NotFound, NotPermitted; InvalidInput, naming what is missing or cannot be sent in a header; Unavailable.
    """
    await _store_account(node, reference, channel, node.secret_box.seal(json.dumps(_validate(channel, account))), by)
    node.relay.wake()


async def withdraw(node: Node, reference: str, channel: Channel, *, by: Actor) -> None:
    """Delete the credentials. Queued messages are not sent, but count as refused. Raises: NotFound, NotPermitted."""
    _validate(channel, None)
    await _store_account(node, reference, channel, None, by)


async def relay_states(node: Node, reference: str, *, by: Actor) -> list[RelayState]:
    """The state of the relay for each channel, for the facility and the officers of its area. Raises: NotFound."""
    facility = facility_for(node, reference, by, Verb.read_history)
    async with node.database.reading_newest() as connection:
        found = await relay.states(connection, facility.facility_id)
    return [
        replace(
            found.get(channel, RelayState(channel)),
            is_on=is_relayed(facility, channel),
            has_upstream=node.relay.has_upstream(channel),
        )
        for channel in SWITCH_OF_RELAY
    ]


def _validate(channel: Channel, account: Mapping[str, str] | None) -> dict[str, str]:
    if channel not in FIELDS:
        raise InvalidInput(Fault("#/channel", f"is not relayed; only {' and '.join(FIELDS)} are"))
    given = {name: value for name in FIELDS[channel] if (value := (account or {}).get(name))}
    missing = [name for name in FIELDS[channel][:2] if name not in given]
    faults = [Fault(f"#/{name}", "is required") for name in missing if account is not None]
    faults += [Fault(f"#/{name}", why) for name, value in given.items() if (why := header_value_fault(value))]
    if faults:
        raise InvalidInput(*faults)
    return given


async def _store_account(node: Node, reference: str, channel: Channel, sealed: str | None, by: Actor) -> None:
    facility = facility_for(node, reference, by, Verb.deposit)

    async def store(transaction: Transaction, _now: datetime) -> None:
        facility_for(node, facility.facility_id, by, Verb.deposit)  # it may have just been moved
        if sealed is not None:
            await check_is_known(transaction, node.secret_box)
        values = {"sealed": sealed, "failures": 0, "next_attempt_at": None}
        await relay.change_account(transaction.connection, (facility.facility_id, channel), values)

    await node.write_queue.change(store, by=by)
