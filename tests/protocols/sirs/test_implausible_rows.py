"""A typing error in a row of hospital software: the row keeps the figures that it had, whatever its bed type is now."""

from tests.protocols.conftest import Software

ROW = {"id_tt": "6", "ruang": "Melati", "jumlah": "100", "terpakai": "80", "covid": "0"}
CITY = "/v1/areas/33.74/capacity"


async def test_a_change_of_the_bed_type_with_a_typing_error_closes_nothing(software: Software, client) -> None:
    stored = (await software.sirs("POST", ROW)).json()["fasyankes"][0]
    of_row = {"id_t_tt": stored["id_t_tt"]}
    changed = await software.sirs("PUT", ROW | of_row | {"id_tt": "24", "terpakai": "99999"})
    assert "implausible" in changed.text
    totals = (await client.get(CITY)).json()["totals"]
    assert (totals["beds_total"], totals["beds_occupied"], totals["flagged_lines"]) == (100, 80, 2)
    again = await software.sirs("PUT", ROW | of_row | {"id_tt": "25", "jumlah": "99999"})
    assert "implausible" in again.text
    assert (await client.get(CITY)).json()["totals"]["beds_total"] == 100
    await software.sirs("PUT", ROW | of_row | {"id_tt": "24", "terpakai": "90"})
    totals = (await client.get(CITY)).json()["totals"]
    assert (totals["beds_total"], totals["beds_occupied"], totals["flagged_lines"]) == (100, 90, 0)
