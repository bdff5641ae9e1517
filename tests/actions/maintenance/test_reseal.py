"""Secrets under a new key: all of them, with a ledger that still verifies, and a word on what cannot be moved."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from app.actions.hospital_logins import recognise_consumer, recognise_password
from app.actions.hospitals import Hospital, add_hospital, revoke_logins
from app.actions.keys import issue_key
from app.actions.maintenance import reseal as module
from app.actions.maintenance.reseal import reseal
from app.actions.maintenance.verify import verify
from app.actions.relay_accounts import deposit
from app.domain.channels import Channel
from app.domain.permissions import NATIONAL, OPERATOR
from app.runtime.node import Node, open_node
from app.runtime.secret_box import SecretBox
from app.runtime.secret_keys import accept
from app.store.repositories import relay
from tests.conftest import Clock
from tests.factories import build_world

OLD, NEW, LOST = "old-" * 10, "new-" * 10, "lost" * 10
ACCOUNT = {"x_rs_id": "3374001", "x_pass": "sandi"}


@asynccontextmanager
async def under(url: str, clock: Clock, *keys: str) -> AsyncIterator[Node]:
    async with open_node(database_url=url, secret_keys=keys, clock=clock) as node:
        yield node


async def test_all_that_is_sealed_moves_to_the_first_key_and_goes_on_opening(
    database_url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 1)
    async with under(database_url, clock, OLD) as node:
        await build_world(node)
        doors = await add_hospital(node, Hospital("rs-a", bpjs="1199R001"), by=OPERATOR)
        await add_hospital(node, Hospital("rs-b", bpjs="1199R002"), by=OPERATOR)
        await add_hospital(node, Hospital("rs-e", bpjs="1199R003"), by=OPERATOR)
        await revoke_logins(node, "rs-e", by=OPERATOR)
        await issue_key(node, scope=NATIONAL, by=OPERATOR)
        await deposit(node, "rs-a", Channel.sirs, ACCOUNT, by=OPERATOR)
        await deposit(node, "rs-b", Channel.sirs, ACCOUNT, by=OPERATOR)
    secrets = {door.channel: (door.login, door.secret) for door in doors.logins}
    async with under(database_url, clock, NEW, OLD) as node:
        before = [(key.prefix, key.digest, key.seq) for key in node.board.credentials()]
        done = await reseal(node)
        assert (done.keys, done.accounts, done.unreadable) == (2, 2, ())
        assert {key.channel for key in done.digests} == {Channel.sirs, Channel.siranap_v1}
        assert [(key.prefix, key.digest, key.seq) for key in node.board.credentials()] == before
        position = node.board.position
        again = await reseal(node)
        assert (again.keys, again.accounts, node.board.position) == (0, 0, position)
        login, password = secrets[Channel.sirs]
        assert recognise_password(node, login, password, Channel.sirs) is not None
    assert await verify(database_url) == []
    async with under(database_url, clock, NEW) as node:
        consumer_id, secret = secrets[Channel.aplicares]
        known = recognise_consumer(node, consumer_id)
        assert known is not None
        assert known[1] == secret
        async with node.database.reading() as connection:
            sealed = await relay.sealed_accounts(connection)
        assert [json.loads(node.secret_box.unseal(each)) for each in sealed.values()] == [ACCOUNT, ACCOUNT]
        login, password = secrets[Channel.sirs]
        assert recognise_password(node, login, password, Channel.sirs) is None  # that one needs the old key


async def test_what_no_key_opens_is_named_and_left_as_it_is(database_url: str, clock: Clock) -> None:
    async with under(database_url, clock, LOST) as node:
        await build_world(node)
        await add_hospital(node, Hospital("rs-a", bpjs="1199R001"), by=OPERATOR)
        await deposit(node, "rs-a", Channel.sirs, ACCOUNT, by=OPERATOR)
        [key] = node.board.keys_of_channel("rs-a", Channel.aplicares)
        await accept(node.database, SecretBox([NEW]))
    async with under(database_url, clock, NEW, OLD) as node:
        done = await reseal(node)
        assert (done.keys, done.accounts) == (0, 0)
        assert done.unreadable == (f"key {key.prefix}", "account of rs-a with sirs")
        assert node.board.credential(key.prefix) == key


def test_the_vault_tells_what_is_old() -> None:
    old, both, new = SecretBox([OLD]).seal("x"), SecretBox([NEW, OLD]), SecretBox([NEW])
    assert (both.is_old(old), both.opens(old), new.opens(old), new.is_old(old)) == (True, True, False, False)
    moved = both.reseal(old)
    assert not both.is_old(moved)
    assert new.unseal(moved) == "x"
