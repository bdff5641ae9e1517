"""Reseal: encrypt sealed secrets again under the first secret key, so that an older secret key can be retired.

Keys of foreign protocols are ledger entries, so resealing appends an entry; older entries permanently keep their sealed
values. Passwords are stored as keyed digests, which cannot be computed again without the password.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TypeVar

from app.domain.ledger import KeysChanged
from app.domain.permissions import OPERATOR, Credential
from app.runtime.node import Node
from app.store import ledger
from app.store.database import Transaction
from app.store.repositories import credentials, relay
from app.store.repositories.relay import Place

AT_ONCE = 100  # per transaction: reports wait while it is written

T = TypeVar("T")
ResealBatch = Callable[[Node, Sequence[T], Transaction, datetime], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Resealed:
    """The number of resealed values, and what still needs an older secret key.

    Shape: `unreadable` names the values that no given key decrypts; `digests` are valid keys whose password is stored
        as a digest, under the secret key that was the first when they were issued.
    """

    keys: int
    accounts: int
    unreadable: tuple[str, ...]
    digests: tuple[Credential, ...]


async def reseal(node: Node) -> Resealed:
    """Reseal everything that is sealed under an older key under the first one. Repeating it has no effect.

    Raises: Unavailable; values resealed until then stay resealed.
    """
    now = node.clock()
    valid = [key for key in node.board.credentials() if key.is_valid(now)]
    keys = {key.prefix: key.sealed for key in valid if key.sealed is not None}
    async with node.database.reading_newest() as connection:
        accounts = await relay.sealed_accounts(connection)
    unreadable = [f"key {prefix}" for prefix, sealed in keys.items() if not node.secret_box.opens(sealed)]
    unreadable += [
        f"account of {place[0]} with {place[1]}"
        for place, sealed in accounts.items()
        if not node.secret_box.opens(sealed)
    ]
    return Resealed(
        await _in_batches(
            node, [prefix for prefix, sealed in keys.items() if node.secret_box.is_old(sealed)], _reseal_keys
        ),
        await _in_batches(
            node, [place for place, sealed in accounts.items() if node.secret_box.is_old(sealed)], _reseal_accounts
        ),
        tuple(unreadable),
        tuple(key for key in valid if key.channel is not None and key.sealed is None),
    )


async def _in_batches(node: Node, found: Sequence[T], reseal_batch: ResealBatch[T]) -> int:
    """Reseal these, one batch per transaction. Returns how many were still sealed under an older key."""
    resealed = 0
    for start in range(0, len(found), AT_ONCE):
        batch = found[start : start + AT_ONCE]
        resealed += await node.write_queue.change(partial(reseal_batch, node, batch), by=OPERATOR)
    return resealed


async def _reseal_keys(node: Node, prefixes: Sequence[str], transaction: Transaction, now: datetime) -> int:
    known = [key for prefix in prefixes if (key := node.board.credential(prefix)) is not None]
    old = [key for key in known if key.sealed is not None and node.secret_box.is_old(key.sealed)]
    changed = [replace(key, sealed=node.secret_box.reseal(key.sealed or "")) for key in old]
    if changed:
        matter = KeysChanged(tuple(replace(key, seq=0) for key in changed))
        await ledger.append(transaction, [(matter, OPERATOR.principal, None)], now=now)
    for key in changed:
        await credentials.put(transaction.connection, key)
    return len(changed)


async def _reseal_accounts(node: Node, places: Sequence[Place], transaction: Transaction, _now: datetime) -> int:
    sealed = await relay.sealed_accounts(transaction.connection)
    old = {
        place: value for place in places if (value := sealed.get(place)) is not None and node.secret_box.is_old(value)
    }
    for place, value in old.items():
        await relay.change_account(transaction.connection, place, {"sealed": node.secret_box.reseal(value)})
    return len(old)
