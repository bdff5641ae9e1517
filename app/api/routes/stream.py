"""The live stream: Server-Sent Events for screens (`docs/api.md`)."""

from typing import Annotated, Any

from fastapi import Header, Query, Request, Response
from fastapi.sse import format_sse_event

from app.actions.keys import is_valid
from app.actions.read_changes import check_reached
from app.actions.resolve import area_for
from app.actions.sessions import may_stay_open
from app.actions.stream_tickets import StreamTickets
from app.api.http.busy_stream import EVENT_STREAM, STREAM_HEADERS
from app.api.http.documented_errors import OPTIONAL_KEY, refusals
from app.api.http.parameters import AreaCode
from app.api.http.read_position import reaching, wait_for
from app.api.http.strict_json import StrictRoute, strict_router
from app.api.schemas.capacity import CAPACITY_EXAMPLE
from app.api.schemas.stream import StreamOfAreasQuery, StreamQuery
from app.api.streaming.children import ChildrenTopic
from app.api.streaming.connection_limits import ConnectionLimits
from app.api.streaming.events import NOWHERE
from app.api.streaming.fan_out import FanOut, Listener
from app.api.streaming.long_lived_response import begin
from app.api.streaming.topics import CapacityTopic, ChangesTopic
from app.dependencies import NodeDep, Reader, session_of
from app.domain.errors import Expired, Fault, InvalidInput, NotFound, Unavailable
from app.domain.ledger import Position, read_position
from app.domain.permissions import Actor, Verb
from app.limits.rate_limits import Source
from app.runtime.node import Node

RECONNECT_MS = 2_000


class StreamRoute(StrictRoute):
    """A route that also accepts a ticket, since browsers cannot send a key with an EventSource."""

    takes_ticket = True


router = strict_router("stream", StreamRoute)

LastEventId = Annotated[
    str | None,
    Header(
        alias="Last-Event-ID", description="The `id` of the last event you received; browsers send it automatically."
    ),
]
_EXAMPLE = (
    f'event: capacity\ndata: {{"area": ..., "position": {CAPACITY_EXAMPLE["position"]}, ...}}\n'
    "id: 1842-9f3a21bc04de\n\n"
)
# One event as sent; `data` is a JSON document of its own.
_EVENT = {
    "type": "object",
    "properties": {
        "event": {"type": "string", "enum": ["capacity", "children", "change", "left", "reset", "busy"]},
        "id": {
            "type": "string",
            "description": "The ledger position to continue from: its number and a hash of its history.",
        },
        "data": {"type": "string", "contentMediaType": "application/json"},
        "retry": {"type": "integer"},
    },
}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"itemSchema": _EVENT, "example": _EXAMPLE}}},
    **refusals(NotFound, Unavailable),
}


@router.get(
    "/areas/{code}/stream",
    summary="An area, live",
    response_class=Response,
    response_description="Events, until you close the connection.",
    responses=_RESPONSES,
    openapi_extra=OPTIONAL_KEY,
)
async def stream_area(
    *,
    code: AreaCode,
    query: Annotated[StreamQuery, Query()],
    request: Request,
    node: NodeDep,
    reader: Reader,
    last_event_id: LastEventId = None,
) -> Response:
    """Server-Sent Events: the area's capacity at once, and again whenever it changes (*pemantauan langsung*).

    `event: capacity`, `id:` a token of the ledger position, `data:` the document of `/capacity`. After a disconnect the
    client sends the last `id` it received and misses nothing. If the gap cannot be replayed (too old, or the ledger was
    restored), it gets one `event: reset` first: reload the data. A client that reads slowly gets the newest figures,
    not a backlog. Try `curl -N`.

    `events=children` sends `event: children` with the rows of `/capacity/children` (same filters) that changed:
    `{"position", "as_of", "children": [...], "unplaced": {...} or null if unchanged, "total": {the area}}`. The first
    event has all rows, or the first of many; only the last one of several has an `id`.

    Over a limit an `EventSource` gets one `event: busy` and the end of the stream, and reconnects automatically after
    30 seconds; programs that do not request `text/event-stream` by name get 429 or 503.
    """
    return await _open_stream(request, node, (code,), query, by=reader, last_event_id=last_event_id)


@router.get(
    "/stream",
    summary="Several areas, live",
    response_class=Response,
    response_description="Events, until you close the connection.",
    responses=_RESPONSES,
    openapi_extra=OPTIONAL_KEY,
)
async def stream_areas(
    *,
    query: Annotated[StreamOfAreasQuery, Query()],
    request: Request,
    node: NodeDep,
    reader: Reader,
    last_event_id: LastEventId = None,
) -> Response:
    """Stream several areas in one connection, at most 50: one event for each area that changed.

    Of events that are sent together, the last one has the `id`: continue from it and nothing is missed.
    """
    codes = tuple(dict.fromkeys(query.area))
    return await _open_stream(request, node, codes, query, by=reader, last_event_id=last_event_id)


async def _open_stream(
    request: Request,
    node: Node,
    codes: tuple[str, ...],
    query: StreamQuery,
    *,
    by: Actor | None,
    last_event_id: str | None,
) -> Response:
    if query.events == "changes" and query.fresh_only:
        raise InvalidInput(Fault("?fresh_only", "is not for events=changes; each change has its own freshness"))
    if query.events == "children" and len(codes) > 1:
        raise InvalidInput(Fault("?events", "children is for one area; open a stream for each"))
    await request.state["slices"].turn()  # of streams that open at once, one in each turn of the event loop
    await wait_for(node, query.min_position)
    after = await _find_start(node, query.after, last_event_id)

    session = session_of(request.scope)

    def may_go_on() -> None:
        if by is not None and not is_valid(node, by):
            raise NotFound
        if session is not None and not may_stay_open(node, session):
            raise NotFound
        for code in codes:  # looked up each time: an area may have been moved to another parent
            area_for(node, code, by, Verb.read)

    may_go_on()
    allowed_at = node.board.registry_changes
    places: ConnectionLimits = request.state["connection_limits"]
    fan_out: FanOut = request.state["fan_out"]
    place = places.take(by, Source.of(request.scope), request.state["rates"])
    topic = _topic(query, codes, node, fan_out)
    try:
        if query.ticket is not None:
            tickets: StreamTickets = request.state["tickets"]
            tickets.use(node, query.ticket)
        mark, events = topic.begin(after)
        first = format_sse_event(data_str=None, retry=RECONNECT_MS) + events
        listener = Listener(fan_out, topic, mark, place, may_go_on, allowed_at)
    except BaseException:
        place.free()
        raise
    return begin(request, listener, first, EVENT_STREAM, STREAM_HEADERS)


def _topic(
    query: StreamQuery, codes: tuple[str, ...], node: Node, fan_out: FanOut
) -> CapacityTopic | ChangesTopic | ChildrenTopic:
    if query.events == "children":
        return ChildrenTopic(codes[0], query.filters(), node, fan_out.rows)
    return (ChangesTopic if query.events == "changes" else CapacityTopic)(codes, query.filters(), node)


async def _find_start(node: Node, after: Position | None, last_event_id: str | None) -> int | None:
    """Return the entry after which a client continues; NOWHERE if it has to start again. Raises: Unavailable."""
    if last_event_id is not None:
        after = read_position(last_event_id) or Position(NOWHERE)
    if after is None:
        return None
    try:
        async with reaching(node, after):
            await check_reached(node, after)
    except Expired:
        return NOWHERE
    return after.seq
