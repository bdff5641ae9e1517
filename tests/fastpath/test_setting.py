"""One setting turns the fast path off; the responses stay the same."""

from pathlib import Path

import httpx2
import pytest

from app.config import Settings
from app.fastpath.cached_responses import CachedResponses
from app.main import create_app, for_server
from tests.conftest import Clock, Service
from tests.factories import build_world

REPORT = b'{"observed_at":"2026-11-23T10:00:00+07:00","lines":[{"bed_type":"icu","beds_total":10,"beds_occupied":4}]}'


@pytest.mark.parametrize("is_on", [True, False])
async def test_the_responses_are_the_same_with_the_fast_path_and_without(
    settings: Settings, clock: Clock, is_on: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(settings.model_copy(update={"fast_path": is_on}), clock=clock)
    async with app.router.lifespan_context(app) as state:
        assert (state["fast_path"] is not None) is is_on
        service = Service(CachedResponses(app) if is_on else app, dict(state))
        await build_world(service.node)
        async with service.client(await service.key(facility="rs-a")) as hospital:
            receipt = await hospital.post(
                "/v1/facilities/rs-a/reports", content=REPORT, headers={"Content-Type": "application/json"}
            )
        async with service.client() as dashboard:
            answers = [await dashboard.get("/v1/areas/33.74/capacity") for _ in range(3)]
    assert receipt.status_code == 201
    assert {_lasting(answer) for answer in answers} == {_lasting(answers[0])}
    assert answers[0].json()["totals"]["beds_occupied"] == 4


def _lasting(answer: httpx2.Response) -> tuple[int, bytes, str]:
    return answer.status_code, answer.content, answer.headers["etag"]


def test_the_server_has_no_fast_path_where_the_setting_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BALAI_FAST_PATH", raising=False)
    assert isinstance(for_server(), CachedResponses)
    monkeypatch.setenv("BALAI_FAST_PATH", "false")
    assert not isinstance(for_server(), CachedResponses)
