"""Static files: kept forever under the digest of all of them, compressed, and none besides."""

import gzip
from pathlib import Path

import pytest

from app.web import static_files
from app.web.static_files import DIGEST, ROOT, STYLE_SHEETS

DESIGN = "tokens.css"


async def test_a_file_of_this_version_is_kept_forever(client):
    answer = await client.get(f"/static/{DIGEST}/js/base/format.js", headers={"accept-encoding": "gzip"})
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.content == static_files.without_comments((ROOT / "js/base/format.js").read_bytes())
    again = await client.get(answer.request.url, headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304


async def test_a_page_of_another_version_gets_this_one_and_keeps_nothing(client):
    """Two nodes during an upgrade: the page came from one, its files are asked from the other."""
    answer = await client.get("/static/0123456789abcdef/js/base/format.js")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "name", ["", "js", "nothing.js", "../pages.py", "..%2fpages.py", "vendor/leaflet/leaflet.d.ts"]
)
async def test_nothing_else_is_served(client, name):
    assert (await client.get(f"/static/{DIGEST}/{name}")).status_code == 404


async def test_the_style_sheets_come_as_one_file_that_begins_with_the_tokens(client):
    sheet = (await client.get(f"/static/{DIGEST}/css/app.css")).text
    assert sheet == "\n".join((ROOT / f"css/{name}.css").read_text() for name in STYLE_SHEETS)
    assert {path.stem for path in (ROOT / "css").glob("*.css")} == set(STYLE_SHEETS)


def test_only_the_tokens_have_colours():
    for path in (ROOT / "css").glob("*.css"):
        if path.name != DESIGN:
            text = path.read_text()
            assert "#" not in text.replace("url(#", ""), path.name
            assert "rgb" not in text, path.name


def test_both_dark_blocks_of_the_tokens_are_equal():
    text = (ROOT / "css" / DESIGN).read_text()
    by_system = text.split(':root:not([data-theme="light"]) {')[1].split("}")[0]
    by_choice = text.split(':root[data-theme="dark"] {')[1].split("}")[0]
    assert by_system.split() == by_choice.split()


def test_a_module_knows_what_it_imports():
    assert set(static_files.modules_of("js/base/html.js")) == {"js/base/html.js", "vendor/preact/standalone.module.js"}
    for path in (ROOT / "js/pages").glob("*.js"):
        entry = path.relative_to(ROOT).as_posix()
        assert static_files.modules_of(entry)[0] == entry


async def test_files_are_not_counted_as_requests(client):
    """A page asks for thirty at once, and an office has one address."""
    for _ in range(60):
        assert (await client.get(f"/static/{DIGEST}/js/base/format.js")).status_code == 200


def test_comments_are_left_out_and_nothing_else():
    script = b"""// What it is.
/**
 * @param {string} a
 */
export function f(a) {
  /** @type {any} */ (a).b; // said here
  const url = "https://x"; /** @type {number} */
  /** @param {string} b */
  return `/** ${a}`;
}
"""
    assert static_files.without_comments(script).decode().splitlines() == [
        *("", "", "", "", "export function f(a) {", "  /** @type {any} */ (a).b; // said here"),
        *('  const url = "https://x"; /** @type {number} */', "", "  return `/** ${a}`;", "}"),
    ]
    for path in (ROOT / "js").rglob("*.js"):
        lines = path.read_text().splitlines()
        served = static_files.without_comments(path.read_bytes()).decode().splitlines()
        left_out = {line.strip() for line, kept in zip(lines, served, strict=True) if line != kept}
        assert all(line.startswith(("//", "/**", "*")) for line in left_out), path.name


def test_the_foundation_is_small():
    """What every page loads before its own script, compressed: a tenth of a second at 1.6 Mbit/s."""
    names = {*static_files.modules_of("js/components/header.js"), "texts/id.js", "css/app.css"}
    contents = {name: static_files._CONTENTS[name] for name in names}
    assert sum(len(gzip.compress(content)) for content in contents.values()) < 32_000


def test_every_module_says_what_it_is():
    for path in Path(ROOT / "js").rglob("*.js"):
        assert path.read_text().startswith("// "), path.name
