"""An RW hall has beds of group isolation only, whatever protocol it reports by."""

import pytest

from app.actions.hospitals import Hospital, add_hospital
from app.domain.permissions import OPERATOR
from tests.conftest import Clock, Service
from tests.protocols.conftest import Software

ROW = {"ruang": "Balai", "jumlah": "8", "terpakai": "5", "covid": "1"}


@pytest.fixture
async def hall(service: Service, clock: Clock):
    """The software of rw-d."""
    protocols = await add_hospital(service.node, Hospital("rw-d", sirs="3374099", bpjs="1199R099"), by=OPERATOR)
    secrets = {protocol.channel: (protocol.login, protocol.secret) for protocol in protocols.logins}
    async with service.client() as client:
        yield Software(client, clock, secrets)


async def test_a_hall_that_sends_sirs_has_isolation_rooms_only(hall: Software) -> None:
    refused = (await hall.sirs("POST", ROW | {"id_tt": "6"})).json()["fasyankes"][0]
    assert refused["message"].startswith("Gagal: bed_type: ")
    assert await hall.sirs_rows() == []
    assert (await hall.sirs("POST", ROW | {"id_tt": "28"})).json()["fasyankes"][0]["status"] == "200"
    assert len(await hall.sirs_rows()) == 1


async def test_a_hall_that_sends_aplicares_has_isolation_rooms_only(hall: Software) -> None:
    room = {"koderuang": "A", "namaruang": "A", "kapasitas": 5, "tersedia": 1}
    refused = await hall.aplicares("POST", "bed/create/1199R099", room | {"kodekelas": "ICU"})
    assert refused.json()["metadata"]["message"].startswith("Gagal: bed_type: ")
    accepted = await hall.aplicares("POST", "bed/create/1199R099", room | {"kodekelas": "ISO"})
    assert accepted.json()["metadata"]["code"] == 1
