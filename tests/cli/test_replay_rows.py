"""Rows as reports, in both layouts."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.cli.csv_rows import FileRefused
from app.cli.replay_rows import read_reports


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "reports.csv"


def documents(path: Path, content: str) -> list[dict[str, Any]]:
    path.write_text(content)
    return [json.loads(report.text) for report in read_reports(path)]


def test_the_stream_of_siranap_is_read_row_by_row(path: Path) -> None:
    header = "reported_at,reported_at_unit_min,seen_at,facility_key,facility,bed_class,vacant,queue\n"
    first, second = documents(
        path,
        header + "2021-07-12T05:55:11+07:00,60,2021-07-12T21:55:11+07:00,3374032,RS W,igd_covid,0,3\n"
        ",,2021-07-12T21:55:11+07:00,x-2,RS Y,class_1,4,\n",
    )
    assert first.pop("report_id").startswith("replay-")
    assert first == {
        "facility_id": "rs-3374032",
        "observed_at": "2021-07-12T05:55:11+07:00",
        "lines": [{"bed_type": "emergency_covid", "beds_available": 0, "queue": 3}],
    }
    # Where the page gave no age, the moment at which it was seen stands.
    assert second["facility_id"] == "rs-x-2"
    assert second["observed_at"] == "2021-07-12T21:55:11+07:00"
    assert second["lines"] == [{"bed_type": "ward_1", "beds_available": 4}]


def test_rows_of_one_facility_and_moment_are_the_lines_of_one_report(path: Path) -> None:
    found = documents(
        path,
        "facility_id,observed_at,bed_type,ward_code,ward_name,beds_total,beds_occupied,closed\n"
        "a,2026-01-01T00:00:00Z,icu,1,Satu,5,2,\n"
        "a,2026-01-01T00:00:00Z,icu,2,,,,true\n"
        "a,2026-01-01T00:00:00Z,icu,1,,6,2,\n"
        "b,2026-01-01T00:00:00Z,icu,,,x,-2,maybe\n",
    )
    assert [len(report["lines"]) for report in found] == [2, 1, 1]
    assert found[0]["lines"] == [
        {"bed_type": "icu", "ward_code": "1", "ward_name": "Satu", "beds_total": 5, "beds_occupied": 2},
        {"bed_type": "icu", "ward_code": "2", "closed": True},
    ]
    # What is no number is the server's to refuse, in its words.
    assert found[2]["lines"] == [{"bed_type": "icu", "closed": "maybe", "beds_total": "x", "beds_occupied": -2}]


@pytest.mark.parametrize(
    ("cell", "sent"), [("12.0", 12), ("12.00", 12), ("12.5", "12.5"), ("1.000", "1.000"), ("1e1", "1e1"), ("٣", "٣")]
)
def test_a_whole_number_may_have_a_fraction_of_zero_as_spreadsheets_write_it(path: Path, cell: str, sent: Any) -> None:
    (found,) = documents(path, f"facility_id,observed_at,bed_type,beds_total\na,2026-01-01T00:00:00Z,icu,{cell}\n")
    assert found["lines"] == [{"bed_type": "icu", "beds_total": sent}]


def test_a_report_id_comes_from_the_file_or_from_what_is_said(path: Path) -> None:
    header = "facility_id,observed_at,bed_type,beds_total,report_id\n"
    own, derived, same, other = documents(
        path,
        header + "a,2026-01-01T00:00:00Z,icu,5,mine\n"
        "a,2026-01-01T01:00:00Z,icu,5,\n"
        "b,2026-01-01T00:00:00Z,icu,5,\n"
        "a,2026-01-01T01:00:00Z,icu,5,\n",
    )
    assert own["report_id"] == "mine"
    assert derived["report_id"] == other["report_id"] != same["report_id"]


def test_lines_of_the_file_are_kept_for_what_is_told_later(path: Path) -> None:
    path.write_text("facility_id,observed_at,bed_type\na,t,icu\na,t,hcu\nb,t,icu\n")
    assert [report.lines for report in read_reports(path)] == [(2, 3), (4,)]


def test_a_table_of_something_else_is_refused(path: Path) -> None:
    path.write_text("code,name\n33,x\n")
    with pytest.raises(FileRefused, match="match neither layout"):
        read_reports(path)


def test_a_table_without_rows_is_nothing_to_send(path: Path) -> None:
    assert documents(path, "facility_id,observed_at,bed_type\n") == []
