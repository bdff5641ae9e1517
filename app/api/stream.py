"""The live stream: Server-Sent Events for screens (contract section 5)."""

import re
from typing import Annotated, Any

from fastapi import Header, Query, Request, Response
from fastapi.sse import format_sse_event

from app.actions.keys import is_valid
from app.actions.node import Node
from app.actions.stream_tickets import StreamTickets
from app.api.areas import AreaCode
from app.api.busy import EVENT_STREAM, STREAM_HEADERS
from app.api.fan_out import FanOut, Listener
from app.api.open_answer import begin
from app.api.places import Places
from app.api.reading import WAIT_SECONDS_MAX, wait_for
from app.api.refusals import OPTIONAL_KEY, refusals
from app.api.schemas.capacity import CAPACITY_EXAMPLE
from app.api.schemas.fields import POSITION_MAX
from app.api.schemas.stream import StreamOfAreasQuery, StreamQuery
from app.api.strict_json import StrictRoute, strict_router
from app.api.topics import CapacityTopic, ChangesTopic
from app.dependencies import NodeDep, Reader, check_may_read
from app.domain.actor import Actor
from app.domain.errors import Fault, InvalidInput, NotFound, Unavailable
from app.rate_limits import Source
from app.slots import waiting

RECONNECT_MS = 2_000


class StreamRoute(StrictRoute):
    """A route that a ticket opens too, since browsers send no key with an EventSource."""

    takes_ticket = True


router = strict_router("stream", StreamRoute)

LastEventId = Annotated[
    str | None,
    Header(alias="Last-Event-ID", description="The `id` of the last event you had; browsers send it by themselves."),
]
_EXAMPLE = f'event: capacity\ndata: {{"area": ..., "position": {CAPACITY_EXAMPLE["position"]}, ...}}\nid: 1842\n\n'
# One event, as it reads on the wire; `data` is a JSON document of its own.
_EVENT = {
    "type": "object",
    "properties": {
        "event": {"type": "string", "enum": ["capacity", "change", "left", "reset", "busy"]},
        "id": {"type": "string", "description": "The ledger position, to go on from."},
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
    response_description="Events, for as long as you listen.",
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
    """Server-Sent Events: the area's capacity at once, and again whenever it moves (*pemantauan langsung*).

    `event: capacity`, `id:` the ledger position, `data:` the document of `/capacity`. After a cut the client says the
    last `id` it had and misses nothing; where that cannot be, one `event: reset` comes first. A client that reads
    slowly gets the newest figures, not a backlog. Try `curl -N`.

    Over a limit an `EventSource` gets one `event: busy` and the end of the stream, and comes back by itself after 30
    seconds; programs that do not ask for `text/event-stream` by name get 429 or 503.
    """
    return await _open(request, node, (code,), query, by=reader, last_event_id=last_event_id)


@router.get(
    "/stream",
    summary="Several areas, live",
    response_class=Response,
    response_description="Events, for as long as you listen.",
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
    """The same for several areas in one stream, at most 50: one event for each area that moved.

    Of events that come together the last one has the `id`: go on from there, and nothing is missed.
    """
    codes = tuple(dict.fromkeys(query.area))
    return await _open(request, node, codes, query, by=reader, last_event_id=last_event_id)


async def _open(
    request: Request,
    node: Node,
    codes: tuple[str, ...],
    query: StreamQuery,
    *,
    by: Actor | None,
    last_event_id: str | None,
) -> Response:
    if query.events == "changes" and query.fresh_only:
        raise InvalidInput(Fault("?fresh_only", "is for events=capacity; each change says how fresh it is"))
    await wait_for(node, query.min_position)
    after = query.after if last_event_id is None else _position(last_event_id)
    if after is not None and node.board.position < after < POSITION_MAX:
        with waiting():
            await _try_to_reach(node, after)
    targets = [node.board.area_target(code) for code in codes]

    def may_go_on() -> None:
        if by is not None and not is_valid(node, by):
            raise NotFound
        for target in targets:
            check_may_read(node, by, target)

    may_go_on()
    places: Places = request.state["places"]
    fan_out: FanOut = request.state["fan_out"]
    place = places.take(by, Source.of(request.scope), request.state["rates"])
    topic = (ChangesTopic if query.events == "changes" else CapacityTopic)(codes, query.filters(), node)
    try:
        if query.ticket is not None:
            tickets: StreamTickets = request.state["tickets"]
            tickets.use(node, query.ticket)
        mark, events = topic.begin(after)
        first = format_sse_event(data_str=None, retry=RECONNECT_MS) + events
        listener = Listener(fan_out, topic, mark, place, may_go_on)
    except BaseException:
        place.free()
        raise
    return begin(request, listener, first, EVENT_STREAM, STREAM_HEADERS)


def _position(last_event_id: str) -> int:
    """Whatever is no position of ours lies beyond every ledger, and so leads to a reset."""
    return int(last_event_id) if re.fullmatch(r"[0-9]{1,19}", last_event_id) else POSITION_MAX


async def _try_to_reach(node: Node, position: int) -> None:
    """The client may have been at a node that is ahead. Raises: Unavailable, when the database does not answer."""
    await node.follower.catch_up()
    if node.board.position < position:
        try:
            await node.follower.wait_for(position, seconds=WAIT_SECONDS_MAX)
        except Unavailable:
            return
