"""Keys: issue, authenticate, rotate and revoke.

A key has the form `balai_<prefix>_<secret>`: the prefix is public and identifies it in lists and logs, the secret has
256 bits. Only the SHA-256 of the whole key is stored: a secret of that size needs no slow hash. Keys of foreign
protocols have the form that each protocol requires (`app.actions.hospital_logins`) and are otherwise managed alike.
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

# Valid keys that one holder may have issued: two of each kind for each facility in its scope, but at least 200.
KEYS_ISSUED_MIN = 200
KEYS_ISSUED_PER_FACILITY = 8
_KEY = re.compile(r"balai_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")
_NO_DIGEST = "0" * 64  # compared with if the prefix is unknown, so that the work is the same


async def authenticate(node: Node, key: str) -> Actor:
    """The actor of this key. It may read the ledger: count the request first if `recognise` returns None.

    Raises: Unauthenticated, with the same text and after the same work for every invalid key.
    """
    actor = recognise(node, key)
    if actor is None and _KEY.fullmatch(key):
        # Another process may have just issued it. Also for a known prefix: the time must not reveal which are known.
        await node.follower.catch_up()
        actor = recognise(node, key)
    if actor is None:
        raise Unauthenticated("This key is not valid. Check that it was copied completely and was not revoked.")
    return actor


def recognise(node: Node, key: str) -> Actor | None:
    """The actor of this key, as far as this node's board knows; None if the key is not valid."""
    match = _KEY.fullmatch(key)
    credential = node.board.credential(match[1]) if match else None
    same = hmac.compare_digest(digest(key), credential.digest if credential else _NO_DIGEST)
    return credential.actor if credential and same and credential.is_valid(node.clock()) else None


def is_valid(node: Node, actor: Actor) -> bool:
    """Whether the actor's key is still valid, as far as this node's board knows."""
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
    """Issue the first key of a new holder: its stored record, and the whole key, which is never shown again.

    The same `idempotency_key` returns the same key, so that a request can be repeated.
    Raises: NotFound, for an unknown facility or area; NotPermitted, for rights that the issuer does not have;
        InvalidInput; Conflict, when the issuer has issued too many keys; ReportConflict, when the idempotency key was
        used for another key.
    """
    scope = scope_for(node, scope, by)
    role = role or ROLE_OF_SCOPE[scope.kind]
    if role is not ROLE_OF_SCOPE[scope.kind] and role is not Role.subscriber:
        raise InvalidInput(Fault("#/role", f"a key for {scope.kind} is {ROLE_OF_SCOPE[scope.kind]} or subscriber"))
    if expires_at is not None and expires_at <= node.clock():
        raise InvalidInput(Fault("#/expires_at", "is in the past"))
    material = material_for(node.secret_box, by, idempotency_key)
    wanted = _KeyRequest(Actor(_principal(material), role, scope, name), _new_key(material), expires_at)
    [issued] = await _issue(node, [wanted], by=by, may_repeat=idempotency_key is not None)
    return issued


async def rotate_key(
    node: Node, prefix: str, *, by: Actor, idempotency_key: str | None = None, operation: str | None = None
) -> tuple[Credential, str]:
    """Issue a second key for the same holder and protocol. Revoke the first one after the holder has switched.

    The same `idempotency_key` returns the same second key, but never a key from another `operation` (default: the
    rotation of this key).
    Raises: Conflict, when the holder already has two valid keys, or this key was revoked or has expired; NotFound;
        ReportConflict.
    """
    old = await _find_key(node, prefix, by)
    if old.expires_at is not None and old.expires_at <= node.clock():
        raise Conflict("This key has expired, and so would its successor; issue a new one.")
    material = material_for(node.secret_box, by, idempotency_key, operation=operation or f"rotate {prefix}")
    new = _new_key(material) if old.channel is None else new_secret(node.secret_box, old.channel, material)
    wanted = _KeyRequest(old.actor, new, old.expires_at, old.channel, successor_of=prefix)
    [issued] = await _issue(node, [wanted], by=by, may_repeat=idempotency_key is not None)
    return issued


async def revoke_key(node: Node, prefix: str, *, by: Actor) -> Credential:
    """Revoke a key, from the next request on. Revoking it again has no effect. Raises: NotFound, NotPermitted."""
    found = await _find_key(node, prefix, by)

    async def revoke(transaction: Transaction, now: datetime) -> Credential:
        credential = key_for(node, found.prefix, by)  # its holder may have just been moved
        if credential.revoked_at is None:
            credential = replace(credential, revoked_at=now)
            await store_key(transaction, credential, by, now)
        return credential

    return await node.write_queue.change(revoke, by=by)


async def issue_logins(
    node: Node,
    facility: Facility,
    channels: Mapping[Channel, GivenSecret | None],
    *,
    by: Actor,
    idempotency_key: str | None = None,
) -> list[tuple[Credential, str]]:
    """Issue a facility's first keys for these channels, all or none; a channel that has a valid key is skipped.

    Each key comes with its secret, which is never shown again. A given secret is one that the facility already uses
    elsewhere.
    Raises: Conflict, when every channel already has a key; NotPermitted; ReportConflict.
    """
    material = material_for(node.secret_box, by, idempotency_key)
    scope = Scope(ScopeKind.facility, facility.facility_id)
    wanted = [
        _KeyRequest(
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
    """The keys that this actor manages, oldest first. Raises: NotPermitted."""
    return keys_for(node, by)


def digest(key: str) -> str:
    """The stored digest of a key: its SHA-256 in hex."""
    return hashlib.sha256(key.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _KeyRequest:
    """A key to issue.

    `is_first`: only if the facility has no valid key for this channel. `successor_of`: only while the key with this
    prefix is not revoked.
    """

    actor: Actor
    new: NewSecret
    expires_at: datetime | None = None
    channel: Channel | None = None
    is_first: bool = False
    successor_of: str | None = None


async def _issue(
    node: Node, requests: Sequence[_KeyRequest], *, by: Actor, may_repeat: bool
) -> list[tuple[Credential, str]]:
    """Issue these keys together, checked against the ledger at that moment: two issuing nodes cannot interfere."""
    for wanted in requests:
        scope_for(node, wanted.actor.scope, by)

    async def issue(transaction: Transaction, now: datetime) -> list[tuple[Credential, str]]:
        issued = []
        if any(wanted.channel is not None for wanted in requests):
            await check_is_known(transaction, node.secret_box)
        for wanted in requests:
            scope_for(node, wanted.actor.scope, by)
            credential = _find_repeated(node, wanted, now) if may_repeat else None
            if credential is None and not (wanted.is_first and _has_key(node, wanted, now)):
                credential = await store_key(transaction, _build_credential(node, wanted, by, now), by, now)
            if credential is not None:
                issued.append((credential, wanted.new.secret))
        if not issued:
            raise Conflict("This facility already has its keys. To replace them, rotate them and revoke the old ones.")
        return issued

    return await node.write_queue.change(issue, by=by)


def _find_repeated(node: Node, wanted: _KeyRequest, now: datetime) -> Credential | None:
    """The key that an earlier request with the same idempotency key issued. Raises: ReportConflict, Conflict."""
    known = node.board.credential(wanted.new.prefix)
    if known is None or known.digest != wanted.new.digest:
        return None
    before, actor = known.actor, wanted.actor
    if (before.role, before.scope, before.name, known.expires_at, known.channel) != (
        *(actor.role, actor.scope, actor.name),
        *(wanted.expires_at, wanted.channel),
    ):
        raise ReportConflict("This Idempotency-Key was already used for another key. Nothing was issued.")
    if not known.is_valid(now):
        raise Conflict("The key that was issued under this Idempotency-Key was revoked or has expired.")
    return known


def _has_key(node: Node, wanted: _KeyRequest, now: datetime) -> bool:
    facility_id, channel = wanted.actor.scope.id or "", wanted.channel or Channel.native
    return any(key.is_valid(now) for key in node.board.keys_of_channel(facility_id, channel))


def _check_may_issue_more(node: Node, by: Actor, now: datetime) -> None:
    """Check the number of valid keys of this issuer. Raises: Conflict, when it reaches the maximum for its scope."""
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


def _build_credential(node: Node, wanted: _KeyRequest, by: Actor, now: datetime) -> Credential:
    """The credential, if it may be issued. Raises: Conflict."""
    new, actor = wanted.new, wanted.actor
    old = node.board.credential(wanted.successor_of) if wanted.successor_of is not None else None
    if old is not None and old.revoked_at is not None:
        raise Conflict("This key was revoked and cannot be rotated; issue a new one.")
    _check_may_issue_more(node, by, now)
    known = node.board.credential(new.prefix)
    if known is not None and (known.is_valid(now) or known.actor.scope != actor.scope):
        raise Conflict(f"{new.prefix} is already in use.")
    siblings = [key for key in node.board.credentials() if key.actor.principal == actor.principal]
    if sum(sibling.is_valid(now) for sibling in siblings) >= KEYS_AT_ONCE_MAX:
        raise Conflict(f"This holder already has {KEYS_AT_ONCE_MAX} valid keys; revoke one of them first.")
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


async def store_key(transaction: Transaction, credential: Credential, by: Actor, now: datetime) -> Credential:
    """Write a new or changed key to the ledger and the table; returns it with its entry."""
    matter = KeysChanged((replace(credential, seq=0),))
    [entry] = await ledger.append(transaction, [(matter, by.principal, None)], now=now)
    credential = replace(credential, seq=credential.seq or entry.seq)
    await credentials.put(transaction.connection, credential)
    return credential


async def _find_key(node: Node, prefix: str, by: Actor) -> Credential:
    try:
        return key_for(node, prefix, by)
    except NotFound:
        await node.follower.catch_up()  # another process may have just issued it; the same work for a hidden key
        return key_for(node, prefix, by)
