"""Resolving references for a caller: the only way from a reference in a request to an area, facility or key.

An object that is hidden from the caller gives exactly the same response as one that does not exist, before any other
check: a version, a conflict or a value that depends on the object would reveal that it exists.
`tests/api/test_authorisation.py` has the table, and lists the few modules that use the board directly.
"""

from app.domain.errors import NotFound, Unauthenticated
from app.domain.permissions import Actor, Credential, Scope, ScopeKind, Target, Verb, authorise
from app.domain.registry.area import Area
from app.domain.registry.facility import Facility
from app.runtime.node import Node


def facility_for(node: Node, reference: str, by: Actor | None, verb: Verb) -> Facility:
    """The facility with this id or identifier (`sirs:3374010`), if `by` has this verb for it.

    Raises: Unauthenticated, if a key is required; NotFound, if it is unknown or hidden; NotPermitted.
    """
    _check_key(node, by, verb)
    try:
        facility = node.board.facility(reference)
        node.authorise(by, verb, node.board.target(facility))
    except NotFound:
        raise NotFound(f"There is no facility {reference!r}.") from None
    return facility


def area_for(node: Node, code: str, by: Actor | None, verb: Verb) -> Area:
    """The area with this code, if `by` has this verb for it. Raises: as `facility_for`."""
    if verb is Verb.read and node.public_read:
        return node.board.area(code)
    _check_key(node, by, verb)
    try:
        node.authorise(by, verb, node.board.area_target(code))
    except NotFound:
        raise NotFound(f"There is no area {code!r}; GET /v1/areas lists them.") from None
    return node.board.area(code)


def key_for(node: Node, prefix: str, by: Actor) -> Credential:
    """The key with this public prefix, if `by` may manage it.

    Keys are never public: keys outside the caller's scope are hidden in every installation.
    Raises: NotFound, if it is unknown or hidden; NotPermitted, for a key of the caller's own scope.
    """
    unknown = NotFound(f"There is no key {prefix!r}.")
    credential = node.board.credential(prefix)
    if credential is None:
        raise unknown
    try:
        authorise(by, Verb.manage_keys, _target_of(node, credential.actor.scope), public_read=False)
    except NotFound:
        raise unknown from None
    return credential


def scope_for(node: Node, scope: Scope, by: Actor) -> Scope:
    """The scope with the id of its facility in place of another identifier, if `by` may manage keys for it.

    Raises: NotFound, if its area or facility is unknown or hidden; NotPermitted.
    """
    match scope.kind:
        case ScopeKind.national:
            node.authorise(by, Verb.manage_keys, Target())
            return scope
        case ScopeKind.area:
            return Scope(scope.kind, area_for(node, scope.id or "", by, Verb.manage_keys).code)
        case ScopeKind.facility:
            return Scope(scope.kind, facility_for(node, scope.id or "", by, Verb.manage_keys).facility_id)


def keys_for(node: Node, by: Actor) -> list[Credential]:
    """The keys that `by` manages, in the order in which they were issued. Raises: NotPermitted."""
    authorise(by, Verb.manage_keys, _target_of(node, by.scope), public_read=node.public_read)
    return [key for key in node.board.credentials() if by.scope.covers(_target_of(node, key.actor.scope))]


def _check_key(node: Node, by: Actor | None, verb: Verb) -> None:
    if by is None and not (verb is Verb.read and node.public_read):
        raise Unauthenticated


def _target_of(node: Node, scope: Scope) -> Target:
    if scope.kind is ScopeKind.area:
        return node.board.area_target(scope.id or "")
    if scope.kind is ScopeKind.facility:
        return node.board.target(node.board.facility(scope.id or ""))
    return Target()
