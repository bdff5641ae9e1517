"""Registry of facilities, for officers: register, change, close and open them."""

from typing import Annotated

from fastapi import Body, Path, Query, Request, Response
from pydantic import Field

from app.actions.register_facilities import cancel_planned_change, change_facility, register_facilities
from app.actions.resolve import facility_for
from app.api.http.conditional_requests import IfMatch, version_tag, version_wanted
from app.api.http.documented_errors import refusals
from app.api.http.one_or_list import as_sent
from app.api.http.parameters import FacilityRef
from app.api.http.problems import UnsupportedMediaType
from app.api.http.strict_json import BulkRoute, is_sent_alone, strict_router
from app.api.schemas.change import FacilityChangeIn
from app.api.schemas.facility import (
    FACILITIES_MAX,
    FACILITY_EXAMPLE,
    Dated,
    FacilityIn,
    FacilityOut,
    RegisteredFacilitiesOut,
    registered,
)
from app.api.schemas.fields import Note, OneOrList, Wire
from app.dependencies import KnownCaller, NodeDep
from app.domain.errors import (
    Conflict,
    Malformed,
    NotFound,
    NotPermitted,
    PreconditionFailed,
    PreconditionRequired,
    TooLarge,
    Unavailable,
)
from app.domain.permissions import Actor, Verb
from app.domain.registry.facility import Facility
from app.domain.registry.facility_change import FacilityChange
from app.runtime.node import Node

router = strict_router("facilities", BulkRoute)

_BODY_REFUSALS = (Malformed, NotPermitted, Conflict, TooLarge, UnsupportedMediaType, Unavailable)
_CHANGE_REFUSALS = (*_BODY_REFUSALS, NotFound, PreconditionFailed, PreconditionRequired)


class RegisterQuery(Wire):
    """Why they are registered."""

    reason: Note | None = None


@router.post(
    "/facilities",
    status_code=201,
    summary="Register facilities",
    response_description="The registered facilities, in the order in which they were sent.",
    responses=refusals(*_BODY_REFUSALS),
)
async def register_new_facilities(
    body: Annotated[
        list[FacilityIn],
        Field(max_length=FACILITIES_MAX),  # checked before any element is validated
        OneOrList(),
        Body(openapi_examples={"one": {"value": FACILITY_EXAMPLE}}),
    ],
    query: Annotated[RegisterQuery, Query()],
    request: Request,
    node: NodeDep,
    caller: KnownCaller,
) -> RegisteredFacilitiesOut:
    """Register new facilities (*fasyankes*): one, or a list. All or none.

    Needs a national key. A facility that is already registered with the same content stays unchanged; other content
    under a known id, or an identifier of another facility, is a conflict. One with `opened_at` in the future is shown,
    and opens then.
    """
    with as_sent(is_alone=is_sent_alone(request)):
        facilities = await register_facilities(
            node, [each.to_domain() for each in body], by=caller, reason=query.reason or "registered"
        )
    return RegisteredFacilitiesOut(facilities=[FacilityOut(**registered(each)) for each in facilities])


@router.patch(
    "/facilities/{facility_id}",
    summary="Change a facility",
    response_description="The facility after the change, with its new ETag.",
    responses=refusals(*_CHANGE_REFUSALS),
)
async def change_facility_fields(
    *,
    facility_id: FacilityRef,
    body: FacilityChangeIn,
    node: NodeDep,
    caller: KnownCaller,
    response: Response,
    if_match: IfMatch = None,
) -> FacilityOut:
    """Change the fields in the body; others stay, null removes a value. Needs `If-Match`.

    With `effective_at` in the future the change is planned: the facility stays as it is, and `planned` lists it. It
    then changes only its own fields.

    Officers of the area may change how a facility is run: name, phone, contact, counting channel, thresholds.
    Changing its kind, area or identifiers needs a national key.
    """
    return await _change(node, response, facility_id, body.to_domain(), dated=body, by=caller, if_match=if_match)


@router.post(
    "/facilities/{facility_id}/close",
    summary="Close a facility",
    response_description="The facility after the change, with its new ETag.",
    responses=refusals(*_CHANGE_REFUSALS),
)
async def close_facility(
    *,
    facility_id: FacilityRef,
    node: NodeDep,
    caller: KnownCaller,
    response: Response,
    body: Dated | None = None,
    if_match: IfMatch = None,
) -> FacilityOut:
    """Close a facility (*ditutup*): no more reports, excluded from all totals; its history stays. Needs `If-Match`.

    With `effective_at` in the future it is planned.
    """
    change = FacilityChange(is_open=False)
    return await _change(node, response, facility_id, change, dated=body or Dated(), by=caller, if_match=if_match)


@router.post(
    "/facilities/{facility_id}/open",
    summary="Open a closed facility",
    response_description="The facility after the change, with its new ETag.",
    responses=refusals(*_CHANGE_REFUSALS),
)
async def open_facility(
    *,
    facility_id: FacilityRef,
    node: NodeDep,
    caller: KnownCaller,
    response: Response,
    body: Dated | None = None,
    if_match: IfMatch = None,
) -> FacilityOut:
    """Open a closed facility (*dibuka kembali*): it accepts reports and counts again. Needs `If-Match`.

    With `effective_at` in the future it is planned.
    """
    change = FacilityChange(is_open=True)
    return await _change(node, response, facility_id, change, dated=body or Dated(), by=caller, if_match=if_match)


class CancelQuery(Wire):
    """Why a planned change is cancelled."""

    reason: Note | None = None


@router.delete(
    "/facilities/{facility_id}/planned/{plan_id}",
    summary="Cancel a planned change",
    response_description="The facility without it, with its new ETag.",
    responses=refusals(
        Malformed, NotPermitted, NotFound, PreconditionFailed, PreconditionRequired, TooLarge, Unavailable
    ),
)
async def cancel_planned(
    *,
    facility_id: FacilityRef,
    plan_id: Annotated[str, Path(max_length=64, description="`plan_id` of the planned change.")],
    query: Annotated[CancelQuery, Query()],
    node: NodeDep,
    caller: KnownCaller,
    response: Response,
    if_match: IfMatch = None,
) -> FacilityOut:
    """Cancel a change that has not taken effect yet (*dibatalkan*). Needs `If-Match`.

    Needs the same key as planning it. A facility that would have opened for the first time stays closed.
    """
    facility = facility_for(node, facility_id, caller, Verb.change_site)
    changed = await cancel_planned_change(
        node,
        facility.facility_id,
        plan_id,
        by=caller,
        reason=query.reason or "cancelled",
        if_match=version_wanted(if_match, node.board.place(facility.seq)),
    )
    return _answer(node, response, changed)


async def _change(
    node: Node,
    response: Response,
    facility_id: str,
    change: FacilityChange,
    *,
    dated: Dated,
    by: Actor,
    if_match: str | None,
) -> FacilityOut:
    # Before the version is compared: a version mismatch would reveal that the facility exists.
    facility = facility_for(node, facility_id, by, change.verb)
    with as_sent(is_alone=True):
        changed = await change_facility(
            node,
            facility.facility_id,
            change,
            by=by,
            reason=dated.reason,
            if_match=version_wanted(if_match, node.board.place(facility.seq)),
            effective_at=dated.effective_at,
        )
    return _answer(node, response, changed)


def _answer(node: Node, response: Response, facility: Facility) -> FacilityOut:
    response.headers["etag"] = version_tag(node.board.place(facility.seq))
    return FacilityOut(**registered(facility))
