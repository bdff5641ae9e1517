"""Keys: made, shown once, rotated, revoked, and recognised.

A key reads `balai_<prefix>_<secret>`: the prefix is public and names it in lists and logs, the secret has 256 bits.
Only the SHA-256 of the whole is kept: a secret of that size needs no slow hash. Keys of foreign doors are shaped as
those protocols want them (`app.actions.door_secrets`), and are otherwise managed alike.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import replace
from datetime import datetime

from app.actions.door_secrets import GivenSecret, NewSecret, new_secret
from app.actions.node import Node
from app.domain.actor import KEYS_AT_ONCE_MAX, ROLE_OF_SCOPE, Actor, Credential, Role, Scope, ScopeKind, Target, Verb
from app.domain.channels import Channel
from app.domain.errors import Conflict, Fault, InvalidInput, NotFound, NotPermitted, Unauthenticated
from app.domain.facility import Facility
from app.domain.ledger import KeysChanged
from app.domain.report import NAME_LENGTH_MAX
from app.store import credentials, ledger
from app.store.database import Transaction

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
) -> tuple[Credential, str]:
    """A new holder's first key: what is kept of it, and the whole key, which is never shown again.

    Raises: NotFound, for an unknown facility or area; NotPermitted, for more than the issuer has himself.
    """
    scope, target = _known(node, scope)
    _check_may_manage(node, by, scope, target)
    role = role or ROLE_OF_SCOPE[scope.kind]
    if role is not ROLE_OF_SCOPE[scope.kind] and role is not Role.subscriber:
        raise InvalidInput(Fault("#/role", f"a key for {scope.kind} is {ROLE_OF_SCOPE[scope.kind]} or subscriber"))
    if expires_at is not None and expires_at <= node.clock():
        raise InvalidInput(Fault("#/expires_at", "lies in the past"))
    actor = Actor("k_" + secrets.token_hex(8), role, scope, name)
    return await _make(node, actor, by=by, expires_at=expires_at)


async def rotate_key(node: Node, prefix: str, *, by: Actor) -> tuple[Credential, str]:
    """A second key for the same holder and door, who changes over at leisure; then revoke the first.

    Raises: Conflict, when the holder has two valid keys already or this one has expired; NotFound.
    """
    old = await _find(node, prefix, by)
    if old.expires_at is not None and old.expires_at <= node.clock():
        raise Conflict("This key has expired, and so would its successor; issue a new one.")
    return await _make(node, old.actor, by=by, expires_at=old.expires_at, channel=old.channel)


async def revoke_key(node: Node, prefix: str, *, by: Actor) -> Credential:
    """The key opens nothing from the next request on; revoking it again changes nothing. Raises: NotFound."""
    found = await _find(node, prefix, by)

    async def work(transaction: Transaction, now: datetime) -> Credential:
        credential = (await credentials.find(transaction.connection, [found.prefix]))[found.prefix]
        if credential.revoked_at is None:
            credential = replace(credential, revoked_at=now)
            await _put(transaction, credential, by, now)
        return credential

    return await node.lane.change(work, by=by)


async def list_keys(node: Node, *, by: Actor) -> list[Credential]:
    """The keys that this actor manages, oldest first."""
    node.authorise(by, Verb.manage_keys, _reach(node, by))
    return [c for c in node.board.credentials() if by.scope.covers(_target_of(node, c.actor.scope))]


async def open_door(
    node: Node, facility: Facility, channel: Channel, *, by: Actor, given: GivenSecret | None = None
) -> tuple[Credential, str]:
    """The first key of a facility for one door: what is kept of it, and the secret, which is never shown again.

    `given` is a secret of elsewhere that the facility goes on using here.
    Raises: Conflict, when it has one already; NotPermitted, for more than the issuer has himself.
    """
    scope = Scope(ScopeKind.facility, facility.facility_id)
    _check_may_manage(node, by, scope, node.board.target(facility))
    actor = Actor("k_" + secrets.token_hex(8), Role.hospital, scope, f"{facility.name} ({channel})"[:NAME_LENGTH_MAX])
    return await _make(node, actor, by=by, channel=channel, given=given, is_first=True)


def digest(key: str) -> str:
    """What is kept of a key: its SHA-256 in hex."""
    return hashlib.sha256(key.encode()).hexdigest()


async def _make(
    node: Node,
    actor: Actor,
    *,
    by: Actor,
    expires_at: datetime | None = None,
    channel: Channel | None = None,
    given: GivenSecret | None = None,
    is_first: bool = False,
) -> tuple[Credential, str]:
    new = _new_key() if channel is None else new_secret(node.vault, channel, given)

    async def work(transaction: Transaction, now: datetime) -> Credential:
        if is_first and channel is not None and _opens(node, actor.scope.id or "", channel, now):
            raise Conflict(f"This facility has its key for {channel} already; rotate it, or revoke it first.")
        known = (await credentials.find(transaction.connection, [new.prefix])).get(new.prefix)
        if known is not None and (known.is_valid(now) or known.actor.scope != actor.scope):
            raise Conflict(f"{new.prefix} is in use already.")
        siblings = await credentials.of_principal(transaction.connection, actor.principal)
        if sum(sibling.is_valid(now) for sibling in siblings) >= KEYS_AT_ONCE_MAX:
            raise Conflict(f"This holder has {KEYS_AT_ONCE_MAX} valid keys already; revoke one of them first.")
        holder = replace(actor, key=new.prefix)
        credential = Credential(
            new.prefix, new.digest, holder, now, by.principal, expires_at, channel=channel, sealed=new.sealed
        )
        await _put(transaction, credential, by, now)
        return credential

    return await node.lane.change(work, by=by), new.secret


def _new_key() -> NewSecret:
    prefix = secrets.token_hex(6)
    key = f"balai_{prefix}_{secrets.token_urlsafe(32)}"
    return NewSecret(prefix, key, digest(key))


def _opens(node: Node, facility_id: str, channel: Channel, now: datetime) -> bool:
    return any(key.is_valid(now) for key in node.board.keys_of_door(facility_id, channel))


async def _put(transaction: Transaction, credential: Credential, by: Actor, now: datetime) -> None:
    await credentials.put(transaction.connection, credential)
    await ledger.append(transaction, [(KeysChanged((credential,)), by.principal, None)], now=now)


async def _find(node: Node, prefix: str, by: Actor) -> Credential:
    credential = node.board.credential(prefix)
    if credential is None:
        await node.follower.catch_up()
        credential = node.board.credential(prefix)
    if credential is None:
        raise NotFound(f"There is no key {prefix!r}.")
    scope = credential.actor.scope
    _check_may_manage(node, by, scope, _target_of(node, scope))
    return credential


def _check_may_manage(node: Node, by: Actor, scope: Scope, target: Target) -> None:
    node.authorise(by, Verb.manage_keys, target)
    if scope.kind is ScopeKind.national and by.scope.kind is not ScopeKind.national:
        raise NotPermitted("A key never reaches further than the key it was made with.")


def _known(node: Node, scope: Scope) -> tuple[Scope, Target]:
    """The scope with its facility named by its own id."""
    if scope.kind is ScopeKind.facility and scope.id is not None:
        facility = node.board.facility(scope.id)
        return replace(scope, id=facility.facility_id), node.board.target(facility)
    return scope, _target_of(node, scope)


def _target_of(node: Node, scope: Scope) -> Target:
    match scope.kind:
        case ScopeKind.national:
            return Target()
        case ScopeKind.area:
            return node.board.area_target(scope.id or "")
        case ScopeKind.facility:
            return node.board.target(node.board.facility(scope.id or ""))


def _reach(node: Node, by: Actor) -> Target:
    return _target_of(node, by.scope)
