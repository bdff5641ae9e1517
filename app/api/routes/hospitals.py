"""Logins of hospitals: create, rotate, revoke; and import the ministry's rows."""

from typing import Annotated, Any

from fastapi import Body, Path, Request, Response
from pydantic import JsonValue

from app.actions.hospitals import Logins, add_hospital, revoke_logins, rotate_logins
from app.actions.resolve import facility_for
from app.api.http.documented_errors import refusals
from app.api.http.idempotency import IdempotencyKey, key_of
from app.api.http.parameters import FacilityRef
from app.api.http.problems import UnsupportedMediaType
from app.api.http.strict_json import strict_router
from app.api.schemas.hospital import (
    HOSPITAL_EXAMPLE,
    DoorsIn,
    DoorsOut,
    HospitalIn,
    RevokedOut,
    RevokeIn,
)
from app.api.schemas.sirs_rows import DroppedRowOut, RowsOut
from app.dependencies import KnownCaller, NodeDep
from app.domain.errors import (
    Conflict,
    InvalidReportId,
    Malformed,
    NotFound,
    NotPermitted,
    ReportConflict,
    TooLarge,
    Unavailable,
)
from app.domain.permissions import Verb
from app.protocols.sirs.import_rows import drop_rows, import_rows

router = strict_router("hospitals")

_REFUSALS = (
    *(Malformed, InvalidReportId, NotPermitted, NotFound, Conflict, ReportConflict),
    *(TooLarge, UnsupportedMediaType, Unavailable),
)
_ROWS: dict[str, Any] = {
    "fasyankes": [
        {"id_t_tt": "34450001", "id_tt": "3", "ruang": "Melati", "jumlah": "12", "terpakai": "9", "covid": "0"}
    ]
}


@router.post(
    "/hospitals",
    status_code=201,
    summary="Create the logins of a hospital",
    response_description="What to type into the hospital's software, shown only once.",
    responses=refusals(*_REFUSALS),
)
async def add_new_hospital(
    *,
    body: Annotated[HospitalIn, Body(openapi_examples={"new": {"value": HOSPITAL_EXAMPLE}})],
    request: Request,
    node: NodeDep,
    caller: KnownCaller,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> DoorsOut:
    """Register a hospital if needed, and issue a login for each protocol that it has a code for (*pendaftaran RS*).

    Its software then sends to us as it sends to the ministry (SIRS Online, SIRANAP) and the insurer (Aplicares): change
    only the base URL and the password. Registering needs a national key; an officer of the area may create logins for
    a registered hospital.
    """
    logins = await add_hospital(node, body.to_domain(), by=caller, idempotency_key=key_of(idempotency_key))
    return _to_response(logins, request, response)


@router.post(
    "/hospitals/{facility_id}/rotate",
    status_code=201,
    summary="Rotate the logins of a hospital",
    response_description="The second logins, shown only once.",
    responses=refusals(*_REFUSALS),
)
async def rotate_hospital_doors(
    *,
    facility_id: FacilityRef,
    request: Request,
    node: NodeDep,
    caller: KnownCaller,
    response: Response,
    body: Annotated[DoorsIn | None, Body(openapi_examples={"one": {"value": {"channels": ["sirs"]}}})] = None,
    idempotency_key: IdempotencyKey = None,
) -> DoorsOut:
    """Issue a second login for each protocol; both work until you revoke the first. At most two at a time."""
    channels = body.channels if body else []
    logins = await rotate_logins(node, facility_id, channels, by=caller, idempotency_key=key_of(idempotency_key))
    return _to_response(logins, request, response)


@router.post(
    "/hospitals/{facility_id}/revoke",
    summary="Revoke the logins of a hospital",
    response_description="What was revoked.",
    responses=refusals(*_REFUSALS),
)
async def revoke_hospital_doors(
    facility_id: FacilityRef,
    node: NodeDep,
    caller: KnownCaller,
    body: Annotated[RevokeIn | None, Body(openapi_examples={"old": {"value": {"keep_newest": True}}})] = None,
) -> RevokedOut:
    """Revoke logins (*pencabutan*) from the next request on; with `keep_newest` only those that a rotation replaced."""
    wanted = body or RevokeIn()
    found_id = facility_for(node, facility_id, caller, Verb.manage_keys).facility_id
    revoked = await revoke_logins(node, found_id, wanted.channels, by=caller, keep_newest=wanted.keep_newest)
    return RevokedOut(facility_id=found_id, revoked=[key.prefix for key in revoked])


@router.post(
    "/hospitals/{facility_id}/rows",
    summary="Import the ministry's rows",
    response_description="What was imported, and what to check.",
    responses=refusals(*_REFUSALS),
)
async def import_hospital_rows(
    facility_id: FacilityRef,
    body: Annotated[dict[str, JsonValue], Body(openapi_examples={"answer": {"value": _ROWS}})],
    node: NodeDep,
    caller: KnownCaller,
) -> RowsOut:
    """Send the ministry's unchanged response to `GET Fasyankes` (*impor baris*). Its `id_t_tt` then work here too.

    Each row is observed at its own `tglupdate` (WIB). Bed types without a row (no `id_t_tt`) are counted, not rejected.
    Rows older than 30 days are listed, so that you can drop rooms that are gone. All rows or none.
    """
    return RowsOut.of(await import_rows(node, facility_id, body, by=caller))


@router.delete(
    "/hospitals/{facility_id}/rows/{id_t_tt}",
    summary="Drop a row whose room is gone",
    response_description="The row that was ended.",
    responses=refusals(*_REFUSALS),
)
async def drop_hospital_row(
    facility_id: FacilityRef,
    id_t_tt: Annotated[str, Path(max_length=64, examples=["34450001"])],
    node: NodeDep,
    caller: KnownCaller,
) -> DroppedRowOut:
    """End a row of SIRS Online that an import listed as old (*hapus baris lama*): its beds no longer count.

    It ends as of its own date, so nothing becomes fresh by it. If the hospital sends the row again, it counts again.
    """
    [receipt] = await drop_rows(node, facility_id, [id_t_tt], by=caller)
    return DroppedRowOut(facility_id=receipt.facility_id, id_t_tt=id_t_tt, seq=receipt.seq)


def _to_response(logins: Logins, request: Request, response: Response) -> DoorsOut:
    response.headers["cache-control"] = "no-store"
    return DoorsOut.of(logins, _service_url(request))


def _service_url(request: Request) -> str:
    """Return the URL at which hospitals reach this service. The Host header is used only if it is one of our names."""
    state = request.state
    if state["public_url"] is not None:
        return str(state["public_url"])
    is_ours = (request.base_url.hostname or "").lower() in state["trusted_hosts"]
    return str(request.base_url) if is_ours else str(state["listen_url"])
