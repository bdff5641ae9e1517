"""What is always answered: probes and preflights. Too many of them wait, and none fills the log."""

import time
from pathlib import Path

import httpx2
import pytest

from app.limits.rate_limits import PROBES, Rates
from app.middleware.rate_limits import pause_after_probes
from tests.serving import served

PREFLIGHT = {"Origin": "https://dash.example", "Access-Control-Request-Method": "GET"}


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [("GET", "/healthz", {}), ("GET", "/readyz", {}), ("OPTIONS", "/v1/areas/33.74/capacity", PREFLIGHT)],
)
def test_many_probes_are_all_answered_and_the_connection_rests(
    method: str, path: str, headers: dict[str, str], tmp_path: Path
) -> None:
    with (
        served(tmp_path, BALAI_RATE_EXEMPT="none") as server,
        httpx2.Client(base_url=server.url, trust_env=False, timeout=10) as client,
    ):
        begun = time.monotonic()
        assert {client.request(method, path, headers=headers).status_code for _ in range(112)} == {200}
        assert time.monotonic() - begun > 1  # a rest takes one to two seconds
        log = (tmp_path / "serve.log").read_text()
        assert path not in log
        assert "(preflight)" not in log


@pytest.mark.parametrize(("headers", "rests"), [([], True), ([(b"x-forwarded-for", b"203.0.113.9")], False)])
async def test_the_connection_of_a_proxy_never_rests(headers: list[tuple[bytes, bytes]], rests: bool) -> None:
    """It carries the requests of others too."""
    rested: list[bool] = []
    state = {"rates": Rates(exempt=()), "slow_down": lambda: rested.append(True)}
    scope = {"type": "http", "client": ("203.0.113.1", 1), "headers": headers, "state": state}

    async def send(_message: object) -> None:
        pass

    for _ in range(PROBES.burst + 5):
        await pause_after_probes(scope, send)({"type": "http.response.start", "status": 200})
    assert bool(rested) is rests
