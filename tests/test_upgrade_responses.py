"""What an upgrade to freshness per line does not mean to change is answered as before: `pytest -m slow`.

A service of the commit before, with a few hundred entries by all channels, is migrated and asked the same again. It
needs the history of this repository.
"""

import random
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.postgres import Cluster
from tests.serving import Serving
from tests.test_rolling_upgrade import code_of

BEFORE = "b90e638"
ENTRIES = 200
TYPES = ("ward_1", "ward_2", "ward_3", "icu", "icu_ventilator", "hcu", "all_inpatient", "emergency", "nicu")
# An age of its own: the line of a fresh channel stays fresh for a day, and flags are more.
CHANGED = {"lines": {"freshness", "warnings"}}
MOVING = {"as_of", "position_token", "age_seconds"}

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("store", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_what_was_not_meant_to_change_is_answered_as_before(
    store: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    environment = {"BALAI_SECRET_KEY": "s" * 40, "BALAI_RATE_EXEMPT": "127.0.0.0/8"}
    if store == "postgres":
        cluster: Cluster = request.getfixturevalue("postgres")
        environment["BALAI_DATABASE_URL"] = cluster.create("before_lines")
    with code_of(BEFORE, tmp_path / "code") as code:
        data = tmp_path / "data"
        data.mkdir()
        old = Serving(data, ("--seed", "semarang"), environment, root=code)
        old.start()
        key = old.run("key", "create", "--national").stdout.strip().splitlines()[-1]
        with httpx2.Client(base_url=old.url, headers={"Authorization": f"Bearer {key}"}, timeout=30) as officer:
            paths = live(officer)
            before = {path: officer.get(path).json() for path in paths}
            feed = officer.get("/v1/changes?after=0&wait=0").text.splitlines()
        old.stop()
    new = Serving(data, (), environment)
    assert new.run("migrate").returncode == 0
    new.start()
    try:
        with httpx2.Client(base_url=new.url, headers={"Authorization": f"Bearer {key}"}, timeout=30) as officer:
            wrong = [
                f"{path}: {fault}"
                for path, known in before.items()
                for fault in differences(known, officer.get(path).json(), "")
            ]
            assert not wrong, "\n".join(wrong[:20])
            entries = officer.get("/v1/changes?after=0&wait=0").text.splitlines()
            # Facilities have more fields now; all else is the same to the byte.
            pairs = [pair for pair in zip(feed, entries, strict=True) if '"kind":"facilities"' not in pair[0]]
            assert len(pairs) > ENTRIES
            assert [pair for pair in pairs if pair[0] != pair[1]] == []
    finally:
        new.stop()
    checked = new.run("verify")
    assert checked.returncode == 0, checked.stdout


def live(officer: httpx2.Client) -> list[str]:
    """Reports by key and by hospital software; gives what to ask afterwards."""
    chance = random.Random(7)
    rows = officer.get("/v1/areas/33.74/facilities?kind=hospital&limit=40").json()["facilities"]
    *ids, of_software = [row["facility_id"] for row in rows if row["identifiers"].get("sirs")][:13]
    now = datetime.now(UTC)
    for number in range(ENTRIES):
        at = now - timedelta(minutes=chance.choice((0, 30, 400, 1500, 4000)), seconds=number)
        lines = [
            {"bed_type": bed_type, "beds_total": 40, "beds_occupied": chance.randint(0, 44), "queue": 0}
            for bed_type in chance.sample(TYPES, chance.randint(1, 4))
        ]
        body = {"observed_at": at.isoformat(), "lines": lines, "complete": chance.random() < 0.2}
        sent = officer.post(f"/v1/facilities/{chance.choice(ids)}/reports", json=body)
        assert sent.status_code == 201, sent.text
    typed = officer.post("/v1/hospitals", json={"facility_id": of_software})
    assert typed.status_code in {200, 201}, typed.text
    login = typed.json()
    stamp = {
        "X-rs-id": login["sirs"]["x_rs_id"],
        "X-pass": login["sirs"]["x_pass"],
        "X-Timestamp": f"{time.time():.0f}",
    }
    for room in range(20):
        row = {
            "id_tt": "6",
            "ruang": f"R {room}",
            "jumlah": "9",
            "terpakai": f"{room % 8}",
            "kosong": "1",
            "covid": "0",
        }
        assert officer.post("/fo/index.php/Fasyankes", json=row, headers=stamp).status_code == 200
    ids.append(of_software)
    paths = [f"/v1/facilities/{id_}" for id_ in ids] + [f"/v1/facilities/{id_}/channels" for id_ in ids]
    paths += [f"/v1/facilities/{id_}/reports" for id_ in ids] + [f"/v1/facilities/{id_}/messages" for id_ in ids]
    for code in ("ID", "33", "33.74", "33.74.01", "33.74.07"):
        paths += [f"/v1/areas/{code}", f"/v1/areas/{code}/capacity", f"/v1/areas/{code}/capacity/children"]
        paths += [f"/v1/areas/{code}/facilities", f"/v1/areas/{code}/facilities?kind=hospital&min_available=5"]
        paths += [f"/v1/areas/{code}/capacity?{query}" for query in ("kind=hospital", "operated_by=city,state")]
    return [*paths, "/v1/areas?parent=33.74", "/v1/position", "/v1/keys"]


def differences(before: Any, after: Any, place: str) -> list[str]:
    """Where a value of before is another one; new fields are none."""
    if isinstance(before, dict) and isinstance(after, dict):
        ignored = MOVING | CHANGED.get(place.rpartition("/")[2], set())
        return [
            fault
            for name, value in before.items()
            if name not in ignored
            for fault in (
                differences(value, after[name], f"{place}/{name}") if name in after else [f"{place}/{name} is gone"]
            )
        ]
    if isinstance(before, list) and isinstance(after, list):
        if len(before) != len(after):
            return [f"{place}: {len(before)} are {len(after)} now"]
        return [fault for old, new in zip(before, after, strict=True) for fault in differences(old, new, place)]
    return [] if before == after else [f"{place}: {before!r} is {after!r} now"]
