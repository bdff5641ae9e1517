"""The pages as they are sent: headers, language, theme, what the shell names."""

import re

import pytest

from app.main import create_app
from app.web import static_files
from app.web.languages import preferred
from tests.conftest import Service
from tests.factories import build_world

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'"
)
PAGES = ["/", "/area/ID", "/area/33", "/area/33.74", "/area/33.74.01", "/area/33.74.01.1001", "/?wall=1"]


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_allows_only_its_own_files_and_no_frame(client, path):
    page = await client.get(path)
    assert page.status_code == 200
    assert page.headers.get_list("content-security-policy") == [POLICY, "frame-ancestors 'none'"]
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "same-origin"
    assert page.headers["cross-origin-opener-policy"] == "same-origin"
    assert page.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize("path", PAGES)
async def test_nothing_in_a_page_is_inline_or_elsewhere(client, path):
    page = (await client.get(path)).text
    assert not re.findall(r"<style|\sstyle=|\son\w+=|javascript:", page)
    assert all(not script for script in re.findall(r"<script[^>]*>(.*?)</script>", page, re.DOTALL))
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)


@pytest.mark.parametrize("path", PAGES)
async def test_every_file_that_a_page_names_is_there_and_kept_forever(client, path):
    page = (await client.get(path)).text
    files = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
    assert len(files) > 10
    for file in files:
        answer = await client.get(file)
        assert answer.status_code == 200, file
        assert "immutable" in answer.headers["cache-control"]


async def test_the_title_and_the_breadcrumb_name_the_area(client):
    page = (await client.get("/area/33.74.01")).text
    assert "<title>Semarang Tengah · Balai</title>" in page
    assert re.findall(r'<li(?: aria-current="page")?>(?:<a href="([^"]+)">)?<bdi>([^<]+)</bdi>', page) == [
        ("/area/33", "Jawa Tengah"),
        ("/area/33.74", "Kota Semarang"),
        ("", "Semarang Tengah"),
    ]
    assert 'data-area="33.74.01" data-level="kecamatan"' in page


async def test_the_home_area_is_the_lowest_that_has_no_sibling(client):
    """Two cities in the province of this world: the province."""
    assert 'data-area="33"' in (await client.get("/")).text


@pytest.mark.parametrize(
    ("query", "headers", "language"),
    [
        ("", {}, "id"),
        ("", {"accept-language": "en-US,en;q=0.9"}, "en"),
        ("", {"accept-language": "en", "cookie": "balai_lang=id"}, "id"),
        ("?lang=en", {"accept-language": "id", "cookie": "balai_lang=id"}, "en"),
        ("?lang=xx", {"accept-language": "fr"}, "id"),
    ],
)
async def test_the_address_decides_the_language_then_the_cookie_then_the_browser(client, query, headers, language):
    page = await client.get(f"/{query}", headers=headers)
    assert f'<html lang="{language}"' in page.text
    assert f"/texts/{language}.js" in page.text
    assert {"Accept-Language", "Cookie"} <= set(page.headers["vary"].split(", "))


async def test_a_language_in_the_address_stays_in_links_and_is_remembered(client):
    page = await client.get("/area/33.74.01?lang=en&sort=name")
    assert 'href="/area/33.74?lang=en"' in page.text
    assert 'href="?sort=name&amp;lang=id"' in page.text
    assert "balai_lang=en" in page.headers["set-cookie"]
    assert 'href="/area/33.74"' in (await client.get("/area/33.74.01", headers={"cookie": "balai_lang=en"})).text


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "id"),
        ("en-GB;q=0.5, id;q=0.6", "id"),
        ("in, en;q=0.9", "id"),
        ("de, en;q=0.1", "en"),
        ("en;q=0", "id"),
        ("en;q=x", "id"),
        (";;,,=,*;q=1", "id"),
    ],
)
def test_languages_are_weighed_as_browsers_mean_them(accepted, language):
    assert preferred(accepted) == language


async def test_the_theme_comes_from_the_cookie_and_the_wall_is_dark(client):
    assert "data-theme=" not in (await client.get("/")).text
    assert 'data-theme="dark"' in (await client.get("/", headers={"cookie": "balai_theme=dark"})).text
    assert "data-theme=" not in (await client.get("/", headers={"cookie": "balai_theme=x"})).text
    assert 'data-theme="dark"' in (await client.get("/?wall=1", headers={"cookie": "balai_theme=light"})).text
    assert 'data-theme="light"' in (await client.get("/?wall=1&theme=light")).text


async def test_an_unknown_area_is_a_page_that_leads_on(client):
    page = await client.get("/area/99.<b>")
    assert page.status_code == 404
    assert "\u206899.&lt;b&gt;\u2069" in page.text  # a character that turns the direction would end there
    assert 'href="/"' in page.text


async def test_a_page_preloads_what_its_script_imports(client):
    page = (await client.get("/area/33.74")).text
    preloaded = {
        url.partition(f"/{static_files.DIGEST}/")[2] for url in re.findall(r'modulepreload" href="([^"]+)', page)
    }
    assert preloaded >= {
        "js/base/page.js",
        "js/base/format.js",
        "js/live/live.js",
        "vendor/preact/standalone.module.js",
        "texts/id.js",
    }
    assert "vendor/leaflet/leaflet.js" not in preloaded  # as far as anybody asked, nothing has an outline


async def test_what_the_map_needs_waits_behind_all_else(client, service):
    assert service.node.outlines.include(service.node.board.find_areas(parent="33.74", limit=1)) is False
    service.node.outlines._all = frozenset({"33.74.01"})
    page = (await client.get("/area/33.74")).text
    links = re.findall(r'<link rel="(?:modulepreload|preload)" href="([^"]+)"([^>]*)>', page)
    low = [url for url, how in links if 'fetchpriority="low"' in how]
    assert [url for url, _ in links[-len(low) :]] == low
    assert low[0] == "/v1/areas/33.74/boundaries"
    assert static_files.url("js/map/maps.js") in low
    assert low[-1] == static_files.url("vendor/leaflet/leaflet.js")
    assert len({url for url, _ in links}) == len(links)


@pytest.mark.parametrize(("path", "limit"), [("/area/33.74", 5), ("/area/33.74?wall=1", 10)])
async def test_the_list_of_calls_is_preloaded_as_the_script_asks_for_it(client, path, limit):
    assert f'href="/v1/areas/33.74/reporting?limit={limit}" as="fetch"' in (await client.get(path)).text


class TestAPrivateInstallation:
    @pytest.fixture
    def settings(self, settings):
        return settings.model_copy(update={"public_read": False})

    @pytest.mark.parametrize("path", ["/", "/area/33.74", "/area/nowhere"])
    async def test_it_names_no_area_to_strangers(self, client, path):
        page = await client.get(path)
        assert page.status_code == 401
        assert "Semarang" not in page.text

    async def test_it_shows_them_to_those_with_a_key(self, officer):
        assert "Kota Semarang" in (await officer.get("/area/33.74")).text

    @pytest.mark.parametrize("path", ["/", "/facilities"])
    async def test_the_key_of_a_facility_begins_at_its_own_page(self, service, path):
        async with service.client(await service.key(facility="rs-a")) as hospital:
            page = await hospital.get(path)
            assert (page.status_code, page.headers["location"]) == (303, "/facility/rs-a")
            assert (await hospital.get("/facility/rs-a")).status_code == 200
            hidden = await hospital.get("/area/33.74")
            assert hidden.status_code == 404
            assert "Kota Semarang" not in hidden.text

    async def test_the_key_of_an_area_begins_there(self, service):
        async with service.client(await service.key(area="33.74.01")) as officer:
            assert "Semarang Tengah" in (await officer.get("/")).text
            assert (await officer.get("/facilities")).status_code == 200


async def test_a_simulation_says_so_without_scripts(settings, clock):
    app = create_app(settings.model_copy(update={"simulated": True}), clock=clock)
    async with app.router.lifespan_context(app) as state:
        service = Service(app, dict(state))
        await build_world(service.node)
        async with service.client() as reader:
            assert '<span class="sim">Simulasi</span>' in (await reader.get("/")).text
