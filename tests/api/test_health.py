"""Alive, and ready."""

from app.domain.errors import Unavailable
from app.runtime.worker import Worker
from tests.serving import eventually


async def test_alive_asks_nothing(client, service, monkeypatch):
    def forbidden(*_: object) -> None:
        raise AssertionError("the health check asked the database")

    monkeypatch.setattr(type(service.node.database), "reading", forbidden)
    answer = await client.get("/healthz")
    monkeypatch.undo()
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


async def test_ready_when_the_ledger_is_read(client, service):
    assert (await client.get("/readyz")).json() == {
        "status": "ready",
        "position": service.node.board.position,
    }


async def test_not_ready_while_the_database_does_not_answer(client, service, monkeypatch):
    async def away() -> None:
        raise Unavailable("The database does not answer.")

    monkeypatch.setattr(service.node.follower, "catch_up", away)
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert "retry-after" in answer.headers


async def test_background_work_that_fails_is_named_and_vital_work_is_a_503(client, service):
    broken = True

    async def step() -> None:
        if broken:
            raise RuntimeError("a secret")

    def started(name: str, *, is_vital: bool) -> Worker:
        worker = Worker(name, step, is_vital=is_vital, retry_seconds_max=0.01)
        service.node.workers.start(worker)
        return worker

    sender = started("a sender", is_vital=False)
    await eventually(lambda: sender.is_failing)
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["failing"]) == (200, ["a sender"])
    queue = started("a queue", is_vital=True)
    await eventually(lambda: queue.is_failing)
    answer = await client.get("/readyz")
    assert (answer.status_code, "a queue" in answer.json()["detail"]) == (503, True)
    assert "a secret" not in answer.text
    broken = False
    await eventually(lambda: not service.node.workers.failing())
    assert (await client.get("/readyz")).json()["status"] == "ready"
