"""The demo as people start it: a server and a simulator that reports through all protocols."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

import dev
from app.cli.serve import DEMO_MARK
from app.domain.channels import Channel
from tests.cli.conftest import ROOT, Balai, environment
from tests.serving import served

PATIENCE = 120
FAST = 600


@dataclass
class Demo:
    """A running demo."""

    folder: Path
    process: "subprocess.Popen[bytes]"
    url: str = ""

    def get(self, path: str, **how: Any) -> Any:
        return httpx2.get(self.url + path, trust_env=False, timeout=PATIENCE, **how).json()

    def city(self) -> Any:
        return self.get("/v1/areas/33.74/capacity")

    def log(self) -> str:
        return (self.folder.parent / "demo.log").read_text()


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.05)


@contextmanager
def running(folder: Path, *options: str) -> Iterator[Demo]:
    command = [sys.executable, "-m", "app", "demo", "--port", "0", "--data-dir", str(folder), *options]
    with (
        (folder.parent / "demo.log").open("wb") as log,
        subprocess.Popen(command, env=environment(folder.parent), cwd=ROOT, stdout=log, stderr=log) as process,
    ):
        try:
            demo = Demo(folder, process)
            until(lambda: "SIMULATION" in demo.log() or process.poll() is not None)
            found = re.search(r"http://127\.0\.0\.1:\d+", demo.log())
            assert found is not None, demo.log()
            demo.url = found[0]
            yield demo
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                assert process.wait(PATIENCE) == 0, demo.log()
        finally:
            process.kill()


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Demo, Any]]:
    """A fast demo after its beginning: everybody has reported, software again and again, and a hall has opened."""
    folder = tmp_path_factory.mktemp("demo") / "data"
    with running(folder, "--speed", str(FAST), "--seed", "3") as demo:
        until(lambda: (demo.city()["totals"]["beds_total"] or 0) > 5_000)
        first = demo.city()
        until(lambda: demo.city()["reporting"]["facilities"] > 82)
        until(lambda: demo.city()["position"] > first["position"] + 100)
        yield demo, first


def test_the_city_has_a_plausible_picture_at_once(story: tuple[Demo, Any]) -> None:
    _, first = story
    assert 4_500 < first["totals"]["beds_total"] < 6_500
    assert 0.5 < first["totals"]["occupancy"] < 0.85
    counts = first["reporting"]
    assert counts["stale"] >= 5
    assert counts["silent"] >= 4
    assert (counts["lapsed"], counts["never"]) == (1, 2)
    assert {block["group"] for block in first["by_group"]} >= {"ward", "intensive", "isolation", "emergency"}


def test_a_hall_opens_during_the_run(story: tuple[Demo, Any]) -> None:
    demo, _ = story
    until(lambda: demo.get("/v1/facilities/balai-rw05-meteseh")["freshness"] == "fresh")
    hall = demo.get("/v1/facilities/balai-rw05-meteseh")
    assert (hall["kind"], hall["totals"]["beds_total"]) == ("rw_hall", 8)
    assert "Balai RW 05 Meteseh opens" in demo.log()


def test_most_facilities_have_a_number_that_nobody_can_call(story: tuple[Demo, Any]) -> None:
    demo, _ = story
    listed = demo.get("/v1/areas/33.74/facilities", params={"limit": 200})["facilities"]
    phones = [phone for facility in listed for phone in (facility["contact"] or {"phones": []})["phones"]]
    assert 60 < len(phones) < len(listed)
    assert all(phone.startswith("024-000 01") for phone in phones)


def test_all_protocols_are_used_and_no_time_lies_in_the_future(story: tuple[Demo, Any]) -> None:
    demo, _ = story
    hospitals = demo.get("/v1/areas/33.74/facilities", params={"kind": "hospital", "limit": 100})["facilities"]
    channels = set()
    for hospital in hospitals:
        one = demo.get(f"/v1/facilities/{hospital['facility_id']}")
        channels |= {each["channel"] for each in one["channels"]}
        for line in one["lines"]:
            assert datetime.fromisoformat(line["observed_at"]) <= datetime.now(UTC)
            assert "unknown_code" not in str(line)
    assert channels == {Channel.native, Channel.sirs, Channel.aplicares, Channel.siranap_v1}


def test_a_typing_error_waits_for_an_officer_and_the_figures_before_it_count(story: tuple[Demo, Any]) -> None:
    demo, _ = story
    sites = demo.get("/v1/areas/33.74/facilities", params={"kind": "isolation_site", "limit": 100})["facilities"]
    assert all((site["totals"]["occupancy"] or 0) <= 1 for site in sites)


def test_every_document_says_that_it_is_a_simulation(story: tuple[Demo, Any]) -> None:
    demo, first = story
    assert first["simulated"] is True
    with httpx2.stream("GET", f"{demo.url}/v1/areas/33.74/stream", trust_env=False, timeout=PATIENCE) as stream:
        data = [line for line, _ in zip(stream.iter_lines(), range(20), strict=False) if line.startswith("data: ")]
    assert data
    assert all(line.startswith('data: {"simulated":true,') for line in data)


def test_all_is_accepted_also_after_a_later_start_a_killed_server_takes_its_simulator_along_and_verify_is_clean(
    tmp_path: Path, balai: Balai
) -> None:
    folder = tmp_path / "data-demo"
    for is_killed in (False, True):
        with running(folder, "--speed", str(FAST)) as demo:
            begun = demo.city()["position"]
            until(lambda demo=demo, begun=begun: demo.city()["position"] > begun + 350)
            if is_killed:
                demo.process.kill()
                until(lambda demo=demo: "Simulation: " in demo.log())
        [summary] = [line for line in demo.log().splitlines() if line.startswith("Simulation: ")]
        for protocol in ("native", "sirs", "aplicares", "siranap_v1"):
            assert re.search(rf"[1-9][\d,]* {protocol}\b", summary), summary
        assert is_killed or "0 refused; 0 given up" in summary, demo.log()
        assert "Traceback" not in demo.log()
    verified = balai("verify", BALAI_DATA_DIR=str(folder))
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_the_simulator_sends_nothing_to_a_server_that_is_no_simulation(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    with served(tmp_path / "real", "--seed", "semarang") as server:
        access = json.dumps({"seed": 1, "key": server.key(), "logins": {}}) + "\n"
        position = httpx2.get(f"{server.url}/v1/position", trust_env=False).json()["position"]
        command = [sys.executable, "-m", "app", "demo-reports", "--url", server.url]
        with subprocess.Popen(
            command, env=environment(tmp_path), cwd=ROOT, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stdin is not None
            assert process.stderr is not None
            process.stdin.write(access)
            process.stdin.flush()
            assert process.wait(PATIENCE) == 1
            assert "does not say that it is a simulation" in process.stderr.read()
        assert httpx2.get(f"{server.url}/v1/position", trust_env=False).json()["position"] == position


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--demo", "--speed", "60"], ["balai", "demo", "--speed", "60"]),
        (["--port", "0"], ["balai", "serve", "--seed", "semarang", "--first-key", "--port", "0"]),
    ],
)
def test_dev_py_starts_the_demo(arguments: list[str], words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(dev, "make_environment", lambda: None)
    monkeypatch.setattr(dev.os, "execv", lambda _program, command: started.append(command) or sys.exit(0))
    monkeypatch.setattr(dev.os, "environ", {})
    with pytest.raises(SystemExit):
        dev.main("serve", arguments)
    assert started == [words]
    assert DEMO_MARK == "demo.json"
