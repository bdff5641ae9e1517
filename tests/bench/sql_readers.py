"""The plain way to answer for an area with its children: SQL over the current lines, for each request.

Facilities stand at an area whose code begins with the codes of all areas around it, so a child is a prefix.
"""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.domain.snapshot import Snapshot

TABLES = """
CREATE TABLE sites (facility_id text PRIMARY KEY, area_code text NOT NULL, kind text NOT NULL, observed_at timestamptz);
CREATE TABLE beds (facility_id text REFERENCES sites, bed_type text, total int, occupied int, blocked int,
 available int, queue int, PRIMARY KEY (facility_id, bed_type));
CREATE INDEX sites_area ON sites (area_code text_pattern_ops);
"""
SUMS = """
SELECT left(s.area_code, $2) AS child, b.bed_type, sum(b.total), sum(b.occupied), sum(b.blocked), sum(b.available),
 sum(b.queue), count(*)
FROM sites s JOIN beds b USING (facility_id) WHERE s.area_code LIKE $1 GROUP BY 1, 2 ORDER BY 1, 2
"""
REPORTING = """
SELECT left(area_code, $2) AS child, kind, count(*), count(*) FILTER (WHERE observed_at > now() - interval '6 hours'),
 min(observed_at)::text, max(observed_at)::text
FROM sites WHERE area_code LIKE $1 GROUP BY 1, 2 ORDER BY 1, 2
"""
CHILD_LENGTH = {"ID": 2, "33.74": 8}  # of the code of a province, of a kecamatan


async def fill(url: str, current: Snapshot) -> None:
    """The same facilities and lines as a board's, into tables of its own."""
    connection = await asyncpg.connect(url)
    await connection.execute(TABLES)
    sites, beds = [], []
    for facility in current.facilities:
        for state in current.channels.get(facility.facility_id, {}).values():
            observed_at = state.newest and state.newest.observed_at
            sites.append((facility.facility_id, facility.area_code, str(facility.kind), observed_at))
            for key, line in state.lines.items():
                said = line.beds
                if said is not None:
                    counts = (said.beds_total, said.beds_occupied, said.beds_blocked, said.beds_available, said.queue)
                    beds.append((facility.facility_id, key.bed_type, *counts))
    await connection.copy_records_to_table("sites", records=sites)
    await connection.copy_records_to_table("beds", records=beds)
    await connection.execute("ANALYZE")
    await connection.close()


async def capacity(request: Request) -> Response:
    """The sums of each child, by bed type, and who reports there."""
    code = request.path_params["code"]
    asked = ("%" if code == "ID" else f"{code}.%"), CHILD_LENGTH[code]
    async with request.state["pool"].acquire() as connection:
        sums = await connection.fetch(SUMS, *asked)
        reporting = await connection.fetch(REPORTING, *asked)
    children: dict[str, Any] = {}
    for child, *said in sums:
        children.setdefault(child, {"by_bed_type": [], "reporting": []})["by_bed_type"].append(said)
    for child, *said in reporting:
        children.setdefault(child, {"by_bed_type": [], "reporting": []})["reporting"].append(said)
    return Response(json.dumps({"area": code, "children": children}), media_type="application/json")


@asynccontextmanager
async def lifespan(_app: Starlette) -> AsyncIterator[dict[str, Any]]:
    async with asyncpg.create_pool(os.environ["READER_URL"], min_size=4, max_size=8) as pool:
        yield {"pool": pool}


app = Starlette(routes=[Route("/{code}", capacity)], lifespan=lifespan)
