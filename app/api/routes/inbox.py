"""The inbox of a facility, for its staff and officers: channels compared, messages received, rows held."""

from typing import Annotated

from fastapi import Body, Path, Query, Response

from app.actions.resolve import facility_for
from app.api.http.documented_errors import OPTIONAL_KEY, refusals
from app.api.http.parameters import FacilityRef
from app.api.http.problems import UnsupportedMediaType
from app.api.http.read_position import HEADERS
from app.api.http.strict_json import strict_router
from app.api.schemas.channels import ChannelsOut
from app.api.schemas.fields import Wire
from app.api.schemas.messages import MessageOut, MessagesOut, RejectedOut
from app.api.schemas.receipt import ReceiptOut
from app.api.schemas.sirs_rows import CompleteIn, WaitingOut, WaitingsOut
from app.dependencies import KnownCaller, NodeDep, Now, Reader
from app.domain.errors import Malformed, NotFound, NotPermitted, TooLarge, Unavailable
from app.domain.message import MESSAGES_KEPT
from app.domain.permissions import Verb
from app.protocols.sirs.held_rows import complete_held_row, held_rows_of

router = strict_router("hospitals")


@router.get(
    "/facilities/{facility_id}/channels",
    summary="Compare the channels of a facility",
    response_description="Each channel with its lines, its age and its differences.",
    responses=refusals(NotFound),
    openapi_extra=OPTIONAL_KEY,
)
async def compare_channels(
    facility_id: FacilityRef, node: NodeDep, now: Now, reader: Reader, response: Response
) -> ChannelsOut:
    """Compare what each channel reports about the same beds (*perbandingan kanal*). One counts; they are never added.

    Differences are listed by group, since each protocol has its own bed types. To choose the channel that counts, an
    officer changes the facility's `counting_channel`.
    """
    facility = facility_for(node, facility_id, reader, Verb.read)
    response.headers.update(HEADERS)
    return ChannelsOut.of(node.board.figures(facility, now), position=node.board.position, as_of=now)


class MessagesQuery(Wire):
    """How many messages."""

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
    """List what the facility's software sent (*pesan terakhir*), by any channel: accepted, flagged or refused.

    Each message has the reason, the clock skew and the address of the sender. The last 200 are kept. Wrong paths and
    methods, unreadable bodies and input that is not HTTP are included; successful reads with its key are not, nor are
    429 and 503 that its key gets here. Requests without a valid credential are only counted, by address and hour
    (`rejected`). For the facility itself and the officers of its area.
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
    summary="Rows held for an officer",
    response_description="The rows, oldest first.",
    responses=refusals(NotPermitted, NotFound, Unavailable),
)
async def list_waiting(facility_id: FacilityRef, node: NodeDep, caller: KnownCaller) -> WaitingsOut:
    """List rows with unknown ids, held until an officer assigns a bed type (*menunggu dipetakan*)."""
    facility = facility_for(node, facility_id, caller, Verb.read_history)
    found = await held_rows_of(node, facility.facility_id, by=caller)
    return WaitingsOut(facility_id=facility.facility_id, waiting=[WaitingOut.of(each) for each in found])


RowId = Annotated[str, Path(max_length=64, description="The id that the software sends.", examples=["34450001"])]


@router.post(
    "/facilities/{facility_id}/waiting/{row_id}",
    summary="Assign a bed type to a held row",
    response_description="The receipt of the stored row.",
    responses=refusals(Malformed, NotPermitted, NotFound, TooLarge, UnsupportedMediaType, Unavailable),
)
async def complete_row(
    facility_id: FacilityRef,
    row_id: RowId,
    body: Annotated[CompleteIn, Body()],
    node: NodeDep,
    caller: KnownCaller,
) -> ReceiptOut:
    """Assign the bed type of a held row (*pemetaan*): its last message is stored, and its id is known from then on."""
    covid = None if body.covid is None else int(body.covid)
    receipt = await complete_held_row(
        node, facility_id, row_id, id_tt=body.id_tt, ruang=body.ruang, covid=covid, by=caller
    )
    return ReceiptOut.from_receipt(receipt)
