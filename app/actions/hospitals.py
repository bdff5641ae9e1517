"""Hospitals with the software they have: registered, and given what to type into it, door by door."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from app.actions.hospital_logins import GivenSecret
from app.actions.keys import issue_logins, revoke_key, rotate_key
from app.actions.register_facilities import FacilityChange, change_facility, register_facilities
from app.actions.relay_accounts import FIELDS, deposit
from app.actions.resolve import facility_for
from app.domain.channels import Channel
from app.domain.errors import Conflict, Fault, InvalidInput, NotFound
from app.domain.header_values import header_value_fault
from app.domain.permissions import Actor, Credential, Target, Verb
from app.domain.registry.facility import Facility, FacilityKind
from app.runtime.node import Node

# Which of a facility's names in other systems a door goes by, and where its paths begin.
SYSTEM_OF_CHANNEL = {Channel.sirs: "sirs", Channel.aplicares: "bpjs", Channel.siranap_v1: "sirs"}
BASE_OF_CHANNEL = {
    Channel.sirs: "/fo/index.php",
    Channel.aplicares: "/aplicaresws/rest",
    Channel.siranap_v1: "/sirsservice",
}

# Ours have 32. A shorter one could be guessed by who asks often enough; the hospital then gets one that we make, and
# the relay goes on with the one it has elsewhere.
GIVEN_LENGTH_MIN = 8
# How the input names the secret that is given for a door.
_GIVEN_AS = {
    Channel.sirs: "sirs_password",
    Channel.siranap_v1: "sirs_password",
    Channel.aplicares: "aplicares_secret",
}


@dataclass(frozen=True, slots=True)
class Hospital:
    """Who is to have doors. An id alone names one that is registered; the rest is for one that is not, or not fully."""

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
    """A door that was just opened, or got a second key: what to type, shown once."""

    channel: Channel
    login: str
    secret: str
    code: str

    def typed(self, address: str) -> dict[str, str]:
        """What to type into the software, by the names of its protocol; `address` is where it reaches us.

        Some software wants the whole address (`base_url`), some the host alone (`host_url`) and adds the path itself.
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

    def typed(self, address: str) -> dict[str, Any]:
        """What to type, by door (contract section 8); None for doors that got no new key."""
        found = {login.channel: login.typed(address) for login in self.logins}
        return {"facility_id": self.facility.facility_id} | {str(each): found.get(each) for each in BASE_OF_CHANNEL}


async def add_hospital(node: Node, hospital: Hospital, *, by: Actor, idempotency_key: str | None = None) -> Logins:
    """Register it where it is not known, and open the doors for which it has a code and no key yet.

    Under the same `idempotency_key` it gives the same keys again.
    Raises: InvalidInput, where something is missing; Conflict, where it is known otherwise or has all its doors;
        NotPermitted.
    """
    _check_given(hospital.given)
    facility = await _registered(node, hospital, by)
    channels = {
        channel: hospital.given.get(channel)
        for channel, system in SYSTEM_OF_CHANNEL.items()
        if system in facility.identifiers
    }
    opened = [
        _login(facility, key, secret)
        for key, secret in await issue_logins(node, facility, channels, by=by, idempotency_key=idempotency_key)
    ]
    for login in opened:
        if channels[login.channel] is not None and login.channel in FIELDS:
            # What opens elsewhere too is what the relay needs there.
            sirs = {"x_rs_id": login.code, "x_pass": login.secret}
            account = sirs if login.channel is Channel.sirs else {"cons_id": login.login, "secret": login.secret}
            await deposit(node, facility.facility_id, login.channel, account, by=by)
    return Logins(facility, tuple(opened))


async def rotate_logins(
    node: Node,
    reference: str,
    channels: Sequence[Channel] = (),
    *,
    by: Actor,
    idempotency_key: str | None = None,
) -> Logins:
    """A second key for each of these doors, or for all that are open; the first ones go on opening them.

    Raises: NotFound, where no door is open; NotPermitted; Conflict, where a door has two keys already.
    """
    facility = facility_for(node, reference, by, Verb.manage_keys)
    found = []
    for channel in channels or SYSTEM_OF_CHANNEL:
        valid = _valid(node, facility, channel)
        if valid:
            # The older of two: a request that is sent again must not rotate what it made the first time.
            issued = await rotate_key(
                node, valid[0].prefix, by=by, idempotency_key=idempotency_key, operation="rotate doors"
            )
            found.append(_login(facility, *issued))
    if not found:
        raise NotFound(f"No door of {facility.facility_id} is open. Open them first: `balai hospital add`.")
    return Logins(facility, tuple(found))


async def revoke_logins(
    node: Node, reference: str, channels: Sequence[Channel] = (), *, by: Actor, keep_newest: bool = False
) -> list[Credential]:
    """Close these doors, or all; with `keep_newest` only the older key of each is revoked. Gives what was revoked.

    Raises: NotFound, NotPermitted.
    """
    facility = facility_for(node, reference, by, Verb.manage_keys)
    revoked = []
    for channel in channels or SYSTEM_OF_CHANNEL:
        valid = _valid(node, facility, channel)
        revoked += [await revoke_key(node, key.prefix, by=by) for key in (valid[:-1] if keep_newest else valid)]
    return revoked


def _valid(node: Node, facility: Facility, channel: Channel) -> list[Credential]:
    now = node.clock()
    return [key for key in node.board.keys_of_channel(facility.facility_id, channel) if key.is_valid(now)]


def _login(facility: Facility, key: Credential, secret: str) -> Login:
    channel = key.channel or Channel.native
    code = facility.identifiers[SYSTEM_OF_CHANNEL[channel]]
    return Login(channel, key.prefix if channel is Channel.aplicares else code, secret, code)


def _check_given(given: Mapping[Channel, GivenSecret]) -> None:
    """Hospitals show these in headers, here and at the upstream. Raises: InvalidInput, naming the field."""
    found = {}
    for channel, secret in given.items():
        found[f"#/given/{_GIVEN_AS[channel]}"] = header_value_fault(secret.secret) or _too_short(secret.secret)
        if secret.consumer_id is not None:
            found["#/given/aplicares_cons_id"] = header_value_fault(secret.consumer_id)
    faults = [Fault(pointer, why) for pointer, why in found.items() if why]
    if faults:
        raise InvalidInput(*faults)


def _too_short(secret: str) -> str | None:
    if len(secret) >= GIVEN_LENGTH_MIN:
        return None
    return f"must have at least {GIVEN_LENGTH_MIN} characters; left out, a secret is made here"


async def _registered(node: Node, hospital: Hospital, by: Actor) -> Facility:
    """The facility as it stands, with the codes that its doors go by."""
    codes = {"sirs": hospital.sirs, "bpjs": hospital.bpjs and hospital.bpjs.upper()}
    identifiers = {system: code for system, code in codes.items() if code}
    known = _known(node, hospital, identifiers, by)
    if known is None:
        node.authorise(by, Verb.register, Target())
        return await _register(node, hospital, identifiers, by)
    clash = [system for system, code in identifiers.items() if known.identifiers.get(system, code) != code]
    if clash:
        raise Conflict(f"{known.facility_id} has another {clash[0]} code: {known.identifiers[clash[0]]}.")
    if not set(SYSTEM_OF_CHANNEL.values()) & {*identifiers, *known.identifiers}:
        raise InvalidInput(Fault("#/sirs", "its ministry code or its BPJS code is needed: a door goes by one of them"))
    if identifiers.items() <= known.identifiers.items():
        return known
    change = FacilityChange(identifiers={**known.identifiers, **identifiers})
    return await change_facility(
        node, known.facility_id, change, by=by, reason="codes of its doors", if_match=known.seq
    )


def _known(node: Node, hospital: Hospital, identifiers: Mapping[str, str], by: Actor) -> Facility | None:
    """The facility that is named. One that is hidden from `by` is none, and then only who registers goes on."""
    references = [f"{system}:{code}" for system, code in identifiers.items()]
    found: dict[str, Facility] = {}
    for reference in [hospital.facility_id, *references] if hospital.facility_id else references:
        with suppress(NotFound):
            facility = facility_for(node, reference, by, Verb.manage_keys)
            found[facility.facility_id] = facility
    if len(found) > 1:
        raise Conflict(f"These name more than one facility: {', '.join(sorted(found))}.")
    known = next(iter(found.values()), None)
    if known is not None and hospital.facility_id is not None and hospital.facility_id not in found:
        raise Conflict(f"These codes are those of {known.facility_id} already.")
    return known


async def _register(node: Node, hospital: Hospital, identifiers: dict[str, str], by: Actor) -> Facility:
    faults = [
        Fault(f"#/{name}", "is needed for a hospital that is not registered yet")
        for name, value in (("name", hospital.name), ("area_code", hospital.area_code))
        if not value
    ]
    if not identifiers:
        faults.append(Fault("#/sirs", "its ministry code or its BPJS code is needed: a door goes by one of them"))
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
    [registered] = await register_facilities(node, [facility], by=by, reason="a hospital with doors")
    return registered
