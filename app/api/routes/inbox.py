"""What a hospital's people and officers see of its doors: what each says, what came in, what waits for a word."""

from typing import Annotated

from fastapi import Body, Path, Query, Response

from app.actions.resolve import facility_for
from app.api.http.documented_errors import OPTIONAL_KEY, refusals
from app.api.http.parameters import FacilityRef
from app.api.http.problems import UnsupportedMediaType
from app.api.http.read_position import HEADERS
from app.api.http.strict_json import strict_router
from app.api.schemas.door import (
    ChannelsOut,
    CompleteIn,
    MessageOut,
    MessagesOut,
    RejectedOut,
    WaitingOut,
    WaitingsOut,
)
from app.api.schemas.fields import Wire
from app.api.schemas.receipt import ReceiptOut
from app.dependencies import KnownCaller, NodeDep, Now, Reader
from app.domain.errors import Malformed, NotFound, NotPermitted, TooLarge, Unavailable
from app.domain.message import MESSAGES_KEPT
from app.domain.permissions import Verb
from app.protocols.sirs.held_rows import complete_held_row, held_rows_of

router = strict_router("hospitals")


@router.get(
    "/facilities/{facility_id}/channels",
    summary="Compare the doors of a facility",
    response_description="Each door with its lines, its age and where it differs.",
    responses=refusals(NotFound),
    openapi_extra=OPTIONAL_KEY,
)
async def compare_channels(
    facility_id: FacilityRef, node: NodeDep, now: Now, reader: Reader, response: Response
) -> ChannelsOut:
    """What each door says of the same beds (*perbandingan kanal*). One of them counts; they are never added.

    Differences are told by group, since each protocol has its own words for a bed. To choose the one that counts, an
    officer changes the facility's `counting_channel`.
    """
    facility = facility_for(node, facility_id, reader, Verb.read)
    response.headers.update(HEADERS)
    return ChannelsOut.of(node.board.figures(facility, now), position=node.board.position, as_of=now)


class MessagesQuery(Wire):
    """How many."""

    limit: Annotated[int, Query(ge=1, le=MESSAGES_KEPT)] = 50


@router.get(
    "/facilities/{facility_id}/messages",
    summary="Last messages of a facility",
    response_description="The last messages, newest first.",
    responses=refusals(Malformed, NotPermitted, NotFound, Unavailable),
)
async def list_messages(
    facility_id: FacilityRef,
    query: Annotated[MessagesQuery, Query()],
    node: NodeDep,
    caller: KnownCaller,
    response: Response,
) -> MessagesOut:
    """What its software sent by any door, and what became of it (*pesan terakhir*): accepted, flagged or refused.

    With the reason, how far its clock is off, and where it came from. The last 200 are kept. A wrong path or method, a
    body that cannot be read and what is not HTTP are among them; what its key reads here is not, nor are 429 and 503
    that its key gets here. Requests without a valid credential are only counted, by address and hour (`rejected`). For
    the facility itself and the officers of its area.
    """
    facility = facility_for(node, facility_id, caller, Verb.read_history)
    found = await node.messages.last(facility.facility_id, limit=query.limit)
    rejected = await node.rejections.last(facility.facility_id)
    response.headers["cache-control"] = "no-store"
    return MessagesOut(
        facility_id=facility.facility_id,
        messages=[MessageOut.of(each) for each in found],
        rejected=[RejectedOut.of(each) for each in rejected],
    )


@router.get(
    "/facilities/{facility_id}/waiting",
    summary="Rows that wait for an officer",
    response_description="The rows, longest known first.",
    responses=refusals(NotPermitted, NotFound, Unavailable),
)
async def list_waiting(facility_id: FacilityRef, node: NodeDep, caller: KnownCaller) -> WaitingsOut:
    """Rows whose id nobody knows here, and of which the software does not say what they are (*menunggu dipetakan*)."""
    facility = facility_for(node, facility_id, caller, Verb.read_history)
    found = await held_rows_of(node, facility.facility_id, by=caller)
    return WaitingsOut(facility_id=facility.facility_id, waiting=[WaitingOut.of(each) for each in found])


RowId = Annotated[str, Path(max_length=64, description="The id that the software sends.", examples=["34450001"])]


@router.post(
    "/facilities/{facility_id}/waiting/{row_id}",
    summary="Say what a waiting row is",
    response_description="The receipt of the row, as it was last said.",
    responses=refusals(Malformed, NotPermitted, NotFound, TooLarge, UnsupportedMediaType, Unavailable),
)
async def complete_row(
    facility_id: FacilityRef,
    row_id: RowId,
    body: Annotated[CompleteIn, Body()],
    node: NodeDep,
    caller: KnownCaller,
) -> ReceiptOut:
    """Choose its bed type (*pemetaan*): it is stored as it was last said; what comes later under its id is known."""
    covid = None if body.covid is None else int(body.covid)
    receipt = await complete_held_row(
        node, facility_id, row_id, id_tt=body.id_tt, ruang=body.ruang, covid=covid, by=caller
    )
    return ReceiptOut.of(receipt)
