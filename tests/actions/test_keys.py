"""Keys: shown once, at most two at a time, permanently of one holder, and never with more rights than their issuer."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from app.actions.keys import authenticate, issue_key, list_keys, revoke_key, rotate_key
from app.actions.submit_reports import submit_reports
from app.domain.errors import (
    Conflict,
    InvalidInput,
    InvalidReportId,
    NotFound,
    NotPermitted,
    Refusal,
    ReportConflict,
    Unauthenticated,
    Unavailable,
    Uncertain,
)
from app.domain.ledger import KeysChanged
from app.domain.permissions import NATIONAL, OPERATOR, Actor, Role, Scope, ScopeKind
from app.domain.reports.report import Receipt
from app.runtime import write_queue as write_queue_module
from app.runtime.node import Node
from app.store.database import Transaction
from tests.conftest import CITY, RS_A, Clock, entries_of, holder_of, on_sqlite
from tests.factories import MORNING, report

KECAMATAN = Scope(ScopeKind.area, "33.74.01")


async def opens(node: Node, key: str) -> bool:
    try:
        await authenticate(node, key)
    except Unauthenticated:
        return False
    return True


async def test_a_key_is_shown_once_and_kept_as_a_digest(node: Node) -> None:
    credential, key = await issue_key(node, scope=RS_A, by=OPERATOR, name="SIMRS of RS A")
    assert re.fullmatch(rf"balai_{credential.prefix}_[A-Za-z0-9_-]{{43}}", key)
    assert credential.digest == hashlib.sha256(key.encode()).hexdigest()
    assert (credential.created_by, credential.created_at) == ("operator", MORNING)
    actor = await authenticate(node, key)
    assert actor == credential.actor
    assert (actor.role, actor.scope, actor.name, actor.key) == (Role.hospital, RS_A, "SIMRS of RS A", credential.prefix)
    entry = (await entries_of(node))[-1]
    assert entry.matter == KeysChanged((replace(credential, seq=0),))
    assert credential.seq == entry.seq
    assert key.removeprefix(f"balai_{credential.prefix}_") not in str(await entries_of(node))


@on_sqlite
async def test_no_two_keys_are_alike(node: Node) -> None:
    made = [await issue_key(node, scope=RS_A, by=OPERATOR) for _ in range(3)]
    assert len({key for _, key in made}) == 3
    assert len({credential.actor.principal for credential, _ in made}) == 3


@on_sqlite
@pytest.mark.parametrize(
    "spoil",
    [
        lambda key: "",
        lambda key: "balai",
        lambda key: key[:-1],
        lambda key: key + "A",
        lambda key: key[:-1] + ("A" if key[-1] != "A" else "B"),
        lambda key: key.replace("balai_", "balai_0"),
        lambda key: "balai_000000000000_" + key.rsplit("_", 1)[1],
        lambda key: key.upper(),
        lambda key: key + "\n",
        lambda key: "é" * 62,
    ],
    ids=[
        "nothing",
        "a word",
        "cut",
        "longer",
        "other end",
        "other form",
        "unknown",
        "upper",
        "line break",
        "not ascii",
    ],
)
async def test_whatever_is_wrong_with_a_key_it_is_refused_with_one_text(node: Node, spoil: object) -> None:
    _, key = await issue_key(node, scope=NATIONAL, by=OPERATOR)
    # An underscore may be part of the secret; the middle of the key is its prefix.
    key = key[:19] + key[19:].replace("_", "x")
    assert callable(spoil)
    with pytest.raises(Unauthenticated) as refused:
        await authenticate(node, spoil(key))
    with pytest.raises(Unauthenticated) as revoked:
        await authenticate(node, key[:19] + "x" * 43)
    assert refused.value.detail == revoked.value.detail


@on_sqlite
async def test_the_secret_of_one_key_does_not_open_with_the_prefix_of_another(node: Node) -> None:
    _, mine = await issue_key(node, scope=RS_A, by=OPERATOR)
    _, national = await issue_key(node, scope=NATIONAL, by=OPERATOR)
    assert not await opens(node, national[:19] + mine[19:])
    assert await opens(node, mine)


@on_sqlite
@pytest.mark.parametrize(
    ("scope", "role"), [(RS_A, Role.hospital), (CITY, Role.district), (NATIONAL, Role.command)], ids=str
)
async def test_the_role_follows_from_the_scope_unless_it_only_reads(node: Node, scope: Scope, role: Role) -> None:
    assert (await issue_key(node, scope=scope, by=OPERATOR))[0].actor.role is role
    assert (await issue_key(node, scope=scope, by=OPERATOR, role=role))[0].actor.role is role
    assert (await issue_key(node, scope=scope, by=OPERATOR, role=Role.subscriber))[0].actor.role is Role.subscriber
    for other in set(Role) - {role, Role.subscriber}:
        with pytest.raises(InvalidInput):
            await issue_key(node, scope=scope, by=OPERATOR, role=other)


@on_sqlite
async def test_a_facility_named_by_an_identifier_is_kept_by_its_own_id(node: Node) -> None:
    credential, _ = await issue_key(node, scope=Scope(ScopeKind.facility, "sirs:3374001"), by=OPERATOR)
    assert credential.actor.scope == RS_A


@on_sqlite
@pytest.mark.parametrize("scope", [Scope(ScopeKind.facility, "nobody"), Scope(ScopeKind.area, "99")], ids=str)
async def test_there_is_no_key_for_what_is_not_there(node: Node, scope: Scope) -> None:
    with pytest.raises(NotFound):
        await issue_key(node, scope=scope, by=OPERATOR)


@on_sqlite
@pytest.mark.parametrize(
    ("scope", "is_allowed"),
    [
        (CITY, True),
        (KECAMATAN, True),
        (RS_A, True),
        (Scope(ScopeKind.facility, "iso-c"), True),
        (Scope(ScopeKind.facility, "rs-e"), False),
        (Scope(ScopeKind.area, "33.75"), False),
        (Scope(ScopeKind.area, "33"), False),
        (Scope(ScopeKind.area, "ID"), False),
        (NATIONAL, False),
    ],
    ids=str,
)
async def test_an_area_key_issues_inside_its_area_only(
    node: Node, district: Actor, *, scope: Scope, is_allowed: bool
) -> None:
    before = len(await entries_of(node))
    if is_allowed:
        credential, _ = await issue_key(node, scope=scope, by=district)
        assert credential.created_by == district.principal
        assert (await entries_of(node))[-1].by == district.principal
        other, _ = await issue_key(node, scope=scope, by=OPERATOR)
        await revoke_key(node, other.prefix, by=district)
    else:
        for role in (None, Role.subscriber):
            with pytest.raises(NotPermitted):
                await issue_key(node, scope=scope, by=district, role=role)
        other, _ = await issue_key(node, scope=scope, by=OPERATOR)
        for act in (rotate_key, revoke_key):
            with pytest.raises(NotFound):  # keys are never public: this one is hidden
                await act(node, other.prefix, by=district)
        assert len(await entries_of(node)) == before + 1


@on_sqlite
async def test_a_hospital_and_a_reader_manage_no_keys_not_even_their_own(node: Node, hospital: Actor) -> None:
    reader, key = await issue_key(node, scope=CITY, by=OPERATOR, role=Role.subscriber)
    for by in (hospital, await authenticate(node, key)):
        assert by.key is not None
        with pytest.raises(NotPermitted):
            await issue_key(node, scope=RS_A, by=by)
        with pytest.raises(NotPermitted):
            await list_keys(node, by=by)
        for act in (rotate_key, revoke_key):
            with pytest.raises(NotPermitted):
                await act(node, by.key, by=by)
    assert reader.revoked_at is None


@on_sqlite
async def test_everyone_sees_the_keys_that_he_manages_oldest_first(
    node: Node, district: Actor, command: Actor, clock: Clock
) -> None:
    clock.advance(minutes=1)
    inside, _ = await issue_key(node, scope=RS_A, by=OPERATOR)
    clock.advance(minutes=1)
    outside, _ = await issue_key(node, scope=Scope(ScopeKind.facility, "rs-e"), by=OPERATOR)
    assert [c.prefix for c in await list_keys(node, by=district)] == [district.key, inside.prefix]
    everything = [c.prefix for c in await list_keys(node, by=command)]
    assert everything[-2:] == [inside.prefix, outside.prefix]
    assert set(everything) == {district.key, command.key, inside.prefix, outside.prefix}
    assert await list_keys(node, by=OPERATOR) == await list_keys(node, by=command)


async def test_two_keys_at_a_time_and_a_third_only_when_one_is_revoked(node: Node) -> None:
    first, key = await issue_key(node, scope=RS_A, by=OPERATOR)
    second, second_key = await rotate_key(node, first.prefix, by=OPERATOR)
    assert await opens(node, key)
    assert await opens(node, second_key)
    for prefix in (first.prefix, second.prefix):
        with pytest.raises(Conflict):
            await rotate_key(node, prefix, by=OPERATOR)
    await revoke_key(node, first.prefix, by=OPERATOR)
    assert not await opens(node, key)
    _, third_key = await rotate_key(node, second.prefix, by=OPERATOR)
    assert await opens(node, second_key)
    assert await opens(node, third_key)


async def test_two_who_rotate_at_once_do_not_make_three(neighbour: Node, node: Node) -> None:
    first, _ = await issue_key(node, scope=RS_A, by=OPERATOR)
    await rotate_key(node, first.prefix, by=OPERATOR)
    with pytest.raises(Conflict):
        await rotate_key(neighbour, first.prefix, by=OPERATOR)


async def test_a_retry_after_a_rotation_is_still_the_same_sender_s(node: Node) -> None:
    first, key = await issue_key(node, scope=RS_A, by=OPERATOR)
    said = report()
    (receipt,) = await submit_reports(node, [said], by=await authenticate(node, key))
    _, new_key = await rotate_key(node, first.prefix, by=OPERATOR)
    await revoke_key(node, first.prefix, by=OPERATOR)
    renewed = await authenticate(node, new_key)
    assert renewed.principal == first.actor.principal
    (again,) = await submit_reports(node, [said], by=renewed)
    assert isinstance(receipt, Receipt)
    assert again == replace(receipt, repeated=True)


async def test_revoking_twice_changes_nothing_more(node: Node, clock: Clock) -> None:
    made, key = await issue_key(node, scope=RS_A, by=OPERATOR)
    revoked = await revoke_key(node, made.prefix, by=OPERATOR)
    assert revoked == replace(made, revoked_at=MORNING)
    before = len(await entries_of(node))
    clock.advance(hours=1)
    assert await revoke_key(node, made.prefix, by=OPERATOR) == revoked
    assert len(await entries_of(node)) == before
    assert not await opens(node, key)


@on_sqlite
async def test_a_key_expires_and_its_successor_at_the_same_time(node: Node, clock: Clock) -> None:
    noon = MORNING + timedelta(hours=5)
    made, key = await issue_key(node, scope=RS_A, by=OPERATOR, expires_at=noon)
    successor, new_key = await rotate_key(node, made.prefix, by=OPERATOR)
    assert successor.expires_at == noon
    clock.now = noon - timedelta(microseconds=1)
    assert await opens(node, key)
    clock.now = noon
    assert not await opens(node, key)
    assert not await opens(node, new_key)


@on_sqlite
@pytest.mark.parametrize("seconds", [0, -1])
async def test_a_key_cannot_expire_before_it_is_made(node: Node, seconds: int) -> None:
    with pytest.raises(InvalidInput):
        await issue_key(node, scope=RS_A, by=OPERATOR, expires_at=MORNING + timedelta(seconds=seconds))


@on_sqlite
async def test_a_key_that_has_expired_is_not_renewed_by_rotation(node: Node, clock: Clock) -> None:
    """Its successor would expire with it, so it would never open anything."""
    made, _ = await issue_key(node, scope=RS_A, by=OPERATOR, expires_at=MORNING + timedelta(hours=1))
    clock.advance(hours=1)
    with pytest.raises(Conflict):
        await rotate_key(node, made.prefix, by=OPERATOR)


@on_sqlite
@pytest.mark.parametrize("act", [rotate_key, revoke_key])
async def test_an_unknown_key_is_not_found(node: Node, act: object) -> None:
    assert callable(act)
    with pytest.raises(NotFound):
        await act(node, "000000000000", by=OPERATOR)


async def test_a_key_made_at_one_node_opens_at_the_other_at_once(neighbour: Node, node: Node) -> None:
    made, key = await issue_key(node, scope=RS_A, by=OPERATOR)
    assert await authenticate(neighbour, key) == made.actor
    _, second = await issue_key(node, scope=CITY, by=OPERATOR)
    prefix = second.split("_")[1]
    assert (await revoke_key(neighbour, prefix, by=OPERATOR)).revoked_at == MORNING


async def test_a_key_that_another_node_revoked_makes_no_more_keys(neighbour: Node, node: Node, district: Actor) -> None:
    """Decisions use the database at request time, also where this node has not heard of the revocation."""
    await neighbour.follower.catch_up()
    assert district.key is not None
    other = await holder_of(neighbour, RS_A)
    assert other.key is not None
    await revoke_key(node, district.key, by=OPERATOR)
    before = len(await entries_of(node))
    with pytest.raises(Unauthenticated):
        await issue_key(neighbour, scope=RS_A, by=district)
    for act in (rotate_key, revoke_key):
        with pytest.raises(Unauthenticated):
            await act(neighbour, other.key, by=district)
    assert len(await entries_of(node)) == before


@on_sqlite
async def test_every_refusal_here_is_one_of_the_domain_s(node: Node) -> None:
    with pytest.raises(Refusal):
        await issue_key(node, scope=Scope(ScopeKind.area), by=OPERATOR)


async def test_a_request_sent_again_under_its_idempotency_key_gets_the_same_key(node: Node, district: Actor) -> None:
    made, key = await issue_key(node, scope=RS_A, by=district, name="SIMRS", idempotency_key="k-1")
    assert await issue_key(node, scope=RS_A, by=district, name="SIMRS", idempotency_key="k-1") == (made, key)
    assert await opens(node, key)
    _, other = await issue_key(node, scope=RS_A, by=OPERATOR, name="SIMRS", idempotency_key="k-1")
    assert other != key, "another sender's key of the same name is another key"
    for wrong in ({"name": "other"}, {"scope": CITY}, {"expires_at": MORNING + timedelta(days=1)}):
        with pytest.raises(ReportConflict, match="Idempotency-Key"):
            await issue_key(node, **{"scope": RS_A, "name": "SIMRS", **wrong}, by=district, idempotency_key="k-1")
    second, second_key = await rotate_key(node, made.prefix, by=district, idempotency_key="k-2")
    assert await rotate_key(node, made.prefix, by=district, idempotency_key="k-2") == (second, second_key)
    await revoke_key(node, made.prefix, by=district)
    with pytest.raises(Conflict, match="revoked"):
        await issue_key(node, scope=RS_A, by=district, name="SIMRS", idempotency_key="k-1")
    with pytest.raises(InvalidReportId):
        await issue_key(node, scope=RS_A, by=district, idempotency_key="not a key")


@on_sqlite
async def test_an_idempotency_key_of_one_operation_gives_no_key_to_another(node: Node, district: Actor) -> None:
    """Or a rotation would be answered with the very key that its holder is about to revoke."""
    made, _ = await issue_key(node, scope=RS_A, by=district, name="SIMRS", idempotency_key="k-1")
    second, _ = await rotate_key(node, made.prefix, by=district, idempotency_key="k-1")
    assert second.prefix != made.prefix
    await revoke_key(node, made.prefix, by=district)
    third, _ = await rotate_key(node, second.prefix, by=district, idempotency_key="k-1")
    assert third.prefix not in {made.prefix, second.prefix}


async def test_a_commit_that_is_cut_off_makes_no_second_key(
    node: Node, district: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stored, but the response was lost: the repeated request returns the stored key."""
    real = node.database.transaction

    @asynccontextmanager
    async def cut_off() -> AsyncIterator[Transaction]:
        async with real() as transaction:
            yield transaction
        raise Uncertain

    before = len(await entries_of(node))
    with monkeypatch.context() as patched:
        patched.setattr(node.database, "transaction", cut_off)
        with pytest.raises(Uncertain, match="Idempotency-Key"):
            await issue_key(node, scope=RS_A, by=district, idempotency_key="k-1")
    _, key = await issue_key(node, scope=RS_A, by=district, idempotency_key="k-1")
    assert await opens(node, key)
    assert len(await entries_of(node)) == before + 1


async def test_a_change_waits_for_the_database_no_longer_than_a_report(
    node: Node, district: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_queue_module, "ANSWER_SECONDS_MAX", 0.05)
    real, go_on = node.database.transaction, asyncio.Event()

    @asynccontextmanager
    async def frozen() -> AsyncIterator[Transaction]:
        await go_on.wait()
        async with real() as transaction:
            yield transaction

    monkeypatch.setattr(node.database, "transaction", frozen)
    try:
        first = asyncio.ensure_future(issue_key(node, scope=RS_A, by=district))
        second = asyncio.ensure_future(issue_key(node, scope=RS_A, by=district))
        with pytest.raises(Uncertain):  # it is under way
            await first
        with pytest.raises(Unavailable, match="Nothing was stored") as refused:  # it never began
            await second
        assert not isinstance(refused.value, Uncertain)
    finally:
        go_on.set()


async def test_an_error_after_the_commit_does_not_make_the_same_key_twice(
    node: Node, district: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = len(await entries_of(node))

    async def crash(_entries: object) -> None:
        raise SystemError("between commit and board")

    with monkeypatch.context() as patched:
        patched.setattr(node.follower, "take", crash)
        _, key = await issue_key(node, scope=RS_A, by=district)
    await node.follower.catch_up()
    assert await opens(node, key)
    assert len(await entries_of(node)) == before + 1


async def test_a_revoked_key_has_no_successor(neighbour: Node, node: Node) -> None:
    first, _ = await issue_key(node, scope=RS_A, by=OPERATOR)
    await neighbour.follower.catch_up()
    await revoke_key(node, first.prefix, by=OPERATOR)
    for here in (node, neighbour):  # the neighbour may not have read of it
        with pytest.raises(Conflict, match="revoked"):
            await rotate_key(here, first.prefix, by=OPERATOR)


@on_sqlite
async def test_who_issues_keys_has_a_limit_that_grows_with_its_area(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.actions.keys.KEYS_ISSUED_MIN", 3)
    monkeypatch.setattr("app.actions.keys.KEYS_ISSUED_PER_FACILITY", 0)
    officer = await holder_of(node, KECAMATAN)
    made = [await issue_key(node, scope=KECAMATAN, by=officer) for _ in range(3)]
    for refused in (issue_key(node, scope=KECAMATAN, by=officer), rotate_key(node, made[0][0].prefix, by=officer)):
        with pytest.raises(Conflict, match="at most 3"):
            await refused
    await issue_key(node, scope=KECAMATAN, by=OPERATOR)  # the operator of the machine has no limit
    await revoke_key(node, made[0][0].prefix, by=officer)
    await issue_key(node, scope=KECAMATAN, by=officer)
    monkeypatch.setattr("app.actions.keys.KEYS_ISSUED_PER_FACILITY", 8)
    await issue_key(node, scope=KECAMATAN, by=officer)
