"""Routes of Aplicares: the class table, and a hospital's own rooms. All writes are POST, one room each."""

from fastapi import APIRouter, Request, Response

from app.domain.channels import Channel
from app.domain.errors import Fault, InvalidInput
from app.domain.registry.facility import Facility, Switch
from app.domain.reports.rows import NothingToDelete, Written, shown_rows
from app.domain.text import cleaned
from app.protocols.aplicares.codes import CLASSES
from app.protocols.aplicares.envelope import PROTOCOL, failed, listed, written
from app.protocols.aplicares.examples import HEADERS, READ, TABLE, WRITTEN, body
from app.protocols.aplicares.message import order, read_room, room_out
from app.protocols.aplicares.rows import NotAsNationally, Room, delete_room, write_room
from app.protocols.aplicares.signatures import hospital
from app.protocols.messages import fields, record_receipt, relayed_request
from app.protocols.protocol import OtherHospital, answer
from app.protocols.request_note import note_of
from app.protocols.route import ProtocolRoute
from app.protocols.write_rows import Write, write_rows
from app.runtime.node import Node

LIMIT_MAX = 1_000


class AplicaresRoute(ProtocolRoute):
    """A route that replies in the envelope of Aplicares."""

    protocol = PROTOCOL


TAG = {
    "name": "Aplicares",
    "description": "BPJS Kesehatan (*ketersediaan kamar*): change only base URL and secret in the software.",
}
router = APIRouter(prefix=PROTOCOL.base, tags=[TAG["name"]], route_class=AplicaresRoute)


@router.head("/ref/kelas", include_in_schema=False)
@router.get("/ref/kelas", summary="Classes (Aplicares)", openapi_extra=HEADERS, responses=TABLE)
async def aplicares_classes(request: Request) -> Response:
    """The insurer's classes (*referensi kelas*): the allowed values of `kodekelas`."""
    await hospital(request)
    return answer(listed([{"kodekelas": code, "namakelas": name} for code, name in CLASSES.items()]))


@router.head("/bed/read/{kodeppk}/{start}/{limit}", include_in_schema=False)
@router.get(
    "/bed/read/{kodeppk}/{start}/{limit}",
    summary="The hospital's rooms (Aplicares)",
    openapi_extra=HEADERS,
    responses=READ,
)
async def aplicares_rooms(request: Request, kodeppk: str, start: str, limit: str) -> Response:
    """Rooms that this hospital sent here by Aplicares (*ketersediaan kamar*), from row `start`, sorted by class."""
    facility, _, _ = await hospital(request)
    kodeppk = _check_kodeppk(facility, kodeppk)
    node: Node = request.state["node"]
    first, most = max(1, _parse_number("start", start)), min(LIMIT_MAX, _parse_number("limit", limit))
    await node.follower.catch_up()  # rooms that another process wrote a moment ago
    rows = sorted(shown_rows(node.board.channel_state(facility.facility_id, Channel.aplicares)), key=order)
    page = enumerate(rows[first - 1 : first - 1 + most], start=first)
    return answer(listed([room_out(row, kodeppk, number) for number, row in page]))


@router.post(
    "/bed/create/{kodeppk}", summary="Create a room (Aplicares)", openapi_extra=body("create"), responses=WRITTEN
)
async def create_aplicares_room(request: Request, kodeppk: str) -> Response:
    """Create a room (*ruangan baru*). A known room is updated."""
    return await _write(request, kodeppk, "disimpan")


@router.post(
    "/bed/update/{kodeppk}", summary="Update a room (Aplicares)", openapi_extra=body("update"), responses=WRITTEN
)
async def update_aplicares_room(request: Request, kodeppk: str) -> Response:
    """Update a room (*update ketersediaan*). An unknown room is created. Only `tersedia` counts as free."""
    return await _write(request, kodeppk, "diupdate")


@router.post(
    "/bed/delete/{kodeppk}", summary="Delete a room (Aplicares)", openapi_extra=body("delete"), responses=WRITTEN
)
async def delete_aplicares_room(request: Request, kodeppk: str) -> Response:
    """Delete a room (*hapus ruangan*). It counts for 30 more minutes, so delete-then-repost causes no dip."""
    return await _write(request, kodeppk, "dihapus")


async def _write(request: Request, kodeppk: str, verb: str) -> Response:
    facility, actor, warnings = await hospital(request)
    _check_kodeppk(facility, kodeppk)
    node: Node = request.state["node"]
    sent, relayed = Room("", ""), None
    try:
        sent = read_room(await fields(request, PROTOCOL))
        relayed = relayed_request(request, facility, Channel.aplicares)
        _, receipt = await write_rows(
            node,
            facility.facility_id,
            Channel.aplicares,
            _build_write(sent, verb, is_strict=Switch.aplicares_strict in facility.switches),
            by=actor,
            relayed=relayed,
        )
    except NothingToDelete:
        if relayed is not None:
            await node.relay.send_on([relayed(Written(sent.key.ward_code, ()))])
        return answer(written(verb, warnings))
    except NotAsNationally as refusal:
        # Verbatim the national text: some software creates a room when it reads that it cannot be updated.
        note_of(request.scope).refused = refusal.detail
        return answer(failed(refusal.detail))
    return answer(written(verb, record_receipt(request, receipt, *warnings)))


def _build_write(sent: Room, verb: str, *, is_strict: bool) -> Write:
    if verb == "dihapus":
        return lambda state, now: delete_room(state, sent, now)
    must_exist = (verb == "diupdate") if is_strict else None
    return lambda state, now: write_room(state, sent, now, must_exist=must_exist)


def _check_kodeppk(facility: Facility, kodeppk: str) -> str:
    """Return the code as registered. Raises: OtherHospital, if it belongs to another hospital."""
    own = facility.identifiers.get("bpjs", "")
    if not own or kodeppk.upper() != own.upper():
        raise OtherHospital(f"kodeppk {cleaned(kodeppk)[:40]} bukan milik X-cons-id ini")
    return own


def _parse_number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise InvalidInput(Fault(name, "harus bilangan bulat 0 atau lebih"))
    return int(text)
