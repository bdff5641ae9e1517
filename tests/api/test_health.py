"""Alive, and ready."""

from app.domain.errors import Unavailable


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
