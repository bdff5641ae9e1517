"""Names that break pages: very long, right-to-left, markup, emoji, formulas, without a space."""

from tests.browser.city import City
from tests.browser.lively import beds

NAMES = (
    "Klinik Pratama Rawat Inap dan Rumah Singgah Isolasi Terpadu " * 3 + "Kelurahan Mangunharjo",
    "W" * 200,
    "RS Al Ihsan \u2014 \u0645\u0633\u062a\u0634\u0641\u0649 \u0627\u0644\u0625\u062d\u0633\u0627\u0646",
    "<script>document.title='broken'</script><img src=x onerror=document.title='broken'>",
    "\U0001f3e5\U0001f469 RS Emoji \U0001f1ee\U0001f1e9",
    '=HYPERLINK("http://contoh.invalid";"RS")',
    "' onmouseover='document.title=1' {{ 7*7 }} ${7*7} {names} {n}",
)
AREA = "33.74.10.1001"


def register_hostile(city: City) -> None:
    """A kelurahan of halls and hospitals with such names, and contacts and wards too."""
    for n, name in enumerate(NAMES):
        for kind, bed_type in (("hospital", "ward_3"), ("rw_hall", "isolation_bed")):
            facility = {
                "facility_id": f"h{n}-{kind[:2]}",
                "kind": kind,
                "name": name.strip()[:200],
                "area_code": AREA,
                "address": name.strip()[:200],
                "contact": {"name": name.strip()[:100], "phones": ["024-000 0100"]},
            }
            answer = city.client.post("/v1/facilities", json=facility)
            assert answer.status_code in (200, 201), answer.text
            city.report(
                f"h{n}-{kind[:2]}", {**beds(bed_type, 20, 3), "ward_code": "W", "ward_name": name.strip()[:100]}
            )
