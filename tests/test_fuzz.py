"""Schema-driven fuzzing of the whole API over a real socket: no 500, no status that its route does not name, no answer
that is not as the schema says. Each push fuzzes for some seconds, the long run for five minutes.
"""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import httpx2
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from tests.serving import Serving, served

SEED = os.environ.get("BALAI_TEST_SEED", "20211115")
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
CASES_PER_SECOND_MIN = 5
STREAMS = ("stream_area", "stream_areas")


def strict_schema(server: Serving, folder: Path) -> Path:
    """The API's document, made stricter: without the `default` answers, under which any status would be documented.

    Two things stay allowed: 414, which the server itself says of any address, and 503 of a position that is not
    reached, which is never asked for here (it is no fault, and a fuzzer takes every 5xx for one). Nor is anything
    asked for that keeps it waiting: streams have a test of their own.
    """
    document = httpx2.get(f"{server.url}/openapi.json", trust_env=False).json()
    for path in document["paths"].values():
        for operation in path.values():
            told = operation["responses"].pop("default", None)
            operation["responses"]["414"] = told or {"description": "The address is too long."}
            kept = [p for p in operation.get("parameters", ()) if p["name"] != "min_position"]
            for parameter in kept:
                if parameter["name"] == "wait":
                    parameter |= {"required": True, "schema": {"const": 0}}
            operation["parameters"] = kept
    file = folder / "openapi.json"
    file.write_text(json.dumps(document))
    return file


def fuzz(folder: Path, seconds: int) -> None:
    environment = {"BALAI_RATE_PUBLIC": "100000/100000", "BALAI_RATE_AREA_KEY": "100000/100000"}
    with served(folder, "--seed", "semarang", **environment) as server:
        key = server.key()
        command = [Path(sys.executable).with_name("schemathesis"), "run", strict_schema(server, folder)]
        command += ["--url", server.url, "--header", f"Authorization: Bearer {key}", "--checks", CHECKS]
        # Its own key is not to be revoked on the way: the rest of the run would see 401 alone.
        for operation in ("revoke_issued_key", *STREAMS):
            command += ["--exclude-operation-id", operation]
        command += ["--suppress-health-check", "all"]
        command += ["--max-time", str(seconds), "--seed", SEED, "--continue-on-failure", "--no-color", "--no-shrink"]
        done = subprocess.run(
            command,
            cwd=folder,
            env=os.environ | {"SCHEMATHESIS_HOOKS": "", "HYPOTHESIS_STORAGE_DIRECTORY": str(folder / "hypothesis")},
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds * 3 + 120,
        )
        (folder / "fuzz.log").write_text(done.stdout + done.stderr)
        print(done.stdout[-6000:], done.stderr[-2000:])
        assert done.returncode == 0, "the fuzzer found something; its output is above"
        generated = re.search(r"(\d[\d,]*) generated", done.stdout)
        assert generated, "unknown: the fuzzer does not tell how much it tried"
        assert int(generated[1].replace(",", "")) >= CASES_PER_SECOND_MIN * seconds, "unknown: too little was tried"
        assert server.run("verify").returncode == 0


def test_fuzzing_finds_nothing_in_seconds(tmp_path: Path) -> None:
    fuzz(tmp_path, 12)


@pytest.mark.slow
def test_fuzzing_finds_nothing_in_five_minutes(tmp_path: Path) -> None:
    fuzz(tmp_path, 300)


WORDS = st.sampled_from(["33.74", "ID", "33.99", "rs-a", "0", "1", "-1", "9" * 19, "9" * 20, "true", "icu", "changes"])
QUESTIONS = st.lists(
    st.tuples(
        st.sampled_from(["area", "events", "after", "bed_type", "kind", "fresh_only", "group_by", "unknown"]),
        WORDS | st.text(max_size=20),
    ),
    max_size=4,
)


def test_fuzzing_the_streams_finds_nothing(tmp_path: Path) -> None:
    statuses: Counter[int] = Counter()
    with (
        served(tmp_path, "--seed", "semarang") as server,
        httpx2.Client(base_url=server.url, trust_env=False) as client,
    ):
        paths = client.get("/openapi.json").json()["paths"]

        @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
        @seed(int(SEED))
        @given(WORDS | st.none(), QUESTIONS, st.none() | WORDS)
        def ask(code: str | None, query: list[tuple[str, str]], last: str | None) -> None:
            path = "/v1/stream" if code is None else f"/v1/areas/{code}/stream"
            headers = {} if last is None else {"Last-Event-ID": last}
            told = paths["/v1/stream" if code is None else "/v1/areas/{code}/stream"]["get"]["responses"]
            with client.stream("GET", path, params=query, headers=headers) as answer:
                first = next(answer.iter_bytes())
            statuses[answer.status_code] += 1
            assert str(answer.status_code) in told, first
            if answer.status_code == 200:
                assert first.startswith(b"retry: 2000\n\n"), first
            else:
                assert json.loads(first)["code"]

        ask()
        assert client.get("/v1/position").status_code == 200
    assert len(statuses) >= 3, f"unknown: too little was tried: {statuses}"
