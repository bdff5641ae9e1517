"""Logins of a hospital: what an officer requests, and what to type into the hospital's software."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field

from app.actions.hospital_logins import GivenSecret
from app.actions.hospitals import GIVEN_LENGTH_MIN, Hospital, Logins
from app.api.schemas.facility import FacilityId
from app.api.schemas.fields import AreaCode, Flag, Name, OperatorCode, Text, Wire
from app.domain.channels import Channel
from app.domain.registry.facility import IDENTIFIER_PATTERN, FacilityKind

HOSPITAL_EXAMPLE: dict[str, Any] = {
    "facility_id": "rs-3374999",
    "name": "RS Contoh",
    "sirs": "3374999",
    "bpjs": "1199R001",
    "area_code": "33.74.01.1001",
}

Code = Annotated[str, Field(pattern=IDENTIFIER_PATTERN)]
Secret = Annotated[Text, Field(min_length=GIVEN_LENGTH_MIN, max_length=200)]


class GivenIn(Wire):
    """Existing secrets that the hospital continues to use here."""

    sirs_password: Secret | None = None
    aplicares_cons_id: Annotated[str, Field(pattern=r"^[0-9]{1,20}$")] | None = None
    aplicares_secret: Secret | None = None

    def to_domain(self) -> dict[Channel, GivenSecret]:
        """Convert to secrets by channel."""
        given = {}
        if self.sirs_password is not None:
            given[Channel.sirs] = given[Channel.siranap_v1] = GivenSecret(self.sirs_password)
        if self.aplicares_secret is not None and self.aplicares_cons_id is not None:
            given[Channel.aplicares] = GivenSecret(self.aplicares_secret, self.aplicares_cons_id)
        return given


class HospitalIn(Wire):
    """A hospital that needs logins: its id or its codes; name and area if it is not registered yet."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [HOSPITAL_EXAMPLE]})

    facility_id: FacilityId | None = Field(default=None, description="Its id here; default: found by its codes.")
    name: Name | None = None
    sirs: Code | None = Field(default=None, description="The ministry's code (*kode RS*), for SIRS Online and SIRANAP.")
    bpjs: Code | None = Field(default=None, description="The insurer's code (*kode PPK*), for Aplicares.")
    area_code: AreaCode | None = None
    area: AreaCode | None = Field(default=None, description="Alias of `area_code`, as on the command line.")
    kind: FacilityKind = FacilityKind.hospital
    operated_by: OperatorCode | None = None
    given: GivenIn | None = Field(default=None, description="Default: new secrets are generated, which is safer.")

    def to_domain(self) -> Hospital:
        """Convert to the action's hospital."""
        return Hospital(
            self.facility_id,
            self.name,
            self.sirs,
            self.bpjs,
            self.area_code or self.area,
            self.kind,
            self.operated_by,
            self.given.to_domain() if self.given else {},
        )


class PasswordDoorOut(BaseModel):
    """What to type for SIRS Online or SIRANAP v1."""

    base_url: str
    host_url: str = Field(description="Base URL for software that adds the path itself.")
    x_rs_id: str
    x_pass: str = Field(description="The password. For SIRANAP v1 the software sends its MD5.")


class SignedDoorOut(BaseModel):
    """What to type for Aplicares."""

    base_url: str
    host_url: str = Field(description="Base URL for software that adds the path itself.")
    cons_id: str
    secret: str
    kodeppk: str


class DoorsOut(BaseModel):
    """What to type into the hospital's software, shown only once; null for protocols without a new login."""

    facility_id: str
    sirs: PasswordDoorOut | None
    aplicares: SignedDoorOut | None
    siranap_v1: PasswordDoorOut | None

    @classmethod
    def of(cls, logins: Logins, address: str) -> Self:
        """Convert from new logins; `address` is the base URL of this service."""
        return cls(**logins.settings_for(address))


class DoorsIn(Wire):
    """The protocols concerned; default: all."""

    channels: Annotated[list[Channel], Field(max_length=10)] = Field(default=[])


class RevokeIn(DoorsIn):
    """The logins to revoke."""

    keep_newest: Flag = Field(default=False, description="Revoke only logins that a rotation replaced.")


class RevokedOut(BaseModel):
    """Revoked logins, by the prefix of their keys."""

    facility_id: str
    revoked: list[str]
