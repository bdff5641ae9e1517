"""Exports: three formats, no formulas, every row or none."""

import csv
import io
import json

import openpyxl
import pytest

from app.actions.register_facilities import register_facilities
from app.actions.submit_reports import submit_reports
from app.api.exports.tables import one_page, plain, table_body
from app.api.http.formats import MEDIA_TYPES, Format
from app.api.routes import facilities
from app.board import search
from app.domain.permissions import NATIONAL, OPERATOR, Actor, Role
from app.domain.registry.contact import Contact
from app.domain.registry.facility import Facility, FacilityKind
from tests.conftest import Service
from tests.factories import report

COMMAND = Actor("command", Role.command, NATIONAL)
CHILDREN = "/v1/areas/33.74/capacity/children"
FACILITIES = "/v1/areas/33.74/facilities"
HOSTILE = '=HYPERLINK("http://x","a")'


@pytest.fixture
async def client(service: Service):
    """A reader, after one hospital has spoken."""
    await submit_reports(service.node, [report(facility_id="rs-a")], by=COMMAND)
    async with service.client() as reader:
        yield reader


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("value", ["=1+1", "+62 24", "-7", "@x", "\tx", "\rx", "\nx", "\0x"])
def test_no_text_begins_a_formula(value):
    assert plain(value) == "'" + value


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("  =1", "  '=1"),
        ("RS A; =1", "RS A; '=1"),
        ("a|+b", "a|'+b"),
        ("a\t@x", "a\t'@x"),
        ("\t=1", "'\t'=1"),
        ("a;-1;=2", "a;'-1;'=2"),
        ('x;"=1+1', "x;\"'=1+1"),
        ("\uff1d1", "'\uff1d1"),
    ],
)
def test_no_text_begins_a_formula_where_a_spreadsheet_may_split_it(value, written):
    assert plain(value) == written


@pytest.mark.parametrize("value", ["a=1", "Jl. A - B", "", 7, -7.02, 0, True, None])
def test_other_cells_stay_as_they_are(value):
    assert plain(value) == value


async def test_children_as_csv(client):
    answer = await client.get(CHILDREN, params={"format": "csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="capacity-33.74.csv"'
    lines = answer.content.split(b"\r\n")
    assert lines[-1] == b""
    assert all(b"\n" not in line for line in lines)
    rows = rows_of(answer.text)
    assert [(row["row"], row["area_code"], row["beds_total"]) for row in rows] == [
        ("child", "33.74.01", "10"),
        ("child", "33.74.02", ""),
        ("unplaced", "33.74", ""),
    ]
    assert rows[2]["lat"] == "-7.02"
    assert rows[0]["newest_observed_at"] == "2026-11-23T03:00:00Z"


async def test_children_as_geojson(client):
    answer = await client.get(CHILDREN, params={"format": "geojson"})
    assert answer.headers["content-type"] == "application/geo+json"
    body = answer.json()
    assert [f["geometry"] for f in body["features"]] == [
        None,
        None,
        {"type": "Point", "coordinates": [110.39, -7.02]},
    ]
    assert body["features"][0]["properties"]["beds_total"] == 10


async def test_children_as_xlsx(client):
    answer = await client.get(CHILDREN, params={"format": "xlsx"})
    assert answer.headers["content-type"] == MEDIA_TYPES[Format.xlsx]
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    header, first, *_ = sheet.values
    row = dict(zip(header, first, strict=True))
    assert (row["area_code"], row["beds_total"], row["occupancy"]) == ("33.74.01", 10, 0.4)


@pytest.fixture
async def hostile(service: Service) -> None:
    """A facility whose texts would be formulas."""
    desk = Contact(HOSTILE, ("024 1", "+62 811 1"))
    hall = Facility("x", FacilityKind.rw_hall, HOSTILE, "33.74", phone="+62 24", address='say "a,b"', contact=desk)
    await register_facilities(service.node, [hall], by=OPERATOR)


@pytest.mark.usefixtures("hostile")
async def test_hostile_names_are_text_in_every_format(client):
    [row] = [row for row in rows_of((await client.get(FACILITIES + "?format=csv")).text) if row["facility_id"] == "x"]
    assert (row["name"], row["phone"], row["address"]) == ("'" + HOSTILE, "'+62 24", 'say "a,b"')
    assert (row["contact_name"], row["phones"]) == ("'" + HOSTILE, "024 1; '+62 811 1")
    xlsx = (await client.get(FACILITIES + "?format=xlsx")).content
    cells = [cell for line in openpyxl.load_workbook(io.BytesIO(xlsx)).active for cell in line]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert "'" + HOSTILE in [cell.value for cell in cells]
    features = (await client.get(FACILITIES + "?format=geojson")).json()["features"]
    assert HOSTILE in [feature["properties"]["name"] for feature in features]


async def test_facilities_as_a_file_come_all_at_once(client, monkeypatch):
    monkeypatch.setattr(search, "WORK_MAX", 1)
    answer = await client.get(FACILITIES, params={"format": "csv", "limit": 1})
    rows = rows_of(answer.text)
    assert [row["facility_id"] for row in rows] == ["iso-c", "rs-a", "rs-b", "rw-d"]
    assert tuple(rows[0]) == facilities.COLUMNS
    assert (rows[1]["identifiers"], rows[1]["freshness"], rows[1]["beds_available"]) == ("sirs=3374001", "fresh", "6")
    drawn = [(row["location_lat"], row["location_lon"], row["location_is"]) for row in rows[:2]]
    assert drawn == [("-7.02", "110.39", "area"), ("-6.98", "110.42", "facility")]
    features = (await client.get(FACILITIES, params={"format": "geojson"})).json()["features"]
    assert len(features) == 4


async def test_a_file_that_would_not_be_whole_is_refused(client, monkeypatch):
    monkeypatch.setattr(facilities, "EXPORT_ROWS_MAX", 3)
    answer = await client.get(FACILITIES, params={"format": "csv"})
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")
    assert (await client.get(FACILITIES, params={"format": "csv", "kind": "hospital"})).status_code == 200


async def test_an_empty_table_is_a_table():
    body = table_body(Format.csv, ("a", "b"), one_page([]))
    assert b"".join([part async for part in body]) == b"a,b\r\n"
    body = table_body(Format.geojson, ("a",), one_page([]))
    assert b"".join([part async for part in body]) == b'{"type":"FeatureCollection","features":[]}'


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("text/csv", "text/csv; charset=utf-8"),
        ("text/*", "text/csv; charset=utf-8"),
        ("application/geo+json, application/json;q=0.5", "application/geo+json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
        ("*/*", "application/json"),
    ],
)
async def test_the_format_is_negotiated(client, accept, media_type):
    for path in (CHILDREN, FACILITIES):
        answer = await client.get(path, headers={"Accept": accept})
        assert answer.headers["content-type"] == media_type
        assert "Accept" in answer.headers["vary"]


@pytest.mark.parametrize("asked", [{"headers": {"Accept": "text/html"}}, {"params": {"format": "pdf"}}])
async def test_another_format_is_406(client, asked):
    for path in (CHILDREN, FACILITIES):
        answer = await client.get(path, **asked)
        assert (answer.status_code, answer.json()["code"]) == (406, "not-acceptable")
        assert "csv" in answer.json()["detail"]


async def test_a_table_as_lines_of_json(client):
    answer = await client.get(FACILITIES, params={"format": "ndjson"})
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    rows = [json.loads(text) for text in answer.text.splitlines()]
    assert [row["facility_id"] for row in rows] == ["iso-c", "rs-a", "rs-b", "rw-d"]
    assert tuple(rows[0]) == facilities.COLUMNS
