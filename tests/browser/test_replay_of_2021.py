"""The real reports of 2021, replayed: every page says that it knows nothing now, and shows not one figure as known."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import NEEDS_BROWSER
from tests.browser.city import City, SeededFolder, running_city
from tests.browser.conftest import Watch

REPORTS = Path(__file__).resolve().parents[3] / "shared" / "data" / "bed_reports_semarang_2021.csv"
pytestmark = [*NEEDS_BROWSER, pytest.mark.skipif(not REPORTS.exists(), reason="the reports of 2021 are not here")]

PATHS = (
    *("/", "/?group=ward", "/area/33", "/area/33.74.09", "/area/33.74.01", "/facility/rs-3374032"),
    *("/publik?need=ward&area=33.74.09.1007", "/publik?need=emergency&area=33.74.09.1007", "/facilities"),
)
# Numbers that are no figures of beds, and figures that say that they are old.
FIGURES = """() => {
  const other = [
    ".uns", ".nil", ".age", "time", ".big-age", ".frac", ".count", ".hint", ".legend", ".unsure", ".notc", ".plain",
    ".vh", ".files", ".w-cycle", ".w-clock", ".w-act", ".w-calls", ".s-a", ".who", ".find", ".near p:not(.n-fig)",
    ".pages", ".finds", ".lede", "bdi", "th", "title", "small", ".empty", "footer", "h2", ".more", ".old1",
  ].join();
  const texts = document.createTreeWalker(document.querySelector("#main"), NodeFilter.SHOW_TEXT);
  const found = [];
  while (texts.nextNode()) {
    const { data, parentElement: element } = texts.currentNode;
    if (/\\d/.test(data) && !element.closest(other)) found.push(element.closest("tr, p, section")?.textContent.trim());
  }
  return found;
}"""


@pytest.fixture(scope="session")
def replayed(seeded: SeededFolder, tmp_path_factory: pytest.TempPathFactory) -> SeededFolder:
    """The seeded city after the replay, made once."""
    folder = tmp_path_factory.mktemp("replay") / "city"
    with running_city(seeded, folder) as running:
        command = [sys.executable, "-m", "app", "replay", str(REPORTS), "--url", running.url, "--key", seeded.key]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("BALAI_")}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    return SeededFolder(folder, seeded.key)


@pytest.fixture(params=["", "3660"], ids=["lapsed", "silent"])
def city(request: pytest.FixtureRequest, replayed: SeededFolder, tmp_path: Path) -> Iterator[City]:
    """A server of it; the second time such old reports are not lapsed, only silent."""
    settings = {"days_lapsed": int(request.param)} if request.param else {}
    with running_city(replayed, tmp_path / "city", **settings) as running:
        yield running


def test_no_figure_of_2021_looks_known(page: Page, city: City, watch: tuple[object, Watch]) -> None:
    is_silent = city.get("/v1/areas/33.74/capacity")["reporting"]["silent"] > 0
    for path in PATHS:
        page.goto(path)
        expect(page.locator(".wait, .wait-t")).to_have_count(0)
        expect(page.locator(".nil, .uns").first).to_be_visible()
        assert page.evaluate(FIGURES) == [], path
        assert page.locator(".b-occ:not([width='0.0%'])").count() == 0, path
        if is_silent and path in ("/", "/area/33", "/area/33.74.09", "/facility/rs-3374032"):
            assert page.locator(".uns, .b-old").count() > 0, path
    page.goto("/")
    expect(page.locator("[data-figure=free]")).to_have_text("?tidak diketahui")
    expect(page.locator("path.area.cu").first).to_be_visible()
    expect(page.locator("path.area:not(.cu):not(.none)")).to_have_count(0)
    expect(page.locator(".labels .vl", has_text="%")).to_have_count(0)


def test_no_view_of_the_wall_takes_2021_for_now(page: Page, city: City) -> None:
    page.goto("/?wall=1")
    for view in ("city", "intensive", "isolation", "calls"):
        if not see(page, view):
            continue
        expect(page.locator("[data-figure=free]")).to_have_text("?")
        assert page.evaluate(FIGURES) == [], view
        assert page.locator(".b-occ:not([width='0.0%'])").count() == 0, view
        expect(page.locator("path.area:not(.cu):not(.none)")).to_have_count(0)


def see(page: Page, view: str) -> bool:
    """Wait for the turn of a view, by a clock that leaps; whether it has one."""
    expect(page.locator(".w-cycle > :not(small)").first).to_be_visible()
    views = page.locator(".w-cycle > :not(small)").count()
    for turn in range(views):
        page.clock.set_fixed_time(datetime(2027, 1, 1, tzinfo=UTC) + timedelta(seconds=20 * turn))
        page.wait_for_timeout(1_200)
        if page.locator(f"[data-view={view}]").count():
            return True
    return False
