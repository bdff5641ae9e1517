"""A state of a component of the pages: what leads to it, and where it then stands.

A selector names the state by what it means (`data-f`, the class of a hatch, a sign), so that finding the element is the
proof that the page is in this state. `test_states.py` looks for each; `pictures.py` photographs each.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.browser.city import City
from tests.browser.lively import enliven

_HAS_MAP = re.compile(r"/(area/33\.74(\.\d\d)?)?(\?.*)?")


@dataclass(frozen=True)
class Shot:
    """An element in a state. `mock`: the element of the design's test page that shows the same."""

    name: str
    selector: str
    mock: str | None = None


@dataclass(frozen=True)
class Scene:
    """A page that is led into some states: `data` before it is opened, `block` what the network does, `drive` after.

    `loses_requests`: the browser may report requests that failed, since that is the state.
    """

    name: str
    path: str
    shots: tuple[Shot, ...]
    data: Callable[[City], None] = enliven
    block: Callable[[Page], None] | None = None
    drive: Callable[[Page, City], None] | None = None
    width: int = 1280
    is_live: bool = True
    loses_requests: bool = False


def play(scene: Scene, page: Page, city: City) -> None:
    """Lead a page into the states of a scene. The city has its data already."""
    # High enough for a picture of any part without a scroll, which would take the pointer from the map.
    page.set_viewport_size({"width": scene.width, "height": 1600})
    if scene.block:
        scene.block(page)
    page.goto(scene.path)
    if scene.is_live:
        expect(page.locator("[data-slot=live]")).to_have_attribute("data-state", "live")
        expect(page.locator(".wait")).to_have_count(0)
        if _HAS_MAP.fullmatch(scene.path):  # its modules come last
            expect(page.locator(".leaflet-container path").first).to_be_visible()
    if scene.drive:
        scene.drive(page, city)
