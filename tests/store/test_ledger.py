"""The ledger: positions without gaps, entries that cannot be changed, and a chain that reveals any change."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.domain.ledger import START, AreasRegistered, FacilitiesRegistered, LedgerEntry, Position
from app.domain.reports.report import Outcome, Report, ReportWarning
from app.store import ledger
from app.store.database import Database
from app.store.ledger import EditedLedger, OtherHistory
from app.store.ledger_rows import Verdict, link
from tests.factories import AREAS, FACILITIES, MORNING, line, report
from tests.store.conftest import SENDER, on_sqlite

APPLIED = Verdict(Outcome.applied, (ReportWarning("clock_ahead", None, "a detail"),))


async def append(database: Database, *reports: Report, by: str = SENDER.principal) -> list[LedgerEntry]:
    async with database.transaction() as transaction:
        return await ledger.append(transaction, [(said, by, APPLIED) for said in reports], now=MORNING)


async def read_all(database: Database) -> list[LedgerEntry]:
    async with database.reading() as connection:
        return await ledger.read_after(connection, START)


async def audit(database: Database, batch: int = 2) -> int:
    """Check the chain from its beginning, a few entries at a time; gives the last position."""
    here = START
    async with database.reading() as connection:
        while True:
            entries, after = await ledger.audit(connection, here, batch)
            if not entries:
                return here.seq
            here = after


async def run(database: Database, *statements: str) -> None:
    async with database.transaction() as transaction:
        for statement in statements:
            await transaction.connection.execute(text(statement))


async def test_positions_are_1_2_3_in_order_of_commit(database: Database) -> None:
    first = await append(database, report(), report())
    second = await append(database, report())
    assert [entry.seq for entry in (*first, *second)] == [3, 4, 5]
    assert [entry.seq for entry in await read_all(database)] == [1, 2, 3, 4, 5]


async def test_what_is_read_is_what_was_appended(database: Database) -> None:
    said = report(line("icu", ward="A"), line("hcu", closed=True), complete=True)
    appended = await append(database, said)
    found = await read_all(database)
    assert found[2:] == appended
    assert (found[2].seq, found[2].recorded_at, found[2].by, found[2].matter) == (3, MORNING, SENDER.principal, said)
    assert [entry.follows for entry in found] == [START.chain, *(entry.chain for entry in found[:-1])]
    assert found[0].matter == AreasRegistered(AREAS)
    facilities = tuple(replace(facility, seq=2) for facility in FACILITIES)
    assert found[1].matter == FacilitiesRegistered(facilities, MORNING, "")


async def test_an_append_that_is_rolled_back_leaves_no_hole(database: Database) -> None:
    async def fail() -> None:
        async with database.transaction() as transaction:
            await ledger.append(transaction, [(report(), "k", APPLIED)], now=MORNING)
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert [entry.seq for entry in await append(database, report())] == [3]


async def test_several_appends_in_one_transaction_follow_each_other(database: Database) -> None:
    async with database.transaction() as transaction:
        for _ in range(3):
            await ledger.append(transaction, [(report(), "k", APPLIED)], now=MORNING)
        await ledger.append(transaction, [], now=MORNING)
        assert [entry.seq for entry in transaction.entries] == [3, 4, 5]
    assert await audit(database) == 5


async def test_reading_goes_on_from_a_position_in_bounded_parts(database: Database) -> None:
    places = [entry.position for entry in await append(database, *(report() for _ in range(5)))]
    async with database.reading() as connection:
        assert [entry.seq for entry in await ledger.read_after(connection, Position(2), 3)] == [3, 4, 5]
        assert [entry.seq for entry in await ledger.read_after(connection, places[2], 3)] == [6, 7]
        assert await ledger.read_after(connection, places[4], 3) == []
        assert await ledger.head(connection) == places[4]
        assert await ledger.recorded_at(connection, 7) == MORNING


async def test_reading_on_from_a_place_of_another_history_is_refused(database: Database) -> None:
    """By its chain, where the ledger has come as far again; by its number, where it has not; and never half of it."""
    here = (await append(database, report()))[0].position
    other = Position(here.seq, "f" * 64)
    async with database.reading() as connection:
        for elsewhere in (other, Position(3, "f" * 12), Position(0, "f" * 64), Position(4, here.chain), Position(99)):
            with pytest.raises(OtherHistory):
                await ledger.read_after(connection, elsewhere)
            assert not await ledger.goes_through(connection, elsewhere)
        assert await ledger.read_after(connection, Position(4, here.chain), may_lag=True) == []
        with pytest.raises(OtherHistory):
            await ledger.read_after(connection, other, may_lag=True)
        assert await ledger.goes_through(connection, Position(3, here.chain[:12]))


async def test_a_gap_in_the_ledger_is_told_and_not_read_over(database: Database) -> None:
    places = [entry.position for entry in await append(database, *(report() for _ in range(5)))]
    await run(database, *disarm(database), "DELETE FROM ledger WHERE seq = 5")
    async with database.reading() as connection:
        with pytest.raises(EditedLedger, match="position 5 is missing"):
            await ledger.read_after(connection, places[0])
        with pytest.raises(OtherHistory):
            await ledger.read_after(connection, places[2])


async def test_the_same_id_of_one_sender_is_stored_once_whoever_forgets_to_look(database: Database) -> None:
    """Uniqueness is a constraint of the database, not a look-up before an insert."""
    await append(database, report(report_id="once"))
    with pytest.raises(IntegrityError):
        await append(database, report(report_id="once", minutes=1))
    await append(database, report(report_id="once"), by="somebody else")
    assert len(await read_all(database)) == 4


async def test_a_report_is_found_by_its_sender_and_its_id(database: Database) -> None:
    await append(database, report(report_id="a"), report(report_id="b"))
    await append(database, report(report_id="a"), by="other")
    async with database.reading() as connection:
        found = await ledger.find_reports(connection, [(SENDER.principal, "a"), ("other", "a"), ("other", "b")])
    assert {key: one.seq for key, one in found.items()} == {(SENDER.principal, "a"): 3, ("other", "a"): 5}
    assert found["other", "a"].verdict == APPLIED
    assert (found["other", "a"].by, found["other", "a"].recorded_at) == ("other", MORNING)


async def test_what_was_said_of_a_facility_is_paged_backwards(database: Database) -> None:
    await append(database, *(report(facility_id=f"rs-{'ab'[n % 2]}") for n in range(6)))
    async with database.reading() as connection:
        page = await ledger.reports_of(connection, "rs-a", before=None, limit=2)
        assert [one.seq for one in page] == [7, 5]
        page = await ledger.reports_of(connection, "rs-a", before=5, limit=2)
        assert [one.seq for one in page] == [3]


CHANGES = ["UPDATE ledger SET body = '{}' WHERE seq = 3", "DELETE FROM ledger WHERE seq = 3", "DELETE FROM ledger"]


@pytest.mark.parametrize("statement", CHANGES)
async def test_the_ledger_cannot_be_updated_or_deleted(database: Database, statement: str) -> None:
    await append(database, report())
    before = await read_all(database)
    with pytest.raises(DBAPIError, match="append-only"):
        await run(database, statement)
    assert await read_all(database) == before


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_the_ledger_cannot_be_truncated(database: Database) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        await run(database, "TRUNCATE ledger CASCADE")
    assert len(await read_all(database)) == 2


@on_sqlite
async def test_the_ledger_cannot_be_replaced(database: Database) -> None:
    """INSERT OR REPLACE on SQLite is a deletion that fires no trigger, unless recursive triggers are on."""
    await append(database, report(report_id="r"))
    columns = 'kind, recorded_at, "by", facility_id, channel, report_id, observed_at, digest, outcome, body, chain'
    for seq in (3, 9):
        with pytest.raises(DBAPIError, match="append-only"):
            await run(
                database, f"REPLACE INTO ledger (seq, {columns}) SELECT {seq}, {columns} FROM ledger WHERE seq = 3"
            )
    assert [entry.seq for entry in await read_all(database)] == [1, 2, 3]


async def test_a_position_cannot_be_written_twice(database: Database) -> None:
    with pytest.raises(IntegrityError):
        await run(database, "INSERT INTO ledger SELECT * FROM ledger WHERE seq = 2")


@pytest.mark.parametrize(
    "values",
    [
        "0, 'areas', NULL, NULL",
        "3, 'weather', NULL, NULL",
        "3, 'report', NULL, NULL",
        "3, 'areas', NULL, 'maybe'",
    ],
)
async def test_the_table_itself_refuses_what_cannot_be_an_entry(database: Database, values: str) -> None:
    seq, kind, report_id, outcome = values.split(", ")
    with pytest.raises(IntegrityError):
        await run(
            database,
            'INSERT INTO ledger (seq, kind, recorded_at, "by", report_id, facility_id, channel, observed_at, digest,'
            " outcome, body, chain) SELECT"
            f' {seq}, {kind}, recorded_at, "by", {report_id}, facility_id, channel, observed_at, digest, {outcome},'
            " body, chain FROM ledger WHERE seq = 1",
        )


def disarm(database: Database) -> Sequence[str]:
    """What someone with all rights would do first."""
    if database.is_sqlite:
        return "DROP TRIGGER ledger_no_update", "DROP TRIGGER ledger_no_delete"
    return ("ALTER TABLE ledger DISABLE TRIGGER USER",)


LATER = "'2026-11-23 04:00:00.000000'"
EDITS = {
    "kind = 'areas', report_id = NULL": "position 4 was edited",
    f"recorded_at = {LATER}": "position 4 was edited",
    "\"by\" = 'another'": "position 4 was edited",
    "report_id = 'another'": "position 4 was edited",
    "digest = replace(digest, substr(digest, 9, 1), '-')": "position 4 was edited",
    "outcome = 'late'": "position 4 was edited",
    "warnings = NULL": "position 4 was edited",
    "body = replace(body, '10', '11')": "position 4 was edited",
    "chain = replace(chain, substr(chain, 9, 1), '-')": "position 4 was edited",
    "facility_id = 'rs-b'": "position 4: its columns",
    "channel = 'sirs'": "position 4: its columns",
    f"observed_at = {LATER}": "position 4: its columns",
}


@on_sqlite
@pytest.mark.parametrize("edit", EDITS)
async def test_a_changed_byte_in_any_column_is_found_at_its_position(database: Database, edit: str) -> None:
    await append(database, report(), report(), report())
    assert await audit(database) == 5
    if edit.startswith("kind"):
        edit += ", outcome = NULL, digest = NULL"
    await run(database, *disarm(database), f"UPDATE ledger SET {edit} WHERE seq = 4")
    with pytest.raises(EditedLedger, match=EDITS.get(edit, "position 4 was edited")):
        await audit(database)


@on_sqlite
@pytest.mark.parametrize("column", ["facility_id = 'rs-a'", "channel = 'sirs'", f"observed_at = {LATER}"])
async def test_a_registry_entry_that_was_made_to_look_like_a_report_is_found(database: Database, column: str) -> None:
    await run(database, *disarm(database), f"UPDATE ledger SET {column} WHERE seq = 2")
    with pytest.raises(EditedLedger, match="position 2"):
        await audit(database)


@on_sqlite
@pytest.mark.parametrize(
    ("gone", "found"), [("seq = 1", "position 1 is missing"), ("seq = 4", "4 is missing"), ("seq > 2 AND seq < 5", "3")]
)
async def test_an_entry_that_was_taken_away_is_found(database: Database, gone: str, found: str) -> None:
    await append(database, report(), report(), report())
    await run(database, *disarm(database), f"DELETE FROM ledger WHERE {gone}")
    with pytest.raises(EditedLedger, match=found):
        await audit(database)


async def test_an_entry_that_was_taken_away_and_covered_up_is_found(database: Database) -> None:
    await append(database, report(), report(), report())
    await run(
        database,
        *disarm(database),
        "DELETE FROM ledger WHERE seq = 4",
        "UPDATE ledger SET seq = 4 WHERE seq = 5",
    )
    with pytest.raises(EditedLedger, match="position 4 was edited, or an entry before it was removed"):
        await audit(database)


async def test_a_changed_byte_is_found_on_either_database(database: Database) -> None:
    await append(database, report(), report(), report())
    await run(database, *disarm(database), "UPDATE ledger SET body = replace(body, '10', '11') WHERE seq = 4")
    with pytest.raises(EditedLedger, match="position 4 was edited"):
        await audit(database)


@on_sqlite
async def test_an_edited_entry_with_a_new_hash_of_its_own_is_found_at_the_next_one(database: Database) -> None:
    await append(database, report(), report(), report())
    await run(database, *disarm(database), "UPDATE ledger SET outcome = 'late' WHERE seq = 4")
    async with database.reading() as connection:
        rows = (await connection.execute(text("SELECT * FROM ledger ORDER BY seq"))).mappings().all()
    edited = dict(rows[3]) | {"recorded_at": MORNING}
    await run(database, f"UPDATE ledger SET chain = '{link(rows[2]['chain'], edited)}' WHERE seq = 4")
    with pytest.raises(EditedLedger, match="position 5 was edited, or an entry before it was removed"):
        await audit(database)


async def test_an_entry_that_was_slipped_in_is_found(database: Database) -> None:
    await append(database, report())
    await run(
        database,
        'INSERT INTO ledger (seq, kind, recorded_at, "by", body, chain)'
        ' SELECT 4, kind, recorded_at, "by", body, chain FROM ledger WHERE seq = 1',
    )
    with pytest.raises(EditedLedger, match="position 4"):
        await audit(database)


async def test_times_are_kept_to_the_microsecond_and_in_utc(database: Database) -> None:
    at = MORNING + timedelta(microseconds=123_456)
    async with database.transaction() as transaction:
        await ledger.append(transaction, [(replace(report(), observed_at=at), "k", APPLIED)], now=at)
    entry = (await read_all(database))[-1]
    assert isinstance(entry.matter, Report)
    assert (entry.recorded_at, entry.matter.observed_at) == (at, at)
    assert await audit(database) == 3
