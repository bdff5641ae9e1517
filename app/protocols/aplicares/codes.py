"""Classes of Aplicares, verbatim and in the insurer's order (`docs/protocols/aplicares.md`)."""

CLASSES = {
    "NON": "-",
    "VVP": "VVIP",
    "VIP": "VIP",
    "UTM": "UTAMA",
    "KL1": "KELAS I",
    "KL2": "KELAS II",
    "KL3": "KELAS III",
    "ICU": "ICU",
    "ICC": "ICCU",
    "NIC": "NICU",
    "PIC": "PICU",
    "IGD": "IGD",
    "UGD": "UGD",
    "SAL": "RUANG BERSALIN",
    "HCU": "HCU",
    "ISO": "RUANG ISOLASI",
}
