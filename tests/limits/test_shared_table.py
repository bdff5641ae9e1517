"""Rate limits that the workers of one machine share."""

from pathlib import Path

import httpx2
import pytest

from app.domain.errors import RateLimited
from app.limits import shared_table
from app.limits.rate_limits import Rate, Rates
from app.limits.shared_table import SETS, WAYS, SharedTable
from tests.serving import served


@pytest.fixture
def file(tmp_path: Path) -> Path:
    shared_table.create(tmp_path / "table")
    return tmp_path / "table"


def allowed(rates: Rates, tries: int) -> int:
    found = 0
    for _ in range(tries):
        try:
            rates.spend("a", Rate(10, 50))
        except RateLimited:
            continue
        found += 1
    return found


def test_two_workers_share_one_allowance(file: Path) -> None:
    one, two = (Rates(clock=lambda: 1000.0, allowances=SharedTable(file)) for _ in range(2))
    assert [allowed(one, 30), allowed(two, 30), allowed(one, 30)] == [30, 20, 0]


def test_what_one_sets_the_other_reads(file: Path) -> None:
    one, two = SharedTable(file), SharedTable(file)
    for number in range(1_000):
        one.put(f"name {number}", number + 0.5)
    assert [two.get(f"name {number}") for number in range(1_000)] == [number + 0.5 for number in range(1_000)]
    assert two.get("unknown") == 0


def test_a_full_table_forgets_the_smallest_numbers(file: Path) -> None:
    table = SharedTable(file)
    for number in range(2 * SETS * WAYS):
        table.put(str(number), float(number + 1))
    newest = range(2 * SETS * WAYS - 1_000, 2 * SETS * WAYS)
    assert all(table.get(str(number)) == number + 1 for number in newest)


def test_two_workers_of_a_server_allow_as_much_as_one(tmp_path: Path) -> None:
    with served(tmp_path, "--workers", "2", BALAI_RATE_EXEMPT="none", BALAI_RATE_PUBLIC="0.01/10") as server:
        # A connection each: the workers take them in turns, more or less.
        found = [httpx2.get(f"{server.url}/nowhere", trust_env=False).status_code for _ in range(60)]
    assert found.count(404) == 10
