"""Vendored libraries: as published, listed with version and digest, each with its licence."""

import hashlib
import json
import re

from app.web.static_files import ROOT

VENDOR = ROOT / "vendor"
LIBRARIES = json.loads((VENDOR / "manifest.json").read_text())["libraries"]


def digest(name: str) -> str:
    return hashlib.sha256((VENDOR / name).read_bytes()).hexdigest()


def test_each_file_is_what_the_manifest_says():
    for library in LIBRARIES:
        assert library["files"]
        for name, entry in library["files"].items():
            assert digest(name) == entry["sha256"], name


def test_each_library_has_its_licence():
    for library in LIBRARIES:
        assert library["licence"]
        for name, expected in library["notices"].items():
            assert digest(name) == expected, name
            assert "opyright" in (VENDOR / name).read_text()


def test_nothing_else_is_there():
    listed = {name for library in LIBRARIES for name in (*library["files"], *library["notices"])}
    found = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()}
    assert {name for name in found - listed if not name.endswith(".d.ts")} == {"manifest.json"}


def test_versions_in_the_files_are_those_of_the_manifest():
    leaflet = next(library for library in LIBRARIES if library["package"] == "leaflet")
    assert re.search(r't\.version="([^"]+)"', (VENDOR / "leaflet/leaflet.js").read_text())[1] == leaflet["version"]
