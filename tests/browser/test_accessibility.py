"""Every page in both themes and at three widths: no finding of axe, and nothing scrolls sideways."""

import json
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.chromium import NEEDS_BROWSER
from tests.browser.city import City
from tests.browser.lively import FRESH, enliven

pytestmark = NEEDS_BROWSER

PAGES = (
    *("/", "/?wall=1", "/area/ID", "/area/33", f"/area/{FRESH}", "/area/33.74.10", "/area/33.74.10.1001"),
    *("/facility/rs-3374010", "/facility/rs-3374331", "/facilities", "/masuk"),
    "/publik?need=ward&area=33.74.10",
)
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES = {"runOnly": {"type": "tag", "values": TAGS}}


def is_ready(page: Page) -> None:
    expect(page.locator(".wait")).to_have_count(0)
    page.wait_for_load_state("load")


# Of all rules these alone depend on the theme.
OF_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


def findings(page: Page, rules: dict[str, Any]) -> list[Any]:
    return [
        (found["id"], found["nodes"][0]["html"][:200], found["nodes"][0].get("failureSummary", "")[:300])
        for found in Axe().run(page, options=rules).response["violations"]
    ]


@pytest.mark.parametrize(("theme", "rules"), [("light", RULES), ("dark", OF_COLOURS)])
def test_axe_finds_nothing(page: Page, city: City, theme: Any, rules: dict[str, Any]) -> None:
    enliven(city)
    page.emulate_media(color_scheme=theme)
    found = {}
    for path in PAGES:
        page.goto(path)
        is_ready(page)
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 800})
            if path == "/?wall=1" and width == 360:
                continue  # for a wall
            if some := findings(page, rules):
                found[path, width] = some
    assert not found, json.dumps([(str(where), what) for where, what in found.items()], indent=1)


def test_nothing_scrolls_sideways_on_a_narrow_phone(page: Page, city: City) -> None:
    enliven(city)
    page.set_viewport_size({"width": 320, "height": 640})
    for path in PAGES:
        if "wall" in path:
            continue
        page.goto(path)
        is_ready(page)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 320, (path, width)
