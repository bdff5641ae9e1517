"""What a page shows equals what the API says at the same position, and nothing old looks new."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import NEEDS_BROWSER
from tests.browser.city import City
from tests.browser.lively import LATE, SILENT, enliven

pytestmark = NEEDS_BROWSER

HOSPITALS = {"kind": ["hospital", "clinic"]}
COLUMNS = {
    ".free": "beds_available", ".k3": "beds_occupied", ".k4": "beds_total", ".k5": "queue",
}  # fmt: skip


def number(text: str) -> int | None:
    """A figure as a page shows it: `1.166`; None for a sign such as `?`."""
    digits = text.strip().replace(".", "")
    return int(digits) if digits.isdigit() else None


def check_cells(row: Any, fresh: dict[str, Any]) -> None:
    for column, member in COLUMNS.items():
        assert number(row.locator(column).inner_text()) == fresh[member], (column, member)


def test_every_figure_of_the_command_center_equals_the_api(page: Page, city: City) -> None:
    enliven(city)
    page.goto("/")
    expect(page.locator("[data-slot=live]")).to_have_attribute("data-state", "live")
    document = city.get("/v1/areas/33.74/capacity", **HOSPITALS)
    position = int(re.sub(r"\D", "", page.locator("[data-slot=foot]").inner_text().rsplit("posisi", 1)[1]))
    assert position == document["position"]
    assert number(page.locator("[data-figure=free]").inner_text()) == document["totals"]["fresh"]["beds_available"]
    for group in document["by_group"]:
        row = page.locator(f"tr[data-group='{group['group']}']")
        if row.count():
            check_cells(row, group["fresh"])
    children = city.get("/v1/areas/33.74/capacity/children", **HOSPITALS)["children"]
    seen = 0
    for child in children:
        row = page.locator(f"tr[data-code='{child['area']['code']}']")
        if row.count():
            check_cells(row, child["totals"]["fresh"])
            seen += 1
    assert seen == 13


@pytest.mark.parametrize("code", [LATE, SILENT])
def test_what_is_late_or_silent_is_not_a_figure(page: Page, city: City, code: str) -> None:
    enliven(city)
    page.goto("/")
    row = page.locator(f"tr[data-code='{code}']")
    expect(row.locator(".free")).to_have_text(re.compile(r"^\?"))
    expect(row.locator(".k2 .uns")).to_have_text(re.compile(r"^\+\d+$"))


def test_figures_of_years_ago_are_not_shown_as_figures(page: Page, city: City) -> None:
    """As after a replay of 2021: everything is lapsed."""
    long_ago = city.clock().replace(year=2021, month=7, day=15)
    for facility in ("rs-3374010", "rs-3374021", "rs-3374342", "iso-uin"):
        city.report(facility, {"bed_type": "ward_3", "beds_available": 44}, observed_at=long_ago)
    for path in ("/", "/area/33.74.07", "/area/33.74.10"):
        page.goto(path)
        expect(page.locator("[data-slot=live]")).to_have_attribute("data-state", "live")
        expect(page.locator("[data-figure=free]").first).to_contain_text("?")
        assert "44" not in page.locator("main").inner_text()
