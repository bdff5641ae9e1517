"""Makes a data folder with the program of an earlier commit, and keeps it as text: `python make.py COMMIT [...]`.

The commit's own server takes everything, over HTTP and by its own verbs; on SQLite and on PostgreSQL. What is written
beside this file, named for the commit: a dump of either database, and what the tests have to know of both.
"""

import csv
import io
import json
import os
import re
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[2]))

from tests import serving  # noqa: E402
from tests.postgres import Cluster, cluster  # noqa: E402

SECRET_KEY = "a key for data folders of earlier versions"
AREAS = [
    ("code", "name", "level", "type", "parent_code"),
    ("ID", "Indonesia", "country", "country", ""),
    ("33", "Jawa Tengah", "province", "provinsi", "ID"),
    ("33.74", "Kota Semarang", "city", "kota", "33"),
    ("33.74.07", "Semarang Selatan", "kecamatan", "kecamatan", "33.74"),
]
FACILITIES = [
    ("facility_id", "kind", "name", "area_code", "operated_by", "identifiers"),
    ("rs-3374010", "hospital", "RS Umum Pusat Dr. Kariadi", "33.74.07", "country", "sirs=3374010"),
    ("rs-3374021", "hospital", 'RS "St. Elisabeth"', "33.74", "private", "sirs=3374021;bpjs=1199R021"),
    ("pkm-1", "clinic", "Puskesmas Pandanaran", "33.74.07", "city", ""),
]


def make(commit: str, postgres: Cluster) -> None:
    """Both dumps of one commit."""
    with tempfile.TemporaryDirectory() as place:
        tree = Path(place, "tree")
        archive = subprocess.run(["git", "archive", commit], check=True, capture_output=True, cwd=serving.ROOT).stdout
        with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
            packed.extractall(tree, filter="data")
        repository, serving.ROOT = serving.ROOT, tree
        known: dict[str, Any] = {}
        for store in ("sqlite", "postgres"):
            data = Path(place, store)
            data.mkdir()
            environment = {"BALAI_DATA_DIR": str(data), "BALAI_SECRET_KEY": SECRET_KEY, "PYTHONPATH": str(tree)}
            if store == "postgres":
                environment["BALAI_DATABASE_URL"] = postgres.create(f"made_{commit}")
            known[store] = live(serving.Serving(data, environment=environment), data)
            (HERE / f"{commit}.{store}.sql").write_text(
                dump_of_sqlite(data / "balai.db") if store == "sqlite" else dump_of_postgres(postgres, f"made_{commit}")
            )
        serving.ROOT = repository
        (HERE / f"{commit}.json").write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n")


def live(server: serving.Serving, data: Path) -> dict[str, Any]:
    """A small life: areas, facilities, keys, reports, and what hospital software sends, where it can."""

    def run(*arguments: str) -> str:
        done = server.run(*arguments)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()

    for name, rows in (("areas", AREAS), ("facilities", FACILITIES)):
        file = data / f"{name}.csv"
        with file.open("w", newline="") as opened:
            csv.writer(opened).writerows(rows)
        run("migrate")
        run("import", name, str(file))
    keys = {"national": run("key", "create", "--national", "--name", "Dinkes")}
    keys["facility"] = run("key", "create", "--facility", "rs-3374010")
    keys["revoked"] = run("key", "create", "--area", "33.74")
    server.start()
    try:
        with httpx2.Client(base_url=server.url, trust_env=False, timeout=30) as client:
            talk(client, keys, server)
            figures = client.get("/v1/areas/33.74/capacity").json()
            lines = {id_: client.get(f"/v1/facilities/{id_}").json() for id_, *_ in FACILITIES[1:]}
    finally:
        server.stop()
    return {
        "keys": keys,
        "asked_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "position": figures["position"],
        "totals": figures["totals"],
        "by_bed_type": {row["bed_type"]: row["beds_occupied"] for row in figures["by_bed_type"]},
        "names": {id_: facility["name"] for id_, facility in lines.items()},
    }


def talk(client: httpx2.Client, keys: dict[str, str], server: serving.Serving) -> None:
    """Reports, a change of a facility, a revoked key; and rows of SIRS Online."""
    now = datetime.now(UTC).replace(microsecond=0)
    officer = {"Authorization": f"Bearer {keys['national']}"}

    def report(facility: str, minutes: int, *lines: dict[str, Any], complete: bool = False) -> None:
        said = {"observed_at": (now - timedelta(minutes=minutes)).isoformat(), "lines": lines, "complete": complete}
        must(client.post(f"/v1/facilities/{facility}/reports", json=said, headers=officer))

    report("rs-3374010", 9, {"bed_type": "icu", "beds_total": 12, "beds_occupied": 9, "queue": 2})
    report("rs-3374010", 20, {"bed_type": "icu", "beds_total": 11, "beds_occupied": 1})  # late
    report("rs-3374010", 8, {"bed_type": "hcu", "ward_code": "A", "beds_total": 6, "beds_available": 1})
    report("rs-3374021", 7, {"bed_type": "ward_1", "beds_total": 40, "beds_occupied": 31}, complete=True)
    report("rs-3374021", 5, {"bed_type": "burn", "closed": True})
    report("pkm-1", 6, {"bed_type": "isolation_bed", "beds_total": 8, "beds_occupied": 0})
    known = must(client.get("/v1/facilities/pkm-1"))
    changed = {"phone": "024 123", "reason": "new telephone"}
    etag = {"If-Match": known.headers["etag"]} if "etag" in known.headers else {}
    must(client.patch("/v1/facilities/pkm-1", json=changed, headers=officer | etag))
    prefix = keys["revoked"].split("_")[1]
    must(client.delete(f"/v1/keys/{prefix}", headers=officer))
    if server.run("hospital", "--help").returncode:
        return
    added = server.run("hospital", "add", "--facility-id", "rs-3374021", "--bpjs", "1199R021")
    if added.returncode:
        raise RuntimeError(added.stderr)
    password = re.search(r"(?i)x[-_]pass\W+(\S+)", added.stdout)
    if password is None:
        raise RuntimeError(added.stdout)
    stamp = str(int(datetime.now(UTC).timestamp()))
    headers = {"X-rs-id": "3374021", "X-pass": password[1], "X-Timestamp": stamp}
    for row in (
        {"id_tt": "6", "ruang": "ICU Lantai 2", "jumlah_ruang": "1", "jumlah": "5", "terpakai": "3", "kosong": "2"},
        {"id_t_tt": "999", "jumlah": "5", "terpakai": "3"},  # waits: nobody knows this row
    ):
        client.put("/fo/index.php/Fasyankes", json=row, headers=headers)


def must(answer: httpx2.Response) -> httpx2.Response:
    """The answer, where it is a good one."""
    if not answer.is_success:
        raise RuntimeError(f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}")
    return answer


def dump_of_sqlite(file: Path) -> str:
    """Every statement that makes it again."""
    with closing(sqlite3.connect(file)) as connection:
        return "\n".join(connection.iterdump()) + "\n"


def dump_of_postgres(postgres: Cluster, database: str) -> str:
    """The same."""
    where = ["-h", "127.0.0.1", "-p", str(postgres.port), "-U", "balai", "-d", database]
    command = [str(postgres.binaries / "pg_dump"), *where, "--no-owner", "--no-privileges", "--inserts"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    kept = [line for line in said.splitlines() if line and not line.startswith(("--", "\\", "SET ", "SELECT pg_c"))]
    return "\n".join(kept) + "\n"


if __name__ == "__main__":
    os.environ.pop("BALAI_DATABASE_URL", None)
    with cluster() as server:
        for name in sys.argv[1:]:
            make(name, server)
