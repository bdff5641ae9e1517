"""Classes that software sends by name instead of code: `VVIP`, `NICU`, `KELAS III`, `ICU Dengan Ventilator`.

Only unambiguous names are listed. A bare number is not a name: 1 is class I to people and VVIP to the ministry. Rules:
`docs/protocols/common.md`.
"""

import re

from app.domain.beds.bed_types import BED_TYPES, BY_APLICARES

_BETWEEN = re.compile(r"[\s./_-]+")
_NUMERALS = {"1": "I", "2": "II", "3": "III", "SATU": "I", "DUA": "II", "TIGA": "III"}
# Besides the Indonesian names of the bed types themselves, which say what they leave open ("..., tidak disebut").
_NAMES = {
    "ward_vvip": ("VVIP", "SUPER VIP"),
    "ward_vip": ("KELAS VIP",),
    "ward_utama": ("UTAMA",),
    "ward_1": ("KLS I", "KL I", "KELASI", "KLSI"),
    "ward_2": ("KLS II", "KL II", "KELASII", "KLSII"),
    "ward_3": ("KLS III", "KL III", "KELASIII", "KLSIII"),
    "ward_kris": ("KRIS", "KRIS JKN", "KELAS RAWAT INAP STANDAR"),
    "iccu": ("ICCU", "ICVCU", "CVCU", "ICCU ICVCU"),
    "ricu": ("RICU",),
    "nicu": ("NICU",),
    "picu": ("PICU",),
    "delivery": ("BERSALIN", "KAMAR BERSALIN", "RUANG BERSALIN"),
    "emergency": ("IGD UGD",),
    "isolation": ("ISOLASI", "RUANG ISOLASI"),
    "other": ("NON KELAS", "TANPA KELAS"),
}


def bed_type_named(name: str) -> str | None:
    """Return the code of the one bed type that this name can mean; None if there is none or several."""
    return _BY_NAME.get(_normalise(name))


def _normalise(name: str) -> str:
    words = _BETWEEN.sub(" ", name).strip().upper().split()
    return " ".join(_NUMERALS.get(word, word) if place else word for place, word in enumerate(words))


_GLUED = {f"{word}{digit}": f"{word}{roman}" for word in ("KELAS", "KLS") for digit, roman in _NUMERALS.items()}


def _build_index() -> dict[str, str]:
    in_use = [known for known in BED_TYPES.values() if known.sirs or known.aplicares]
    found = {_normalise(known.name_id): known.code for known in in_use}
    found |= {code: known.code for code, known in BY_APLICARES.items()}
    found |= {name: code for code, names in _NAMES.items() for name in names}
    return found | {glued: found[roman] for glued, roman in _GLUED.items()}


_BY_NAME = _build_index()
