"""The address is the state: drill-down, back, deep links, both languages, and everything by keyboard."""

import re

from playwright.sync_api import Page, expect

from tests.browser.chromium import NEEDS_BROWSER
from tests.browser.city import City
from tests.browser.lively import FRESH, TIGHT, enliven

pytestmark = NEEDS_BROWSER


def test_from_the_city_to_a_facility_and_back(page: Page, city: City) -> None:
    enliven(city)
    page.goto("/?sort=free&group=ward")
    page.locator(f"tr[data-code='{FRESH}'] a").click()
    expect(page).to_have_url(re.compile(rf"/area/{FRESH}"))
    expect(page.locator("h1")).to_contain_text("Semarang Selatan")
    page.get_by_role("link", name="RS Umum Pusat Dr. Kariadi").click()
    expect(page).to_have_url(re.compile(r"/facility/rs-3374010"))
    expect(page.locator("h1")).to_contain_text("Kariadi")
    page.go_back(wait_until="commit")
    page.go_back(wait_until="commit")
    expect(page).to_have_url(re.compile(r"sort=free&group=ward"))
    expect(page.locator("th[aria-sort] button")).to_have_attribute("data-sort", "free")
    expect(page.get_by_role("button", name="Rawat inap")).to_have_attribute("aria-pressed", "true")


def test_a_link_opens_the_same_view(page: Page, city: City) -> None:
    enliven(city)
    page.goto("/area/33.74")
    page.get_by_role("button", name="Rawat inap").click()
    page.locator("button[data-sort=free]").click()
    expect(page).to_have_url(re.compile("group=.*sort=|sort=.*group="))
    rows = page.locator("tr[data-code]").all_inner_texts()
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator(f"tr[data-code='{TIGHT}']")).to_be_visible()
    assert [row.split("\t")[0] for row in other.locator("tr[data-code]").all_inner_texts()] == [
        row.split("\t")[0] for row in rows
    ]


def test_both_languages(page: Page, city: City) -> None:
    enliven(city)
    page.goto(f"/area/{FRESH}")
    expect(page.locator("html")).to_have_attribute("lang", "id")
    page.locator("[data-language-link]").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("main")).to_contain_text("free")
    expect(page).to_have_url(re.compile(rf"/area/{FRESH}\?.*lang=en"))
    page.goto("/")  # remembered
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_the_command_center_by_keyboard_alone(page: Page, city: City) -> None:
    enliven(city)
    page.goto("/")
    expect(page.locator(".leaflet-container path").first).to_be_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    for _ in range(60):  # to the header of a column; sort by it
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.sort") == "free":
            break
    page.keyboard.press("Enter")
    expect(page.locator("th:has(button[data-sort=free])")).to_have_attribute(
        "aria-sort", re.compile("ascending|descending")
    )
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('tr')?.dataset.code") == FRESH:
            break
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/area/{FRESH}"))


def test_the_map_is_one_tab_stop_with_arrows(page: Page, city: City) -> None:
    enliven(city)
    page.goto("/")
    expect(page.locator(".leaflet-container path").first).to_be_visible()
    page.locator("[data-part=map]").focus()
    page.keyboard.press("ArrowDown")
    first = page.locator("tr.is-hot")
    expect(first).to_have_count(1)
    code = first.get_attribute("data-code")
    page.keyboard.press("ArrowDown")
    expect(page.locator(f"tr.is-hot[data-code='{code}']")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/area/33\.74\.\d\d"))


def test_one_hall_is_one_in_english(page: Page) -> None:
    page.goto("/area/33.74.10.1001?lang=en")
    expect(page.locator("header.who p")).to_contain_text("0 hospitals, 1 hall or isolation site.")
