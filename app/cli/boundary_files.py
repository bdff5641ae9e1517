"""Files with outlines of areas, parsed within limits."""

import json
from pathlib import Path
from typing import NoReturn

from app.cli.csv_rows import FileRefused
from app.domain.registry.boundary_file import BoundaryFile, read_boundaries

BYTES_MAX = 128 * 1024 * 1024


def read_boundary_file(path: Path) -> BoundaryFile:
    """The outlines in a GeoJSON file. Raises: FileRefused, InvalidInput."""
    try:
        if path.stat().st_size > BYTES_MAX:
            raise FileRefused(f"{path} has more than {BYTES_MAX // 1024**2} MiB; simplify the outlines first.")
        document = json.loads(path.read_text(encoding="utf-8-sig"), parse_constant=_refuse)
    except OSError as error:
        raise FileRefused(f"{path} cannot be read: {error.strerror}.") from None
    except RecursionError:
        raise FileRefused(f"{path} is not GeoJSON: it is nested too deeply.") from None
    except ValueError as error:
        raise FileRefused(f"{path} is not GeoJSON: {error}") from None
    return read_boundaries(document)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
