"""Tables: what is taken, and that every fault is named by its line."""

import gzip
from pathlib import Path

import pytest

from app.cli import csv_rows
from app.cli.csv_rows import Faults, FileRefused, Row, read_rows


def read(path: Path, content: bytes | str, *required: str) -> list[Row]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    faults = Faults()
    rows = list(read_rows(path, faults, required=required))
    faults.check()
    return rows


def refused(path: Path, content: bytes | str, *required: str) -> list[str]:
    with pytest.raises(FileRefused) as told:
        read(path, content, *required)
    return str(told.value).splitlines()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "table.csv"


def test_cells_are_stripped_and_known_by_their_column(path: Path) -> None:
    (row,) = read(path, "a, b ,c\n 1 ,two words,\n", "b")
    assert (row["a"], row["b"], row["c"], row["d"]) == ("1", "two words", "", "")


@pytest.mark.parametrize("content", [b"\xef\xbb\xbfa,b\r\n1,2\r\n", b"a,b\n1,2", b"\n\na,b\n\n1,2\n\n"])
def test_byte_order_mark_windows_lines_and_empty_lines_are_taken(path: Path, content: bytes) -> None:
    (row,) = read(path, content, "a")
    assert row["a"] == "1"


@pytest.mark.parametrize("content", ["a;b\n1;2,5\n", "a\tb\r\n1\t2,5\r\n", "\n\na;b\n1;2,5\n"])
def test_semicolons_and_tabs_separate_as_spreadsheets_write_them(path: Path, content: str) -> None:
    (row,) = read(path, content, "a", "b")
    assert (row["a"], row["b"]) == ("1", "2,5")


def test_a_gzipped_file_is_known_by_its_content_not_its_name(path: Path) -> None:
    assert read(path, gzip.compress(b"a\n1\n"), "a")[0]["a"] == "1"


def test_a_row_knows_the_line_on_which_it_begins(path: Path) -> None:
    content = 'a,b\n"x","y"\n\n"p","q"\n'
    assert [row.line for row in read(path, content)] == [2, 4]


def test_every_fault_is_named_by_line(path: Path) -> None:
    told = refused(path, 'a,b\n1\n1,2\n1,2,3\n"1\n2",x\nx,\x00\n' + "y" * 1_001 + ",z\n")
    assert told == [
        "line 2: has 1 cells, the header line has 2",
        "line 4: has 3 cells, the header line has 2",
        "line 5: a: contains a line break, or a control, direction or zero-width character",
        "line 7: b: contains a line break, or a control, direction or zero-width character",
        "line 8: a: has 1001 characters; at most 1,000 are accepted",
    ]


def test_of_many_faults_the_first_are_told_and_all_are_counted(path: Path) -> None:
    told = refused(path, "a,b\n" + "x\n" * 100)
    assert len(told) == csv_rows.FAULTS_SHOWN + 1
    assert told[-1] == "... 100 faults in all"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\n", "is empty"),
        (b"a,c\n", "line 1: the header line lacks b"),
        (b"a,b,a\n", "line 1: the header line names twice: a"),
        (b"a,b\n1,\xff\n", "line 2: this is not UTF-8 text"),
        ("a,b\n1,2\n".encode("utf-16"), "line 1: this is not UTF-8 text"),
        (b'a,b\n"1,2\n', "line 2: this is not CSV"),
        (b'a,b\n"1"x,2\n', "line 2: this is not CSV"),
        (",".join(f"c{n}" for n in range(65)).encode(), "line 1: has 65 columns; at most 64"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0)[:-6], "is a damaged gzip file"),
        (b"\x1f\x8b nothing", "is a damaged gzip file"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(path: Path, content: bytes, why: str) -> None:
    assert why in refused(path, content, "a", "b")[-1]


def test_what_was_wrong_before_is_still_told_when_reading_ends(path: Path) -> None:
    assert len(refused(path, b"a,b\n1\n\xff,2\n")) == 2


def test_a_file_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    faults = Faults()
    assert list(read_rows(tmp_path / "none.csv", faults)) == []
    assert list(read_rows(tmp_path, faults)) == []
    assert faults.count == 2


def test_limits_of_rows_and_bytes_hold(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_rows, "ROWS_MAX", 3)
    assert len(read(path, "a\n1\n2\n3\n")) == 3
    assert refused(path, "a\n1\n2\n3\n4\n") == ["line 5: the file has more than 3 rows"]
    monkeypatch.setattr(csv_rows, "LINE_BYTES_MAX", 10)
    assert refused(path, "a\n" + "1" * 50) == ["line 2: has more than 10 bytes"]
    monkeypatch.setattr(csv_rows, "BYTES_MAX", 5)
    assert "MiB" in refused(path, "a\n1\n2\n3\n")[0]
