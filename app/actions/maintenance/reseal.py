"""Sealed secrets moved to the first secret key, so that an older one can be given up.

Keys of doors are ledger entries, so what is sealed anew is one too; what an older entry holds stays sealed as it was,
for ever. Passwords are kept as keyed digests, which nobody can make again without the password.
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

AT_ONCE = 100  # in one transaction: reports wait while it is written

T = TypeVar("T")
Move = Callable[[Node, Sequence[T], Transaction, datetime], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Resealed:
    """What was done, and what an older secret key is still needed for.

    Shape: `unreadable` names what no given key opens; `digests` are valid keys whose password is kept as a digest, made
        under whichever key was the first one when they were issued.
    """

    keys: int
    accounts: int
    unreadable: tuple[str, ...]
    digests: tuple[Credential, ...]


async def reseal(node: Node) -> Resealed:
    """Seal all that is sealed under an older key under the first one. Again, it changes nothing.

    Raises: Unavailable; what was done until then stays done.
    """
    now = node.clock()
    valid = [key for key in node.board.credentials() if key.is_valid(now)]
    keys = {key.prefix: key.sealed for key in valid if key.sealed is not None}
    async with node.database.reading_newest() as connection:
        accounts = await relay.sealed_accounts(connection)
    lost = [f"key {prefix}" for prefix, sealed in keys.items() if not node.secret_box.opens(sealed)]
    lost += [
        f"account of {place[0]} with {place[1]}" for place, each in accounts.items() if not node.secret_box.opens(each)
    ]
    return Resealed(
        await _in_parts(
            node, [prefix for prefix, sealed in keys.items() if node.secret_box.is_old(sealed)], _move_keys
        ),
        await _in_parts(
            node, [place for place, each in accounts.items() if node.secret_box.is_old(each)], _move_accounts
        ),
        tuple(lost),
        tuple(key for key in valid if key.channel is not None and key.sealed is None),
    )


async def _in_parts(node: Node, found: Sequence[T], move: Move[T]) -> int:
    """Move these, a part in each transaction; gives how many were still old when their turn came."""
    moved = 0
    for start in range(0, len(found), AT_ONCE):
        part = found[start : start + AT_ONCE]
        moved += await node.write_queue.change(partial(move, node, part), by=OPERATOR)
    return moved


async def _move_keys(node: Node, prefixes: Sequence[str], transaction: Transaction, now: datetime) -> int:
    known = [key for prefix in prefixes if (key := node.board.credential(prefix)) is not None]
    old = [key for key in known if key.sealed is not None and node.secret_box.is_old(key.sealed)]
    changed = [replace(key, sealed=node.secret_box.reseal(key.sealed or "")) for key in old]
    if changed:
        matter = KeysChanged(tuple(replace(key, seq=0) for key in changed))
        await ledger.append(transaction, [(matter, OPERATOR.principal, None)], now=now)
    for key in changed:
        await credentials.put(transaction.connection, key)
    return len(changed)


async def _move_accounts(node: Node, places: Sequence[Place], transaction: Transaction, _now: datetime) -> int:
    sealed = await relay.sealed_accounts(transaction.connection)
    old = {place: each for place in places if (each := sealed.get(place)) is not None and node.secret_box.is_old(each)}
    for place, each in old.items():
        await relay.change_account(transaction.connection, place, {"sealed": node.secret_box.reseal(each)})
    return len(old)
