"""What leads a page into a state: data of the city, what the network does to the page, what its reader does."""

import json

from playwright.sync_api import Page, Route, expect

from tests.browser.city import City
from tests.browser.hostile import register_hostile
from tests.browser.lively import FRESH, FULL, beds, crowd, enliven, widen
from tests.browser.selectors import row


def held_back(page: Page) -> None:
    """Something on the way holds events back: the page reads everything every 30 s."""
    page.route("**/stream?*", lambda route: route.fulfill(status=200, content_type="text/html", body=""))


def never_answered(page: Page) -> None:
    """The stream is asked for, and nothing comes."""
    page.route("**/stream?*", lambda route: None)


def slow(page: Page) -> None:
    """The figures do not come."""
    page.route("**/v1/areas/33.74/capacity?*", lambda route: None)


def failing(page: Page) -> None:
    """Streams are held back; figures come once, and are refused from then on."""
    held_back(page)
    page.clock.install()


def refuse(route: Route) -> None:
    """What a server answers that cannot serve now."""
    problem = {"type": "about:blank", "title": "Service unavailable", "status": 503}
    headers = {"x-request-id": "7f3a-91c2"}
    route.fulfill(status=503, content_type="application/problem+json", body=json.dumps(problem), headers=headers)


def lose_figures(page: Page, _city: City) -> None:
    """The next time the page reads its figures, they are refused."""
    expect(page.locator("[data-slot=live]")).to_have_attribute("data-state", "polling")
    page.route("**/capacity*?*", refuse)
    page.clock.fast_forward(31_000)


def cut(page: Page, city: City) -> None:
    """The server is gone for 15 s by the clock of the page."""
    city.server.stop()
    page.clock.fast_forward(15_000)


def come_back(page: Page, city: City) -> None:
    """Away for more than ten seconds, with a report meanwhile. In real time, as the server's clock is."""
    city.server.stop()
    expect(page.locator("[data-band=cut]")).to_be_visible(timeout=20_000)
    city.server.start()
    city.report("rs-3374010", beds("icu", 40, 30), beds("ward_3", 300, 100))
    page.get_by_role("button", name="Coba sekarang").click()


def change(page: Page, city: City) -> None:
    """Another client reports: other figures, which the page underlines."""
    city.report("rs-3374010", beds("icu", 40, 29), beds("ward_3", 300, 190))
    expect(page.locator(row(FRESH, ".fresh-in")).first).to_be_visible()


def install_clock(page: Page) -> None:
    """Let a test move the clock of the page."""
    page.clock.install()


def hover(page: Page, _city: City) -> None:
    """The pointer on an area of the map."""
    page.locator(f"path.area[data-code='{FULL}']").hover()


def by_keyboard(page: Page, _city: City) -> None:
    """The map by keyboard: its first area."""
    expect(page.locator(".leaflet-container path").first).to_be_visible()
    page.locator("[data-part=map]").focus()
    page.keyboard.press("ArrowDown")


def open_halls(page: Page, _city: City) -> None:
    """The halls of a kelurahan."""
    page.locator("#halls-33\\.74\\.10\\.1001 button").click()


def crowded(city: City) -> None:
    """More halls than a list shows at once."""
    enliven(city)
    crowd(city, "33.74.10.1001")


def hostile(city: City) -> None:
    """Names that break pages."""
    enliven(city)
    register_hostile(city)


def wide(city: City) -> None:
    """More areas than a table shows at once."""
    enliven(city)
    widen(city, "33.75", 105)
