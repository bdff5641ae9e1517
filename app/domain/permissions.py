"""Actors: who sends and who administers, and what each may do. One function decides: `authorise`.

A hospital system is a Reporter, whoever administers an area or the nation an Officer; both are actors that hold one
role over one scope. Public readers are the actor None. Source of the table: reliability section 3, machine actors.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.channels import Channel
from app.domain.errors import NotFound, NotPermitted, Unauthenticated
from app.domain.vocabulary import StoredEnum

KEYS_AT_ONCE_MAX = 2  # valid ones of one holder: a rotation needs the second


class Role(StoredEnum):
    """What an actor is."""

    hospital = "hospital"
    subscriber = "subscriber"
    district = "district"
    command = "command"
    operator = "operator"


class ScopeKind(StoredEnum):
    """How far an actor reaches: one facility, an area with all below it, or everything."""

    facility = "facility"
    area = "area"
    national = "national"


class Verb(StoredEnum):
    """What may be done to a facility, an area or a key. `deposit`: credentials of the facility with an upstream."""

    report = "report"
    report_old = "report_old"
    read = "read"
    read_history = "read_history"
    change_site = "change_site"
    tend_doors = "tend_doors"
    deposit = "deposit"
    add_rw = "add_rw"
    register = "register"
    manage_keys = "manage_keys"


@dataclass(frozen=True, slots=True)
class Scope:
    """`facility:<id>`, `area:<code>` with all below, or `national`."""

    kind: ScopeKind
    id: str | None = None

    def __str__(self) -> str:
        return self.kind if self.id is None else f"{self.kind}:{self.id}"

    @property
    def facility_id(self) -> str | None:
        """The one facility that it reaches, where it is no more than that."""
        return self.id if self.kind is ScopeKind.facility else None

    def covers(self, target: "Target") -> bool:
        """Whether the target lies inside; nothing does where only a newer version knows how far this reaches."""
        if self.kind is ScopeKind.area:
            return self.id in target.path
        if self.kind is ScopeKind.facility:
            return self.id == target.facility_id
        return self.kind is ScopeKind.national


NATIONAL = Scope(ScopeKind.national)


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be read or changed: an area (the last of `path`), or a facility standing there.

    Shape: `path` runs from the root of the tree down; empty for what concerns everything.
    """

    path: Sequence[str] = ()
    facility_id: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `principal` names the holder for ever and stays the same when the key is rotated.

    `key` is the public prefix of the key that was shown, None for the operator, who needs none.
    """

    principal: str
    role: Role
    scope: Scope
    name: str = ""
    key: str | None = None


OPERATOR = Actor("operator", Role.operator, NATIONAL, "the operator of this installation")

# Which roles have a verb at all; the scope decides where. A subscriber is a reader of what is not public.
_ALLOWED: dict[Verb, frozenset[Role]] = {
    Verb.report: frozenset({Role.hospital, Role.district, Role.command}),
    Verb.report_old: frozenset({Role.district, Role.command}),
    Verb.read: frozenset({Role.hospital, Role.subscriber, Role.district, Role.command}),
    Verb.read_history: frozenset({Role.hospital, Role.district, Role.command, Role.operator}),
    Verb.change_site: frozenset({Role.district, Role.command}),
    Verb.tend_doors: frozenset({Role.district, Role.command, Role.operator}),
    Verb.deposit: frozenset({Role.hospital, Role.district, Role.command, Role.operator}),
    Verb.add_rw: frozenset({Role.district, Role.command, Role.operator}),
    Verb.register: frozenset({Role.command, Role.operator}),
    Verb.manage_keys: frozenset({Role.district, Role.command, Role.operator}),
}

ROLE_OF_SCOPE = {
    ScopeKind.facility: Role.hospital,
    ScopeKind.area: Role.district,
    ScopeKind.national: Role.command,
}


def has_verb(actor: Actor, verb: Verb) -> bool:
    """Whether the actor's role may do this to anything at all."""
    return actor.role in _ALLOWED[verb]


def allows(actor: Actor | None, verb: Verb, target: Target, *, public_read: bool) -> bool:
    """Whether this actor may do this to this target."""
    if verb is Verb.read and public_read:
        return True
    return actor is not None and has_verb(actor, verb) and actor.scope.covers(target)


def authorise(actor: Actor | None, verb: Verb, target: Target, *, public_read: bool) -> Actor | None:
    """The actor, if this is allowed.

    Raises: Unauthenticated, when nobody is named and somebody must be; NotFound, when the target may not even be
        seen, as if it did not exist; NotPermitted, when it may be seen but this may not be done.
    """
    if allows(actor, verb, target, public_read=public_read):
        return actor
    if actor is None:
        raise Unauthenticated
    if not allows(actor, Verb.read, target, public_read=public_read):
        raise NotFound
    raise NotPermitted(f"A {actor.role} key for {actor.scope} does not allow this ({verb}).")


@dataclass(frozen=True, slots=True)
class Credential:
    """A key as it is kept: never the secret, only its digest.

    `principal` is shared by the keys of one holder, so that a retry after a rotation is still the same sender's.
    A key of the native API names no `channel` and its digest is SHA-256. One with a channel opens that door alone: its
    digest is keyed, and where a signature is to be checked the secret is kept `sealed` (`app.runtime.secret_box`).
    `seq` is the ledger entry that made it: which of two keys is newer is never a question of clocks. `clock_hours`:
    by how many hours the software that signs with it is ahead of UTC, since it takes local time for UTC; 0 until seen.
    """

    prefix: str
    digest: str
    actor: Actor
    created_at: datetime
    created_by: str
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    channel: Channel | None = None
    sealed: str | None = None
    seq: int = 0
    clock_hours: int = 0
    more: str | None = None  # what a newer version said of it, canonical JSON: kept for when it is written again

    def is_same_key(self, other: "Credential") -> bool:
        """Whether the other is this key, perhaps changed since; a prefix may be issued again after a revocation."""
        return (self.prefix, self.digest, self.created_at) == (other.prefix, other.digest, other.created_at)

    def is_valid(self, now: datetime) -> bool:
        """Whether it opens anything at this moment."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)
