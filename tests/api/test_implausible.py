"""One typing error must not distort a city: implausible figures wait for an officer, and add nothing to any sum."""

import pytest

from app.board.board import Board
from app.store.repositories.snapshot import read_snapshot
from tests.factories import MORNING

CITY = "/v1/areas/33.74/capacity"
REPORTS = "/v1/facilities/rs-a/reports"
ICU = {"bed_type": "icu", "beds_total": 5, "beds_occupied": 3}


async def send(officer, line, minute=0, status=201):
    said = {"observed_at": f"2026-11-23T09:{minute:02d}:00+07:00", "lines": [{"bed_type": "icu"} | line]}
    answer = await officer.post(REPORTS, json=said)
    assert answer.status_code == status, answer.text
    return answer.json()


async def totals(client):
    return (await client.get(CITY)).json()["totals"]


def codes(receipt):
    return {warning["code"] for warning in receipt["warnings"]}


async def test_99_999_occupied_of_5_beds_change_no_sum(officer, client):
    await send(officer, ICU)
    receipt = await send(officer, ICU | {"beds_occupied": 99_999}, 1)
    assert "implausible" in codes(receipt)
    assert receipt["outcome"] == "applied"
    found = await totals(client)
    assert (found["beds_total"], found["beds_occupied"], found["flagged_lines"]) == (5, 3, 1)
    [line] = (await client.get("/v1/facilities/rs-a")).json()["lines"]
    assert (line["beds_occupied"], line["observed_at"], line["warnings"]) == (
        3,
        "2026-11-23T02:00:00Z",
        ["implausible"],
    )
    assert (line["implausible"]["beds_occupied"], line["implausible"]["seq"]) == (99_999, receipt["seq"])


async def test_a_plausible_report_ends_it(officer, client):
    await send(officer, ICU)
    await send(officer, ICU | {"beds_occupied": 99_999}, 1)
    await send(officer, ICU | {"beds_occupied": 4}, 2)
    found = await totals(client)
    assert (found["beds_occupied"], found["flagged_lines"]) == (4, 0)


async def test_a_first_report_that_is_implausible_adds_nothing_and_is_shown(officer, client):
    await send(officer, {"beds_total": 5, "beds_occupied": 61})
    found = await totals(client)
    assert (found["beds_total"], found["beds_occupied"], found["facilities"], found["flagged_lines"]) == (
        None, None, 0, 1
    )  # fmt: skip
    shown = (await client.get("/v1/facilities/rs-a")).json()
    assert shown["totals"]["flagged_lines"] == shown["channels"][0]["totals"]["flagged_lines"] == 1
    [line] = shown["lines"]
    assert (line["beds_total"], line["counted"], line["implausible"]["beds_occupied"]) == (None, False, 61)


@pytest.mark.parametrize(
    ("before", "line", "is_implausible"),
    [
        (None, {"beds_total": 5, "beds_occupied": 60}, False),  # 2 x 5 + 50
        (None, {"beds_total": 5, "beds_occupied": 61}, True),
        (None, {"beds_total": 500}, False),  # of beds_stated 100
        (None, {"beds_total": 501}, True),
        (None, {"beds_available": 501}, True),
        ({"beds_total": 10}, {"beds_total": 200}, False),  # 10 x 10 + 100
        ({"beds_total": 10}, {"beds_total": 201}, True),
        ({"beds_total": 10}, {"beds_occupied": 71}, True),  # of the total before
    ],
)
async def test_the_limits_are_the_contracts(officer, before, line, is_implausible):
    await officer.patch("/v1/facilities/rs-a", json={"beds_stated": 100}, headers={"If-Match": "*"})
    if before is not None:
        await send(officer, before)
    assert ("implausible" in codes(await send(officer, line, 1))) is is_implausible


async def test_an_officer_confirms_and_the_same_figures_need_no_second_confirmation(officer, client, service):
    await send(officer, ICU)
    typed = {"beds_total": 400, "beds_occupied": 300}
    receipt = await send(officer, typed, 1)
    own = service.client(await service.key(facility="rs-a"))
    assert (await own.post("/v1/facilities/rs-a/lines/confirm", json={})).status_code == 403
    area = service.client(await service.key(area="33.74"))
    body = {"bed_type": "icu", "seq": receipt["seq"], "reason": "a field hospital opened"}
    confirmed = await area.post("/v1/facilities/rs-a/lines/confirm", json=body)
    assert confirmed.status_code == 201
    found = await totals(client)
    assert (found["beds_total"], found["beds_occupied"], found["flagged_lines"]) == (400, 300, 0)
    assert found["newest_observed_at"] == "2026-11-23T02:01:00Z"
    listed = (await officer.get("/v1/facilities/rs-a/reports")).json()["reports"][0]
    assert (listed["reason"], listed["lines"]) == ("a field hospital opened", [])
    assert listed["confirms"] == [{"ward_code": "", "bed_type": "icu", "seq": receipt["seq"]}]
    assert "implausible" not in codes(await send(officer, typed, 2))
    again = await area.post("/v1/facilities/rs-a/lines/confirm", json={})
    assert again.status_code == 404
    assert "confirmed them already" in again.json()["detail"]


async def test_bounds_of_an_officer_replace_the_rules(officer, client):
    bounds = [{"bed_type": "icu", "beds_total_max": 600, "beds_occupied_max": 700}]
    changed = await officer.patch("/v1/facilities/rs-a", json={"line_bounds": bounds}, headers={"If-Match": "*"})
    assert changed.json()["line_bounds"] == [bounds[0] | {"ward_code": ""}]
    await send(officer, ICU)
    assert "implausible" not in codes(await send(officer, {"beds_total": 600, "beds_occupied": 700}, 1))
    assert "implausible" in codes(await send(officer, {"beds_total": 601, "beds_occupied": 5}, 2))
    assert (await totals(client))["beds_total"] == 600


async def test_a_late_plausible_figure_counts_beside_a_newer_implausible_one(officer, client):
    await send(officer, ICU)
    await send(officer, ICU | {"beds_occupied": 99_999}, 5)
    receipt = await send(officer, ICU | {"beds_occupied": 4}, 3)
    assert receipt["outcome"] == "applied"
    found = await totals(client)
    assert (found["beds_occupied"], found["flagged_lines"]) == (4, 1)


async def test_it_is_the_same_after_a_restart_and_on_another_node(officer, service, client):
    await send(officer, ICU)
    await send(officer, ICU | {"beds_occupied": 99_999}, 1)
    await send(officer, {"bed_type": "hcu", "beds_total": 5, "beds_occupied": 99_999}, 2)
    async with service.node.database.reading() as connection:
        loaded = Board()
        loaded.load(await read_snapshot(connection))
    assert loaded.contents() == service.node.board.contents()
    assert loaded.roll_up("33.74", MORNING) == service.node.board.roll_up("33.74", MORNING)


async def test_voiding_a_confirmed_report_confirms_no_other(officer, client):
    await send(officer, ICU)
    await send(officer, ICU | {"beds_occupied": 99_999}, 1)
    newer = await send(officer, ICU | {"beds_occupied": 300}, 2)
    confirmed = await officer.post("/v1/facilities/rs-a/lines/confirm", json={"seq": newer["seq"], "reason": "true"})
    assert confirmed.status_code == 201
    assert (await totals(client))["beds_occupied"] == 300
    voided = await officer.post(f"{REPORTS}/{newer['seq']}/void", json={"reason": "wrong"})
    assert voided.status_code == 201
    found = await totals(client)
    assert (found["beds_occupied"], found["flagged_lines"]) == (3, 1)


async def test_a_line_that_is_closed_and_opened_again_is_compared_with_what_it_had(officer):
    await send(officer, ICU)
    await send(officer, {"closed": True}, 1)
    assert "implausible" in codes(await send(officer, {"beds_total": 99_999}, 2))


async def test_a_value_from_before_a_typing_error_downwards_is_plausible(officer, client):
    for minute, beds in enumerate((500, 5, 500)):
        receipt = await send(officer, {"beds_total": beds}, minute)
    assert "implausible" not in codes(receipt)
    assert (await totals(client))["beds_total"] == 500


async def test_a_bound_for_one_count_leaves_the_rule_for_the_other(officer):
    bounds = [{"bed_type": "icu", "beds_total_max": 600}]
    await officer.patch("/v1/facilities/rs-a", json={"line_bounds": bounds}, headers={"If-Match": "*"})
    assert "implausible" in codes(await send(officer, ICU | {"beds_occupied": 99_999}))
    twice = await officer.patch("/v1/facilities/rs-a", json={"line_bounds": bounds * 2}, headers={"If-Match": "*"})
    assert twice.status_code == 422


async def test_figures_that_nobody_believes_make_nothing_fresher(officer, client, clock):
    await send(officer, ICU)
    clock.advance(hours=5.5)
    said = {"observed_at": clock.now.isoformat(), "lines": [ICU | {"beds_occupied": 99_999}]}
    assert (await officer.post(REPORTS, json=said)).status_code == 201
    clock.advance(hours=1)
    assert (await client.get("/v1/facilities/rs-a")).json()["freshness"] == "stale"


async def test_an_officer_lists_the_facilities_with_flagged_lines(officer, client):
    await send(officer, ICU)
    path = "/v1/areas/33.74/facilities?flagged=true"
    assert (await client.get(path)).json()["facilities"] == []
    await send(officer, ICU | {"beds_occupied": 99_999}, 1)
    found = (await client.get(path)).json()["facilities"]
    assert [(row["facility_id"], row["totals"]["flagged_lines"]) for row in found] == [("rs-a", 1)]


async def test_the_list_has_a_facility_that_stated_implausible_counts_of_the_type_alone(officer, client):
    await send(officer, {"beds_total": 5, "beds_occupied": 61, "bed_type": "icu"})
    for filters in ("bed_type=icu", "group=intensive", "bed_type=icu&flagged=true", "bed_type=icu&freshness=fresh"):
        found = (await client.get(f"/v1/areas/33.74/facilities?{filters}")).json()["facilities"]
        assert [(row["facility_id"], row["totals"]["flagged_lines"]) for row in found] == [("rs-a", 1)], filters
    for filters in ("bed_type=nicu", "bed_type=icu&freshness=stale", "bed_type=icu&min_available=1"):
        assert (await client.get(f"/v1/areas/33.74/facilities?{filters}")).json()["facilities"] == [], filters


async def test_a_line_whose_values_alternate_is_flagged(officer, client):
    for minute in range(0, 12, 2):
        receipt = await send(officer, {"beds_total": 10, "beds_occupied": 5 if minute % 4 else 9}, minute)
    assert "values_alternate" in codes(receipt)
    [line] = (await client.get("/v1/facilities/rs-a")).json()["lines"]
    assert "values_alternate" in line["warnings"]
