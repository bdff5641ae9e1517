"""All bed types in one table, with the codes that other vocabularies use for them.

Covers the 32 SIRS codes in force (`id_tt`), the 16 Aplicares classes (`kodekelas`), places to stay that are
not hospital beds (`isolation_bed`), and the broader terms of foreign feeds (SANER, US SAFR, HAVE). Translating
messages is the job of the protocol; this module only defines each term. Published codes never change.

A name that states a property and a name that leaves it open are separate types: SIRS 26 excludes negative
pressure, SIRS 38 does not mention it. Aplicares `ICU` mentions neither ventilator nor pressure, so it is the
generic `icu`. Its `NON` ("-") is for rooms without a class: `other`. Retired SIRS codes
(13, 15 to 23, 35, 41 to 49) belong to no type: their meaning is not documented, so they are stored as `other`
with a warning.

`parent` names the type that contains this one by definition: "all inpatient beds" contains every VIP bed, so
the two are never added up. It is set only in that case. `icu` is not the parent of `icu_ventilator`, nor
`isolation` of `isolation_negative_pressure`: a hospital that reports both reports two sets of rooms, and
dropping one would lose beds. `emergency`, `delivery`, `perinatal` and similar types have no parent, since
hospitals differ in whether they count them as inpatient. A type has one parent; where two would be correct
(`adult_icu` is also part of `all_icu`), it is the one that the type's own feed sends beside it.

A type that leaves a property open may contain the beds of one that states it (`overlapping`); its name says what is
open: "ICU, ventilator not stated".

`covid` is the value to assume for a line that does not state it. It is None (unknown) if none is safe:
- the type also represents an Aplicares class, and that protocol has no such field;
- SIRS 24 to 29 were introduced for COVID, and neither yes nor no is safe without the row's own field;
- no foreign table mentions it for the type.

`group`: high care (HCU) is intensive, as in Indonesian hospitals; American step-down beds are not, since their
own feed counts them outside the ICU. A perinatal isolation room (SIRS 34) counts as isolation. A type that
mixes groups (`all_beds`, `all_inpatient`, ...) is `ward`, the group of most of its beds.

Sources: the ministry's SIRS reference table (recorded 2026), the insurer's Aplicares class list; HL7 SANER
MeasuredValues, HL7 US SAFR 1.0.0 bed groups. Care levels, groups and parents are our own interpretation.

Longer than 300 lines because the table is kept in one piece.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

from app.domain.vocabulary import StoredEnum

CareLevel = Literal[
    "ward_vvip", "ward_vip", "ward_utama", "ward_1", "ward_2", "ward_3", "ward_kris",
    "icu", "iccu", "ricu", "hcu", "nicu", "picu", "intermediate", "isolation", "emergency",
    "delivery", "perinatal", "operating", "hemodialysis", "other",
]  # fmt: skip
CARE_LEVELS: tuple[CareLevel, ...] = get_args(CareLevel)


class BedGroup(StoredEnum):
    """The groups by which a command center totals beds."""

    ward = "ward"
    intensive = "intensive"
    isolation = "isolation"
    maternal_newborn = "maternal_newborn"
    emergency = "emergency"
    other = "other"


@dataclass(frozen=True, slots=True)
class BedType:
    """One kind of bed.

    Shape: `negative_pressure`, `ventilator` and `covid` are None if unknown. `sirs` and `aplicares` are the
        foreign codes that this type represents, as text.
    """

    code: str
    name_id: str
    name_en: str
    care_level: CareLevel
    group: BedGroup
    negative_pressure: bool | None = None
    ventilator: bool | None = None
    covid: bool | None = None
    parent: str | None = None
    sirs: tuple[str, ...] = ()
    aplicares: tuple[str, ...] = ()


# In each entry the names come first, then the properties. Published lists use the order of this table.
# fmt: off
_TABLE = (
    # Wards, by class
    BedType("ward_vvip", "VVIP / Super VIP", "VVIP ward",
            "ward_vvip", BedGroup.ward, parent="inpatient_non_icu", sirs=("1",), aplicares=("VVP",)),
    BedType("ward_vip", "VIP", "VIP ward",
            "ward_vip", BedGroup.ward, parent="inpatient_non_icu", sirs=("2",), aplicares=("VIP",)),
    BedType("ward_utama", "Kelas utama", "Premium class ward",
            "ward_utama", BedGroup.ward, parent="inpatient_non_icu", aplicares=("UTM",)),
    BedType("ward_1", "Kelas I", "Class 1 ward",
            "ward_1", BedGroup.ward, parent="inpatient_non_icu", sirs=("3",), aplicares=("KL1",)),
    BedType("ward_2", "Kelas II", "Class 2 ward",
            "ward_2", BedGroup.ward, parent="inpatient_non_icu", sirs=("4",), aplicares=("KL2",)),
    BedType("ward_3", "Kelas III", "Class 3 ward",
            "ward_3", BedGroup.ward, parent="inpatient_non_icu", sirs=("5",), aplicares=("KL3",)),
    BedType("ward_kris", "Kelas rawat inap standar (KRIS JKN)", "Standard inpatient class (KRIS)",
            "ward_kris", BedGroup.ward, covid=False, parent="inpatient_non_icu", sirs=("52",)),

    # Intensive care
    BedType("icu", "ICU, ventilator tidak disebut", "ICU, ventilator not stated",
            "icu", BedGroup.intensive, parent="all_icu", aplicares=("ICU",)),
    BedType("icu_ventilator", "ICU dengan ventilator", "ICU with ventilator",
            "icu", BedGroup.intensive, ventilator=True, covid=False, parent="all_icu", sirs=("38",)),
    BedType("icu_no_ventilator", "ICU tanpa ventilator", "ICU without ventilator",
            "icu", BedGroup.intensive, ventilator=False, covid=False, parent="all_icu", sirs=("6",)),
    BedType("icu_negative_pressure_ventilator", "ICU tekanan negatif dengan ventilator",
            "ICU, negative pressure, with ventilator",
            "icu", BedGroup.intensive, negative_pressure=True, ventilator=True,
            parent="all_icu", sirs=("24",)),
    BedType("icu_negative_pressure_no_ventilator", "ICU tekanan negatif tanpa ventilator",
            "ICU, negative pressure, without ventilator",
            "icu", BedGroup.intensive, negative_pressure=True, ventilator=False,
            parent="all_icu", sirs=("25",)),
    BedType("icu_no_negative_pressure_ventilator", "ICU tanpa tekanan negatif dengan ventilator",
            "ICU, no negative pressure, with ventilator",
            "icu", BedGroup.intensive, negative_pressure=False, ventilator=True,
            parent="all_icu", sirs=("26",)),
    BedType("icu_no_negative_pressure_no_ventilator", "ICU tanpa tekanan negatif tanpa ventilator",
            "ICU, no negative pressure, without ventilator",
            "icu", BedGroup.intensive, negative_pressure=False, ventilator=False,
            parent="all_icu", sirs=("27",)),
    BedType("iccu", "ICCU / ICVCU, ventilator tidak disebut", "Cardiac ICU, ventilator not stated",
            "iccu", BedGroup.intensive, parent="all_icu", aplicares=("ICC",)),
    BedType("iccu_ventilator", "ICCU / ICVCU dengan ventilator", "Cardiac ICU with ventilator",
            "iccu", BedGroup.intensive, ventilator=True, covid=False, parent="all_icu", sirs=("51",)),
    BedType("iccu_no_ventilator", "ICCU / ICVCU tanpa ventilator", "Cardiac ICU without ventilator",
            "iccu", BedGroup.intensive, ventilator=False, covid=False, parent="all_icu", sirs=("8",)),
    BedType("ricu", "RICU, ventilator tidak disebut", "Respiratory ICU, ventilator not stated",
            "ricu", BedGroup.intensive, parent="all_icu"),
    BedType("ricu_ventilator", "RICU dengan ventilator", "Respiratory ICU with ventilator",
            "ricu", BedGroup.intensive, ventilator=True, covid=False, parent="all_icu", sirs=("50",)),
    BedType("ricu_no_ventilator", "RICU tanpa ventilator", "Respiratory ICU without ventilator",
            "ricu", BedGroup.intensive, ventilator=False, covid=False, parent="all_icu", sirs=("9",)),
    BedType("nicu", "NICU, ventilator tidak disebut", "Neonatal ICU, ventilator not stated",
            "nicu", BedGroup.intensive, parent="all_icu", aplicares=("NIC",)),
    BedType("nicu_ventilator", "NICU dengan ventilator", "Neonatal ICU with ventilator",
            "nicu", BedGroup.intensive, ventilator=True, covid=False, parent="all_icu", sirs=("39",)),
    BedType("nicu_no_ventilator", "NICU tanpa ventilator", "Neonatal ICU without ventilator",
            "nicu", BedGroup.intensive, ventilator=False, covid=False, parent="all_icu", sirs=("10",)),
    BedType("nicu_covid", "NICU khusus COVID", "Neonatal ICU for COVID",
            "nicu", BedGroup.intensive, covid=True, parent="all_icu", sirs=("30",)),
    BedType("picu", "PICU, ventilator tidak disebut", "Paediatric ICU, ventilator not stated",
            "picu", BedGroup.intensive, parent="all_icu", aplicares=("PIC",)),
    BedType("picu_ventilator", "PICU dengan ventilator", "Paediatric ICU with ventilator",
            "picu", BedGroup.intensive, ventilator=True, covid=False, parent="all_icu", sirs=("40",)),
    BedType("picu_no_ventilator", "PICU tanpa ventilator", "Paediatric ICU without ventilator",
            "picu", BedGroup.intensive, ventilator=False, covid=False, parent="all_icu", sirs=("11",)),
    BedType("picu_covid", "PICU khusus COVID", "Paediatric ICU for COVID",
            "picu", BedGroup.intensive, covid=True, parent="all_icu", sirs=("31",)),
    BedType("hcu", "HCU", "High care unit",
            "hcu", BedGroup.intensive, parent="all_inpatient", sirs=("7",), aplicares=("HCU",)),

    # Isolation
    BedType("isolation", "Isolasi, tekanan tidak disebut", "Isolation room, pressure not stated",
            "isolation", BedGroup.isolation, parent="all_inpatient", sirs=("12",), aplicares=("ISO",)),
    BedType("isolation_negative_pressure", "Isolasi tekanan negatif", "Isolation room, negative pressure",
            "isolation", BedGroup.isolation, negative_pressure=True, parent="all_inpatient", sirs=("28",)),
    BedType("isolation_no_negative_pressure", "Isolasi tanpa tekanan negatif",
            "Isolation room, no negative pressure",
            "isolation", BedGroup.isolation, negative_pressure=False, parent="all_inpatient", sirs=("29",)),
    BedType("isolation_perinatal_covid", "Isolasi perinatologi khusus COVID", "Perinatal isolation for COVID",
            "perinatal", BedGroup.isolation, covid=True, sirs=("34",)),
    BedType("isolation_bed", "Tempat isolasi (bukan rumah sakit)", "Isolation site bed (not a hospital bed)",
            "isolation", BedGroup.isolation),

    # Mothers and newborns
    BedType("delivery", "Ruang bersalin, COVID tidak disebut", "Delivery room, COVID not stated",
            "delivery", BedGroup.maternal_newborn, aplicares=("SAL",)),
    BedType("delivery_covid", "VK khusus COVID", "Delivery observation for COVID",
            "delivery", BedGroup.maternal_newborn, covid=True, sirs=("33",)),
    BedType("delivery_non_covid", "VK non COVID", "Delivery observation, not for COVID",
            "delivery", BedGroup.maternal_newborn, covid=False, sirs=("36",)),
    BedType("perinatal", "Perinatologi", "Perinatal care",
            "perinatal", BedGroup.maternal_newborn, covid=False, sirs=("14",)),

    # Emergency
    BedType("emergency", "IGD / UGD, COVID tidak disebut", "Emergency department, COVID not stated",
            "emergency", BedGroup.emergency, aplicares=("IGD", "UGD")),
    BedType("emergency_covid", "IGD khusus COVID", "Emergency department for COVID",
            "emergency", BedGroup.emergency, covid=True, sirs=("32",)),
    BedType("emergency_adult", "IGD dewasa", "Emergency department, adults",
            "emergency", BedGroup.emergency, parent="emergency"),
    BedType("emergency_pediatric", "IGD anak", "Emergency department, children",
            "emergency", BedGroup.emergency, parent="emergency"),
    BedType("intermediate_emergency", "Intermediate ward (IGD)", "Emergency intermediate ward",
            "intermediate", BedGroup.emergency, covid=False, sirs=("37",)),

    # Other
    BedType("intermediate", "Intermediate", "Intermediate care",
            "intermediate", BedGroup.ward),
    BedType("operating", "Kamar operasi", "Operating room",
            "operating", BedGroup.other),
    BedType("hemodialysis", "Hemodialisis", "Haemodialysis",
            "hemodialysis", BedGroup.other),
    BedType("other", "Lainnya / tanpa kelas", "Other or unclassed",
            "other", BedGroup.other, aplicares=("NON",)),

    # Broader terms of foreign feeds: whole facilities
    BedType("all_beds", "Semua tempat tidur", "All beds",
            "other", BedGroup.ward),
    BedType("all_inpatient", "Semua rawat inap", "All inpatient beds",
            "other", BedGroup.ward, parent="all_beds"),
    BedType("inpatient_non_icu", "Rawat inap selain ICU", "Inpatient beds outside the ICU",
            "other", BedGroup.ward, parent="all_inpatient"),
    BedType("all_icu", "Semua ICU", "All ICU beds, newborns included",
            "icu", BedGroup.intensive, parent="all_inpatient"),
    BedType("ambulatory", "Rawat jalan", "Ambulatory beds",
            "other", BedGroup.other, parent="all_beds"),
    BedType("surge", "Tempat tidur lonjakan", "Surge beds",
            "other", BedGroup.ward, parent="all_beds"),
    BedType("surge_icu", "Tempat tidur lonjakan ICU", "Surge ICU beds",
            "icu", BedGroup.intensive, parent="surge"),
    BedType("surge_non_icu", "Tempat tidur lonjakan selain ICU", "Surge beds outside the ICU",
            "other", BedGroup.ward, parent="surge"),

    # ... adults
    BedType("adult_inpatient", "Rawat inap dewasa", "Adult inpatient beds",
            "other", BedGroup.ward, parent="all_inpatient"),
    BedType("adult_icu", "ICU dewasa", "Adult ICU",
            "icu", BedGroup.intensive, parent="adult_inpatient"),
    BedType("adult_non_icu", "Rawat inap dewasa selain ICU", "Adult inpatient beds outside the ICU",
            "other", BedGroup.ward, parent="adult_inpatient"),
    BedType("adult_step_down", "Perawatan transisi dewasa", "Adult step-down beds",
            "intermediate", BedGroup.ward, parent="adult_non_icu"),
    BedType("adult_medical_surgical", "Medikal bedah dewasa", "Adult medical and surgical beds",
            "other", BedGroup.ward, parent="adult_non_icu"),
    BedType("adult_observation", "Observasi dewasa", "Adult observation beds",
            "other", BedGroup.ward, parent="adult_non_icu"),

    # ... children
    BedType("pediatric_inpatient", "Rawat inap anak", "Paediatric inpatient beds",
            "other", BedGroup.ward, parent="all_inpatient"),
    BedType("pediatric_icu", "ICU anak", "Paediatric ICU of all paediatric beds",
            "picu", BedGroup.intensive, parent="pediatric_inpatient"),
    BedType("pediatric_non_icu", "Rawat inap anak selain ICU", "Paediatric inpatient beds outside the ICU",
            "other", BedGroup.ward, parent="pediatric_inpatient"),
    BedType("pediatric_step_down", "Perawatan transisi anak", "Paediatric step-down beds",
            "intermediate", BedGroup.ward, parent="pediatric_non_icu"),
    BedType("pediatric_medical_surgical", "Medikal bedah anak", "Paediatric medical and surgical beds",
            "other", BedGroup.ward, parent="pediatric_non_icu"),
    BedType("pediatric_observation", "Observasi anak", "Paediatric observation beds",
            "other", BedGroup.ward, parent="pediatric_non_icu"),

    # ... specialties
    BedType("specialty_inpatient", "Rawat inap khusus", "Specialty inpatient beds",
            "other", BedGroup.ward, parent="all_inpatient"),
    BedType("specialty_no_cribs", "Rawat inap khusus tanpa boks bayi", "Specialty beds without cribs",
            "other", BedGroup.ward, parent="specialty_inpatient"),
    BedType("obstetric", "Kebidanan", "Obstetric beds",
            "other", BedGroup.maternal_newborn, parent="specialty_no_cribs"),
    BedType("adult_psychiatric", "Jiwa dewasa", "Adult psychiatric beds",
            "other", BedGroup.ward, parent="specialty_no_cribs"),
    BedType("pediatric_psychiatric", "Jiwa anak", "Paediatric psychiatric beds",
            "other", BedGroup.ward, parent="specialty_no_cribs"),
    BedType("rehabilitation", "Rehabilitasi", "Rehabilitation beds",
            "other", BedGroup.ward, parent="specialty_no_cribs"),
    BedType("nursery", "Boks bayi", "Newborn nursery",
            "perinatal", BedGroup.maternal_newborn, parent="specialty_inpatient"),
    BedType("nicu_all_levels", "NICU semua tingkat", "Neonatal ICU, all levels",
            "nicu", BedGroup.intensive, parent="specialty_inpatient"),
    BedType("nicu_level_4", "NICU tingkat 4", "Neonatal ICU, level 4",
            "nicu", BedGroup.intensive, parent="nicu_all_levels"),
    BedType("nicu_level_3_plus", "NICU tingkat 3 plus", "Neonatal ICU, level 3 plus",
            "nicu", BedGroup.intensive, parent="nicu_all_levels"),
    BedType("nicu_level_3", "NICU tingkat 3", "Neonatal ICU, level 3",
            "nicu", BedGroup.intensive, parent="nicu_all_levels"),
    BedType("nicu_level_2", "NICU tingkat 2", "Neonatal ICU, level 2",
            "nicu", BedGroup.intensive, parent="nicu_all_levels"),
    BedType("nicu_level_1", "NICU tingkat 1", "Neonatal ICU, level 1",
            "nicu", BedGroup.intensive, parent="nicu_all_levels"),

    # ... and counts that cut across wards: each of these beds is also part of another line
    BedType("burn", "Luka bakar", "Burn beds",
            "other", BedGroup.ward, parent="all_inpatient"),
    BedType("negative_pressure_any", "Tekanan negatif, semua ruang", "Negative pressure beds of any ward",
            "isolation", BedGroup.isolation, negative_pressure=True, parent="all_inpatient"),
)
# fmt: on


def _index(keys: Callable[[BedType], Iterable[str]]) -> Mapping[str, BedType]:
    """Index the table by one of its columns. Raises: ValueError, when two types have the same key."""
    index: dict[str, BedType] = {}
    for bed_type in _TABLE:
        for key in keys(bed_type):
            if key in index:
                raise ValueError(f"{key} is a key of both {index[key].code} and {bed_type.code}")
            index[key] = bed_type
    return MappingProxyType(index)


BED_TYPES: Mapping[str, BedType] = _index(lambda bed_type: (bed_type.code,))
BY_SIRS: Mapping[str, BedType] = _index(lambda bed_type: bed_type.sirs)
BY_APLICARES: Mapping[str, BedType] = _index(lambda bed_type: bed_type.aplicares)


def _ancestors(bed_type: BedType) -> tuple[str, ...]:
    found: list[str] = []
    parent = bed_type.parent
    while parent is not None:
        if parent in found:
            raise ValueError(f"{bed_type.code} contains itself")
        found.append(parent)
        parent = BED_TYPES[parent].parent
    return tuple(found)


# Computed once: a roll-up looks it up for every line.
_CONTAINING = {code: _ancestors(bed_type) for code, bed_type in BED_TYPES.items()}


def containing(code: str) -> tuple[str, ...]:
    """The types that contain this one, nearest first.

    Raises: KeyError, for an unknown type.
    """
    return _CONTAINING[code]


def _is_part(part: BedType, whole: BedType) -> bool:
    """Whether `part` states a property that `whole` leaves open, and they are otherwise the same."""
    if (part.care_level, part.group, part.parent) != (whole.care_level, whole.group, whole.parent):
        return False  # types with different parents come from different feeds, or are linked
    pairs = [
        (part.negative_pressure, whole.negative_pressure),
        (part.ventilator, whole.ventilator),
        (part.covid, whole.covid),
    ]
    return all(open_ is None or stated == open_ for stated, open_ in pairs) and any(a != b for a, b in pairs)


_OVERLAPPING = {
    one.code: found
    for one in _TABLE
    if (found := frozenset(other.code for other in _TABLE if _is_part(one, other) or _is_part(other, one)))
}
_NONE: frozenset[str] = frozenset()


def overlapping(bed_type: str, reported: Collection[str]) -> frozenset[str]:
    """Those of the reported types that may have beds in common with this one: its parts, and types it is a part of.

    Types that `containing` links are not among them: roll-ups never add them up.
    """
    found = _OVERLAPPING.get(bed_type)
    return found.intersection(reported) if found else _NONE
