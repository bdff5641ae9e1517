"""The page for citizens: complete without scripts, old figures apart, one filled button."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import NEEDS_BROWSER
from tests.browser.city import City
from tests.browser.lively import enliven

pytestmark = NEEDS_BROWSER

PATH = "/publik?need=ward&area=33.74.10.1001"


@pytest.mark.parametrize("options", [{"java_script_enabled": False}, {"viewport": {"width": 360, "height": 640}}])
def test_the_nearest_beds_are_listed_as_the_api_has_them(page: Page, city: City, options: dict[str, Any]) -> None:
    enliven(city)
    page.goto(PATH)
    found = city.get("/v1/beds/nearest", area="33.74.10.1001", group="ward", kind="hospital")
    names = [row["facility"]["name"] for row in found["beds"]]
    assert names
    shown = page.locator("section[aria-labelledby=h-free] h3 bdi").all_inner_texts()
    assert shown == names[: len(shown)]
    assert len(shown) >= min(3, len(names))
    old = [row["facility"]["name"] for row in found["not_fresh"]]
    assert old
    assert not set(old) & set(shown)
    for name in old[:3]:  # the others follow after a link
        expect(page.locator("#not_fresh")).to_contain_text(name)
    if "viewport" in options:
        top = page.locator("section[aria-labelledby=h-free] li").first.bounding_box()
        assert top is not None
        assert top["y"] < 640


def test_after_a_night_asleep_the_figures_are_late_before_the_server_has_answered(page: Page, city: City) -> None:
    enliven(city)
    page.clock.install()
    page.goto(PATH)
    first = page.locator("section[aria-labelledby=h-free] li").first
    expect(first.locator(".age")).to_have_attribute("data-f", "fresh")
    page.route("**/publik*", lambda _: None)  # no answer yet
    page.clock.fast_forward(8 * 3_600_000)
    expect(first.locator(".age")).to_have_attribute("data-f", "stale")
    expect(first.locator("[data-then]")).to_have_text("waktu itu")
