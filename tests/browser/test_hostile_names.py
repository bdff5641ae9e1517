"""Names that break pages: very long, right-to-left, markup, emoji, formulas, without a space: text that fits."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import NEEDS_BROWSER
from tests.browser.city import City
from tests.browser.lively import beds

pytestmark = NEEDS_BROWSER

NAMES = (
    "Klinik Pratama Rawat Inap dan Rumah Singgah Isolasi Terpadu " * 3 + "Kelurahan Mangunharjo",
    "W" * 200,
    "RS Al Ihsan \u2014 \u0645\u0633\u062a\u0634\u0641\u0649 \u0627\u0644\u0625\u062d\u0633\u0627\u0646",
    "<script>document.title='broken'</script><img src=x onerror=document.title='broken'>",
    "\U0001f3e5\U0001f469 RS Emoji \U0001f1ee\U0001f1e9",
    '=HYPERLINK("http://contoh.invalid";"RS")',
    "' onmouseover='document.title=1' {{ 7*7 }} ${7*7} {names} {n}",
)
AREA = "33.74.10.1001"


@pytest.fixture
def hostile(city: City) -> City:
    """A kelurahan of halls and hospitals with such names, and contacts and wards too."""
    for n, name in enumerate(NAMES):
        for kind, bed_type in (("hospital", "ward_3"), ("rw_hall", "isolation_bed")):
            facility = {
                "facility_id": f"h{n}-{kind[:2]}",
                "kind": kind,
                "name": name.strip()[:200],
                "area_code": AREA,
                "address": name.strip()[:200],
                "contact": {"name": name.strip()[:100], "phones": ["024-000 0100"]},
            }
            answer = city.client.post("/v1/facilities", json=facility)
            assert answer.status_code in (200, 201), answer.text
            city.report(
                f"h{n}-{kind[:2]}", {**beds(bed_type, 20, 3), "ward_code": "W", "ward_name": name.strip()[:100]}
            )
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
