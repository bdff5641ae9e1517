"""Hospitals: register one and issue, rotate or revoke its credentials for each protocol."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from app.actions.hospital_logins import GivenSecret
from app.actions.keys import issue_logins, revoke_key, rotate_key
from app.actions.register_facilities import change_facility, register_facilities
from app.actions.relay_accounts import FIELDS, deposit
from app.actions.resolve import facility_for
from app.domain.channels import Channel
from app.domain.errors import Conflict, Fault, InvalidInput, NotFound
from app.domain.header_values import header_value_fault
from app.domain.permissions import Actor, Credential, Target, Verb
from app.domain.registry.facility import Facility, FacilityKind
from app.domain.registry.facility_change import FacilityChange
from app.runtime.node import Node

# The identifier by which each protocol names a facility, and the prefix of the protocol's paths.
SYSTEM_OF_CHANNEL = {Channel.sirs: "sirs", Channel.aplicares: "bpjs", Channel.siranap_v1: "sirs"}
BASE_OF_CHANNEL = {
    Channel.sirs: "/fo/index.php",
    Channel.aplicares: "/aplicaresws/rest",
    Channel.siranap_v1: "/sirsservice",
}

# Secrets that we issue have 32. A shorter one can be guessed with enough requests; such a hospital gets a secret issued
# here, and the relay keeps using the one that it has elsewhere.
GIVEN_LENGTH_MIN = 8
# The input field with the given secret of each protocol.
_GIVEN_FIELD = {
    Channel.sirs: "sirs_password",
    Channel.siranap_v1: "sirs_password",
    Channel.aplicares: "aplicares_secret",
}


_CODE_NEEDED = "the ministry code or the BPJS code is required, since each protocol uses one of them"


@dataclass(frozen=True, slots=True)
class Hospital:
    """A hospital that needs credentials. For a registered one the id is enough; the rest registers or completes it."""

    facility_id: str | None = None
    name: str | None = None
    sirs: str | None = None
    bpjs: str | None = None
    area_code: str | None = None
    kind: FacilityKind = FacilityKind.hospital
    operated_by: str | None = None
    given: Mapping[Channel, GivenSecret] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Login:
    """A new credential of one protocol, shown once. `code` is the facility's code in the protocol."""

    channel: Channel
    login: str
    secret: str
    code: str

    def settings_for(self, address: str) -> dict[str, str]:
        """The settings to enter in the software, by their names in its protocol; `address` is our base address.

        Some software needs the whole address (`base_url`), some only the host (`host_url`), and adds the path itself.
        """
        host_url = address.rstrip("/")
        urls = {"base_url": host_url + BASE_OF_CHANNEL[self.channel], "host_url": host_url}
        if self.channel is Channel.aplicares:
            return {**urls, "cons_id": self.login, "secret": self.secret, "kodeppk": self.code}
        return {**urls, "x_rs_id": self.login, "x_pass": self.secret}


@dataclass(frozen=True, slots=True)
class Logins:
    """The new keys of one facility."""

    facility: Facility
    logins: tuple[Login, ...]

    def settings_for(self, address: str) -> dict[str, Any]:
        """The settings to enter, by protocol (docs/api.md); None for protocols without a new key."""
        found = {login.channel: login.settings_for(address) for login in self.logins}
        return {"facility_id": self.facility.facility_id} | {
            str(channel): found.get(channel) for channel in BASE_OF_CHANNEL
        }


async def add_hospital(node: Node, hospital: Hospital, *, by: Actor, idempotency_key: str | None = None) -> Logins:
    """Register the hospital if necessary, and issue a key for each protocol for which it has a code and no key yet.

    The same `idempotency_key` returns the same keys again.
    Raises: InvalidInput, if something is missing; Conflict, if it is registered with other data or already has all its
        keys; NotPermitted.
    """
    _check_given(hospital.given)
    facility = await _ensure_registered(node, hospital, by)
    channels = {
        channel: hospital.given.get(channel)
        for channel, system in SYSTEM_OF_CHANNEL.items()
        if system in facility.identifiers
    }
    logins = [
        _make_login(facility, key, secret)
        for key, secret in await issue_logins(node, facility, channels, by=by, idempotency_key=idempotency_key)
    ]
    for login in logins:
        if channels[login.channel] is not None and login.channel in FIELDS:
            # A given secret is also valid at the upstream, where the relay needs it.
            sirs = {"x_rs_id": login.code, "x_pass": login.secret}
            account = sirs if login.channel is Channel.sirs else {"cons_id": login.login, "secret": login.secret}
            await deposit(node, facility.facility_id, login.channel, account, by=by)
    return Logins(facility, tuple(logins))


async def rotate_logins(
    node: Node,
    reference: str,
    channels: Sequence[Channel] = (),
    *,
    by: Actor,
    idempotency_key: str | None = None,
) -> Logins:
    """Issue a second key for each of these protocols, or for all with a key; the first keys stay valid.

    Raises: NotFound, if there is no valid key; NotPermitted; Conflict, if a protocol already has two valid keys.
    """
    facility = facility_for(node, reference, by, Verb.manage_keys)
    found = []
    for channel in channels or SYSTEM_OF_CHANNEL:
        valid = _valid_keys(node, facility, channel)
        if valid:
            # The older of two: a repeated request must not rotate the key that it issued the first time. Keys are
            # derived from the text of `operation`, so it must not change.
            issued = await rotate_key(
                node, valid[0].prefix, by=by, idempotency_key=idempotency_key, operation="rotate doors"
            )
            found.append(_make_login(facility, *issued))
    if not found:
        raise NotFound(f"{facility.facility_id} has no valid credentials. Issue them first: `balai hospital add`.")
    return Logins(facility, tuple(found))


async def revoke_logins(
    node: Node, reference: str, channels: Sequence[Channel] = (), *, by: Actor, keep_newest: bool = False
) -> list[Credential]:
    """Revoke the keys of these protocols, or of all; with `keep_newest` only the older key of each.

    Returns the revoked keys. Raises: NotFound, NotPermitted.
    """
    facility = facility_for(node, reference, by, Verb.manage_keys)
    revoked = []
    for channel in channels or SYSTEM_OF_CHANNEL:
        valid = _valid_keys(node, facility, channel)
        revoked += [await revoke_key(node, key.prefix, by=by) for key in (valid[:-1] if keep_newest else valid)]
    return revoked


def _valid_keys(node: Node, facility: Facility, channel: Channel) -> list[Credential]:
    now = node.clock()
    return [key for key in node.board.keys_of_channel(facility.facility_id, channel) if key.is_valid(now)]


def _make_login(facility: Facility, key: Credential, secret: str) -> Login:
    channel = key.channel or Channel.native
    code = facility.identifiers[SYSTEM_OF_CHANNEL[channel]]
    return Login(channel, key.prefix if channel is Channel.aplicares else code, secret, code)


def _check_given(given: Mapping[Channel, GivenSecret]) -> None:
    """Hospitals send these in headers, here and to the upstream. Raises: InvalidInput, naming the field."""
    found = {}
    for channel, secret in given.items():
        found[f"#/given/{_GIVEN_FIELD[channel]}"] = header_value_fault(secret.secret) or _length_fault(secret.secret)
        if secret.consumer_id is not None:
            found["#/given/aplicares_cons_id"] = header_value_fault(secret.consumer_id)
    faults = [Fault(pointer, why) for pointer, why in found.items() if why]
    if faults:
        raise InvalidInput(*faults)


def _length_fault(secret: str) -> str | None:
    if len(secret) >= GIVEN_LENGTH_MIN:
        return None
    return f"must have at least {GIVEN_LENGTH_MIN} characters; omit it to have a secret issued"


async def _ensure_registered(node: Node, hospital: Hospital, by: Actor) -> Facility:
    """The registered facility with the given codes; registers it or adds missing codes."""
    codes = {"sirs": hospital.sirs, "bpjs": hospital.bpjs and hospital.bpjs.upper()}
    identifiers = {system: code for system, code in codes.items() if code}
    known = _find_known(node, hospital, identifiers, by)
    if known is None:
        node.authorise(by, Verb.register, Target())
        return await _register(node, hospital, identifiers, by)
    clash = [system for system, code in identifiers.items() if known.identifiers.get(system, code) != code]
    if clash:
        raise Conflict(f"{known.facility_id} has another {clash[0]} code: {known.identifiers[clash[0]]}.")
    if not set(SYSTEM_OF_CHANNEL.values()) & {*identifiers, *known.identifiers}:
        raise InvalidInput(Fault("#/sirs", _CODE_NEEDED))
    if identifiers.items() <= known.identifiers.items():
        return known
    change = FacilityChange(identifiers={**known.identifiers, **identifiers})
    return await change_facility(
        node, known.facility_id, change, by=by, reason="codes of its protocols", if_match=known.seq
    )


def _find_known(node: Node, hospital: Hospital, identifiers: Mapping[str, str], by: Actor) -> Facility | None:
    """The registered facility, or None. One hidden from `by` counts as unregistered, and registering is checked."""
    references = [f"{system}:{code}" for system, code in identifiers.items()]
    found: dict[str, Facility] = {}
    for reference in [hospital.facility_id, *references] if hospital.facility_id else references:
        with suppress(NotFound):
            facility = facility_for(node, reference, by, Verb.manage_keys)
            found[facility.facility_id] = facility
    if len(found) > 1:
        raise Conflict(f"These codes name more than one facility: {', '.join(sorted(found))}.")
    known = next(iter(found.values()), None)
    if known is not None and hospital.facility_id is not None and hospital.facility_id not in found:
        raise Conflict(f"These codes already belong to {known.facility_id}.")
    return known


async def _register(node: Node, hospital: Hospital, identifiers: dict[str, str], by: Actor) -> Facility:
    faults = [
        Fault(f"#/{name}", "is needed for a hospital that is not registered yet")
        for name, value in (("name", hospital.name), ("area_code", hospital.area_code))
        if not value
    ]
    if not identifiers:
        faults.append(Fault("#/sirs", _CODE_NEEDED))
    if faults or hospital.name is None or hospital.area_code is None:
        raise InvalidInput(*faults)
    facility = Facility(
        hospital.facility_id or f"rs-{next(iter(identifiers.values())).lower()}",
        hospital.kind,
        hospital.name,
        hospital.area_code,
        hospital.operated_by,
        identifiers=identifiers,
    )
    [registered] = await register_facilities(node, [facility], by=by, reason="registered with credentials")
    return registered
