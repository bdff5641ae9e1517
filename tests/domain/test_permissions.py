"""The permissions of every role: the whole table of docs/reliability.md for machine actors."""

from datetime import timedelta
from itertools import product

import pytest

from app.domain.errors import NotFound, NotPermitted, Refusal, Unauthenticated
from app.domain.permissions import (
    NATIONAL,
    OPERATOR,
    ROLE_OF_SCOPE,
    Actor,
    Credential,
    Role,
    Scope,
    ScopeKind,
    Target,
    Verb,
    allows,
    authorise,
)
from tests.factories import MORNING

CITY = ("ID", "33", "33.74")
KELURAHAN = (*CITY, "33.74.01", "33.74.01.1001")

# Seen from the hospital rs-a in a kelurahan, and from its city: the same places have other words.
TARGETS = {
    "own facility": Target(KELURAHAN, "rs-a"),
    "own area": Target(CITY),
    "facility in the same kelurahan": Target(KELURAHAN, "rs-b"),
    "facility in the city itself": Target(CITY, "rs-c"),
    "child area": Target(KELURAHAN),
    "parent area": Target(CITY[:2]),
    "sibling area": Target(("ID", "33", "33.75")),
    "area whose code begins alike": Target(("ID", "33", "33.741")),
    "facility in the sibling area": Target(("ID", "33", "33.75"), "rs-d"),
    "facility in the parent area": Target(CITY[:2], "rs-e"),
    "unknown": Target(("XX",), "nobody"),
    "everything": Target(),
}
EVERYWHERE = frozenset(TARGETS)
NOWHERE: frozenset[str] = frozenset()
OWN = frozenset({"own facility"})
OWN_AREA = OWN | {"own area", "child area", "facility in the same kelurahan", "facility in the city itself"}

FACILITY, AREA = Scope(ScopeKind.facility, "rs-a"), Scope(ScopeKind.area, "33.74")
ACTORS = {
    "H": Actor("h", Role.hospital, FACILITY),
    "D": Actor("d", Role.district, AREA),
    "C": Actor("c", Role.command, NATIONAL),
    "S, facility": Actor("s1", Role.subscriber, FACILITY),
    "S, area": Actor("s2", Role.subscriber, AREA),
    "S, all": Actor("s3", Role.subscriber, NATIONAL),
    "O": OPERATOR,
    "P": None,
}
SILENT = dict.fromkeys(("S, facility", "S, area", "S, all", "P"), NOWHERE)

# Figures are not public here; where they are, everybody reads everything.
TABLE: dict[Verb, dict[str, frozenset[str]]] = {
    Verb.report: {"H": OWN, "D": OWN_AREA, "C": EVERYWHERE, "O": NOWHERE} | SILENT,
    Verb.report_old: {"H": NOWHERE, "D": OWN_AREA, "C": EVERYWHERE, "O": NOWHERE} | SILENT,
    Verb.withdraw: {"H": OWN, "D": OWN_AREA, "C": EVERYWHERE, "O": NOWHERE} | SILENT,
    Verb.read: {"H": OWN, "D": OWN_AREA, "C": EVERYWHERE, "O": NOWHERE, "P": NOWHERE}
    | {"S, facility": OWN, "S, area": OWN_AREA, "S, all": EVERYWHERE},
    Verb.read_history: {"H": OWN, "D": OWN_AREA, "C": EVERYWHERE, "O": EVERYWHERE} | SILENT,
    Verb.change_site: {"H": NOWHERE, "D": OWN_AREA, "C": EVERYWHERE, "O": NOWHERE} | SILENT,
    Verb.add_rw: {"H": NOWHERE, "D": OWN_AREA, "C": EVERYWHERE, "O": EVERYWHERE} | SILENT,
    Verb.register: {"H": NOWHERE, "D": NOWHERE, "C": EVERYWHERE, "O": EVERYWHERE} | SILENT,
    Verb.deposit: {"H": OWN, "D": OWN_AREA, "C": EVERYWHERE, "O": EVERYWHERE} | SILENT,
    Verb.maintain_channels: {"H": NOWHERE, "D": OWN_AREA, "C": EVERYWHERE, "O": EVERYWHERE} | SILENT,
    Verb.manage_keys: {"H": NOWHERE, "D": OWN_AREA, "C": EVERYWHERE, "O": EVERYWHERE} | SILENT,
}
CELLS = list(product(Verb, ACTORS, TARGETS))


def test_the_table_has_every_cell() -> None:
    assert {(verb, who) for verb, row in TABLE.items() for who in row} == set(product(Verb, ACTORS))
    assert {actor.role for actor in ACTORS.values() if actor} == set(Role)


@pytest.mark.parametrize("public_read", [True, False])
def test_every_cell_of_the_matrix(public_read: bool) -> None:
    for verb, who, where in CELLS:
        expected = where in TABLE[verb][who] or (public_read and verb is Verb.read)
        found = allows(ACTORS[who], verb, TARGETS[where], public_read=public_read)
        assert found == expected, (verb, who, where)


@pytest.mark.parametrize("public_read", [True, False])
def test_a_refusal_does_not_tell_that_there_is_something_hidden(public_read: bool) -> None:
    """A visible target is forbidden (403), a hidden one not found (404), and without a key it is 401."""
    for verb, who, where in CELLS:
        actor, target = ACTORS[who], TARGETS[where]
        if where in TABLE[verb][who] or (public_read and verb is Verb.read):
            assert authorise(actor, verb, target, public_read=public_read) is actor
            continue
        refusal: type[Refusal] = NotPermitted if public_read or where in TABLE[Verb.read][who] else NotFound
        if actor is None:
            refusal = Unauthenticated
        with pytest.raises(Refusal) as refused:
            authorise(actor, verb, target, public_read=public_read)
        assert type(refused.value) is refusal, (verb, who, where)


def test_a_scope_says_what_it_is() -> None:
    assert [str(scope) for scope in (FACILITY, AREA, NATIONAL)] == ["facility:rs-a", "area:33.74", "national"]


def test_an_area_key_is_no_key_for_a_facility_of_that_name() -> None:
    named_alike = Scope(ScopeKind.area, "rs-a")
    assert not named_alike.covers(TARGETS["own facility"])
    assert not Scope(ScopeKind.facility, "33.74").covers(TARGETS["own area"])


def test_a_scope_without_a_name_covers_nothing() -> None:
    assert not Scope(ScopeKind.area).covers(TARGETS["own facility"])
    assert not Scope(ScopeKind.facility).covers(TARGETS["own facility"])


def test_each_scope_has_a_role_of_its_own() -> None:
    assert set(ROLE_OF_SCOPE) == set(ScopeKind)
    assert len(set(ROLE_OF_SCOPE.values())) == len(ScopeKind)


def test_a_key_opens_until_it_expires_or_is_revoked() -> None:
    noon = MORNING + timedelta(hours=5)
    tick = timedelta(microseconds=1)
    for expires_at, revoked_at, now, is_valid in [
        (None, None, noon, True),
        (noon, None, noon - tick, True),
        (noon, None, noon, False),
        (None, MORNING, noon, False),
        (noon, MORNING, MORNING, False),
    ]:
        key = Credential("p", "d", OPERATOR, MORNING, "operator", expires_at, revoked_at)
        assert key.is_valid(now) == is_valid
