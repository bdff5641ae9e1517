"""Bed types of SIRS Online in force, verbatim: the ministry's own reference table (`protocols/indonesia.md` 5.1)."""

BED_TYPES = {
    "1": "VVIP/ Super VIP",
    "2": "VIP",
    "3": "Kelas I",
    "4": "Kelas II",
    "5": "Kelas III",
    "6": "ICU Tanpa Ventilator",
    "7": "HCU",
    "8": "ICCU/ICVCU Tanpa Ventilator",
    "9": "RICU Tanpa Ventilator",
    "10": "NICU Tanpa Ventilator",
    "11": "PICU Tanpa Ventilator",
    "12": "Isolasi",
    "14": "Perinatologi",
    "24": "ICU Tekanan Negatif dengan Ventilator",
    "25": "ICU Tekanan Negatif tanpa Ventilator",
    "26": "ICU Tanpa Tekanan Negatif Dengan Ventilator",
    "27": "ICU Tanpa Tekanan Negatif Tanpa Ventilator",
    "28": "Isolasi Tekanan Negatif",
    "29": "Isolasi Tanpa Tekanan Negatif",
    "30": "NICU Khusus Covid",
    "31": "PICU Khusus Covid",
    "32": "IGD Khusus Covid",
    "33": "VK (TT Observasi di R Bersalin) Khusus Covid",
    "34": "Isolasi Perinatologi Khusus Covid",
    "36": "VK (TT Observasi di R Bersalin) Non Covid",
    "37": "Intermediate Ward (IGD)",
    "38": "ICU Dengan Ventilator",
    "39": "NICU Dengan Ventilator",
    "40": "PICU Dengan Ventilator",
    "50": "RICU Dengan Ventilator",
    "51": "ICCU/ICVCU Dengan Ventilator",
    "52": "KRIS JKN",
}

# The class of the protocol before it, where there is one.
KODE_SIRANAP = {"1": "0001", "2": "0002", "3": "0003", "4": "0004", "5": "0005", "12": "0007"}
