"""Patterns: one that looks only at the beginning, or ends with `$`, lets a line break at the end pass."""

import ast
from pathlib import Path

import httpx2
import pytest

import app
from app.domain.registry.facility import split_identifier
from app.observability import given_request_id
from tests.conftest import Service


def test_external_text_is_compared_whole() -> None:
    found = []
    for file in Path(app.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            owner = getattr(node.func.value, "id", "")
            if node.func.attr == "match" and (owner == "re" or owner.isupper()):
                found.append(f"{file.name}:{node.lineno}: match of {owner}")
            if owner == "re" and node.func.attr == "compile":
                pattern = node.args[0]
                text = pattern.value if isinstance(pattern, ast.Constant) else ""
                if text and text[-1:] in {"$", b"$"}:
                    found.append(f"{file.name}:{node.lineno}: ends with $")
    assert found == []


@pytest.mark.parametrize("end", ["%0A", "%0D%0A", "%00", "%7F", "%0A%0A", "%09"])
@pytest.mark.parametrize(
    "path",
    [
        "/v1/facilities/sirs:3374001", "/v1/facilities/rs-a", "/v1/facilities/rs-a/channels", "/v1/areas/33.74",
        "/v1/areas/33.74/capacity", "/v1/position", "/healthz", "/v1/bed-types",
    ],
)  # fmt: skip
async def test_a_control_character_at_the_end_of_a_path_names_nothing(
    path: str, end: str, client: httpx2.AsyncClient
) -> None:
    assert (await client.get(path)).status_code == 200
    answer = await client.get(path + end)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_reference_and_a_request_id_are_compared_whole() -> None:
    assert split_identifier("sirs:3374001\n") is None
    assert given_request_id({"headers": [(b"x-request-id", b"abc\n")]}) is None


async def test_a_report_to_a_reference_with_a_line_break_is_not_taken(service: Service) -> None:
    said = {"observed_at": service.node.clock().isoformat(), "lines": [{"bed_type": "icu", "beds_total": 5}]}
    before = service.node.board.position
    async with service.client(await service.key()) as officer:
        answer = await officer.post("/v1/facilities/sirs:3374001%0A/reports", json=said)
        assert answer.status_code == 404
        bulk = await officer.post("/v1/reports", json=[{**said, "facility_id": "sirs:3374001\n"}])
        assert "201" not in bulk.text
        assert service.node.board.position == before + 1  # the key
