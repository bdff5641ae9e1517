"""Every page in both languages: nothing in the console, no request to another host, no text that is missing."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import NEEDS_BROWSER
from tests.browser.city import City
from tests.browser.lively import enliven
from tests.browser.test_accessibility import PAGES

pytestmark = NEEDS_BROWSER


@pytest.mark.parametrize("language", ["id", "en"])
def test_no_page_complains_or_asks_another_host(page: Page, city: City, language: str) -> None:
    """The fixture of the page checks both at the end."""
    enliven(city)
    for path in PAGES:
        page.goto(f"{path}{'&' if '?' in path else '?'}lang={language}")
        expect(page.locator(".wait, .wait-t")).to_have_count(0)
        expect(page.locator("html")).to_have_attribute("lang", language)
        # Modules of maps come after the figures; a page that is left before would stop them with an error.
        page.wait_for_load_state("load")
        page.wait_for_function("!document.querySelector('.leaflet-container:not(:has(path))')")
        assert "undefined" not in page.locator("body").inner_text()
        page.wait_for_timeout(300)
