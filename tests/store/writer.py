"""A process of its own that appends to a ledger: `python -m tests.store.writer URL NAME NUMBER`.

Every third of its transactions appends two entries, every fifth one is rolled back after it has appended. A database
that is busy for too long is asked again. It prints the positions that it was given, once they were committed.
"""

import asyncio
import sys

from app.domain.errors import Unavailable
from app.domain.reports.report import Outcome
from app.store import ledger
from app.store.database import Database
from app.store.ledger_rows import Verdict
from tests.factories import MORNING, report


class ChangeOfMind(Exception):
    """The transaction is to be rolled back."""


async def append(database: Database, name: str, number: int) -> list[int]:
    async with database.transaction() as transaction:
        said = [(report(), name, Verdict(Outcome.applied, ()))]
        if number % 3 == 0:
            said.append((report(), name, Verdict(Outcome.applied, ())))
        entries = await ledger.append(transaction, said, now=MORNING)
        if number % 5 == 0:
            raise ChangeOfMind
    return [entry.seq for entry in entries]


async def write(url: str, name: str, number: int) -> list[int]:
    database = Database(url)
    positions: list[int] = []
    while number:
        try:
            positions += await append(database, name, number)
        except Unavailable:
            continue
        except ChangeOfMind:
            pass
        number -= 1
    await database.close()
    return positions


if __name__ == "__main__":
    print(*asyncio.run(write(sys.argv[1], sys.argv[2], int(sys.argv[3]))))
