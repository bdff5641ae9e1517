"""OpenAPI examples of SIRANAP v1: headers, request bodies and responses."""

from typing import Any

from app.protocols.documentation import answers, body, header
from app.protocols.siranap_v1.envelope import envelope, written

_XML = """<?xml version="1.0" encoding="UTF-8"?>
<xml>
<data>
<kode_ruang>0003</kode_ruang>
<tipe_pasien>0000</tipe_pasien>
<total_TT>12</total_TT>
<terpakai_male>4</terpakai_male>
<terpakai_female>5</terpakai_female>
<kosong_male>1</kosong_male>
<kosong_female>2</kosong_female>
<waiting>0</waiting>
<tgl_update>2025-01-01 07:00:00</tgl_update>
</data>
</xml>
"""
_REFUSED = envelope({}, 401, "Gagal: X-rs-id atau X-pass tidak sah")

HEADERS: dict[str, Any] = {
    "parameters": [
        header("X-rs-id", "The hospital's code at the ministry (*kode RS*).", "3374999"),
        header("X-pass", "MD5 of the password, in lower-case hex.", "3ef03413497ed6d421f58acc5a1b1c6d"),
    ],
    "security": [],
}
XML_BODY = body(HEADERS, _XML, "application/xml")
WRITTEN = answers(written("disimpan"), _REFUSED)
DELETED = answers(written("dihapus"), _REFUSED)
