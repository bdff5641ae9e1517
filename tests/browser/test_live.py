"""A page follows the server: a change arrives within a second; cut off, it says so and its ages go on."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import NEEDS_BROWSER
from tests.browser.city import City
from tests.browser.conftest import Watch
from tests.browser.lively import FRESH, beds, enliven

pytestmark = NEEDS_BROWSER


@pytest.fixture
def center(page: Page, city: City) -> Page:
    """The command center of a lively city, connected."""
    enliven(city)
    page.goto("/")
    wait_until_live(page)
    return page


def wait_until_live(page: Page) -> None:
    """Connected, and the map drawn, whose modules are loaded last."""
    expect(page.locator("[data-slot=live]")).to_have_attribute("data-state", "live")
    expect(page.locator(".leaflet-container path").first).to_be_visible()


def free(page: Page, code: str) -> str:
    return page.locator(f"tr[data-code='{code}'] .free").inner_text()


def test_a_figure_changes_within_a_second_of_another_clients_report(center: Page, city: City) -> None:
    before = city.get("/v1/areas/33.74/capacity", kind="hospital")["totals"]["fresh"]["beds_available"]
    expect(center.locator("[data-figure=free]")).to_have_text(str(before))
    seconds = []
    for occupied in (210, 190, 170):
        sent = time.monotonic()
        city.report("rs-3374010", beds("icu", 40, 30), beds("ward_3", 300, occupied))
        expected = before + 200 - occupied
        center.wait_for_function(
            "n => document.querySelector('[data-figure=free]').textContent.trim() === String(n)",
            arg=expected,
            polling=20,
        )
        seconds.append(time.monotonic() - sent)
        row = city.get(f"/v1/areas/{FRESH}/capacity", kind="hospital")["totals"]["fresh"]["beds_available"]
        assert free(center, FRESH) == str(row)
    assert min(seconds) < 1  # the others may have waited for the rest of a busy machine
    assert center.locator(f"tr[data-code='{FRESH}'] .fresh-in").count() > 0  # underlined: just changed


def test_cut_off_it_says_so_and_ages_turn_late_by_themselves(
    center: Page, city: City, watch: tuple[object, Watch]
) -> None:
    center.clock.install()
    center.reload()
    wait_until_live(center)
    row = center.locator(f"tr[data-code='{FRESH}']")
    shown = free(center, FRESH)
    expect(row.locator(".age")).to_have_attribute("data-f", "fresh")
    watch[1].is_offline_expected = True
    city.server.stop()
    center.clock.fast_forward(15_000)
    band = center.locator("[data-slot=bands]")
    expect(band).to_contain_text("Terputus sejak")
    assert free(center, FRESH) == shown  # the last good figure stays
    center.clock.fast_forward(6 * 3_600_000)
    expect(row.locator(".age")).to_have_attribute("data-f", "stale")
    expect(row.locator(".free")).to_contain_text("?")  # nothing fresh is left: the old figure is not shown as one
    expect(row.locator(".k2")).to_contain_text("+")
    expect(center.locator("[data-figure=free]")).to_contain_text("?")


def test_connected_again_it_loads_what_changed_and_says_how_much(
    center: Page, city: City, watch: tuple[object, Watch]
) -> None:
    watch[1].is_offline_expected = True
    city.server.stop()
    # In real time: the server's clock says how long it was away.
    expect(center.locator("[data-slot=live]")).to_have_attribute("data-state", "cut", timeout=15_000)
    city.server.start()
    city.report("rs-3374010", beds("icu", 40, 30), beds("ward_3", 300, 100))
    center.get_by_role("button", name="Coba sekarang").click()
    expect(center.locator("[data-slot=live]")).to_have_attribute("data-state", "back")
    expected = city.get("/v1/areas/33.74/capacity", kind=["hospital", "clinic"])["totals"]["fresh"]["beds_available"]
    expect(center.locator("[data-figure=free]")).to_have_text(str(expected))
    expect(center.locator("[data-slot=bands]")).to_contain_text(re.compile(r"Tersambung lagi.*1 perubahan"))


def test_where_events_do_not_pass_the_rows_of_hospitals_are_read_again_too(page: Page, city: City) -> None:
    enliven(city)
    page.route("**/stream?*", lambda route: route.fulfill(status=200, content_type="text/plain", body="held back"))
    page.clock.install()
    page.goto(f"/area/{FRESH}")
    row = page.locator("tr[data-facility='rs-3374010'] .free")
    expect(row).to_contain_text("110")
    expect(page.locator("[data-slot=live]")).to_have_attribute("data-state", "polling")
    city.report("rs-3374010", beds("icu", 40, 30), beds("ward_3", 300, 220))
    page.clock.fast_forward(31_000)
    expect(page.locator(".big").first).to_contain_text("113")
    page.clock.fast_forward(5_000)
    expect(row).to_contain_text("90")


def test_a_session_that_ends_leads_to_signing_in_and_leaves_the_figures(
    center: Page, watch: tuple[object, Watch]
) -> None:
    watch[1].is_offline_expected = True
    shown = free(center, FRESH)
    refusal = {"status": 401, "content_type": "application/problem+json", "body": "{}"}
    center.route("**/stream?*", lambda route: route.fulfill(**refusal))
    center.clock.install()
    center.evaluate("dispatchEvent(new Event('offline'))")
    center.clock.fast_forward(15_000)
    band = center.locator("[data-band=refused]")
    expect(band).to_contain_text("Sesi Anda sudah berakhir")
    expect(band.get_by_role("link")).to_have_attribute("href", "/masuk?next=%2F")
    assert free(center, FRESH) == shown
