"""The page of one facility, and the list of an area's facilities."""

import re
from typing import ClassVar

import pytest

from app.actions.register_facilities import register_facilities
from app.domain.capacity import FreshTotals, Totals
from app.domain.permissions import OPERATOR
from app.domain.registry.facility import Facility, FacilityKind
from app.web.routes import facility_list
from app.web.words import Words


def names(page):
    """The facilities of a list, in order."""
    table = page.partition("<tbody>")[2]
    return re.findall(r'<th scope="row"><a href="([^"]+)"><bdi class="name2" title="[^"]*">([^<]+)</bdi>', table)


def words(markup):
    return " ".join(re.sub(r"<[^>]+>", " ", markup).split())


PAGES = ["/facility/rs-a", "/facilities", "/facilities?q=rs", "/publik", "/publik?q=zzz", "/masuk"]


@pytest.mark.usefixtures("city")
@pytest.mark.parametrize("path", PAGES)
async def test_a_page_has_nothing_inline_and_only_its_own_files(client, path):
    page = await client.get(path)
    assert page.status_code == 200
    assert "default-src 'none'; script-src 'self'" in page.headers["content-security-policy"]
    assert not re.findall(r"<style|\sstyle=|\son\w+=|javascript:", page.text)
    assert all(not script for script in re.findall(r"<script[^>]*>(.*?)</script>", page.text, re.DOTALL))
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page.text)
    for file in re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text):
        assert (await client.get(file)).status_code == 200, file


class TestOneFacility:
    async def test_the_shell_names_it_and_the_areas_around_it(self, client):
        page = (await client.get("/facility/rs-a")).text
        assert "<title>RS A · Balai</title>" in page
        assert "<h1><bdi>RS A</bdi></h1>" in page
        crumbs = re.findall(r'<li(?: aria-current="page")?>(?:<a href="([^"]+)">)?<bdi>([^<]+)</bdi>', page)
        assert crumbs[-2:] == [("/area/33.74.01.1001", "Miroto"), ("", "RS A")]
        assert 'href="/v1/facilities/rs-a" as="fetch"' in page

    async def test_another_identifier_leads_to_the_same_facility(self, client):
        assert 'data-facility="rs-a"' in (await client.get("/facility/sirs:3374001")).text

    @pytest.mark.parametrize("path", ["/facility/rs-z", "/facility/%3Cb%3E", "/facility/sirs:0"])
    async def test_an_unknown_one_is_a_page_that_leads_on(self, client, path):
        page = await client.get(path)
        assert page.status_code == 404
        assert "Tidak ada fasilitas dengan kode" in page.text
        assert "<b>" not in page.text.partition("<main")[2]

    @pytest.mark.usefixtures("city")
    async def test_a_hostile_name_is_only_text(self, client):
        page = (await client.get("/facility/rs-x")).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


class TestTheList:
    @pytest.mark.usefixtures("city")
    async def test_hospitals_come_first_by_name_with_figures_and_ages(self, client):
        page = (await client.get("/facilities?area=33.74")).text
        assert [name for _, name in names(page)] == [
            "RS A",
            "RS B",
            "&lt;script&gt;alert(1)&lt;/script&gt; \u202emurah",
        ]
        rows = [words(row) for row in re.findall(r"<tr(?: class=\"is-old\")?>(.*?)</tr>", page, re.DOTALL)[1:]]
        assert rows[0].startswith("RS A Miroto, Semarang Tengah 6 40,0% terkini, 12 mnt Telepon")
        assert "penuh:" not in rows[1]
        assert "? +2 ? terlambat, 8 j belum ada nomor telepon" in rows[2]
        assert "<script>alert" not in page

    @pytest.mark.usefixtures("city")
    async def test_a_search_looks_at_all_kinds_and_can_be_cleared(self, client):
        page = (await client.get("/facilities?area=33.74&q=miroto")).text
        assert names(page) == [("/facility/rw-d", "Balai RW 01 Miroto")]
        assert "1 cocok dengan “miroto”" in words(page)
        assert 'href="/facilities?area=33.74"' in page

    async def test_a_search_without_results_says_so(self, client):
        page = (await client.get("/facilities", params={"q": "<i>zzz"})).text
        assert "Saringan “&lt;i&gt;zzz” : tidak ada yang cocok." in words(page)

    async def test_an_empty_area_says_what_to_do(self, client):
        page = (await client.get("/facilities?area=33.74.01.1002")).text
        assert "Belum ada fasilitas di Brumbungan. Daftarkan yang pertama atau impor berkas." in words(page)

    async def test_an_unknown_area_is_a_page_that_leads_on(self, client):
        assert (await client.get("/facilities?area=99")).status_code == 404

    async def test_kinds_are_links_with_their_numbers(self, client):
        page = (await client.get("/facilities?kind=rw_hall")).text
        assert re.search(
            r'<a href="/facilities\?kind=rw_hall" aria-current="true">Balai RW <span class="hint">1<', page
        )
        assert "clinic" not in page
        assert names(page) == [("/facility/rw-d", "Balai RW 01 Miroto")]

    @pytest.mark.parametrize("sorted_max", [500, 0])
    async def test_many_come_in_pages_of_fifty_and_each_once(self, service, client, monkeypatch, sorted_max):
        monkeypatch.setattr(facility_list, "SORTED_MAX", sorted_max)
        many = [Facility(f"rs-{n:03}", FacilityKind.hospital, f"RS {n:03}", "33.74") for n in range(120)]
        await register_facilities(service.node, many, by=OPERATOR)
        seen, pages, path = [], 0, "/facilities?area=33.74&kind=hospital"
        while path:
            page = (await client.get(path)).text
            seen += [name for _, name in names(page)]
            pages += 1
            following = re.search(r'<a href="([^"]+)" rel="next">', page)
            path = following and following[1].replace("&amp;", "&")
        assert pages == 3
        assert len(seen) == len(set(seen)) == 122

    @pytest.mark.parametrize("cursor", ["x", "WzEsIDJd", "Wy01XQ"])
    async def test_a_cursor_of_another_list_begins_at_the_beginning(self, client, cursor):
        page = await client.get(f"/facilities?area=33.74&cursor={cursor}")
        assert [name for _, name in names(page.text)] == ["RS A", "RS B"]

    @pytest.mark.usefixtures("city")
    @pytest.mark.parametrize("path", ["/facilities?area=33.74", "/publik?area=33.74"])
    async def test_without_scripts_it_says_when_it_was_made(self, client, clock, path):
        page = words((await client.get(path)).text)
        assert f"Keadaan {Words('id', 'Asia/Jakarta', clock.now).day_and_time(clock.now)} WIB." in page

    def test_old_figures_beside_fresh_ones_are_never_less_than_none(self):
        nothing = dict.fromkeys(FreshTotals._fields) | {"beds_available": 8, "facilities": 1}
        known = dict.fromkeys(Totals._fields) | {"fresh": FreshTotals(**nothing), "facilities": 1}
        assert facility_list._uncertain(Totals(**known | {"beds_available": 5, "facilities": 2})) == 0
        assert facility_list._uncertain(Totals(**known | {"beds_available": 8})) is None

    async def test_it_is_kept_for_half_a_minute(self, client):
        page = await client.get("/facilities")
        assert page.headers["cache-control"] == "public, max-age=30"
        again = await client.get("/facilities", headers={"if-none-match": page.headers["etag"]})
        assert again.status_code == 304


class TestSigningIn:
    async def test_nothing_is_sent_without_its_script(self, client):
        page = (await client.get("/masuk")).text
        assert '<form method="post" action="/masuk" data-sign-in novalidate>' in page
        assert re.search(r'<button type="submit" class="btn" disabled>', page)
        assert "Masuk memerlukan skrip" in page

    @pytest.mark.parametrize(
        ("wanted", "follows"),
        [("/publik?need=icu", "/publik?need=icu"), ("//evil.example", "/"), ("/\\evil.example", "/"), ("x:y", "/")],
    )
    async def test_it_leads_on_only_to_own_pages(self, client, wanted, follows):
        page = await client.get("/masuk", params={"next": wanted})
        assert f'data-next="{follows}"' in page.text
        assert "evil" not in page.text.partition("<main")[2]
        assert page.headers["cache-control"] == "no-store"

    async def test_who_is_signed_in_may_go_on_or_sign_out(self, officer):
        page = (await officer.get("/masuk?next=/publik")).text
        assert "Anda masuk sebagai <b><bdi>test</bdi></b>." in page
        assert 'href="/publik"' in page
        assert "data-sign-out" in page


class TestAPrivateInstallation:
    PATHS: ClassVar = ["/facility/rs-a", "/facility/rs-z", "/facilities", "/facilities?area=99", "/publik", "/"]

    @pytest.fixture
    def settings(self, settings):
        return settings.model_copy(update={"public_read": False})

    @pytest.mark.parametrize("path", PATHS)
    async def test_strangers_learn_nothing_and_where_to_sign_in(self, client, path):
        page = await client.get(path)
        assert page.status_code == 401
        assert "RS A" not in page.text
        assert "Semarang" not in page.text
        assert 'href="/masuk?next=' in page.text

    async def test_a_hospital_sees_its_own_page_and_no_other(self, service):
        async with service.client(await service.key(facility="rs-a")) as hospital:
            assert (await hospital.get("/facility/rs-a")).status_code == 200
            assert (await hospital.get("/facility/rs-b")).status_code == 404
            assert (await hospital.get("/facilities?area=33.74")).status_code == 404

    async def test_no_proxy_keeps_a_list(self, officer):
        assert (await officer.get("/facilities")).headers["cache-control"] == "private, max-age=30"
