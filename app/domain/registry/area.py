"""Areas: the administrative tree, from the country down to the RW.

The parent of an area is stated, never derived from its code, so that the tree of another country can be loaded too.
Indonesian codes are in the dotted Kemendagri form: `33`, `33.74`, `33.74.01`, `33.74.01.1001`. An RW has no code in
that system; ours is the kelurahan's code plus three digits: `33.74.01.1001.003`.
"""

import re
from dataclasses import dataclass

from app.domain.vocabulary import StoredEnum

AREA_CODE_PATTERN = r"^[A-Za-z0-9]+(\.[A-Za-z0-9]+)*$"
AREA_CODE_LENGTH_MAX = 40
AREA_DEPTH_MAX = 8
RW_NUMBER_MAX = 999

_AREA_CODE = re.compile(AREA_CODE_PATTERN)


class AreaLevel(StoredEnum):
    """The level of an area in the tree. `city` is a kota or kabupaten; `kelurahan` includes desa."""

    country = "country"
    province = "province"
    city = "city"
    kecamatan = "kecamatan"
    kelurahan = "kelurahan"
    rw = "rw"

    @property
    def depth(self) -> int:
        """0 for a country, 5 for an RW, 6 for a level that only a newer version knows."""
        return _DEPTH.get(self, len(_DEPTH))


_DEPTH = {level: depth for depth, level in enumerate(AreaLevel)}

# Names of our levels in other tables. Source: the BPS terms used by cahyadsn/wilayah.
LEVEL_SYNONYMS = {
    "regency": AreaLevel.city,
    "district": AreaLevel.kecamatan,
    "village": AreaLevel.kelurahan,
}


@dataclass(frozen=True, slots=True)
class Area:
    """One node of the tree. `type` is the local designation (`kota`, `desa`, ...); `parent` is None at the root."""

    code: str
    name: str
    level: AreaLevel
    type: str
    parent: str | None
    lat: float | None = None
    lon: float | None = None
    more: str | None = None  # fields that only a newer version knows, canonical JSON: kept when it is written again


INDONESIA = Area("ID", "Indonesia", AreaLevel.country, "country", None)


def is_area_code(text: str) -> bool:
    """Whether `text` has the format of an area code: segments of letters and digits, separated by dots."""
    return len(text) <= AREA_CODE_LENGTH_MAX and _AREA_CODE.fullmatch(text) is not None


def rw(kelurahan: Area, number: int) -> Area:
    """The RW with this number (1 to 999) under a kelurahan or desa."""
    return Area(f"{kelurahan.code}.{number:03d}", f"RW {number:02d}", AreaLevel.rw, "rw", kelurahan.code)
