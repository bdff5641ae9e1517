"""The change feed: the ledger as NDJSON, from any position."""

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Query, Request, Response
from pydantic import BeforeValidator, Field
from starlette.types import Receive, Send

from app.actions.keys import is_valid
from app.actions.read_changes import check_may_read_entries, check_reached, read_entries
from app.api.http.documented_errors import OPTIONAL_KEY, refusals
from app.api.http.read_position import reaching
from app.api.http.strict_json import strict_router
from app.api.schemas.entry import ENTRIES_EXAMPLE, end_line, entry_line
from app.api.schemas.fields import PositionToken, Wire, digits
from app.api.streaming.connection_limits import ConnectionLimits, OpenConnection
from app.api.streaming.long_lived_response import begin
from app.dependencies import NodeDep, Reader
from app.domain.errors import Expired, NotFound, Unauthenticated, Unavailable
from app.domain.ledger import Position
from app.domain.permissions import Actor
from app.limits.rate_limits import Source
from app.limits.slots import step_of_reading
from app.runtime.node import Node

NDJSON = "application/x-ndjson"
WAIT_SECONDS_MAX = 60
ENTRIES_MAX = 1_000
BYTES_MAX = 1024 * 1024
# Entries that are read and encoded at once; more if they are small. One of 512 lines takes 3 ms.
ENTRIES_AT_ONCE = 8
SMALL_BYTES = 32 * 1024
_HEADERS = {"cache-control": "no-store"}

router = strict_router("stream")


class ChangesQuery(Wire):
    """The position to start from, how many entries, and how long to wait for the next one."""

    after: PositionToken = Field(
        default=Position(0),
        description="The `position_token` up to which you have read; 0 to read from the beginning.",
        json_schema_extra={"default": "0"},
    )
    limit: Annotated[int, Field(ge=1, le=ENTRIES_MAX), BeforeValidator(digits)] = Field(
        default=500, description="Entries in one response, at most 1,000; it also ends after about 1 MiB."
    )
    wait: Annotated[int, Field(ge=0, le=WAIT_SECONDS_MAX), BeforeValidator(digits)] = Field(
        default=25, description="If there is no new entry yet: seconds to wait for one (long poll), at most 60."
    )


_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"content": {NDJSON: {"schema": {"type": "string"}, "example": ENTRIES_EXAMPLE}}},
    **refusals(NotFound, Expired, Unavailable),
}


@router.get(
    "/changes",
    summary="The ledger, from a position",
    response_class=Response,
    response_description="One entry per line, in order and without gaps; the last line has the position reached.",
    responses=_RESPONSES,
    openapi_extra=OPTIONAL_KEY,
)
async def read_changes(
    query: Annotated[ChangesQuery, Query()], request: Request, node: NodeDep, reader: Reader
) -> Response:
    """All reports and registry changes since a position, as NDJSON. Use it to maintain your own copy.

    The last line is `{"position": N, "position_token": "N-..."}`: send that token as `after` in the next request. If
    there is nothing new, the response waits for it, at most `wait` seconds. Entries about keys are left out, so `seq`
    may skip a number. 410: the ledger was restored and your position is not part of it; read everything again from 0.
    """
    check_may_read_entries(node, reader)
    async with reaching(node, query.after):
        await check_reached(node, query.after)
    if query.after.seq < node.board.position or not query.wait:
        return Response(await _read_entries(node, query, request), media_type=NDJSON, headers=_HEADERS)
    places: ConnectionLimits = request.state["connection_limits"]
    place = places.take(reader, Source.of(request.scope), request.state["rates"])
    return begin(request, _Waiting(node, query, reader, place, request.state["stopping"]), b"", NDJSON, _HEADERS)


@dataclass(slots=True)
class _Waiting:
    """A long poll that waits for its first entry."""

    node: Node
    query: ChangesQuery
    by: Actor | None
    place: OpenConnection
    stopping: asyncio.Event

    async def go_on(self, receive: Receive, send: Send) -> None:
        """Send the response as soon as there is an entry or the time is up."""
        disconnected = asyncio.ensure_future(_wait_for_disconnect(receive))
        reaching = asyncio.ensure_future(self._wait_for_entry())
        ending = asyncio.ensure_future(self.stopping.wait())
        try:
            await asyncio.wait((disconnected, reaching, ending), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (disconnected, reaching, ending):
                task.cancel()
        text = end_line(self.query.after)
        # On an error the client gets its own position and learns the reason from its next request.
        with contextlib.suppress(Unavailable, Expired, Unauthenticated, NotFound):
            self._check_may_go_on()
            text = await _read_entries(self.node, self.query)
        await send({"type": "http.response.body", "body": text.encode()})

    def _check_may_go_on(self) -> None:
        if self.by is not None and not is_valid(self.node, self.by):
            raise Unauthenticated
        check_may_read_entries(self.node, self.by)

    def close(self) -> None:
        """Release the connection slot."""
        self.place.free()

    async def _wait_for_entry(self) -> None:
        with contextlib.suppress(Unavailable):
            await self.node.follower.wait_for(self.query.after.seq + 1, seconds=self.query.wait)


async def _wait_for_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _read_entries(node: Node, query: ChangesQuery, request: Request | None = None) -> str:
    """Read entries in parts, between which other requests run. Stops early if the client of `request` disconnected."""
    after, left, size, at_once = query.after, query.limit, 0, ENTRIES_AT_ONCE
    if after.seq <= node.board.position and not after.chain:
        after = node.board.place(after.seq)
    lines: list[str] = []
    while left > 0 and size < BYTES_MAX:
        async with step_of_reading():
            entries = await read_entries(node, after=after, limit=min(left, at_once))
            part = "".join(map(entry_line, entries))
        if not entries:
            break
        lines.append(part)
        after, left, size = entries[-1].position, left - len(entries), size + len(part)
        at_once = at_once * 4 if len(part) < SMALL_BYTES else ENTRIES_AT_ONCE
        if request is not None and await request.is_disconnected():
            break
    return "".join(lines) + end_line(after)
