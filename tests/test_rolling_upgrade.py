"""Data of earlier commits, migrated by this one while a node of theirs still serves: nothing is lost or spoiled.

It needs the history of this repository (a shallow copy has none), and takes a minute for each: `pytest -m slow`.
"""

import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest

from tests.postgres import Cluster
from tests.serving import ROOT, Serving

# The Indonesian protocols; counters of strangers' requests; before keys had clocks; before the secret key was checked.
COMMITS = ("47465da", "92d7959", "8fc2014", "d2582af")
FACILITY = "rs-3374010"
PATIENCE = 30

pytestmark = pytest.mark.slow


@dataclass
class Reporter:
    """Reports to both nodes in turn, and keeps what was acknowledged."""

    urls: list[str]
    key: str
    acknowledged: list[int] = field(default_factory=list)
    refused: list[tuple[int, str, int]] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        with httpx2.Client(
            trust_env=False, timeout=PATIENCE, headers={"Authorization": f"Bearer {self.key}"}
        ) as client:
            number = 0
            while not self.stop.is_set():
                number += 1
                url = self.urls[number % len(self.urls)]
                now = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
                lines = [{"bed_type": "icu_ventilator", "beds_total": 40, "beds_occupied": number % 40}]
                body = {"observed_at": f"{now}.{number % 1000:03}Z", "lines": lines}
                try:
                    answer = client.post(f"{url}/v1/facilities/{FACILITY}/reports", json=body)
                except httpx2.HTTPError:
                    continue  # unknown: it may be in or not
                if answer.status_code == 201:
                    self.acknowledged.append(answer.json()["seq"])
                elif client.get(f"{url}/readyz").status_code == 200:
                    self.refused.append((answer.status_code, answer.text, len(self.acknowledged)))
                time.sleep(0.02)


@contextmanager
def code_of(commit: str, folder: Path) -> Iterator[Path]:
    """The program as it was."""
    archive = subprocess.run(
        ["git", "archive", commit, "app", "migrations", "alembic.ini"], cwd=ROOT, capture_output=True, check=False
    )
    if archive.returncode != 0:
        pytest.skip(f"this copy of the repository has no commit {commit}")
    folder.mkdir()
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)
    yield folder


@pytest.mark.parametrize("commit", COMMITS)
@pytest.mark.parametrize("store", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_an_old_node_goes_on_beside_the_migrated_database(
    commit: str, store: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    environment = {}
    if store == "postgres":
        cluster: Cluster = request.getfixturevalue("postgres")
        environment["BALAI_DATABASE_URL"] = cluster.create(f"old_{commit}")
    with code_of(commit, tmp_path / "code") as code:
        data = tmp_path / "data"
        data.mkdir()
        environment |= {"BALAI_SECRET_KEY": "s" * 40, "BALAI_RATE_EXEMPT": "127.0.0.0/8"}
        old = Serving(data, ("--seed", "semarang"), environment, root=code)
        new = Serving(data, (), environment)
        reporter = Reporter([], "")
        try:
            old.start()
            key = old.run("key", "create", "--national").stdout.strip().splitlines()[-1]
            reporter.urls, reporter.key = [old.url], key
            reporting = threading.Thread(target=reporter.run)
            reporting.start()
            time.sleep(1)
            migrated = new.run("migrate")
            assert migrated.returncode == 0, migrated.stderr
            time.sleep(0.5)
            new.start()
            reporter.urls = [old.url, new.url]
            time.sleep(2)
            change_phones(old, new, key)
            reporter.stop.set()
            reporting.join()
            assert not reporter.refused
            assert len(reporter.acknowledged) > 50
            figures = [capacity(node, max(reporter.acknowledged)) for node in (old, new)]
            # A newer node says more; what both say is equal.
            assert figures[0] == {name: figures[1][name] for name in figures[0]}
        finally:
            reporter.stop.set()
            old.stop()
            new.stop()
        checked = new.run("verify")
        assert checked.returncode == 0, checked.stdout
        new.start()
        assert capacity(new, max(reporter.acknowledged)) == figures[1]
        new.stop()


def change_phones(old: Serving, new: Serving, key: str) -> None:
    """A facility is changed by each of the two nodes."""
    with httpx2.Client(trust_env=False, timeout=PATIENCE, headers={"Authorization": f"Bearer {key}"}) as client:
        last = 0
        for number, node in enumerate((new, old, new)):
            catch_up(client, node, last)
            known = client.get(f"{node.url}/v1/facilities/{FACILITY}")
            assert known.status_code == 200, known.text
            changed = client.patch(
                f"{node.url}/v1/facilities/{FACILITY}",
                json={"phone": f"+62 24 {number}", "reason": "test"},
                headers={"If-Match": known.headers["ETag"]},
            )
            assert changed.status_code == 200, changed.text
            last = position(client, node)


def position(client: httpx2.Client, node: Serving) -> int:
    """How far this node has read."""
    return int(client.get(f"{node.url}/v1/position").json()["position"])


def catch_up(client: httpx2.Client, node: Serving, least: int) -> None:
    """Wait until a node has read so far."""
    end = time.monotonic() + PATIENCE
    while position(client, node) < least:
        assert time.monotonic() < end
        time.sleep(0.05)


def capacity(node: Serving, at_least: int) -> object:
    """The totals of the city."""
    answer = httpx2.get(
        f"{node.url}/v1/areas/33.74/capacity?min_position={at_least}", trust_env=False, timeout=PATIENCE
    )
    return answer.json()["totals"]
