"""The application as a whole: what its parts do together that none of them does alone."""

import httpx2
from fastapi.routing import iter_route_contexts

from app.config import Settings
from app.main import create_app
from tests.conftest import Service


def test_making_the_application_asks_no_database() -> None:
    assert create_app(Settings(database_url="postgresql://nobody@192.0.2.1/x")).title == "Balai"


def test_operation_ids_are_the_names_of_the_functions(settings: Settings) -> None:
    document = create_app(settings).openapi()
    ids = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert len(set(ids)) == len(ids)
    assert all(one.isidentifier() and one == one.lower() for one in ids)


def test_the_document_says_what_it_is_and_on_which_terms(settings: Settings) -> None:
    info = create_app(settings).openapi()["info"]
    assert info["title"] == "Balai"
    assert info["license"]["identifier"] == "MIT"
    assert info["description"]


def test_the_doors_for_operators_are_there(settings: Settings) -> None:
    paths = {getattr(context, "path", "") for context in iter_route_contexts(create_app(settings).routes)}
    assert {"/healthz", "/readyz", "/metrics", "/docs", "/redoc", "/openapi.json"} <= paths


async def test_a_body_over_the_limit_is_a_problem_whether_its_length_was_stated_or_not(
    service: Service, officer: httpx2.AsyncClient
) -> None:
    async def chunks() -> object:
        for _ in range(50):
            yield b"x" * 10_000

    path = "/v1/facilities/rs-a/reports"
    headers = {"Content-Type": "application/json"}
    position = service.node.board.position
    for content in (b"x" * 500_000, chunks()):
        response = await officer.post(path, content=content, headers=headers)  # type: ignore[arg-type]
        assert response.status_code == 413
        assert response.headers["content-type"] == "application/problem+json"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.json()["code"] == "too-large"
    assert service.node.board.position == position


async def test_a_slash_too_many_is_not_found_rather_than_sent_elsewhere(client: httpx2.AsyncClient) -> None:
    response = await client.get("/v1/areas/")
    assert response.status_code == 404
    assert response.json()["code"] == "not-found"
