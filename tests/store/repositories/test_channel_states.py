"""Channel states, written to the tables and read back."""

from app.domain.beds.counts import COUNT_FIELDS, BedCount
from app.domain.channels import Channel
from app.domain.reports.lines import ChannelState, change
from app.domain.reports.report import LINES_MAX, LineKey, Report, ReportLine
from app.store.bulk_write import Writes
from app.store.database import Database
from app.store.repositories import channel_states
from app.store.repositories.channel_states import ChannelKey, StoredChannel, StoredChannels
from tests.factories import MORNING, line, report

NATIVE: ChannelKey = ("rs-a", Channel.native)


async def hear(database: Database, *reports: Report, seq: int = 10) -> dict[ChannelKey, ChannelState]:
    """Store these reports in one transaction. Returns the states in memory."""
    before = await stands(database)
    async with database.transaction() as transaction:
        states = {place: before.get(place, ChannelState()) for place in {(s.facility_id, s.channel) for s in reports}}
        for number, said in enumerate(reports, start=seq):
            place = said.facility_id, said.channel
            change(states[place], said, seq=number, recorded_at=MORNING).apply_to(states[place])
        writes = Writes(transaction.connection)
        channel_states.save(writes, {place: StoredChannel(state, None, MORNING) for place, state in states.items()})
        await writes.send()
    return states


async def stands(database: Database) -> dict[ChannelKey, ChannelState]:
    async with database.reading() as connection:
        everything = await channel_states.load_all(connection)
    return {
        (facility, channel): said
        for facility, channels in everything.states.items()
        for channel, said in channels.items()
    }


async def test_every_part_of_a_line_is_kept(database: Database) -> None:
    full = BedCount(**{name: n for n, name in enumerate(COUNT_FIELDS, start=1)})
    said = report(
        ReportLine("icu", "A", "ICU Garuda", full, '{"ruang":"é"}'),
        line("hcu", beds_available=0),
        line("ward_1", closed=True),
    )
    states = await hear(database, said)
    assert len(states[NATIVE].lines) == 3
    assert await stands(database) == states


async def test_recent_values_are_kept_with_details_and_without(database: Database) -> None:
    def said(minutes: int) -> Report:
        beds = BedCount(beds_total=5, beds_occupied=minutes % 2)
        return report(ReportLine("icu", "A", None, beds, "{}"), ReportLine("hcu", beds=beds), line(), minutes=minutes)

    states = await hear(database, *map(said, range(4)))
    recent = [line.recent for line in states[NATIVE].lines.values()]
    assert [len(values or ()) for values in recent] == [5, 5, 0]
    assert await stands(database) == states


async def test_where_nothing_was_said_nothing_stands(database: Database) -> None:
    async with database.reading() as connection:
        assert await channel_states.load_all(connection) == StoredChannels({}, {})


async def test_facilities_and_channels_are_kept_apart(database: Database) -> None:
    states = await hear(
        database,
        report(),
        report(channel=Channel.sirs, complete=True),
        report(line(beds_total=3), facility_id="rs-b", channel=Channel.sirs),
    )
    assert len(states) == 3
    assert await stands(database) == states


async def test_a_line_that_ended_is_gone_from_the_table(database: Database) -> None:
    await hear(database, report(line("icu"), line("hcu", ward="A"), line("hcu")))
    states = await hear(database, report(line("hcu"), minutes=1, complete=True), seq=20)
    assert set(states[NATIVE].lines) == {LineKey("", "hcu")}
    assert await stands(database) == states


async def test_what_is_set_and_ended_and_set_again_in_one_transaction_is_as_after_the_last(database: Database) -> None:
    states = await hear(
        database,
        report(line("icu"), line("hcu")),
        report(minutes=1, complete=True),
        report(line("hcu", beds_total=3), minutes=2),
    )
    assert set(states[NATIVE].lines) == {LineKey("", "hcu")}
    assert await stands(database) == states


async def test_a_report_may_end_more_lines_than_a_statement_takes_parameters(database: Database) -> None:
    """PostgreSQL takes 32,767 of them, SQLite not many more; wards are as many as a hospital cares to name."""
    number = 20
    wards = [[line(ward=f"{n}-{m}") for m in range(LINES_MAX)] for n in range(number)]
    states = await hear(database, *(report(*lines) for lines in wards))
    assert len(states[NATIVE].lines) == number * LINES_MAX
    states = await hear(database, report(minutes=1, complete=True), seq=99)
    assert states[NATIVE].lines == {}
    assert await stands(database) == states
