"""Names that break pages: each is text, and fits."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import NEEDS_BROWSER
from tests.browser.city import City
from tests.browser.hostile import AREA, NAMES, register_hostile

pytestmark = NEEDS_BROWSER


@pytest.fixture
def hostile(city: City) -> City:
    """A city with such names."""
    register_hostile(city)
    return city


PATHS = (f"/area/{AREA}", "/area/33.74.10", "/", "/facilities", f"/publik?need=ward&area={AREA}")


@pytest.mark.parametrize("width", [1280, 320])
def test_hostile_names_are_text_and_fit(page: Page, hostile: City, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for path in (*PATHS, *(f"/facility/h{n}-ho" for n in range(len(NAMES)))):
        page.goto(path)
        expect(page.locator(".wait")).to_have_count(0)
        assert page.title() != "broken"
        assert page.locator("main script, main img, main [onmouseover]").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert "49" not in page.locator("h1").first.inner_text()
    page.goto(f"/area/{AREA}")
    for name in NAMES[2:5]:
        expect(page.locator("bdi", has_text=name[:40]).first).to_be_attached()
