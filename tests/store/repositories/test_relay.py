"""The queue of the relay and the right to send, as the database keeps them."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from app.domain.channels import Channel
from app.domain.relay import RelayedRequest
from app.store.database import Database
from app.store.repositories import relay
from tests.factories import MORNING

LEASE = timedelta(seconds=30)


async def take(database: Database, holder: str) -> bool:
    async with database.transaction() as transaction:
        return await relay.lease(transaction.connection, "sirs", holder, LEASE)


async def set_end(database: Database, until: datetime) -> None:
    async with database.transaction() as transaction:
        table = relay._LEASES
        await transaction.connection.execute(table.update().values(until=until))


async def test_the_right_to_send_is_one_process_s_until_it_ends_or_is_given_back(database: Database) -> None:
    assert await take(database, "a")
    assert not await take(database, "b")
    assert await take(database, "a")
    await set_end(database, datetime.now(UTC) - timedelta(seconds=1))
    assert await take(database, "b")
    assert not await take(database, "a")
    async with database.transaction() as transaction:
        await relay.release(transaction.connection, "sirs", "a")  # not its own to give back
        await relay.release(transaction.connection, "aplicares", "b")
    assert not await take(database, "a")
    async with database.transaction() as transaction:
        await relay.release(transaction.connection, "sirs", "b")
    assert await take(database, "a")


async def test_after_the_database_s_clock_was_set_back_nobody_waits_for_it(database: Database) -> None:
    assert await take(database, "a")
    await set_end(database, datetime.now(UTC) + timedelta(hours=1))
    assert await take(database, "b")


@pytest.mark.parametrize(("ahead", "is_tried"), [(timedelta(minutes=20), False), (timedelta(days=400), True)], ids=str)
async def test_an_attempt_that_a_clock_ahead_put_off_is_made_at_once(
    database: Database, ahead: timedelta, *, is_tried: bool
) -> None:
    place = ("rs-a", Channel.sirs)
    async with database.transaction() as transaction:
        await relay.enqueue(transaction.connection, [RelayedRequest(*place, "1", "PUT", "/", b"{}", MORNING)])
        await relay.change_account(transaction.connection, place, {"next_attempt_at": MORNING + ahead})
        found = await relay.next_of_each(transaction.connection, Channel.sirs, MORNING, 20)
    assert bool(found) is is_tried


@pytest.mark.parametrize("number", [1, 3])
async def test_ids_are_never_used_twice(database: Database, number: int) -> None:
    def said(row: int) -> RelayedRequest:
        return RelayedRequest("rs-a", Channel.sirs, str(row), "PUT", "/", b"{}", MORNING)

    seen: set[int] = set()
    for _ in range(2):
        async with database.transaction() as transaction:
            await relay.enqueue(transaction.connection, [said(row) for row in range(number)])
            ids = set((await transaction.connection.scalars(text("SELECT id FROM relay_queue"))).all())
            assert len(ids) == number
            assert not ids & seen
            seen |= ids
            await relay.remove(transaction.connection, ids)
