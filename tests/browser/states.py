"""Every state of every component of the pages, driven by real data: what leads to it, and where it then stands.

A selector names the state by what it means (`data-f`, the class of a hatch, a sign), so that finding the element is the
proof that the page is in this state. `test_states.py` looks for each; `pictures.py` photographs each.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.browser.city import City
from tests.browser.hostile import AREA, register_hostile
from tests.browser.lively import (
    FRESH, FULL, HARDLY, LATE, NEVER, OVER, PARTLY, SILENT, TIGHT, WITHOUT, beds, crowd, enliven, widen,
)  # fmt: skip

@dataclass(frozen=True)
class Shot:
    """An element in a state. `mock`: the element of the design's test page that shows the same."""

    name: str
    selector: str
    mock: str | None = None


@dataclass(frozen=True)
class Scene:
    """A page that is led into some states: `data` before it is opened, `block` what the network does, `drive` after."""

    name: str
    path: str
    shots: tuple[Shot, ...]
    data: Callable[[City], None] = enliven
    block: Callable[[Page], None] | None = None
    drive: Callable[[Page, City], None] | None = None
    width: int = 1280
    is_live: bool = True


def play(scene: Scene, page: Page, city: City) -> None:
    """Lead a page into the states of a scene. The city has its data already."""
    page.set_viewport_size({"width": scene.width, "height": 800})
    if scene.block:
        scene.block(page)
    page.goto(scene.path)
    if scene.is_live:
        expect(page.locator("[data-slot=live]")).to_have_attribute("data-state", "live")
        expect(page.locator(".wait")).to_have_count(0)
    if scene.drive:
        scene.drive(page, city)


def row(code: str, inside: str = "") -> str:
    """The row of an area in a table, or what is in it."""
    return f"tr[data-code='{code}'] {inside}".strip()


def hospital(facility: str, inside: str = "") -> str:
    """The row of a facility."""
    return f"tr[data-facility='{facility}'] {inside}".strip()


def spec(n: int, inside: str = "") -> str:
    """A section of the design's test page, or what is in it."""
    return f".spec:nth-of-type({n}) {inside}".strip()


def bar(code: str, has: str, has_not: str = "no-such-element") -> str:
    """The cell with the bar of an area."""
    return row(code, f"td.k6:has(.bar {has}):not(:has(.bar {has_not}))")


FIGURES = (
    Shot("figure-fresh", row(FRESH, ".free b:has(> span:not([class]))"), spec(1, ".sp-row > :nth-child(1)")),
    Shot("figure-unknown", row(LATE, ".free .nil:has-text('?')"), spec(2, ".sp-row > :nth-child(2) .nil")),
    Shot("figure-not-certain", row(LATE, ".k2 .uns:has-text('+28')"), spec(1, ".sp-row > :nth-child(2) .uns")),
    Shot("figure-nothing-uncertain", row(FRESH, ".k2 .nil:has-text('·')"), spec(2, ".sp-row > :nth-child(4) .nil")),
    Shot("headline", ".city:has(.big-age):has(.unsure .uns)"),
    Shot("age-fresh", row(FRESH, ".age[data-f=fresh]"), spec(1, ".age[data-f=fresh]")),
    Shot("age-stale", row(LATE, ".age[data-f=stale]"), spec(1, ".age[data-f=stale]")),
    Shot("age-silent", row(SILENT, ".age[data-f=silent]"), spec(1, ".age[data-f=silent]")),
    Shot("age-never", row(NEVER, ".age[data-f=never]"), spec(1, ".age[data-f=never]")),
)
BARS = (
    Shot("bar-fresh", bar(FRESH, ".b-ok", ".b-old"), spec(4, ".sp-row > :nth-child(1)")),
    Shot("bar-partly-old", bar(PARTLY, ".b-old[width='30.0%']"), spec(4, ".sp-row > :nth-child(2)")),
    Shot("bar-all-old", bar(LATE, ".b-old[width='100.0%']"), spec(4, ".sp-row > :nth-child(3)")),
    Shot("bar-tight", bar(TIGHT, ".b-attn"), spec(4, ".sp-row > :nth-child(4)")),
    Shot("bar-full", bar(FULL, ".b-full", ".over"), spec(4, ".sp-row > :nth-child(5)")),
    Shot("bar-over", bar(OVER, ".over"), spec(4, ".sp-row > :nth-child(6)")),
    Shot("bar-never", row(NEVER, "td.k6 .bar-none")),
)
MAP = (
    Shot("map", "[data-part=map]:has(.area.c4):has(.area.c5):has(.area.c2)"),
    Shot("map-mostly-old", ".geo:has(path.veil)"),
    Shot("map-all-old", f".geo:has(path.area.cu[data-code='{LATE}']):has(path.hatched)"),
    Shot("map-without", f"[data-part=map] path.area.none[data-code='{WITHOUT}']"),
    Shot("map-legend", ".legend", spec(3, ".sp-row")),
)


def _held_back(page: Page) -> None:
    page.route("**/stream?*", lambda route: route.fulfill(status=200, content_type="text/html", body=""))


def _never_answered(page: Page) -> None:
    page.route("**/stream?*", lambda route: None)


def _slow(page: Page) -> None:
    page.route("**/v1/areas/33.74/capacity?*", lambda route: None)


def _failing(page: Page) -> None:
    """Streams are held back; figures come once, and are refused from then on."""
    _held_back(page)
    page.clock.install()


def _refuse(route: Route) -> None:
    problem = {"type": "about:blank", "title": "Service unavailable", "status": 503}
    headers = {"x-request-id": "7f3a-91c2"}
    route.fulfill(status=503, content_type="application/problem+json", body=json.dumps(problem), headers=headers)


def _lose_figures(page: Page, _city: City) -> None:
    expect(page.locator("[data-slot=live]")).to_have_attribute("data-state", "polling")
    page.route("**/capacity*?*", _refuse)
    page.clock.fast_forward(31_000)


def _cut(page: Page, city: City) -> None:
    city.server.stop()
    page.clock.fast_forward(15_000)


def _come_back(page: Page, city: City) -> None:
    """Away for more than ten seconds by the page's clock, with a report meanwhile."""
    _cut(page, city)
    expect(page.locator("[data-band=cut]")).to_be_visible()
    city.server.start()
    city.report("rs-3374010", beds("icu", 40, 30), beds("ward_3", 300, 100))
    page.get_by_role("button", name="Coba sekarang").click()


def _change(page: Page, city: City) -> None:
    city.report("rs-3374010", beds("icu", 40, 29), beds("ward_3", 300, 190))
    expect(page.locator(row(FRESH, ".fresh-in")).first).to_be_visible()


def _install_clock(page: Page) -> None:
    page.clock.install()


def _hover(page: Page, _city: City) -> None:
    page.locator(f"path.area[data-code='{FULL}']").hover()


def _by_keyboard(page: Page, _city: City) -> None:
    expect(page.locator(".leaflet-container path").first).to_be_visible()
    page.locator("[data-part=map]").focus()
    page.keyboard.press("ArrowDown")


def _open_halls(page: Page, _city: City) -> None:
    page.locator("#halls-33\\.74\\.10\\.1001 button").click()


def _crowded(city: City) -> None:
    enliven(city)
    crowd(city, "33.74.10.1001")


def _hostile(city: City) -> None:
    enliven(city)
    register_hostile(city)


def _wide(city: City) -> None:
    enliven(city)
    widen(city, "33.75", 105)


CONNECTED = spec(5, "div")
SCENES: tuple[Scene, ...] = (
    Scene("center", "/", (*FIGURES, *BARS[:5], BARS[6], *MAP)),
    Scene(
        "group",
        "/?group=emergency",
        (BARS[5], Shot("figure-absent", row(LATE, ".free .nil:has-text('–')"), spec(2, ".sp-row > :nth-child(3) .nil"))),
    ),
    Scene(
        "ward",
        "/facility/rs-3374021",
        (Shot("figure-zero", "tr.grp:has-text('ICU') .free b:has-text('0')", spec(2, ".sp-row > :nth-child(1)")),),
    ),
    Scene(
        "hospitals",
        f"/area/{SILENT}",
        (
            Shot("row-silent", hospital("rs-3374331", ".age[data-f=silent]")),
            Shot("row-lapsed", hospital("rs-3374365", ".age[data-f=lapsed]"), spec(1, ".age[data-f=lapsed]")),
        ),
    ),
    Scene("late", "/facility/rs-3374091", (Shot("facility-late", ".f-lead:has(.big .nil):has([data-f=stale]):has(.unsure .uns)"), Shot("ward-late", ".lines:has(tr[data-f=stale], tr.grp .nil)"))),
    Scene("changed", "/", (Shot("just-changed", row(FRESH, ".free .fresh-in"), spec(8, ".sp-row > :nth-child(1)")),), drive=_change),
    Scene("loading", "/", (Shot("loading", "main:has(.sk):has(.wait-t)", spec(9, "> div")),), block=_slow, is_live=False),
    Scene("hover", "/", (Shot("map-hover", f".geo:has(path.is-hot[data-code='{FULL}'])"), Shot("map-hover-row", f"tr.is-hot[data-code='{FULL}']")), drive=_hover),
    Scene("keyboard", "/", (Shot("map-focus", ".geo:has(path.is-hot)"), Shot("map-focus-row", "tr.is-hot")), drive=_by_keyboard),
    Scene("live", "/", (Shot("connection-live", ".live[data-state=live]:has-text('perubahan terakhir')", spec(5, ".band:nth-child(1)")),), drive=_change, width=1700),
    Scene("connecting", "/", (Shot("connection-connecting", ".live[data-state=connecting]:has-text('angka dari')", spec(5, ".band:nth-child(2)")),), block=_never_answered, is_live=False),
    Scene("cut", "/", (Shot("connection-cut", "[data-band=cut]", spec(5, ".band:nth-child(3)")),), block=_install_clock, drive=_cut),
    Scene("back", "/", (Shot("connection-back", "[data-band=back]", spec(5, ".band:nth-child(4)")),), block=_install_clock, drive=_come_back),
    Scene("polling", "/", (Shot("connection-polling", ".live[data-state=polling]"),), block=_held_back, is_live=False),
    Scene("sorted", "/?sort=-free", (Shot("table-sorted", "th[aria-sort=descending]:has([data-sort=free])"), Shot("table", "[data-part=children]"))),
    Scene("empty", "/area/33.74.02.1001", (Shot("table-empty", "main p:has-text('Belum ada fasilitas')", spec(10, "> div > p:nth-child(1)")),)),
    Scene("filtered", "/facilities?q=hermima", (Shot("table-no-match", "main p:has-text('hermima')", spec(10, "> div > p:nth-child(2)")),), is_live=False),
    Scene("alone", "/area/33", (Shot("table-one-row", "[data-part=children] table:not(:has(tfoot)):has(tbody tr:only-child)", spec(10, "table")),)),
    Scene("failed", "/", (Shot("table-error", ".kec [data-error]:has-text('503'):has-text('7f3a-91c2')", spec(11, ".err")),), block=_failing, drive=_lose_figures, is_live=False),
    Scene("wide", "/area/33.75", (Shot("table-pages", ".pages:has-text('105')", spec(10, "> div > p:last-child")), Shot("table-first-page", "[data-part=children] tbody:not(:has(tr:nth-child(51)))")), data=_wide),
    Scene("crowd", "/area/33.74.10", (Shot("halls-more", "[data-part=halls] .empty button"),), data=_crowded, drive=_open_halls),
    Scene("hostile", f"/area/{AREA}", (Shot("hostile-names", "[data-part=hospitals]", spec(12, "table")), Shot("hostile-halls", "[data-part=halls]")), data=_hostile),
    Scene("hostile-phone", f"/area/{AREA}", (Shot("hostile-names-360", "[data-part=hospitals]"),), data=_hostile, width=360),
)  # fmt: skip
