"""Words that only a newer version knows: an older node keeps them, serves everything else, and stays ready."""

import json
from dataclasses import replace

import httpx2
import pytest
from sqlalchemy import text

from app.actions.maintenance.verify import verify
from app.actions.register_areas import register_areas
from app.actions.register_facilities import FacilityChange, change_facility
from app.actions.submit_reports import submit_reports
from app.domain.beds.counts import AvailableIs, BedCount
from app.domain.channels import Channel
from app.domain.errors import Refusal
from app.domain.ledger import AreasRegistered, FacilitiesRegistered, KeysChanged
from app.domain.message import Message, MessageOutcome
from app.domain.permissions import NATIONAL, OPERATOR, Actor, Credential, Role, Scope, ScopeKind
from app.domain.registry.area import AreaLevel
from app.domain.registry.area_changes import PlacedArea
from app.domain.registry.facility import FacilityKind, Switch
from app.domain.reports.lines import ChannelState, change
from app.domain.reports.report import Outcome, ReportLine
from app.runtime.node import open_node
from app.store import ledger
from app.store.bulk_write import Writes
from app.store.ledger_rows import Verdict
from app.store.repositories import channel_states, credentials, messages, registry, relay
from app.store.repositories.channel_states import StoredChannel
from tests.conftest import Clock, Service
from tests.factories import MORNING, line, report
from tests.sse import listening

OFFICER = Actor("officer", Role.command, NATIONAL)
PATHS = [
    "/readyz",
    "/v1/areas",
    "/v1/areas/33.74",
    "/v1/areas/33.74/capacity",
    "/v1/areas/33.74/facilities",
    "/v1/facilities/rs-a",
    "/v1/facilities/rs-a/reports",
    "/v1/facilities/rs-a/channels",
    "/v1/facilities/rs-a/messages",
    "/v1/facilities/rs-a/relay",
    "/v1/facilities/rs-a/waiting",
    "/v1/areas/33/capacity/children",
    "/v1/areas/33.74/facilities?format=csv",
    "/v1/keys",
    "/v1/changes",
    "/v1/changes?after=1",
]


@pytest.fixture
async def written(service: Service) -> Service:
    """What a node of a newer version writes, into tables that its migrations have opened for it."""
    node = service.node
    area = replace(node.board.area("33.75"), level=AreaLevel.stored("later-level"))
    facility = replace(
        node.board.facility("rs-a"),
        kind=FacilityKind.stored("later-kind"),
        switches=frozenset({Switch.sirs_status, Switch.stored("later-switch")}),
        counting_channel=Channel.stored("later-channel"),
    )
    beds = BedCount(12, 9, beds_available=3, available_is=AvailableIs.stored("later-way"))
    said = report(line("ward_1"), ReportLine("icu", "A", None, beds), ReportLine("later-type", "B", None, beds))
    said = replace(said, channel=Channel.stored("later-channel"))
    holder = Actor("later", Role.stored("later-role"), Scope(ScopeKind.stored("later-scope"), "x"), "later", "0" * 12)
    key = Credential("0" * 12, "0" * 64, holder, MORNING, "operator", channel=Channel.stored("later-channel"))
    matters = [
        (AreasRegistered((area,)), "operator", None),
        (FacilitiesRegistered((facility,), node.clock(), "later"), "operator", None),
        (KeysChanged((key,)), "operator", None),
        (said, "later", Verdict(Outcome.stored("later-outcome"), ())),
    ]
    async with node.database.transaction() as transaction:
        connection = transaction.connection
        await connection.execute(text("PRAGMA ignore_check_constraints = ON"))
        entries = await ledger.append(transaction, matters, now=node.clock())
        await registry.put_areas(connection, [PlacedArea(area, 2)])
        await registry.put_facilities(connection, [replace(facility, seq=entries[1].seq)])
        await credentials.put(connection, replace(key, seq=entries[2].seq))
        state, writes = ChannelState(), Writes(connection)
        change(state, said, seq=entries[3].seq, recorded_at=node.clock()).apply_to(state)
        channel_states.save(writes, {("rs-a", said.channel): StoredChannel(state, None, node.clock())})
        await writes.send()
        outcome = MessageOutcome.stored("later-outcome")
        message = Message("rs-a", said.channel, MORNING, "POST /", outcome, 200, None, None, None, "1", None)
        await messages.put(connection, [message])
        await relay.change_account(connection, ("rs-a", said.channel), sent=1)
    return service


@pytest.mark.parametrize("path", PATHS)
async def test_an_older_node_answers(written: Service, officer: httpx2.AsyncClient, path: str) -> None:
    assert (await officer.get("/readyz")).status_code == 200
    answer = await officer.get(path)
    assert answer.status_code == 200, answer.text


async def test_it_shows_what_it_can(written: Service, officer: httpx2.AsyncClient) -> None:
    await officer.get("/readyz")
    facility = (await officer.get("/v1/facilities/rs-a")).json()
    assert (facility["kind"], facility["switches"]) == ("later-kind", ["later-switch", "sirs_status"])
    assert [line["bed_type"] for line in facility["lines"]] == ["icu", "ward_1"]  # what counts where is not known
    capacity = (await officer.get("/v1/areas/33.74/capacity")).json()
    assert capacity["totals"]["beds_total"] == facility["totals"]["beds_total"]


async def test_a_stream_tells_of_changes(written: Service) -> None:
    node = written.node
    await node.follower.catch_up()
    async with listening(written, "/v1/areas/33.74/stream?events=changes") as ear:
        said = replace(report(line("icu", ward="A", beds_total=14), minutes=1), channel=Channel.stored("later-channel"))
        [receipt] = await submit_reports(node, [said], by=OFFICER)
        assert not isinstance(receipt, Refusal)
        event = await ear.next()
    assert event.name == "change"
    assert (event.data["kind"], event.data["counting_channel"]) == ("later-kind", "later-channel")


async def test_a_key_of_an_unknown_role_or_scope_opens_nothing(written: Service) -> None:
    await written.node.follower.catch_up()
    credential = written.node.board.credential("0" * 12)
    assert credential is not None
    for actor in (credential.actor, replace(credential.actor, role=Role.command)):
        for target in (written.node.board.area_target("33"), written.node.board.area_target("33.74.01")):
            assert not actor.scope.covers(target)


async def test_an_older_node_starts_and_holds_the_same(written: Service, clock: Clock) -> None:
    node = written.node
    await node.follower.catch_up()
    async with open_node(database_url=node.database.url, clock=clock) as other:
        assert other.board.contents() == node.board.contents()
    assert await verify(node.database.url) == []


async def test_a_change_by_an_older_node_keeps_them(written: Service) -> None:
    node = written.node
    await node.follower.catch_up()
    off, seq = FacilityChange(switches=frozenset()), node.board.facility("rs-a").seq
    async with node.database.transaction() as transaction:
        await transaction.connection.execute(text("PRAGMA ignore_check_constraints = ON"))
    changed = await change_facility(node, "rs-a", off, by=OFFICER, reason="x", if_match=seq)
    assert changed.switches == {"later-switch"}
    area = node.board.area("33.75")
    await register_areas(node, [replace(area, name="Pekalongan")], by=OPERATOR)
    async with node.database.reading() as connection:
        bodies = (await connection.scalars(text("SELECT body FROM ledger ORDER BY seq DESC LIMIT 2"))).all()
    said = [json.loads(body) for body in bodies]
    assert said[0]["areas"][0]["level"] == "later-level"
    facility = said[1]["facilities"][0]
    assert (facility["kind"], facility["switches"]) == ("later-kind", ["later-switch"])
    assert facility["counting_channel"] == "later-channel"
