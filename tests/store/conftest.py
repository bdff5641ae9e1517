"""A database without a node: what is done to it is done by the test alone."""

from collections.abc import AsyncIterator

import pytest

from app.domain.ledger import AreasRegistered, FacilitiesRegistered
from app.domain.permissions import NATIONAL, Actor, Role
from app.domain.registry.area_changes import plan
from app.store import ledger
from app.store.database import Database
from app.store.repositories import registry
from tests.factories import AREAS, FACILITIES, MORNING

# For what the program decides out of rows that are the same on both.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SENDER = Actor("k_sender", Role.command, NATIONAL)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open database with the small world in it: two ledger entries."""
    opened = Database(database_url)
    try:
        async with opened.transaction() as transaction:
            matters = [AreasRegistered(AREAS), FacilitiesRegistered(FACILITIES, MORNING, "")]
            entries = await ledger.append(transaction, [(matter, "operator", None) for matter in matters], now=MORNING)
            await registry.put_areas(transaction.connection, plan(AREAS, {}, []))
            registered = entries[1].matter
            assert isinstance(registered, FacilitiesRegistered)
            await registry.put_facilities(transaction.connection, registered.facilities)
        yield opened
    finally:
        await opened.close()
