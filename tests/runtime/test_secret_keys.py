"""A node without the key that this database's secrets need does not start, and says so."""

import logging
from pathlib import Path

import pytest
from sqlalchemy import delete

from app.actions.hospitals import Hospital, add_hospital
from app.actions.relay_accounts import deposit
from app.config import Settings
from app.domain.channels import Channel
from app.domain.permissions import OPERATOR
from app.main import secret_keys_of
from app.runtime.node import open_node
from app.runtime.secret_box import OtherKey, fingerprint
from app.runtime.secret_keys import OtherSecretKey, check_may_be_made
from app.store.database import Database
from app.store.models import SecretKeyRow
from app.store.repositories import secret_keys
from tests.conftest import Clock
from tests.factories import build_world

OLD, NEW, OTHER = "old-" * 10, "new-" * 10, "other" * 10


async def known(url: str) -> list[str]:
    database = Database(url)
    try:
        async with database.reading() as connection:
            return await secret_keys.known(connection)
    finally:
        await database.close()


async def start(url: str, clock: Clock, *keys: str) -> None:
    async with open_node(database_url=url, secret_keys=keys, clock=clock):
        pass


@pytest.fixture
async def with_a_hospital(database_url: str, clock: Clock) -> str:
    async with open_node(database_url=database_url, secret_keys=[OLD], clock=clock) as node:
        await build_world(node)
        await add_hospital(node, Hospital("rs-a", bpjs="1199R001"), by=OPERATOR)
    return database_url


async def test_a_second_node_with_another_key_does_not_start(with_a_hospital: str, clock: Clock) -> None:
    with pytest.raises(OtherSecretKey, match=fingerprint(OLD)) as refused:
        await start(with_a_hospital, clock, OTHER)
    assert OTHER not in str(refused.value)
    await start(with_a_hospital, clock, OLD)


async def test_a_new_key_comes_first_and_is_then_the_one_that_is_needed(
    with_a_hospital: str, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    await start(with_a_hospital, clock, NEW, OLD)
    assert await known(with_a_hospital) == [fingerprint(NEW), fingerprint(OLD)]
    with pytest.raises(OtherSecretKey):
        await start(with_a_hospital, clock, OLD)
    with caplog.at_level(logging.WARNING):
        await start(with_a_hospital, clock, NEW)
    assert fingerprint(OLD) in caplog.text


async def test_a_database_of_an_earlier_version_is_judged_by_what_opens(with_a_hospital: str, clock: Clock) -> None:
    database = Database(with_a_hospital)
    async with database.transaction() as transaction:
        await transaction.connection.execute(delete(SecretKeyRow))
    await database.close()
    with pytest.raises(OtherSecretKey, match="decrypts no secret"):
        await start(with_a_hospital, clock, OTHER)
    await start(with_a_hospital, clock, OLD)
    assert await known(with_a_hospital) == [fingerprint(OLD)]


async def test_where_nothing_needs_the_lost_key_another_takes_its_place(database_url: str, clock: Clock) -> None:
    await start(database_url, clock, OLD)
    await check_may_be_made(database_url)
    await start(database_url, clock, OTHER)
    assert await known(database_url) == [fingerprint(OTHER)]


async def test_two_nodes_that_began_with_different_keys_before_any_secret_do_not_both_seal(
    database_url: str, clock: Clock
) -> None:
    async with (
        open_node(database_url=database_url, secret_keys=[OLD], clock=clock) as first,
        open_node(database_url=database_url, secret_keys=[OTHER], clock=clock) as second,
    ):
        await build_world(second)
        await first.follower.catch_up()
        with pytest.raises(OtherKey):
            await add_hospital(first, Hospital("rs-a", bpjs="1199R001"), by=OPERATOR)
        with pytest.raises(OtherKey):
            await deposit(first, "rs-a", Channel.sirs, {"x_rs_id": "1", "x_pass": "secret"}, by=OPERATOR)
        await second.follower.catch_up()
        await add_hospital(second, Hospital("rs-a", bpjs="1199R001"), by=OPERATOR)


async def test_a_lost_key_file_is_not_replaced(with_a_hospital: str, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "lost", database_url=with_a_hospital)
    with pytest.raises(OtherSecretKey, match="Restore the key"):
        await secret_keys_of(settings)
    assert not settings.secret_key_file.exists()
