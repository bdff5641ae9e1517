"""Each state of each component, by real data: the page says it with marks that mean it, not with pixels."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import NEEDS_BROWSER
from tests.browser.city import City
from tests.browser.conftest import Watch
from tests.browser.scenes import SCENES
from tests.browser.states import Scene, play

pytestmark = NEEDS_BROWSER


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_the_page_shows_the_state(page: Page, city: City, watch: tuple[object, Watch], scene: Scene) -> None:
    watch[1].is_offline_expected = scene.loses_requests
    scene.data(city)
    play(scene, page, city)
    for shot in scene.shots:
        expect(page.locator(shot.selector).first, shot.name).to_be_attached(timeout=12_000)
