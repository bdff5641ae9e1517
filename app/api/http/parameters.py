"""Path parameters shared by several routes."""

from typing import Annotated

from fastapi import Path

FacilityRef = Annotated[
    str,
    Path(
        description="Id of the facility (*fasyankes*), also by its code in another system: `sirs:3374010`.",
        examples=["rs-3374010"],
    ),
]
AreaCode = Annotated[str, Path(description="Area code (*kode wilayah*), such as `33.74.01.1001`.", examples=["33.74"])]
