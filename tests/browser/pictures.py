"""Pictures of the pages, to look at: `python -m tests.browser.pictures FOLDER [--design FOLDER] [--only SCENE ...]`.

Each state of each component (`scenes.py`) is driven by real data and photographed in both themes, beside the same
element of the design (`--design`: its folder with `mock/`), all on one sheet for each theme. `--demo` takes what the
documents show instead: pictures of a simulated city, compressed, into FOLDER.

Needs `BALAI_TEST_BROWSER`, as the tests do.
"""

import argparse
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.chromium import LAUNCH_ARGUMENTS
from tests.browser.city import make_seeded_folder, running_city
from tests.browser.demo_pictures import take_demo_pictures
from tests.browser.scenes import SCENES
from tests.browser.states import Scene, Shot, play

THEMES = ("light", "dark")
_SHEET = """<!doctype html><meta charset="utf-8"><title>States, {theme}</title><link rel="stylesheet" href="sheet.css">
<body class="{theme}"><table><tr><th>state<th>page<th>design</tr>{rows}</table>"""
_SHEET_CSS = """body { font: 13px sans-serif; margin: 16px; } .dark { background: #333; color: #eee; }
td, th { padding: 8px; border-top: 1px solid #888; text-align: left; vertical-align: top; } img { max-width: 900px; }
"""


@contextmanager
def open_browser() -> Iterator[Browser]:
    """The browser of the tests, for pictures."""
    with sync_playwright() as playwright:
        path = os.environ["BALAI_TEST_BROWSER"]
        browser = playwright.chromium.launch(executable_path=path, args=LAUNCH_ARGUMENTS)
        yield browser
        browser.close()


def take_states(folder: Path, design: Path | None, only: list[str], themes: Sequence[str]) -> None:
    """Photograph every scene, each in a city of its own, and make a sheet for each theme."""
    with tempfile.TemporaryDirectory() as kept:
        seeded = make_seeded_folder(Path(kept))
        with open_browser() as browser:
            scenes = [scene for scene in SCENES if not only or scene.name in only]
            for theme in themes:
                for number, scene in enumerate(scenes):
                    with running_city(seeded, Path(kept) / f"{theme}-{number}", log_level="warning") as city:
                        scene.data(city)
                        page = _open_page(browser, theme, city.url)
                        play(scene, page, city)
                        for shot in scene.shots:
                            _photograph(page, shot.selector, folder / f"{shot.name}-{theme}.png")
                        page.context.close()
                if design:
                    _take_mocks(_open_page(browser, theme), design, folder, theme, scenes)
                _make_sheet(folder, theme, scenes)


def _open_page(browser: Browser, theme: str, url: str | None = None) -> Page:
    context = browser.new_context(
        base_url=url,
        locale="id-ID",
        timezone_id="Asia/Jakarta",
        viewport={"width": 1280, "height": 800},
        color_scheme="dark" if theme == "dark" else "light",
    )
    return context.new_page()


def _photograph(page: Page, selector: str, path: Path) -> None:
    found = page.locator(selector).first
    found.wait_for(state="attached", timeout=15_000)
    if found.bounding_box():
        found.screenshot(path=path, animations="disabled")


def _take_mocks(page: Page, design: Path, folder: Path, theme: str, scenes: list[Scene]) -> None:
    page.goto((design / "mock" / "keadaan.html").resolve().as_uri())
    for shot in _shots(scenes):
        if shot.mock:
            _photograph(page, shot.mock, folder / f"{shot.name}-{theme}-design.png")
    page.context.close()


def _shots(scenes: list[Scene]) -> list[Shot]:
    return [shot for scene in scenes for shot in scene.shots]


def _make_sheet(folder: Path, theme: str, scenes: list[Scene]) -> None:
    def image(name: str) -> str:
        return f'<img src="{name}" alt="">' if (folder / name).exists() else "&ndash;"

    rows = "".join(
        f"<tr><td>{escape(shot.name)}<td>{image(f'{shot.name}-{theme}.png')}"
        f"<td>{image(f'{shot.name}-{theme}-design.png')}</tr>"
        for shot in _shots(scenes)
    )
    (folder / "sheet.css").write_text(_SHEET_CSS, encoding="utf-8")
    (folder / f"{theme}.html").write_text(_SHEET.format(theme=theme, rows=rows), encoding="utf-8")


def main() -> None:
    """Read the command line and take the pictures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--design", type=Path, help="the folder of the design, with mock/")
    parser.add_argument("--only", nargs="+", default=[], help="names of scenes")
    parser.add_argument("--theme", nargs="+", choices=THEMES, default=THEMES)
    parser.add_argument("--demo", action="store_true", help="the pictures of the documents, from the demo")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.demo:
        with open_browser() as browser:
            take_demo_pictures(browser, options.folder)
    else:
        take_states(options.folder, options.design, options.only, options.theme)


if __name__ == "__main__":
    main()
