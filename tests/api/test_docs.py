"""The documentation: whole, with examples, and served without asking anyone."""

import base64
import hashlib
import re

import pytest

from app.domain.beds.bed_types import BED_TYPES

METHODS = {"get", "post", "patch", "delete", "put"}


@pytest.fixture
async def document(client):
    return (await client.get("/openapi.json")).json()


def operations(document):
    return [
        (f"{method.upper()} {path}", operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]


async def test_every_route_says_what_it_does_and_what_it_refuses(document):
    for name, operation in operations(document):
        assert operation["summary"], name
        assert len(operation["description"]) > 30, name
        if name.split()[1].startswith("/v1"):
            assert {"401", "422", "429", "503", "default"} <= set(operation["responses"]), name
        else:
            assert all(content["content"] for content in operation["responses"].values()), name
        for status, response in operation["responses"].items():
            # The doors of foreign software speak in their own words, others in problem documents.
            if status[0] in "45d" and operation["tags"][0] not in {"SIRS Online", "Aplicares", "SIRANAP v1"}:
                [(media_type, content)] = response["content"].items()
                assert media_type == "application/problem+json", name
                assert content["examples"], name
                for example in content["examples"].values():
                    assert status == "default" or example["value"]["status"] == int(status)


async def test_every_body_has_a_worked_example(document):
    schemas = document["components"]["schemas"]
    for name, operation in operations(document):
        for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
            if media_type != "application/json" or name.endswith(("/close", "/open")):
                continue
            shape = schemas.get(content["schema"].get("$ref", "").rpartition("/")[2], {})
            assert content.get("examples") or content.get("example") or shape.get("examples"), name


async def test_operation_ids_are_names_and_unique(document):
    ids = [operation["operationId"] for _, operation in operations(document)]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z_]+", each) for each in ids)


async def test_nothing_is_pointed_to_that_is_not_there(document):
    pointed = set(re.findall(r"#/components/schemas/(\w+)", str(document)))
    assert pointed <= set(document["components"]["schemas"])
    assert "HTTPValidationError" not in pointed


async def test_tags_are_described(document):
    used = {tag for _, operation in operations(document) for tag in operation["tags"]}
    assert used == {tag["name"] for tag in document["tags"]}


async def test_authorize_takes_the_key_and_public_routes_do_without(document):
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    capacity = document["paths"]["/v1/areas/{code}/capacity"]["get"]
    assert capacity["security"] == [{"key": []}, {}]
    report = document["paths"]["/v1/facilities/{facility_id}/reports"]["post"]
    assert report["security"] == [{"key": []}]


async def test_worked_examples_are_accepted(document, officer, client):
    report = document["paths"]["/v1/facilities/{facility_id}/reports"]["post"]
    for example in report["requestBody"]["content"]["application/json"]["examples"].values():
        answer = await officer.post(
            "/v1/facilities/rs-a/reports", json={**example["value"], "observed_at": "2026-11-23T09:00:00+07:00"}
        )
        assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
async def test_the_pages_run_our_files_and_one_script_by_its_hash(client, path):
    page = await client.get(path)
    policy = page.headers.get_list("content-security-policy")[0]
    [script] = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'self' 'sha256-{digest}'" in policy
    assert "http" not in page.text
    for asset in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        answer = await client.get("/" + asset)
        assert answer.status_code == 200
        assert answer.headers["content-type"].partition(";")[0] in {
            "text/css", "text/javascript", "application/javascript", "image/png"
        }  # fmt: skip


async def test_redoc_finds_the_file_that_it_asks_for_by_itself(client):
    assert (await client.get("/redoc/logo-mini.svg")).headers["content-type"] == "image/svg+xml"


async def test_only_the_files_of_the_pages_are_served(client):
    for name in ("__init__.py", "..%2f__init__.py", "nothing"):
        assert (await client.get(f"/docs/assets/{name}")).status_code == 404


async def test_the_vocabulary_is_told_whole(client):
    bed_types = (await client.get("/v1/bed-types")).json()["bed_types"]
    assert [each["code"] for each in bed_types] == list(BED_TYPES)
    icu = next(each for each in bed_types if each["code"] == "icu_ventilator")
    assert icu["name"] == {"id": "ICU dengan ventilator", "en": "ICU with ventilator"}
    assert icu["codes"]["sirs"] == ["38"]
    assert icu["negative_pressure"] is None
