"""`balai serve`: from an empty folder to an answer, and to a clean end. One server for most of it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app.cli.replay_rows import SIRANAP_COLUMNS
from tests.cli.conftest import ROOT, Balai, environment
from tests.ports import free_port
from tests.serving import Serving, served

PATIENCE = 60
KEY = re.compile(r"balai_[0-9a-f]{12}_[A-Za-z0-9_-]{43}")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with served(tmp_path_factory.mktemp("serve"), "--seed", "semarang", "--first-key") as running:
        yield running


def said(server: Serving) -> str:
    return (server.folder / "serve.log").read_text()


def lines_of(server: Serving) -> list[dict[str, Any]]:
    """What was logged: each line an object, ours and uvicorn's alike."""
    return [json.loads(line) for line in said(server).splitlines() if line.startswith("{")]


def first_key(server: Serving) -> str:
    found = KEY.search(said(server))
    assert found is not None
    return found[0]


def eventually(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.05)


def get(server: Serving, path: str, **how: Any) -> httpx2.Response:
    return httpx2.get(server.url + path, trust_env=False, timeout=PATIENCE, **how)


def test_the_first_start_shows_a_key_and_commands_that_work_when_pasted(server: Serving) -> None:
    text = said(server)
    assert f"{server.url}/docs" in text
    assert len(set(KEY.findall(text))) == 1
    commands = text[text.index("    curl") : text.index("  Press Ctrl+C")]
    done = subprocess.run(["sh", "-ec", commands], capture_output=True, text=True, check=True, timeout=60)
    receipt, city = (json.loads(line) for line in done.stdout.split("\n") if line.strip())
    assert receipt["outcome"] == "applied"
    assert city["area"]["name"] == "Kota Semarang"
    assert city["totals"]["beds_total"] == 12
    assert city["reporting"]["facilities"] == 82


def test_the_stream_of_siranap_is_replayed_and_a_second_time_changes_nothing(server: Serving, tmp_path: Path) -> None:
    file = tmp_path / "reports.csv"
    seen = "2021-07-12T21:55:11+07:00"
    rows = [
        f"2021-07-12T06:00:00+07:00,{seen},3374021,class_1,7,",
        f"2021-07-12T05:00:00+07:00,{seen},3374021,class_1,9,",
        f",{seen},3374021,igd_covid,2,5",
        f",{seen},3374021,class_9,2,5",
        f",{seen},0000000,class_1,2,",
    ]
    file.write_text("\n".join([",".join(SIRANAP_COLUMNS), *rows]) + "\n")
    told = []
    for _ in range(2):
        ended = server.run("replay", str(file), "--url", server.url, "--key", first_key(server))
        assert ended.returncode == 1
        told.append(ended.stdout)
        assert "line 5: " in ended.stderr
        assert "class_9" in ended.stderr
        assert "line 6: " in ended.stderr
    assert told == [
        "5 read = 2 accepted + 1 late + 0 repeated + 2 refused\n",
        "5 read = 0 accepted + 0 late + 3 repeated + 2 refused\n",
    ]
    lines = get(server, "/v1/facilities/rs-3374021").json()["lines"]
    assert {line["bed_type"]: line["beds_available"] for line in lines} == {"ward_1": 7, "emergency_covid": 2}


def test_a_key_made_beside_the_running_server_opens_it_and_revoked_closes_it(server: Serving) -> None:
    key = server.key("--area", "33.74")
    headers = {"Authorization": f"Bearer {key}"}
    assert get(server, "/v1/facilities/rs-3374010/reports", headers=headers).status_code == 200
    server.run("key", "revoke", key.split("_")[1])
    eventually(lambda: get(server, "/v1/facilities/rs-3374010/reports", headers=headers).status_code == 401)


def test_all_lines_are_of_one_format_and_hold_no_secret(server: Serving) -> None:
    secret = "planted-secret"
    get(server, f"/v1/position?key={secret}", headers={"Authorization": f"Bearer {secret}", "Cookie": secret})
    eventually(lambda: any(line.get("route") == "/v1/position" for line in lines_of(server)))
    lines = lines_of(server)
    assert {"uvicorn.error"} <= {line.get("logger") for line in lines}
    assert all({"event", "level", "timestamp"} <= line.keys() for line in lines)
    assert secret not in said(server)


def test_a_taken_port_is_one_sentence(server: Serving) -> None:
    ended = server.run("serve", "--port", str(server.port))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert f"Port {server.port} of 127.0.0.1 is taken" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_a_slow_head_is_cut_by_the_running_server_too(server: Serving) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as raw:
        raw.sendall(b"GET /" + b"a" * 30_000)
        assert raw.recv(100).startswith(b"HTTP/1.1 414 ")


def test_a_later_start_keeps_everything_and_shows_no_key_again(tmp_path: Path) -> None:
    with served(tmp_path, "--seed", "semarang", "--first-key") as server:
        key, position = first_key(server), get(server, "/v1/position").json()["position"]
        assert server.stop() == 0
        server.start()
        text = said(server)
        assert len(KEY.findall(text)) == text.count(key)
        assert "was shown at the first start" in text
        assert get(server, "/v1/position").json()["position"] == position
        assert not [line for line in lines_of(server) if line["level"] in {"error", "critical"}]


def test_told_to_end_while_it_still_starts_it_ends_well(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "app", "serve", "--port", str(free_port()), "--seed", "semarang"]
    with subprocess.Popen(command, env=environment(tmp_path), cwd=ROOT, stderr=subprocess.PIPE) as process:
        eventually((tmp_path / "balai.db").exists)
        process.terminate()
        assert process.stderr is not None
        told = process.stderr.read().decode()
        assert process.wait(PATIENCE) == 0, told
    assert "Traceback" not in told


def test_without_migration_a_new_folder_is_refused_in_a_sentence(tmp_path: Path) -> None:
    serving = Serving(tmp_path)
    ended = serving.run("serve", "--no-migrate", "--port", "0")
    assert ended.returncode == 1
    assert "balai migrate" in ended.stderr
    assert "Traceback" not in ended.stderr


def children_of(pid: int) -> set[int]:
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
            command = (stat.parent / "cmdline").read_text()
        except OSError:
            continue
        if int(fields[1]) == pid and "spawn_main" in command:
            found.add(int(stat.parent.name))
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
def test_workers_are_replaced_when_they_die_and_end_with_their_supervisor(tmp_path: Path) -> None:
    with served(tmp_path, "--workers", "2") as server:
        assert server.process is not None
        supervisor = server.process.pid
        eventually(lambda: len(children_of(supervisor)) == 2)
        before = children_of(supervisor)
        os.kill(min(before), signal.SIGKILL)
        eventually(lambda: len(children_of(supervisor) - before) == 1)
        server.wait_until_ready()
        for _ in range(8):
            assert get(server, "/v1/position").status_code == 200
        assert 'route="/v1/position"' in get(server, "/metrics").text
        assert "signal SIGKILL" in (server.folder / "serve.log").read_text()

        workers = children_of(supervisor)
        os.kill(supervisor, signal.SIGKILL)
        server.process.wait(PATIENCE)
        eventually(lambda: not any(Path(f"/proc/{worker}/stat").exists() for worker in workers))

        server.start()
        assert server.stop() == 0


def test_a_lost_key_is_told_before_anything_is_served_and_can_be_given_up(balai: Balai, data_dir: Path) -> None:
    areas = data_dir / "areas.csv"
    rows = ["code,name,level,type,parent_code", "ID,Indonesia,country,negara,", "33,Jawa Tengah,province,provinsi,ID"]
    areas.write_text("\n".join([*rows, "33.74,Semarang,city,kota,33"]))
    assert balai("import", "areas", str(areas)).returncode == 0
    of_new = ("--facility-id", "rs-x", "--name", "RS X", "--sirs", "3374999", "--area", "33.74")
    added = balai("hospital", "add", *of_new, "--json")
    assert added.returncode == 0, added.stderr
    (data_dir / "secret.key").unlink()
    refused = balai("serve", "--port", "0")
    assert refused.returncode == 1
    assert "The secret key is missing" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not (data_dir / "secret.key").exists()
    assert balai("secrets", "accept-new-key", "--yes").returncode == 0
    assert balai("hospital", "rotate", "rs-x").returncode == 0
