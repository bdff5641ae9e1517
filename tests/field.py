"""Small inputs in the shape of what real clients and files contain; they lie beside the repository, if at all."""

import json
from pathlib import Path
from typing import Any

import pytest

_PLACES = [parent / "shared" / "field" for parent in Path(__file__).resolve().parents]
FIELD = next((place for place in _PLACES if place.is_dir()), None)

needs_field = pytest.mark.skipif(FIELD is None, reason="the inputs of real software are not here (../shared/field)")


def field_json(name: str) -> Any:
    """The content of a JSON file."""
    assert FIELD is not None
    return json.loads((FIELD / name).read_text())


def field_requests(protocol: str) -> list[dict[str, str]]:
    """The requests of one protocol, in their order; `body` is as it was sent."""
    assert FIELD is not None
    requests = [json.loads(line) for line in (FIELD / "requests.jsonl").read_text().splitlines()]
    return [request for request in requests if request["protocol"] == protocol]
