"""The facilities that a demo simulates."""

from app.cli.registry import SEMARANG
from app.cli.registry_rows import read_facilities

FACILITIES = [facility for _, facility in read_facilities(SEMARANG / "facilities.csv")]
