"""What several workers share among the temporary files: a full disk ends nobody, and nothing is left behind."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest
from prometheus_client.mmap_dict import mmap_key

from app.main import create_app
from app.observability import REQUESTS, SECONDS
from app.server.run import how_it_ended
from app.shared_files import LOCK, METRIC_BYTES, PREFIX, allocate_metrics, shared_folder
from tests.serving import Serving, served

DISK_MIB = 12  # what two workers take, and little more


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder with a disk of its own."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs", str(folder)]
    if subprocess.call(mount, stderr=subprocess.DEVNULL) != 0:
        pytest.skip("this account may not mount a small disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=False)


def fill(disk: Path, leaving: int = 0) -> None:
    """Fill a disk, up to so many bytes."""
    with (disk / "ballast").open("wb", buffering=0) as file:
        for block in (1 << 16, 1 << 12):
            with suppress(OSError):
                while True:
                    file.write(bytes(block))
    if leaving:
        with (disk / "ballast").open("r+b") as file:
            file.truncate((disk / "ballast").stat().st_size - leaving)


def test_a_full_disk_of_temporary_files_stops_no_worker(small_disk: Path, tmp_path: Path) -> None:
    data = tmp_path / "served"
    data.mkdir()
    with served(data, "--workers", "2", TMPDIR=str(small_disk)) as server:
        fill(small_disk)
        paths = [
            "/v1/position",
            "/v1/bed-types",
            "/v1/areas",
            "/healthz",
            "/docs",
            "/nowhere",
            "/metrics",
        ]
        for path in paths * 5:
            assert get_status(server, path) < 500
        assert "died" not in (data / "serve.log").read_text()


def test_a_worker_that_starts_on_a_full_disk_counts_for_itself(small_disk: Path, tmp_path: Path) -> None:
    data = tmp_path / "served"
    data.mkdir()
    fill(small_disk, leaving=2 * 1024 * 1024 + 64 * 1024 + 300 * 1024)  # the table of rate limits, and no more
    with served(data, "--workers", "2", TMPDIR=str(small_disk)) as server:
        assert get_status(server, "/metrics") == 200
        assert "has only its own counts" in (data / "serve.log").read_text()


def test_no_room_at_all_is_one_sentence(small_disk: Path, tmp_path: Path) -> None:
    data = tmp_path / "served"
    data.mkdir()
    assert Serving(data).run("migrate").returncode == 0
    fill(small_disk, leaving=64 * 1024)  # with nothing at all, Python takes another folder by itself
    refused = Serving(data, environment={"TMPDIR": str(small_disk)}).run("serve", "--port", "0", "--workers", "2")
    assert refused.returncode == 1
    assert "Free some space" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_what_a_killed_server_left_is_removed_and_what_is_in_use_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    left = tmp_path / f"{PREFIX}left"
    left.mkdir()
    (left / LOCK).touch()
    with shared_folder() as first, shared_folder() as second:
        assert not left.exists()
        assert first.is_dir()
        assert second.is_dir()
    assert list(tmp_path.iterdir()) == []


def test_what_a_dead_worker_with_the_same_number_has_counted_stays(tmp_path: Path) -> None:
    counted = tmp_path / f"histogram_{os.getpid()}.db"
    counted.write_bytes(b"counted")
    with pytest.raises(FileExistsError):
        allocate_metrics(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == [counted.name]


def test_the_series_of_all_routes_fit_into_what_is_allocated() -> None:
    statuses = 24
    sizes = {"counter": 0, "histogram": 0}
    help_text = SECONDS.describe()[0].documentation
    for route in create_app().routes:
        path = getattr(route, "path", "")
        for method in {*(getattr(route, "methods", None) or {"GET"}), "HEAD", "OPTIONS", "other"}:
            labels = {"method": method, "route": path}
            bucket = mmap_key("balai_http_request_seconds", "balai_http_request_seconds_bucket", [*labels, "le"],
                              [*labels.values(), "0.0025"], help_text)  # fmt: skip
            total = mmap_key("balai_http_requests", "balai_http_requests_total", [*labels, "status"],
                             [*labels.values(), "404"], REQUESTS.describe()[0].documentation)  # fmt: skip
            sizes["histogram"] += (len(bucket) + 28) * 16
            sizes["counter"] += (len(total) + 28) * statuses
    assert 50_000 < sizes["counter"] < METRIC_BYTES["counter"], json.dumps(sizes)
    assert 50_000 < sizes["histogram"] < METRIC_BYTES["histogram"], json.dumps(sizes)


@pytest.mark.parametrize(("code", "how"), [(-7, "signal SIGBUS"), (-9, "signal SIGKILL"), (3, "exit code 3")])
def test_how_a_worker_ended_is_told_in_words(code: int, how: str) -> None:
    assert how_it_ended(code) == how


def get_status(server: Serving, path: str) -> int:
    """The status of a GET on a connection of its own."""

    return httpx2.get(server.url + path, trust_env=False).status_code
