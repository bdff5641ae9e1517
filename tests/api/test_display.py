"""What a page reads first: where it starts, where colours begin, whom to call."""

from typing import Any

import pytest

from app.actions.register_areas import register_areas
from app.config import Settings
from app.domain.permissions import OPERATOR
from app.domain.registry.area import Area, AreaLevel
from app.main import create_app
from tests.conftest import Service


async def read(settings: Settings, clock: Any, *areas: Area) -> dict[str, Any]:
    app = create_app(settings, clock=clock)
    async with app.router.lifespan_context(app) as state:
        service = Service(app, dict(state))
        if areas:
            await register_areas(service.node, areas, by=OPERATOR)
        async with service.client() as client:
            answer = await client.get("/v1/display")
            assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")
            document: dict[str, Any] = answer.json()
            return document


COUNTRY = Area("ID", "Indonesia", AreaLevel.country, "country", None)
PROVINCE = Area("33", "Jawa Tengah", AreaLevel.province, "provinsi", "ID")
CITIES = [Area(code, code, AreaLevel.city, "kota", "33") for code in ("33.74", "33.75")]


async def test_the_defaults_are_those_of_the_design(client):
    document = (await client.get("/v1/display")).json()
    hours = {"stale_hours": 24.0, "silent_hours": 72.0, "lapsed_days": 30.0}
    assert document == {
        "area": "33",
        "time_zone": "Asia/Jakarta",
        "languages": ["id", "en"],
        "public_read": True,
        "simulated": False,
        "occupancy": {"steps": [0.6, 0.75], "tight": 0.85, "full": 0.95, "small_beds": 5},
        "fresh_share": {"good": 0.9, "fair": 0.7},
        "thresholds": {
            "hospital": {"stale_hours": 6.0, "silent_hours": 24.0, "lapsed_days": 30.0},
            "clinic": hours,
            "isolation_site": hours,
            "rw_hall": hours,
        },
        "duty_desk": None,
        "as_of": "2026-11-23T03:00:00Z",
    }


async def test_settings_are_shown_also_without_a_key_where_figures_need_one(settings, clock):
    chosen = settings.model_copy(
        update={
            "public_read": False,
            "home_area": "33.75",
            "time_zone": "Asia/Makassar",
            "duty_desk_name": "Dinkes",
            "duty_desk_phones": ("024 1", "024 2"),
            "simulated": True,
            "occupancy_scale": (0.5, 0.6, 0.7, 0.8),
        }
    )
    document = await read(chosen, clock, COUNTRY, PROVINCE, *CITIES)
    assert (document["area"], document["time_zone"], document["public_read"]) == ("33.75", "Asia/Makassar", False)
    assert document["duty_desk"] == {"name": "Dinkes", "phones": ["024 1", "024 2"]}
    assert document["simulated"] is True
    assert document["occupancy"] == {"steps": [0.5, 0.6], "tight": 0.7, "full": 0.8, "small_beds": 5}


@pytest.mark.parametrize(
    ("areas", "home"),
    [
        ([], None),
        ([COUNTRY], "ID"),
        ([COUNTRY, PROVINCE], "33"),
        ([COUNTRY, PROVINCE, CITIES[0]], "33.74"),
        ([COUNTRY, PROVINCE, *CITIES], "33"),
        ([COUNTRY, Area("SG", "Singapore", AreaLevel.country, "country", None)], "ID"),
    ],
)
async def test_the_home_area_is_where_the_tree_branches(settings, clock, areas, home):
    assert (await read(settings, clock, *areas))["area"] == home


async def test_a_home_area_that_is_not_registered_is_passed_over(settings, clock):
    chosen = settings.model_copy(update={"home_area": "99"})
    assert (await read(chosen, clock, COUNTRY, PROVINCE))["area"] == "33"


async def test_it_takes_no_parameters(client):
    assert (await client.get("/v1/display?a=1")).status_code == 422
