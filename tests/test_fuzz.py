"""Schema-driven fuzzing of the whole API over a real socket: no 500, no status that its route does not name, no answer
that is not as the schema says. Each push fuzzes for some seconds, the long run for five minutes.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from tests.serving import Serving, served

SEED = os.environ.get("BALAI_TEST_SEED", "20211115")
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
CASES_PER_SECOND_MIN = 5


def strict_schema(server: Serving, folder: Path) -> Path:
    """The API's document, made stricter: without the `default` answers, under which any status would be documented.

    Two things stay allowed: 414, which the server itself says of any address, and 503 of a position that is not
    reached, which is never asked for here (it is no fault, and a fuzzer takes every 5xx for one).
    """
    document = httpx2.get(f"{server.url}/openapi.json", trust_env=False).json()
    for path in document["paths"].values():
        for operation in path.values():
            told = operation["responses"].pop("default", None)
            operation["responses"]["414"] = told or {"description": "The address is too long."}
            kept = [p for p in operation.get("parameters", ()) if p["name"] != "min_position"]
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
        command += ["--exclude-operation-id", "revoke_issued_key", "--suppress-health-check", "all"]
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
    fuzz(tmp_path, 20)


@pytest.mark.slow
def test_fuzzing_finds_nothing_in_five_minutes(tmp_path: Path) -> None:
    fuzz(tmp_path, 300)
