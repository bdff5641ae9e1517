"""Files have places of their own: two at once, one for each caller, and nobody keeps one by reading slowly."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.api.exports.export_slots import ExportPlace, ExportResponse, Exports
from app.domain.errors import Overloaded
from app.limits.time_slices import TimeSlices, at_most
from tests.conftest import Service

FACILITIES = "/v1/areas/33.74/facilities"


async def test_a_third_file_waits_for_the_first_to_be_done() -> None:
    exports = Exports()
    first, _second = await exports.take("a"), await exports.take("b")
    third = asyncio.ensure_future(exports.take("c"))
    await asyncio.sleep(0)
    assert not third.done()
    first.free()
    first.free()  # once is enough
    (await third).free()
    assert await exports.take("c")


async def test_one_caller_makes_one_file_at_a_time_and_others_go_before() -> None:
    exports = Exports()
    first = await exports.take("a")
    again = asyncio.ensure_future(exports.take("a"))
    await asyncio.sleep(0)
    assert not again.done()
    await exports.take("b")
    first.free()
    await again


@pytest.mark.parametrize("holder", ["a", "c"])
async def test_who_waited_long_is_told_when_to_come_again(holder: str) -> None:
    exports = Exports(wait_seconds=0.01)
    first, _second = await exports.take("a"), await exports.take("b")
    with pytest.raises(Overloaded) as refused:
        await exports.take(holder)
    assert refused.value.retry_after_seconds == 10
    first.free()
    assert await exports.take(holder)


async def test_only_so_many_wait() -> None:
    exports = Exports(at_once=1, waiting_max=3)
    await exports.take("a")
    waiting = [asyncio.ensure_future(exports.take(holder)) for holder in "aab"]
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await exports.take("c")
    waiting.pop().cancel()
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await exports.take("a")  # two of its own wait already
    for one in waiting:
        one.cancel()


async def test_a_place_that_is_given_to_somebody_who_just_went_is_not_lost() -> None:
    exports = Exports(at_once=1)
    first = await exports.take("a")
    waiting = asyncio.ensure_future(exports.take("b"))
    await asyncio.sleep(0)
    first.free()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await asyncio.wait_for(exports.take("c"), 1)


async def test_while_two_files_are_made_a_third_is_503_and_json_is_answered(service: Service) -> None:
    exports: Exports = service.state["exports"]
    exports.wait_seconds = 0.01
    places = [await exports.take(holder) for holder in "ab"]
    async with service.client() as client:
        refused = await client.get(FACILITIES, params={"format": "csv"})
        assert refused.status_code == 503
        assert 10 <= int(refused.headers["retry-after"]) <= 20
        assert (await client.get(FACILITIES)).status_code == 200
        for place in places:
            place.free()
        for name in ("csv", "xlsx", "geojson", "csv"):
            assert (await client.get(FACILITIES, params={"format": name})).status_code == 200


async def _send_to(response: ExportResponse, send: Any) -> None:
    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError

    await response({"type": "http", "asgi": {"spec_version": "2.4"}}, receive, send)


async def _endless() -> AsyncIterator[bytes]:
    while True:
        yield b"row"
        await asyncio.sleep(0)


@pytest.mark.parametrize("limits", [{"chunk_seconds_max": 0.01}, {"file_seconds_max": 0.01}])
async def test_a_reader_who_does_not_read_on_loses_the_place(limits: dict[str, float]) -> None:
    exports = Exports(**limits)  # type: ignore[arg-type]
    response = ExportResponse(_endless())
    response.place = await exports.take("a")
    told: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        told.append(message)
        if "chunk_seconds_max" in limits and len(told) == 3:
            await asyncio.Event().wait()

    await asyncio.wait_for(_send_to(response, send), 5)
    assert all(message.get("more_body", True) for message in told), "the file does not look whole"
    assert await asyncio.wait_for(exports.take("a"), 1)


async def test_a_reader_who_goes_away_gives_the_place_back() -> None:
    exports = Exports()
    response = ExportResponse(_endless())
    response.place = await exports.take("a")
    sending = asyncio.ensure_future(_send_to(response, lambda _message: asyncio.sleep(0)))
    await asyncio.sleep(0.01)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert await asyncio.wait_for(exports.take("a"), 1)


def _slices(number: int) -> Any:
    for n in range(number):
        yield n
        yield None


async def test_between_two_slices_everybody_else_has_a_turn() -> None:
    """However many search: a report that needs ten rounds of the loop waits for about ten slices."""
    turns, slices = TimeSlices(), 0

    def write(n: int) -> int:
        nonlocal slices
        slices += 1
        return n

    async def search() -> list[int]:
        return [n async for part in turns.run(_slices(30), write) for n in part]

    searches = [asyncio.ensure_future(search()) for _ in range(20)]
    await asyncio.sleep(0)
    begin = slices
    for _ in range(10):
        await asyncio.sleep(0)
    assert slices - begin <= 10
    assert [await each for each in searches] == [list(range(30))] * 20


def test_the_first_so_many_with_their_pauses() -> None:
    assert list(at_most(_slices(5), 2)) == [0, None, 1]


def test_a_place_is_not_given_back_twice() -> None:
    exports = Exports()
    exports._made_by.add("a")
    place = ExportPlace(exports, "a")
    place.free()
    exports._made_by.add("a")
    place.free()
    assert exports._made_by == {"a"}


async def test_no_slice_begins_while_a_report_is_being_stored() -> None:
    is_busy, made = True, []
    slices = TimeSlices(lambda: is_busy)

    async def work() -> None:
        async for part in slices.run(iter([1, None, 2]), str):
            made.extend(part)

    working = asyncio.ensure_future(work())
    for _ in range(3):
        await asyncio.sleep(0)
    assert not made
    is_busy = False
    await working
    assert made == ["1", "2"]
    is_busy = True
    await work()  # it gives way for a few milliseconds, not for ever
    assert made == ["1", "2"] * 2
