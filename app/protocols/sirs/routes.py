"""Routes of SIRS Online: the reference table, and a hospital's own rows. One request carries one row."""

from fastapi import APIRouter, Request, Response
from starlette.convertors import Convertor, register_url_convertor

from app.domain.channels import Channel
from app.domain.errors import Conflict, InvalidInput, Refusal
from app.domain.permissions import Actor
from app.domain.registry.facility import Facility, Switch
from app.domain.reports.rows import NothingToDelete, UnknownRow, Written, shown_rows
from app.protocols.authentication import by_password, header
from app.protocols.messages import clock_skew, clock_warnings, fields, record_receipt, relayed_request
from app.protocols.protocol import answer
from app.protocols.route import ProtocolRoute
from app.protocols.sirs.codes import BED_TYPES
from app.protocols.sirs.envelope import PROTOCOL, written
from app.protocols.sirs.examples import HEADERS, ROWS, TYPES, WRITTEN, body
from app.protocols.sirs.held_rows import hold_row
from app.protocols.sirs.message import SirsRow, read_row
from app.protocols.sirs.response_rows import order, row_out, with_names
from app.protocols.sirs.row_ids import is_own_id
from app.protocols.sirs.rows import delete_row, write_row
from app.protocols.write_rows import write_rows
from app.runtime.node import Node


class Digits(Convertor[str]):
    """An id in a path. The ministry has other resources below the rows, such as staff (`sdm`): those are not ids."""

    regex = "[0-9]+"

    def convert(self, value: str) -> str:
        """Return the id as sent: ids are text."""
        return value

    def to_string(self, value: str) -> str:
        """Return the id unchanged."""
        return value


register_url_convertor("digits", Digits())


class SirsRoute(ProtocolRoute):
    """A route that replies in the envelope of SIRS Online."""

    protocol = PROTOCOL


TAG = {
    "name": "SIRS Online",
    "description": "The ministry (*RS Online*): change only base URL and password in the software.",
}
router = APIRouter(prefix=PROTOCOL.base, tags=[TAG["name"]], route_class=SirsRoute)


@router.head("/Referensi/tempat_tidur", include_in_schema=False)
@router.get("/Referensi/tempat_tidur", summary="Bed types (SIRS)", openapi_extra=HEADERS, responses=TYPES)
async def sirs_bed_types(request: Request) -> Response:
    """The ministry's bed types in force (*referensi tempat tidur*): the allowed values of `id_tt`."""
    await _hospital(request)
    return answer({"tempat_tidur": [{"kode_tt": code, "nama_tt": name} for code, name in BED_TYPES.items()]})


@router.head("/Fasyankes", include_in_schema=False)
@router.get("/Fasyankes", summary="The hospital's rows (SIRS)", openapi_extra=HEADERS, responses=ROWS)
async def sirs_rows(request: Request) -> Response:
    """All rows that this hospital sent here by SIRS Online, none of other protocols. Every value is text."""
    facility, _ = await _hospital(request)
    node: Node = request.state["node"]
    await node.follower.catch_up()  # rows that another process wrote a moment ago
    rows = sorted(shown_rows(node.board.channel_state(facility.facility_id, Channel.sirs)), key=order)
    return answer({"fasyankes": [row_out(row) for row in rows]})


@router.post("/Fasyankes", summary="Create a row (SIRS)", openapi_extra=body("POST"), responses=WRITTEN)
async def create_sirs_row(request: Request) -> Response:
    """Create a row (*tempat tidur baru*). A known row is updated and keeps its `id_t_tt`."""
    return await _write(request)


@router.put("/Fasyankes", summary="Update a row (SIRS)", openapi_extra=body("PUT"), responses=WRITTEN)
async def update_sirs_row(request: Request) -> Response:
    """Update a row by `id_t_tt`, or by `id_tt` and `ruang`. Fields that are not sent stay. Unknown rows are created."""
    return await _write(request)


@router.delete("/Fasyankes", summary="Delete a row (SIRS)", openapi_extra=body("DELETE"), responses=WRITTEN)
async def delete_sirs_row(request: Request) -> Response:
    """Delete a row. It is hidden at once but counts for 30 more minutes, so delete-then-repost causes no dip."""
    return await _delete(request, request.query_params.get("id_t_tt", ""))


@router.post("/Fasyankes/{id_t_tt:digits}", include_in_schema=False)
@router.put("/Fasyankes/{id_t_tt:digits}", include_in_schema=False)
async def write_sirs_row_by_path(request: Request, id_t_tt: str) -> Response:
    """Create or update a row whose id is in the path, as one client sends it."""
    return await _write(request, id_t_tt)


@router.delete("/Fasyankes/{id_t_tt:digits}", include_in_schema=False)
async def delete_sirs_row_by_path(request: Request, id_t_tt: str) -> Response:
    """Delete a row whose id is in the path."""
    return await _delete(request, id_t_tt)


async def _hospital(request: Request) -> tuple[Facility, Actor]:
    return await by_password(request, Channel.sirs)


def _check_clock(request: Request) -> list[str]:
    timestamp = header(request, "x-timestamp")
    return clock_warnings(request, timestamp, clock_skew(request, timestamp)[1])


async def _write(request: Request, row_id: str = "") -> Response:
    facility, actor = await _hospital(request)
    warnings = _check_clock(request)
    sent, relayed = SirsRow(), None
    try:
        sent = read_row(await fields(request, PROTOCOL), row_id)
        relayed = relayed_request(request, facility, Channel.sirs)
        is_post = request.method == "POST" and not sent.id_t_tt
        store = write_rows(
            request.state["node"],
            facility.facility_id,
            Channel.sirs,
            lambda state, now: write_row(state, sent, now, is_post=is_post),
            by=actor,
            relayed=relayed and with_names(relayed, sent),
        )
        row, receipt = await store
    except UnknownRow as unknown:
        held = {"ruang": sent.ruang, "covid": sent.covid, "counts": dict(sent.counts)}
        if unknown.may_hold:
            await hold_row(request.state["node"], facility.facility_id, unknown.row_id, held, by=actor)
        if relayed is not None and unknown.may_hold:  # the ministry knows its own ids
            await request.state["node"].relay.send_on([relayed(Written(unknown.row_id, ()))])
        return _refuse_row(request, facility, unknown)
    except (InvalidInput, Conflict) as refusal:
        return _refuse_row(request, facility, refusal)
    return answer(
        written("disimpan" if is_post else "diupdate", row.row_id, record_receipt(request, receipt, *warnings))
    )


async def _delete(request: Request, row_id: str) -> Response:
    facility, actor = await _hospital(request)
    warnings = _check_clock(request)
    sent, relayed = SirsRow(), None
    try:
        sent = read_row(await fields(request, PROTOCOL, may_be_empty=True), row_id, needs_counts=False)
        relayed = relayed_request(request, facility, Channel.sirs)
        row, receipt = await write_rows(
            request.state["node"],
            facility.facility_id,
            Channel.sirs,
            lambda state, now: delete_row(state, sent, now),
            by=actor,
            relayed=relayed and with_names(relayed, sent),
        )
    except NothingToDelete:
        if relayed is not None and not is_own_id(sent.id_t_tt):
            await request.state["node"].relay.send_on([relayed(Written(sent.id_t_tt, ()))])
        return answer(written("dihapus", sent.id_t_tt, warnings))
    except (InvalidInput, Conflict) as refusal:
        return _refuse_row(request, facility, refusal)
    return answer(written("dihapus", row.row_id, record_receipt(request, receipt, *warnings)))


def _refuse_row(request: Request, facility: Facility, refusal: Refusal) -> Response:
    """Refuse a row with HTTP 200, since much software stops at anything else; a facility's switch turns 4xx on."""
    http_status = None if Switch.sirs_status in facility.switches else 200
    return PROTOCOL.refusal(request.scope, refusal, http_status=http_status)
