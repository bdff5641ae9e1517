"""Routes of SIRANAP v1: one message carries any number of cells; a deletion names one cell in its path."""

from fastapi import APIRouter, Request, Response

from app.domain.channels import Channel
from app.domain.permissions import Actor
from app.domain.registry.facility import Facility
from app.domain.reports.rows import NothingToDelete
from app.domain.text import cleaned
from app.limits.request_bodies import count_lines, read_body
from app.limits.slots import take_slot
from app.protocols.authentication import by_password, header
from app.protocols.messages import record_receipt
from app.protocols.protocol import OtherHospital, answer
from app.protocols.route import ProtocolRoute
from app.protocols.siranap_v1.envelope import PROTOCOL, written
from app.protocols.siranap_v1.examples import DELETED, HEADERS, WRITTEN, XML_BODY
from app.protocols.siranap_v1.message import read_cells
from app.protocols.siranap_v1.rows import delete_cell, write_cells
from app.protocols.write_rows import Write, write_rows


class SiranapRoute(ProtocolRoute):
    """A route that replies in the envelope of SIRANAP v1."""

    protocol = PROTOCOL


TAG = {
    "name": "SIRANAP v1",
    "description": "The ministry's older protocol (2017), in XML.",
}
router = APIRouter(prefix=PROTOCOL.base, tags=[TAG["name"]], route_class=SiranapRoute)


@router.post("/ranap", summary="Report cells (SIRANAP v1)", openapi_extra=XML_BODY, responses=WRITTEN)
async def write_siranap_cells(request: Request) -> Response:
    """Report beds by class and kind of ward (*ketersediaan ruang rawat inap*), as XML or JSON, men and women once."""
    facility, actor = await _hospital(request)
    body = await read_body(request, bytes_max=PROTOCOL.bytes_max)
    cells = await read_cells(body, request.state["slices"])
    count_lines(request, len(cells))
    return await _store(request, facility, actor, lambda state, now: write_cells(state, cells, now), "disimpan")


_DELETE = "/sisrute/hapusdata/{kode_rs}/{tipe_pasien}/{kode_ruang}"


@router.post(_DELETE, summary="Delete a cell (SIRANAP v1)", openapi_extra=HEADERS, responses=DELETED)
@router.get(_DELETE, include_in_schema=False)
async def delete_siranap_cell(request: Request, kode_rs: str, tipe_pasien: str, kode_ruang: str) -> Response:
    """Delete a cell (*hapus data*). It counts for 30 more minutes, so delete-then-repost causes no dip."""
    facility, actor = await _hospital(request)
    if kode_rs != header(request, "x-rs-id"):
        raise OtherHospital(f"kode_rs {cleaned(kode_rs)[:40]} bukan X-rs-id yang dikirim")
    take_slot()
    try:
        delete: Write = lambda state, now: delete_cell(state, kode_ruang, tipe_pasien, now)  # noqa: E731
        return await _store(request, facility, actor, delete, "dihapus")
    except NothingToDelete:
        return answer(written("dihapus"))


async def _hospital(request: Request) -> tuple[Facility, Actor]:
    return await by_password(request, Channel.siranap_v1)


async def _store(request: Request, facility: Facility, actor: Actor, write: Write, verb: str) -> Response:
    node = request.state["node"]
    _, receipt = await write_rows(node, facility.facility_id, Channel.siranap_v1, write, by=actor)
    return answer(written(verb, record_receipt(request, receipt)))
