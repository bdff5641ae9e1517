"""Databases that earlier commits made and filled, kept as text (tests/data/folders), are brought to today's tables.

Of each: today's tables exactly, `verify` finds nothing, the figures are those that the commit itself showed, its keys
work and the revoked one does not. b340f6b and 8f6ae95 ran a migration that was edited afterwards.
"""

import json
import sqlite3
import uuid
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app.actions.maintenance.verify import verify
from app.config import Settings
from app.main import create_app
from app.store.maintenance.migrate import migrate
from tests.conftest import Clock, Service
from tests.postgres import Cluster
from tests.store.maintenance.test_migrations import look, shape

FOLDERS = Path(__file__).resolve().parents[2] / "data" / "folders"
COMMITS = sorted(path.stem for path in FOLDERS.glob("*.json"))
SECRET_KEY = "a key for data folders of earlier versions"
EDITED_AFTERWARDS = ["8f6ae95", "b340f6b"]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(params=COMMITS)
def commit(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def url(request: pytest.FixtureRequest, store: str, commit: str, tmp_path: Path) -> str:
    """The database as that commit left it."""
    dump = FOLDERS / f"{commit}.{store}.sql"
    if store == "sqlite":
        with closing(sqlite3.connect(tmp_path / "earlier.db")) as connection:
            connection.executescript(dump.read_text())
        return f"sqlite+aiosqlite:///{tmp_path / 'earlier.db'}"
    postgres: Cluster = request.getfixturevalue("postgres")
    name = f"f_{uuid.uuid4().hex}"
    found = postgres.create(name)
    postgres.script(dump, name)
    return found


@pytest.fixture
def settings(url: str, tmp_path: Path) -> Settings:
    """As the operator had them."""
    return Settings(_env_file=None, database_url=url, data_dir=tmp_path, secret_key=SECRET_KEY)  # type: ignore[call-arg]


@pytest.fixture
def known(commit: str, store: str) -> dict[str, Any]:
    """What the commit itself showed, and its keys."""
    found: dict[str, Any] = json.loads((FOLDERS / f"{commit}.json").read_text())[store]
    return found | {"commit": commit}


@pytest.fixture
def fresh_url(request: pytest.FixtureRequest, store: str) -> str:
    """An empty database of today."""
    found: str = request.getfixturevalue(f"{store}_url")
    return found


def test_there_are_folders_of_every_kind() -> None:
    assert len(COMMITS) >= 4
    assert set(EDITED_AFTERWARDS) < set(COMMITS)


async def test_a_folder_of_an_earlier_commit_is_migrated_verified_and_served(
    url: str, fresh_url: str, known: dict[str, Any], settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    await migrate(url)
    assert ("omitted" in caplog.text) == (known["commit"] in EDITED_AFTERWARDS)
    assert await look(url, shape) == await look(fresh_url, shape)
    assert await verify(url) == []
    app = create_app(settings, clock=Clock(asked_at(known)))
    async with app.router.lifespan_context(app) as state:
        service = Service(app, dict(state))
        async with service.client(known["keys"]["facility"]) as client:
            await check_figures(client, known)
        async with service.client(known["keys"]["revoked"]) as client:
            assert (await client.post("/v1/facilities/pkm-1/reports", json=report(known))).status_code == 401
    assert await verify(url) == []


def asked_at(known: dict[str, Any]) -> datetime:
    """Soon after the folder was made; the first ones do not say when that was."""
    return datetime.fromisoformat(known.get("asked_at", "2026-11-25T09:00:00+00:00"))


def report(known: dict[str, Any]) -> dict[str, Any]:
    lines = [{"bed_type": "icu", "beds_total": 12, "beds_occupied": 12}]
    return {"observed_at": asked_at(known).isoformat(), "lines": lines}


async def check_figures(client: httpx2.AsyncClient, known: dict[str, Any]) -> None:
    city = (await client.get("/v1/areas/33.74/capacity")).json()
    assert city["position"] == known["position"]
    assert {name: city["totals"][name] for name in known["totals"]} == known["totals"]
    assert {row["bed_type"]: row["beds_occupied"] for row in city["by_bed_type"]} == known["by_bed_type"]
    for facility_id, name in known["names"].items():
        assert (await client.get(f"/v1/facilities/{facility_id}")).json()["name"] == name
    sent = await client.post("/v1/facilities/rs-3374010/reports", json=report(known))
    assert sent.status_code == 201, sent.text
    assert sent.json()["seq"] == known["position"] + 1
    after = (await client.get("/v1/areas/33.74/capacity")).json()
    assert after["totals"]["beds_occupied"] == known["totals"]["beds_occupied"] + 3
