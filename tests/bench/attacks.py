"""The attacks of `tests.bench.hostile`: what each connection sends, and how many there are."""

import hashlib
import itertools
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from tests.bench import town
from tests.bench.clients import NextRequest, ask, bearer, get, send
from tests.bench.hospitals import facility_key

# Facilities of the town that none of the reporting hospitals is, all in different kelurahan.
VICTIM, HOLDERS = "rs-40", [f"rs-{number}" for number in range(31, 41)]
MIB = 1024 * 1024
REPORTS = f"/v1/facilities/{VICTIM}/reports"
BULK_REPORTS, LINES, ROWS = 1_000, 512, 400


@dataclass(frozen=True, slots=True)
class Officer:
    """Whoever prepares an attack: the service's address and a national key."""

    url: str
    key: str

    def ask(self, path: str, document: dict[str, Any]) -> dict[str, Any]:
        """POST it; gives the answer."""
        return ask(self.url, self.key, path, document)

    def facility_key(self, facility_id: str = VICTIM) -> str:
        """The header of a new key of one facility."""
        return bearer(facility_key(self.url, self.key, facility_id))

    def area_key(self, area: str) -> str:
        """The header of a new key of an area."""
        return bearer(str(self.ask("/v1/keys", {"scope": f"area:{area}", "name": area})["key"]))

    def hospital(self) -> dict[str, Any]:
        """A new hospital's credentials, by protocol."""
        code = str(uuid4().int)[:12]
        return self.ask("/v1/hospitals", {"name": "RS", "sirs": code, "area_code": town.SOME_KELURAHAN})


@dataclass(frozen=True, slots=True)
class Attack:
    """So many connections from so many addresses; `prepare` gives what they send."""

    prepare: Callable[[Officer], NextRequest]
    connections: int
    addresses: int = 1
    needs_country: bool = False


def _always(*requests: bytes) -> NextRequest:
    """These in turn, the connections beginning at different ones."""
    turns = itertools.count()
    return lambda _number, _body: requests[next(turns) % len(requests)]


def _slow_bodies(officer: Officer) -> NextRequest:
    return _always(send(REPORTS, b"{", officer.facility_key(), length=1_000))


def _bulks(header: str) -> NextRequest:
    lines = [{"bed_type": "ward_1", "beds_total": 20, "beds_occupied": 11}]
    reports = [{"facility_id": VICTIM, "observed_at": _now(), "lines": lines}] * BULK_REPORTS
    return _always(send("/v1/reports", json.dumps(reports).encode(), header))  # without ids: always new ones


def _siranap(length: int, officer: Officer) -> NextRequest:
    typed = officer.hospital()["siranap_v1"]
    proof = hashlib.md5(typed["x_pass"].encode(), usedforsecurity=False).hexdigest()
    cell = b"<data/>"
    body = b"<xml>" + cell * ((length - 11) // len(cell)) + b"</xml>"
    return _always(send("/sirsservice/ranap", body, f"X-rs-id: {typed['x_rs_id']}", f"X-pass: {proof}"))


def _new_lines(officer: Officer) -> NextRequest:
    """Every report has other lines; every second one closes those before it, so that the next ones have room."""
    header, turns = officer.facility_key(), itertools.count()

    def next_request(_number: int, _body: bytes) -> bytes:
        turn = next(turns)
        counts = {"bed_type": "ward_1", "beds_total": 20, "beds_occupied": 11}
        lines = [{"ward_code": f"{turn}-{number}", **counts} for number in range(LINES)]
        report = {"observed_at": _now(), "complete": turn % 2 == 1, "lines": lines}
        return send(REPORTS, json.dumps(report).encode(), header)

    return next_request


def _merged_rows(officer: Officer) -> NextRequest:
    """Rows that the ministry's listing merged into its own, written by their old ids.

    A chain has one link: only an id that was issued here is ever merged, and only into one that was not.
    """
    hospital = officer.hospital()
    typed = hospital["sirs"]
    headers = [f"X-rs-id: {typed['x_rs_id']}", f"X-pass: {typed['x_pass']}", f"X-Timestamp: {int(time.time())}"]
    rows = [{"id_tt": "3", "ruang": f"R{n}", "jumlah": 4, "terpakai": 1, "covid": 0} for n in range(ROWS)]
    for row in rows:
        _put_patiently(officer.url + "/fo/index.php/Fasyankes", row, headers)
    listed = [{**row, "id_t_tt": str(5_000 + n), "tglupdate": _yesterday()} for n, row in enumerate(rows)]
    officer.ask(f"/v1/hospitals/{hospital['facility_id']}/rows", {"fasyankes": listed})
    turns = itertools.count()

    def next_request(_number: int, _body: bytes) -> bytes:
        turn = next(turns)
        row = {"id_t_tt": str(900_000_001 + turn % ROWS), "jumlah": 4, "terpakai": turn % 4}
        return send("/fo/index.php/Fasyankes", json.dumps(row).encode(), *headers, method="PUT")

    return next_request


def _put_patiently(url: str, row: dict[str, Any], headers: list[str]) -> None:
    fields = dict(header.split(": ") for header in headers)
    request = urllib.request.Request(url, json.dumps(row).encode(), fields, method="POST")
    while True:
        try:
            with urllib.request.urlopen(request):
                return
        except urllib.error.HTTPError as refusal:
            if refusal.code != 429:
                raise
            time.sleep(float(refusal.headers["Retry-After"]))


def _keys(officer: Officer) -> NextRequest:
    header = officer.area_key(town.SOME_KELURAHAN)
    return _always(send("/v1/keys", json.dumps({"scope": "facility:rs-0", "name": "x"}).encode(), header))


def _deep_json(officer: Officer) -> NextRequest:
    header = officer.facility_key()
    return _always(send(REPORTS, b"[" * (MIB // 4), header), send("/v1/reports", b"[" * 2 * MIB, header))


def _streams(officer: Officer) -> NextRequest:
    headers = [officer.facility_key(facility_id) for facility_id in HOLDERS]
    return lambda number, _body: get(f"/v1/areas/{town.CITY}/stream", headers[number % len(headers)])


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _yesterday() -> str:
    return f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d %H:%M:%S}"


_UNROUTED = (
    get("/openapi.json"),
    get("/docs/assets/swagger-ui-bundle.js"),
    get("/metrics"),
    get("/nowhere/at/all"),
    send("/v1/position", b""),
    get("/v1/position?" + "q" * 3_000),
    get("/fo/index.php/nowhere"),
)
_COUNTRY = "/v1/areas/ID/facilities?format="

ATTACKS = {
    "slow bodies, no key": Attack(lambda _: _always(send(REPORTS, b"{", length=1_000)), 200, addresses=6),
    "slow bodies, one key": Attack(_slow_bodies, 200),
    "bulks, facility key": Attack(lambda officer: _bulks(officer.facility_key()), 12),
    "bulks, area key": Attack(lambda officer: _bulks(officer.area_key(town.CITY)), 12),
    "SIRANAP, 1 MiB": Attack(partial(_siranap, MIB), 8),
    "SIRANAP, 64 KiB": Attack(partial(_siranap, MIB // 16), 8),
    "new lines": Attack(_new_lines, 8),
    "2 MiB, no key": Attack(lambda _: _always(send("/v1/reports", b"x" * 2 * MIB)), 150, addresses=150),
    "merged SIRS rows": Attack(_merged_rows, 8),
    "unrouted paths": Attack(lambda _: _always(*_UNROUTED), 16, addresses=16),
    "CSV exports": Attack(lambda _: _always(get(_COUNTRY + "csv")), 20, addresses=20, needs_country=True),
    "XLSX exports": Attack(lambda _: _always(get(_COUNTRY + "xlsx")), 18, addresses=18, needs_country=True),
    "keys": Attack(_keys, 8),
    "deep JSON": Attack(_deep_json, 8),
    "streams": Attack(_streams, 250),
}
