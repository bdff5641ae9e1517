"""Times that software signed ahead: shared by all nodes, kept over a restart, and forgotten when they have passed."""

from datetime import timedelta

import pytest

from app.actions.hospitals import Hospital, add_hospital
from app.domain.channels import Channel
from app.domain.permissions import OPERATOR, Credential
from app.runtime.node import Node, open_node
from app.runtime.sender_clocks import UsedSignature
from app.store.repositories import signed_times
from app.store.repositories.signed_times import SignedTime
from tests.conftest import SECRET_KEY, Clock


async def consumer(node: Node) -> Credential:
    await add_hospital(node, Hospital("rs-a", bpjs="1199R001"), by=OPERATOR)
    [key] = node.board.keys_of_channel("rs-a", Channel.aplicares)
    return key


async def test_what_was_signed_at_one_node_is_used_at_all_and_after_a_restart(node: Node, clock: Clock) -> None:
    key = await consumer(node)
    signed_at = int((clock() + timedelta(hours=7)).timestamp())
    async with open_node(database_url=node.database.url, secret_keys=[SECRET_KEY], clock=clock) as other:
        await other.clocks.take(key, signed_at, 7, clock())
    await node.follower.catch_up()
    known = node.board.credential(key.prefix)
    assert known is not None
    assert known.clock_hours == 7
    async with open_node(database_url=node.database.url, secret_keys=[SECRET_KEY], clock=clock) as restarted:
        clock.advance(hours=7)
        for each in (node, restarted):
            with pytest.raises(UsedSignature):
                await each.clocks.take(known, signed_at, 0, clock())
            await each.clocks.take(known, signed_at + 7, 0, clock())
            assert each.board.credential(key.prefix) is not None


async def test_times_that_have_passed_are_forgotten(node: Node, clock: Clock) -> None:
    key = await consumer(node)
    old = int((clock() + timedelta(hours=7)).timestamp())
    await node.clocks.take(key, old, 7, clock())
    await node.clocks.flush()
    clock.advance(hours=8)
    await node.clocks.take(key, old + 8 * 3600, 7, clock())
    await node.clocks.flush()
    async with node.database.reading_newest() as connection:
        assert not await signed_times.has(connection, SignedTime(key.prefix, old))
        assert await signed_times.newest(connection, key.prefix) == old + 8 * 3600
