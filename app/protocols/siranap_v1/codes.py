"""Classes and kinds of ward of SIRANAP v1, verbatim, and the bed type of each (`docs/protocols/siranap-v1.md`)."""

CLASSES = {
    "0001": ("Super VIP", "ward_vvip"),
    "0002": ("VIP", "ward_vip"),
    "0003": ("Kelas 1", "ward_1"),
    "0004": ("Kelas 2", "ward_2"),
    "0005": ("Kelas 3", "ward_3"),
    "0006": ("Intermediate", "intermediate"),
    "0007": ("Isolasi", "isolation"),
    "0008": ("Rawat Khusus", "other"),
    "0009": ("Stroke Care Unit", "other"),
}
KINDS = {
    "0000": "Umum", "0001": "Anak", "0002": "Anak (Luka Bakar)", "0003": "Penyakit Dalam", "0004": "Kebidanan",
    "0005": "Kandungan", "0006": "Bedah", "0007": "Kanker", "0008": "Mata", "0009": "THT", "0010": "Paru",
    "0011": "Jantung", "0012": "Orthopedi", "0013": "Kulit dan Kelamin", "0014": "Saraf", "0015": "Jiwa",
    "0016": "Infeksi", "0017": "Luka Bakar", "0018": "NAPZA", "0019": "Isolasi Air Borne", "0020": "Isolasi TB MDR",
    "0021": "Kulit dan Kelamin", "0022": "Isolasi Imunitas menurun", "0023": "Isolasi Radioaktif", "0024": "ICU/RICU",
    "0025": "NICU", "0026": "PICU", "0027": "CVCU/ICCU", "0029": "HCU", "0030": "Kedokteran Nuklir",
}  # fmt: skip
# Kinds that determine the bed type better than the class does.
TYPE_OF_KIND = {
    **dict.fromkeys(("0019", "0020", "0022", "0023"), "isolation"),
    "0024": "icu",
    "0025": "nicu",
    "0026": "picu",
    "0027": "iccu",
    "0029": "hcu",
}
