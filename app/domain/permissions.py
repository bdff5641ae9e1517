"""Actors and permissions: who reports, who administers, and what each may do. One function decides: `authorise`.

A hospital system is a Reporter; a person who administers an area or the nation is an Officer. Both are actors with one
role in one scope. A public reader is the actor None. Source of the table: docs/reliability.md, Permissions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.channels import Channel
from app.domain.errors import NotFound, NotPermitted, Unauthenticated
from app.domain.sessions import NONE_ENDED, EndedSessions
from app.domain.vocabulary import StoredEnum

KEYS_AT_ONCE_MAX = 2  # valid keys of one holder: a rotation needs the second


class Role(StoredEnum):
    """The role of an actor."""

    hospital = "hospital"
    subscriber = "subscriber"
    district = "district"
    command = "command"
    operator = "operator"


class ScopeKind(StoredEnum):
    """What a scope covers: one facility, an area and everything below it, or the whole country."""

    facility = "facility"
    area = "area"
    national = "national"


class Verb(StoredEnum):
    """What an actor may do to a facility, an area or a key.

    `withdraw`: void or correct a report, within the limits of `app.domain.reports.withdrawal`.
    `maintain_channels`: complete or import rows and correct the times of a channel. `deposit`: store the facility's
    credentials for an upstream.
    """

    report = "report"
    report_old = "report_old"
    withdraw = "withdraw"
    read = "read"
    read_history = "read_history"
    change_site = "change_site"
    maintain_channels = "maintain_channels"
    deposit = "deposit"
    add_rw = "add_rw"
    register = "register"
    manage_keys = "manage_keys"


@dataclass(frozen=True, slots=True)
class Scope:
    """`facility:<id>`, `area:<code>` including everything below it, or `national`."""

    kind: ScopeKind
    id: str | None = None

    def __str__(self) -> str:
        return self.kind if self.id is None else f"{self.kind}:{self.id}"

    @property
    def facility_id(self) -> str | None:
        """The facility, if the scope is a single facility; else None."""
        return self.id if self.kind is ScopeKind.facility else None

    def covers(self, target: "Target") -> bool:
        """Whether the target is inside this scope. A kind that only a newer version knows covers nothing."""
        if self.kind is ScopeKind.area:
            return self.id in target.path
        if self.kind is ScopeKind.facility:
            return self.id == target.facility_id
        return self.kind is ScopeKind.national


NATIONAL = Scope(ScopeKind.national)


@dataclass(frozen=True, slots=True)
class Target:
    """What is read or changed: an area (the last of `path`), or a facility in it.

    Shape: `path` runs from the root of the tree down; empty for the whole country.
    """

    path: Sequence[str] = ()
    facility_id: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `principal` identifies the holder permanently and does not change when the key is rotated.

    `key` is the public prefix of the key that was sent, None for the operator, who needs no key.
    """

    principal: str
    role: Role
    scope: Scope
    name: str = ""
    key: str | None = None


OPERATOR = Actor("operator", Role.operator, NATIONAL, "the operator of this installation")

# Which roles have a verb at all; the scope limits where. A subscriber may read an installation that is not public.
_ALLOWED: dict[Verb, frozenset[Role]] = {
    Verb.report: frozenset({Role.hospital, Role.district, Role.command}),
    Verb.report_old: frozenset({Role.district, Role.command}),
    Verb.withdraw: frozenset({Role.hospital, Role.district, Role.command}),
    Verb.read: frozenset({Role.hospital, Role.subscriber, Role.district, Role.command}),
    Verb.read_history: frozenset({Role.hospital, Role.district, Role.command, Role.operator}),
    Verb.change_site: frozenset({Role.district, Role.command}),
    Verb.maintain_channels: frozenset({Role.district, Role.command, Role.operator}),
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
    """Whether the actor's role has this verb, for any target."""
    return actor.role in _ALLOWED[verb]


def allows(actor: Actor | None, verb: Verb, target: Target, *, public_read: bool) -> bool:
    """Whether this actor may do this to this target."""
    if verb is Verb.read and public_read:
        return True
    return actor is not None and has_verb(actor, verb) and actor.scope.covers(target)


def authorise(actor: Actor | None, verb: Verb, target: Target, *, public_read: bool) -> Actor | None:
    """The actor, if this is allowed.

    Raises: Unauthenticated, when there is no actor and one is required; NotFound, when the actor may not read the
        target, as if it did not exist; NotPermitted, when the actor may read it but not do this.
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
    """A key as it is stored: never the secret, only its digest.

    The keys of one holder share a `principal`, so a retry after a rotation still comes from the same sender.
    A key of the native API has no `channel`, and its digest is SHA-256. A key with a channel is valid for that protocol
    only: its digest is keyed, and if signatures have to be checked, the secret is stored `sealed`
    (`app.runtime.secret_box`). `seq` is the ledger entry that issued the key: which of two keys is newer never depends
    on clocks. `ended_sessions` are sessions of browsers that ended early.
    Units: `clock_hours` is the number of hours by which the software that signs with this key is ahead of UTC, because
        it sends local time as UTC; 0 until observed.
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
    ended_sessions: EndedSessions = NONE_ENDED
    more: str | None = None  # fields that only a newer version knows, canonical JSON: kept when it is written again

    def is_same_key(self, other: "Credential") -> bool:
        """Whether `other` is this key, possibly changed since. A prefix may be issued again after a revocation."""
        return (self.prefix, self.digest, self.created_at) == (other.prefix, other.digest, other.created_at)

    def is_valid(self, now: datetime) -> bool:
        """Whether the key is neither revoked nor expired at `now`."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)
