"""The change feed: the ledger for machines, from any position on, and waiting for what comes next."""

import asyncio
import json
from typing import Any

import pytest

from app.actions.keys import revoke_key
from app.actions.submit_reports import submit_reports
from app.api.streaming.connection_limits import StreamLimits
from app.domain.errors import Unavailable
from app.domain.permissions import NATIONAL, OPERATOR, Actor, Role
from tests.conftest import Service
from tests.factories import line, report
from tests.sse import listening

COMMAND = Actor("command", Role.command, NATIONAL)


def lines(text: str) -> list[dict[str, Any]]:
    assert text.endswith("\n")
    return [json.loads(each) for each in text.splitlines()]


async def say(service: Service, minutes: float = 0) -> int:
    said = report(line("icu", ward="A", beds_total=10, beds_occupied=4), minutes=minutes)
    (receipt,) = await submit_reports(service.node, [said], by=COMMAND)
    return receipt.seq


async def test_all_entries_in_order_without_those_about_keys_or_who(service, client, national_key):
    seq = await say(service)
    answer = await client.get("/v1/changes")
    assert answer.headers["content-type"] == "application/x-ndjson"
    *entries, end = lines(answer.text)
    assert [(entry["seq"], entry["kind"]) for entry in entries] == [(1, "areas"), (2, "facilities"), (seq, "report")]
    assert end == end_of(service)
    assert entries[-1] == {
        "seq": seq,
        "recorded_at": "2026-11-23T03:00:00+00:00",
        "kind": "report",
        "facility_id": "rs-a",
        "channel": "native",
        "observed_at": "2026-11-23T03:00:00+00:00",
        "complete": False,
        "lines": [{"bed_type": "icu", "ward_code": "A", "beds_total": 10, "beds_occupied": 4, "beds_blocked": 0}],
    }
    assert {area["code"] for area in entries[0]["areas"]} >= {"ID", "33.74"}
    assert entries[1]["facilities"][0]["identifiers"] == {"sirs": "3374001"}
    assert "operator" not in answer.text
    assert national_key.split("_")[1] not in answer.text


async def test_pages_join_without_a_gap(service, client):
    seqs = [await say(service, minutes=minute - 10) for minute in range(7)]
    after, read = 2, []
    while after < seqs[-1]:
        *entries, end = lines((await client.get(f"/v1/changes?after={after}&limit=3")).text)
        assert len(entries) <= 3
        read += [entry["seq"] for entry in entries]
        after = end["position"]
    assert read == seqs


async def test_a_projection_built_from_the_feed_is_the_board(service, client):
    for minute in range(5):
        await say(service, minutes=minute - 10)
    standing: dict[tuple[str, str, str], tuple[str, int, int]] = {}
    *entries, end = lines((await client.get("/v1/changes")).text)
    for entry in entries:
        for said in entry.get("lines", []):
            key = entry["facility_id"], said["ward_code"], said["bed_type"]
            standing[key] = max(
                standing.get(key, ("", 0, 0)), (entry["observed_at"], entry["seq"], said["beds_occupied"])
            )
    capacity = (await client.get("/v1/areas/33.74/capacity")).json()
    assert capacity["totals"]["beds_occupied"] == sum(occupied for _, _, occupied in standing.values())
    assert capacity["position"] == end["position"]


async def test_nothing_new_and_no_wish_to_wait_is_answered_at_once(service, client):
    position = service.node.board.position
    answer = await client.get(f"/v1/changes?after={position}&wait=0")
    assert lines(answer.text) == [end_of(service)]


async def test_who_waits_is_answered_when_something_comes(service):
    position = service.node.board.position
    call = asyncio.create_task(wait_for_end(service, f"/v1/changes?after={position}&wait=30"))
    await a_place_is_taken(service)
    seq = await say(service)
    assert [entry.get("seq", entry.get("position")) for entry in lines(await call)] == [seq, seq]
    assert service.state["connection_limits"].taken == 0


async def test_who_waits_in_vain_is_told_where_it_stands(service):
    position = service.node.board.position
    text = await wait_for_end(service, f"/v1/changes?after={position}&wait=1")
    assert lines(text) == [end_of(service)]


async def test_a_position_beyond_the_ledger_is_no_place_to_wait(service, client):
    """Restored from a backup, it would come there one day with other entries."""
    answer = await client.get(f"/v1/changes?after={service.node.board.position + 1}")
    assert (answer.status_code, answer.json()["code"]) == (410, "expired")


async def test_a_position_of_another_history_is_410_though_the_ledger_has_come_as_far_again(service, client):
    seqs = [await say(service, minutes=minute - 10) for minute in range(5)]
    *_, end = lines((await client.get("/v1/changes?after=0")).text)
    assert end == end_of(service)
    for seq in (seqs[0], seqs[-1]):
        place = service.node.board.place(seq)
        assert (await client.get(f"/v1/changes?after={place}&wait=0")).status_code == 200
        answer = await client.get(f"/v1/changes?after={seq}-{'0' * 12}&wait=0")
        assert (answer.status_code, answer.json()["code"]) == (410, "expired")


async def test_an_answer_ends_where_it_gets_large_and_says_how_far_it_goes(service, client, monkeypatch):
    monkeypatch.setattr("app.api.routes.changes.BYTES_MAX", 1_000)
    monkeypatch.setattr("app.api.routes.changes.ENTRIES_AT_ONCE", 2)
    monkeypatch.setattr("app.api.routes.changes.SMALL_BYTES", 0)
    after, seen = service.node.board.position, []
    for minute in range(20):
        await say(service, minutes=minute - 60)
    while after < service.node.board.position:
        answer = await client.get(f"/v1/changes?after={after}&wait=0")
        *entries, end = lines(answer.text)
        assert len(answer.content) < 2_000
        assert end["position"] > after
        seen, after = seen + [entry["seq"] for entry in entries], end["position"]
    assert seen == sorted(set(seen))
    assert len(seen) == 20


async def test_who_waits_is_answered_when_the_server_stops(service):
    call = asyncio.create_task(wait_for_end(service, f"/v1/changes?after={service.node.board.position}&wait=60"))
    await a_place_is_taken(service)
    service.state["stopping"].set()
    assert lines(await call) == [end_of(service)]


async def test_who_waits_has_a_place_like_a_stream(service):
    service.state["connection_limits"].limits = StreamLimits(per_process=0)
    async with listening(service, f"/v1/changes?after={service.node.board.position}") as ear:
        assert ear.status == 503


async def test_a_database_that_is_away_is_said(service, client, monkeypatch):
    def away(**_: object) -> None:
        raise Unavailable

    monkeypatch.setattr(service.node.database, "reading", away)
    assert (await client.get("/v1/changes?after=0")).status_code == 503


@pytest.mark.parametrize("query", ["after=x", "after=-1", "limit=0", "limit=1001", "wait=61", "what=1"])
async def test_a_question_that_makes_no_sense_is_refused(client, query):
    answer = await client.get(f"/v1/changes?{query}")
    assert answer.status_code == 422


async def test_where_figures_are_not_public_it_needs_a_key_for_everything(service):
    object.__setattr__(service.node, "public_read", False)
    for key, status in ((None, 401), (await service.key(area="33.74"), 404), (await service.key(), 200)):
        async with service.client(key) as caller:
            assert (await caller.get("/v1/changes?after=0")).status_code == status


async def test_who_waits_is_told_nothing_once_the_key_is_revoked(service):
    object.__setattr__(service.node, "public_read", False)
    key = await service.key()
    before = end_of(service)
    async with service.client(key) as caller:
        path = f"/v1/changes?after={before['position_token']}"
        asking = asyncio.create_task(caller.get(path))
        await a_place_is_taken(service)
        await revoke_key(service.node, key.split("_")[1], by=OPERATOR)
        assert json.loads((await asking).text) == before
        assert (await caller.get(path)).status_code == 401


async def a_place_is_taken(service: Service) -> None:
    while not service.state["connection_limits"].taken:  # noqa: ASYNC110 - nothing tells of it, and nothing else should
        await asyncio.sleep(0.001)


def end_of(service: Service) -> dict[str, object]:
    head = service.node.board.head
    return {"position": head.seq, "position_token": str(head)}


async def wait_for_end(service: Service, path: str) -> str:
    """The whole body of an answer that stays open."""
    async with service.client() as caller:
        return (await caller.get(path)).text
