"""The page for citizens: complete without scripts, from the board, kept for half a minute."""

import re

import pytest

from app.actions.register_facilities import register_facilities
from app.domain.permissions import OPERATOR
from app.domain.registry.facility import Facility, FacilityKind


def lists(page):
    """What each list says, by the id of its heading."""
    found = {}
    for heading, rest in re.findall(r'aria-labelledby="(h-free|h-full|h-old)"(.*?)</section>', page, re.DOTALL):
        found[heading] = re.findall(r"<li>(.*?)</li>", rest, re.DOTALL)
    return found


def words(markup):
    return " ".join(re.sub(r"<[^>]+>", " ", markup).split())


@pytest.mark.usefixtures("city")
async def test_the_three_lists_are_in_the_page_itself(client):
    page = (await client.get("/publik?q=Miroto")).text
    found = lists(page)
    assert [len(rows) for rows in found.values()] == [1, 1, 1]
    assert words(found["h-free"][0]).startswith("6 kosong RS A")
    assert "12 mnt lalu" in words(found["h-free"][0])
    assert "antre 3, tidak kurang dari yang kosong" in words(found["h-full"][0])
    assert "waktu itu" in words(found["h-old"][0])
    assert "terlambat" in words(found["h-old"][0])
    assert page.index("Telepon dulu sebelum berangkat") < page.index("RS A")


@pytest.mark.usefixtures("city")
async def test_only_the_nearest_free_one_has_the_filled_button(client):
    page = (await client.get("/publik")).text
    assert page.count('class="tel main"') == 1
    assert 'class="tel main" href="tel:+62240000120"' in page
    assert 'class="tel" href="tel:0240001"' in page
    assert "belum ada nomor telepon" in page


async def test_without_any_number_to_call_no_button_is_filled(client, report):
    await report("rs-a")
    page = (await client.get("/publik")).text
    assert len(lists(page)["h-free"]) == 1
    assert "tel:" not in page


@pytest.mark.usefixtures("city")
async def test_names_are_only_text(client):
    page = (await client.get("/publik")).text
    assert "<script>alert" not in page
    assert '<bdi class="name2" title="&lt;script&gt;alert(1)&lt;/script&gt; \u202emurah">&lt;script&gt;' in page


async def test_what_was_typed_is_only_text(client):
    page = (await client.get("/publik", params={"q": '"><img src=x>', "need": "icu", "lang": "en"})).text
    assert "<img" not in page
    assert "There is no area called &#34;&gt;&lt;img src=x&gt;." in page


@pytest.mark.usefixtures("city")
async def test_a_type_nobody_reports_says_what_to_do(client):
    page = (await client.get("/publik?need=nicu")).text
    assert "Belum ada fasilitas yang melaporkan jenis ini." in page


@pytest.mark.usefixtures("city")
async def test_choices_are_links_that_keep_the_place(client):
    page = (await client.get("/publik?area=33.74.01&lang=en")).text
    assert 'href="/publik?need=icu&amp;area=33.74.01&amp;lang=en"' in page or (
        'href="/publik?area=33.74.01&amp;lang=en&amp;need=icu"' in page
    )
    assert re.search(r'<a href="[^"]*need=ward[^"]*" aria-current="true">Ward', page)


async def test_a_page_is_kept_for_half_a_minute_and_known_by_its_tag(client, clock):
    page = await client.get("/publik")
    assert page.headers["cache-control"] == "public, max-age=30"
    again = await client.get("/publik", headers={"if-none-match": page.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    clock.advance(minutes=1)
    assert (await client.get("/publik", headers={"if-none-match": page.headers["etag"]})).status_code == 200


async def test_a_page_that_sets_a_cookie_is_kept_by_no_proxy(client):
    page = await client.get("/publik?lang=en")
    assert page.headers["cache-control"] == "private, max-age=30"


@pytest.mark.usefixtures("city")
async def test_more_than_a_few_are_behind_a_link(service, client, report):
    more = [
        Facility(f"rs-m{n}", FacilityKind.hospital, f"RS M{n}", "33.74.01", None, -6.98, 110.42 + n / 100)
        for n in range(7)
    ]
    await register_facilities(service.node, more, by=OPERATOR)
    for facility in more:
        await report(facility.facility_id)
    page = (await client.get("/publik")).text
    assert len(lists(page)["h-free"]) == 5
    assert "Tampilkan 3 lagi" in page
    assert len(lists((await client.get("/publik?show=all")).text)["h-free"]) == 8


@pytest.mark.usefixtures("city")
async def test_a_facility_of_which_only_the_city_is_known_is_never_the_nearest(service, client, report):
    somewhere = Facility("rs-s", FacilityKind.hospital, "RS Somewhere", "33.74")
    await register_facilities(service.node, [somewhere], by=OPERATOR)
    await report("rs-s")
    free = lists((await client.get("/publik")).text)["h-free"]
    assert [("RS A" in row, "jarak tidak diketahui" in row) for row in free] == [(True, False), (False, True)]


class TestAPrivateInstallation:
    @pytest.fixture
    def settings(self, settings):
        return settings.model_copy(update={"public_read": False})

    @pytest.mark.usefixtures("city")
    async def test_a_stranger_is_led_to_the_page_to_sign_in(self, client):
        page = await client.get("/publik?need=icu")
        assert page.status_code == 401
        assert "RS A" not in page.text
        assert 'href="/masuk?next=%2Fpublik%3Fneed%3Dicu"' in page.text

    @pytest.mark.usefixtures("city")
    async def test_a_key_opens_it_and_no_proxy_keeps_it(self, officer):
        page = await officer.get("/publik")
        assert "RS A" in page.text
        assert page.headers["cache-control"] == "private, max-age=30"

    @pytest.mark.usefixtures("city")
    async def test_a_key_shows_only_what_it_may_read(self, service):
        async with service.client(await service.key(facility="rs-b")) as hospital:
            page = (await hospital.get("/publik")).text
        assert "RS B" in page
        assert "RS A" not in page
        assert "h-city" not in page
