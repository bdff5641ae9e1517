"""Keys: made, shown once, rotated, revoked, and recognised.

A key reads `balai_<prefix>_<secret>`: the prefix is public and names it in lists and logs, the secret has 256 bits.
Only the SHA-256 of the whole is kept: a secret of that size needs no slow hash. Keys of foreign doors are shaped as
those protocols want them (`app.actions.hospital_logins`), and are otherwise managed alike.
"""

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.actions.hospital_logins import GivenSecret, NewSecret, new_secret
from app.actions.key_material import Material, material_for
from app.actions.resolve import key_for, keys_for, scope_for
from app.domain.channels import Channel
from app.domain.errors import Conflict, Fault, InvalidInput, NotFound, ReportConflict, Unauthenticated
from app.domain.ledger import KeysChanged
from app.domain.permissions import (
    KEYS_AT_ONCE_MAX,
    OPERATOR,
    ROLE_OF_SCOPE,
    Actor,
    Credential,
    Role,
    Scope,
    ScopeKind,
)
from app.domain.registry.facility import Facility
from app.domain.reports.report import NAME_LENGTH_MAX
from app.runtime.node import Node
from app.runtime.secret_keys import check_is_known
from app.store import ledger
from app.store.database import Transaction
from app.store.repositories import credentials

# Valid keys that one holder may have issued: enough for anyone, and for two of each kind of each facility in reach.
KEYS_ISSUED_MIN = 200
KEYS_ISSUED_PER_FACILITY = 8
_KEY = re.compile(r"balai_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")
_NOBODY = "0" * 64  # compared with when the prefix is unknown, so that the work is the same


async def authenticate(node: Node, key: str) -> Actor:
    """Whose key this is. It may read the ledger: count the request first, where `recognise` gives None.

    Raises: Unauthenticated, with one text and after the same work for every way of being wrong.
    """
    actor = recognise(node, key)
    if actor is None and _KEY.fullmatch(key):
        # Made a moment ago by another process. Also where the prefix is known: the time must not tell which are.
        await node.follower.catch_up()
        actor = recognise(node, key)
    if actor is None:
        raise Unauthenticated("This key is not valid. Check that it was copied whole, and that it was not revoked.")
    return actor


def recognise(node: Node, key: str) -> Actor | None:
    """Whose key this is, as far as this node's board knows; None where it opens nothing."""
    match = _KEY.fullmatch(key)
    credential = node.board.credential(match[1]) if match else None
    same = hmac.compare_digest(digest(key), credential.digest if credential else _NOBODY)
    return credential.actor if credential and same and credential.is_valid(node.clock()) else None


def is_valid(node: Node, actor: Actor) -> bool:
    """Whether the key that this actor showed still opens, as far as this node's board knows."""
    credential = node.board.credential(actor.key) if actor.key is not None else None
    return actor.key is None or (credential is not None and credential.is_valid(node.clock()))


async def issue_key(
    node: Node,
    *,
    scope: Scope,
    by: Actor,
    role: Role | None = None,
    name: str = "",
    expires_at: datetime | None = None,
    idempotency_key: str | None = None,
) -> tuple[Credential, str]:
    """A new holder's first key: what is kept of it, and the whole key, which is never shown again.

    Under the same `idempotency_key` it is the same key again, so that a request may be sent again.
    Raises: NotFound, for an unknown facility or area; NotPermitted, for more than the issuer has himself;
        ReportConflict, when the idempotency key was used for another key.
    """
    scope = scope_for(node, scope, by)
    role = role or ROLE_OF_SCOPE[scope.kind]
    if role is not ROLE_OF_SCOPE[scope.kind] and role is not Role.subscriber:
        raise InvalidInput(Fault("#/role", f"a key for {scope.kind} is {ROLE_OF_SCOPE[scope.kind]} or subscriber"))
    if expires_at is not None and expires_at <= node.clock():
        raise InvalidInput(Fault("#/expires_at", "lies in the past"))
    material = material_for(node.secret_box, by, idempotency_key)
    wanted = _Wanted(Actor(_principal(material), role, scope, name), _new_key(material), expires_at)
    [issued] = await _issue(node, [wanted], by=by, may_repeat=idempotency_key is not None)
    return issued


async def rotate_key(
    node: Node, prefix: str, *, by: Actor, idempotency_key: str | None = None, operation: str | None = None
) -> tuple[Credential, str]:
    """A second key for the same holder and door, who changes over at leisure; then revoke the first.

    Under the same `idempotency_key` it is the same second key again, and never one that another operation made:
    without `operation`, the rotation of this very key.

    Raises: Conflict, when the holder has two valid keys already or this one was revoked or has expired; NotFound;
        ReportConflict.
    """
    old = await _find(node, prefix, by)
    if old.expires_at is not None and old.expires_at <= node.clock():
        raise Conflict("This key has expired, and so would its successor; issue a new one.")
    material = material_for(node.secret_box, by, idempotency_key, operation=operation or f"rotate {prefix}")
    new = _new_key(material) if old.channel is None else new_secret(node.secret_box, old.channel, material)
    wanted = _Wanted(old.actor, new, old.expires_at, old.channel, successor_of=prefix)
    [issued] = await _issue(node, [wanted], by=by, may_repeat=idempotency_key is not None)
    return issued


async def revoke_key(node: Node, prefix: str, *, by: Actor) -> Credential:
    """The key opens nothing from the next request on; revoking it again changes nothing. Raises: NotFound."""
    found = await _find(node, prefix, by)

    async def work(transaction: Transaction, now: datetime) -> Credential:
        credential = key_for(node, found.prefix, by)  # its holder may have been moved a moment ago
        if credential.revoked_at is None:
            credential = replace(credential, revoked_at=now)
            await _put(transaction, credential, by, now)
        return credential

    return await node.write_queue.change(work, by=by)


async def issue_logins(
    node: Node,
    facility: Facility,
    channels: Mapping[Channel, GivenSecret | None],
    *,
    by: Actor,
    idempotency_key: str | None = None,
) -> list[tuple[Credential, str]]:
    """The first keys of a facility for these channels, together or not at all; none for a channel that has one.

    Each with the secret, which is never shown again. A given secret is one that the facility has elsewhere and keeps.
    Raises: Conflict, when each of them has a key already; NotPermitted; ReportConflict.
    """
    material = material_for(node.secret_box, by, idempotency_key)
    scope = Scope(ScopeKind.facility, facility.facility_id)
    wanted = [
        _Wanted(
            Actor(
                _principal(material, channel), Role.hospital, scope, f"{facility.name} ({channel})"[:NAME_LENGTH_MAX]
            ),
            new_secret(node.secret_box, channel, material, given),
            channel=channel,
            is_first=True,
        )
        for channel, given in channels.items()
    ]
    return await _issue(node, wanted, by=by, may_repeat=idempotency_key is not None)


async def list_keys(node: Node, *, by: Actor) -> list[Credential]:
    """The keys that this actor manages, oldest first."""
    return keys_for(node, by)


def digest(key: str) -> str:
    """What is kept of a key: its SHA-256 in hex."""
    return hashlib.sha256(key.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A key to be issued.

    `is_first`: only where the facility has no valid one for this channel. `successor_of`: only while the key with this
    prefix is not revoked.
    """

    actor: Actor
    new: NewSecret
    expires_at: datetime | None = None
    channel: Channel | None = None
    is_first: bool = False
    successor_of: str | None = None


async def _issue(
    node: Node, all_wanted: Sequence[_Wanted], *, by: Actor, may_repeat: bool
) -> list[tuple[Credential, str]]:
    """Issue them together, judged by what the ledger says at that moment: of two nodes that issue, one is second."""
    for wanted in all_wanted:
        scope_for(node, wanted.actor.scope, by)

    async def work(transaction: Transaction, now: datetime) -> list[tuple[Credential, str]]:
        issued = []
        if any(wanted.channel is not None for wanted in all_wanted):
            await check_is_known(transaction, node.secret_box)
        for wanted in all_wanted:
            scope_for(node, wanted.actor.scope, by)
            credential = _repeated(node, wanted, now) if may_repeat else None
            if credential is None and not (wanted.is_first and _has_key(node, wanted, now)):
                credential = await _put(transaction, _checked(node, wanted, by, now), by, now)
            if credential is not None:
                issued.append((credential, wanted.new.secret))
        if not issued:
            raise Conflict("This facility has its keys already. For new ones rotate them, then revoke the old.")
        return issued

    return await node.write_queue.change(work, by=by)


def _repeated(node: Node, wanted: _Wanted, now: datetime) -> Credential | None:
    """The key that an earlier request under the same idempotency key made. Raises: ReportConflict, Conflict."""
    known = node.board.credential(wanted.new.prefix)
    if known is None or known.digest != wanted.new.digest:
        return None
    made, now_wanted = known.actor, wanted.actor
    if (made.role, made.scope, made.name, known.expires_at, known.channel) != (
        *(now_wanted.role, now_wanted.scope, now_wanted.name),
        *(wanted.expires_at, wanted.channel),
    ):
        raise ReportConflict("This Idempotency-Key was used before, for another key. Nothing was issued.")
    if not known.is_valid(now):
        raise Conflict("The key that was issued under this Idempotency-Key was revoked or has expired.")
    return known


def _has_key(node: Node, wanted: _Wanted, now: datetime) -> bool:
    facility_id, channel = wanted.actor.scope.id or "", wanted.channel or Channel.native
    return any(key.is_valid(now) for key in node.board.keys_of_channel(facility_id, channel))


def _check_may_issue_more(node: Node, by: Actor, now: datetime) -> None:
    """Raises: Conflict, when this issuer has issued as many valid keys as anyone with its reach needs."""
    if by == OPERATOR:
        return
    valid = sum(key.created_by == by.principal and key.is_valid(now) for key in node.board.credentials())
    if valid < KEYS_ISSUED_MIN:
        return
    code = by.scope.id
    facilities = node.board.facilities_known if code is None else node.board.count_facilities(code)
    limit = max(KEYS_ISSUED_MIN, KEYS_ISSUED_PER_FACILITY * facilities)
    if valid >= limit:
        raise Conflict(f"Your key has issued {valid} valid keys, at most {limit} for its area; revoke some first.")


def _checked(node: Node, wanted: _Wanted, by: Actor, now: datetime) -> Credential:
    """The credential, where it may be issued. Raises: Conflict."""
    new, actor = wanted.new, wanted.actor
    old = node.board.credential(wanted.successor_of) if wanted.successor_of is not None else None
    if old is not None and old.revoked_at is not None:
        raise Conflict("This key was revoked, and its holder gets no successor; issue a new one.")
    _check_may_issue_more(node, by, now)
    known = node.board.credential(new.prefix)
    if known is not None and (known.is_valid(now) or known.actor.scope != actor.scope):
        raise Conflict(f"{new.prefix} is in use already.")
    siblings = [key for key in node.board.credentials() if key.actor.principal == actor.principal]
    if sum(sibling.is_valid(now) for sibling in siblings) >= KEYS_AT_ONCE_MAX:
        raise Conflict(f"This holder has {KEYS_AT_ONCE_MAX} valid keys already; revoke one of them first.")
    holder = replace(actor, key=new.prefix)
    return Credential(
        *(new.prefix, new.digest, holder, now, by.principal, wanted.expires_at),
        channel=wanted.channel,
        sealed=new.sealed,
    )


def _principal(material: Material, channel: Channel | None = None) -> str:
    return "k_" + material(f"{channel or ''} principal", 8).hex()


def _new_key(material: Material) -> NewSecret:
    prefix = material("prefix", 6).hex()
    key = f"balai_{prefix}_{urlsafe_b64encode(material('secret', 32)).decode().rstrip('=')}"
    return NewSecret(prefix, key, digest(key))


async def _put(transaction: Transaction, credential: Credential, by: Actor, now: datetime) -> Credential:
    matter = KeysChanged((replace(credential, seq=0),))
    [entry] = await ledger.append(transaction, [(matter, by.principal, None)], now=now)
    credential = replace(credential, seq=credential.seq or entry.seq)
    await credentials.put(transaction.connection, credential)
    return credential


async def _find(node: Node, prefix: str, by: Actor) -> Credential:
    try:
        return key_for(node, prefix, by)
    except NotFound:
        await node.follower.catch_up()  # made a moment ago by another process; the same work for a hidden one
        return key_for(node, prefix, by)
