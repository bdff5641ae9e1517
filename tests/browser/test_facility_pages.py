"""The pages of a facility, of citizens and of signing in, in a real browser."""

import json
import re
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.chromium import NEEDS_BROWSER
from tests.browser.city import City
from tests.browser.conftest import Watch

pytestmark = NEEDS_BROWSER

HOSPITAL = "rs-3374342"
PAGES = [
    f"/facility/{HOSPITAL}",
    "/facility/rs-3374080",
    "/facilities",
    "/facilities?q=zzz",
    "/publik",
    "/publik?q=Semarang&lang=en",
    "/masuk",
]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def ward(name: str, occupied: int, **counts: object) -> dict[str, object]:
    """A ward of ten beds."""
    line = {"bed_type": "ward_1", "ward_code": name, "ward_name": name, "beds_total": 10, "beds_occupied": occupied}
    return {**line, **counts}


@pytest.fixture
def city(city: City) -> City:
    """Two hospitals that report."""
    city.report(HOSPITAL, ward("Arimbi", 4), ward("<i>Nakula</i>", 12, queue=2))
    city.report("rs-3374010", ward("Melati", 9))
    return city


def test_a_facility_shows_wards_channels_and_what_to_check(page: Page) -> None:
    page.goto(f"/facility/{HOSPITAL}")
    expect(page.locator(".big")).to_have_text("6")
    expect(page.locator(".lines tbody tr")).to_have_count(3)
    expect(page.locator(".lines")).to_contain_text("<i>Nakula</i>")
    expect(page.locator(".finds")).to_contain_text(
        "<i>Nakula</i>: terisi 12 dari 10, lebih 2 daripada tempat tidurnya."
    )
    expect(page.locator(".f-two .grid")).to_contain_text("dihitung")
    expect(page).to_have_title(re.compile("RS Umum Daerah K.R.M.T Wongsonegoro: 6 kosong"))


def test_a_report_arrives_by_itself(page: Page, city: City) -> None:
    page.goto(f"/facility/{HOSPITAL}")
    expect(page.locator("[data-slot=live]")).to_have_attribute("data-state", "live")
    city.report("rs-3374010", ward("Melati", 1))
    city.report(HOSPITAL, ward("Arimbi", 7))
    expect(page.locator(".big")).to_have_text("3")


def test_figures_turn_late_by_themselves_without_a_connection(
    page: Page, watch: tuple[BrowserContext, Watch], city: City
) -> None:
    page.clock.install()
    page.goto(f"/facility/{HOSPITAL}")
    expect(page.locator(".big")).to_have_text("6")
    watch[1].is_offline_expected = True
    city.server.stop()
    page.clock.fast_forward("07:00:00")
    expect(page.locator(".big")).to_have_text("?tidak diketahui")
    expect(page.locator(".unsure")).to_contain_text("+6 belum pasti, dari 2 ruang")
    expect(page.locator(".lines .age").first).to_have_attribute("data-f", "stale")


def test_a_facility_that_never_reported_says_so(page: Page) -> None:
    page.goto("/facility/rs-3374080")
    expect(page.locator("main")).to_contain_text("belum pernah melapor")
    expect(page.locator(".lines")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_accessible_and_does_not_scroll_sideways(page: Page, path: str, theme: str) -> None:
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 720})
        page.goto(path)
        page.locator(".big" if "/facility/" in path else "h1").wait_for()
        expect(page.locator("[data-theme-toggle]")).to_be_visible()  # its script has run
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        found = Axe().run(page, options=RULES).response["violations"]
        assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []


class TestWithoutScripts:
    @pytest.fixture
    def options(self) -> dict[str, object]:
        return {"java_script_enabled": False, "viewport": {"width": 360, "height": 640}}

    def test_the_public_page_is_complete(self, page: Page) -> None:
        page.goto("/publik")
        page.get_by_role("textbox").fill("Sendangmulyo, Tembalang")
        page.get_by_role("button", name="Cari").click()
        page.get_by_role("link", name="Rawat inap").click()
        first = page.locator("#h-free ~ ol li").first
        expect(first).to_contain_text("RS Umum Daerah K.R.M.T Wongsonegoro")
        box = first.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 640

    def test_facilities_are_found(self, page: Page) -> None:
        page.goto("/facilities")
        page.get_by_role("searchbox").fill("wongsonegoro")
        page.get_by_role("button", name="Cari").click()
        expect(page.locator("tbody tr")).to_have_count(1)


class TestWithALocation:
    @pytest.fixture
    def options(self) -> dict[str, object]:
        return {"geolocation": {"latitude": -6.99387, "longitude": 110.40642}, "permissions": ["geolocation"]}

    def test_it_is_asked_only_on_the_button_and_rounded(self, page: Page) -> None:
        page.goto("/publik?need=icu")
        page.get_by_role("button", name="Lokasi saya").click()
        page.wait_for_url(re.compile("lat="))
        assert "lat=-6.994&lon=110.406" in page.url
        assert "need=icu" in page.url
        expect(page.locator("#from-note")).to_contain_text("dibulatkan ke 100 meter")


def test_the_public_page_says_when_it_cannot_be_updated_and_figures_turn_late(
    page: Page, watch: tuple[BrowserContext, Watch], city: City
) -> None:
    page.clock.install()
    page.goto("/publik")
    expect(page.locator("#h-free ~ ol li .age").first).to_have_attribute("data-f", "fresh")
    watch[1].is_offline_expected = True
    city.server.stop()
    page.clock.fast_forward("00:01:00")
    page.clock.fast_forward("07:00:00")
    expect(page.locator("[data-band=cut]")).to_contain_text("Belum dapat diperbarui")
    row = page.locator("#h-free ~ ol li").first
    expect(row.locator(".age")).to_have_attribute("data-f", "stale")
    expect(row).to_contain_text("waktu itu")


@pytest.mark.parametrize(
    ("status", "sentence"),
    [(401, "tidak dikenal"), (403, "HTTPS"), (429, "Coba lagi dalam 7 detik"), (500, "kode 500")],
)
def test_a_key_that_is_refused_says_why(
    page: Page, watch: tuple[BrowserContext, Watch], status: int, sentence: str
) -> None:
    watch[1].is_offline_expected = True  # the browser reports the refusal too

    def refuse(route: Route) -> None:
        headers = {"content-type": "application/problem+json", "retry-after": "7"}
        route.fulfill(status=status, headers=headers, body=json.dumps({"detail": "x"}))

    page.route("**/v1/session", refuse)
    page.goto("/masuk?next=/facilities")
    page.get_by_label("Kunci").fill("balai_x")
    page.keyboard.press("Enter")
    expect(page.locator("[data-note]")).to_contain_text(sentence)
    expect(page.get_by_label("Kunci")).to_be_focused()


def test_a_key_that_is_accepted_leads_on(page: Page) -> None:
    sent = []

    def accept(route: Route) -> None:
        sent.append((route.request.method, route.request.post_data_json))
        route.fulfill(status=201, json={})

    page.route("**/v1/session", accept)
    page.goto("/masuk?next=/facilities")
    page.get_by_label("Kunci").fill(" balai_x ")
    page.get_by_role("button", name="Masuk").click()
    page.wait_for_url("**/facilities")
    assert sent == [("POST", {"key": "balai_x"})]


def test_an_old_report_is_shown_as_old(page: Page, city: City) -> None:
    city.report("rs-3374021", ward("Lama", 2), observed_at=city.clock() - timedelta(hours=20))
    page.goto("/publik?q=Candisari")
    expect(page.locator("#not_fresh li").first).to_contain_text("waktu itu")


def test_signing_in_and_out(page: Page, city: City) -> None:
    page.goto("/masuk")
    page.get_by_label("Kunci").fill(city.client.headers["authorization"].removeprefix("Bearer "))
    page.keyboard.press("Enter")
    page.wait_for_url(city.url + "/")
    page.goto("/masuk?next=/publik")
    expect(page.locator("main")).to_contain_text("Anda masuk sebagai")
    page.get_by_role("button", name="Keluar").click()
    expect(page.get_by_label("Kunci")).to_be_visible()
