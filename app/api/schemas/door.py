"""Hospitals with the software they have: their doors, what came in by them, and what waits."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field

from app.actions.hospital_logins import GivenSecret
from app.actions.hospitals import GIVEN_LENGTH_MIN, Hospital, Logins
from app.api.schemas.capacity import TotalsOut, said
from app.api.schemas.facility import FacilityId
from app.api.schemas.fields import AreaCode, Flag, Name, StoredEnum, Text, Wire
from app.api.schemas.figures import ChannelOut
from app.board.differences import Difference, differences
from app.board.facilities import FacilityFigures
from app.domain.beds.bed_types import BedGroup
from app.domain.channels import Channel
from app.domain.held_rows import HeldRow
from app.domain.message import Message, MessageOutcome
from app.domain.registry.facility import IDENTIFIER_PATTERN, FacilityKind
from app.domain.rejected_requests import RejectedRequests
from app.domain.reports.report import Outcome
from app.domain.text import cleaned
from app.protocols.sirs.import_rows import Imported, ImportedRow

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
    """Secrets of elsewhere that the hospital goes on using here."""

    sirs_password: Secret | None = None
    aplicares_cons_id: Annotated[str, Field(pattern=r"^[0-9]{1,20}$")] | None = None
    aplicares_secret: Secret | None = None

    def to_domain(self) -> dict[Channel, GivenSecret]:
        """By door."""
        given = {}
        if self.sirs_password is not None:
            given[Channel.sirs] = given[Channel.siranap_v1] = GivenSecret(self.sirs_password)
        if self.aplicares_secret is not None and self.aplicares_cons_id is not None:
            given[Channel.aplicares] = GivenSecret(self.aplicares_secret, self.aplicares_cons_id)
        return given


class HospitalIn(Wire):
    """A hospital that is to have doors: its id or its codes; name and area where it is not registered yet."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [HOSPITAL_EXAMPLE]})

    facility_id: FacilityId | None = Field(default=None, description="Its id here; left out: by its codes.")
    name: Name | None = None
    sirs: Code | None = Field(default=None, description="The ministry's code (*kode RS*), for SIRS Online and SIRANAP.")
    bpjs: Code | None = Field(default=None, description="The insurer's code (*kode PPK*), for Aplicares.")
    area_code: AreaCode | None = None
    area: AreaCode | None = Field(default=None, description="The same as area_code, as the command line has it.")
    kind: FacilityKind = FacilityKind.hospital
    operated_by: StoredEnum | None = None
    given: GivenIn | None = Field(default=None, description="Left out: we make secrets of our own, which is better.")

    def to_domain(self) -> Hospital:
        """In the domain's words."""
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
    host_url: str = Field(description="For software that adds the path itself.")
    x_rs_id: str
    x_pass: str = Field(description="The password. For SIRANAP v1 the software itself sends its MD5.")


class SignedDoorOut(BaseModel):
    """What to type for Aplicares."""

    base_url: str
    host_url: str = Field(description="For software that adds the path itself.")
    cons_id: str
    secret: str
    kodeppk: str


class DoorsOut(BaseModel):
    """What to type into the hospital's software, shown this once; null for doors that got no new key."""

    facility_id: str
    sirs: PasswordDoorOut | None
    aplicares: SignedDoorOut | None
    siranap_v1: PasswordDoorOut | None

    @classmethod
    def of(cls, doors: Logins, address: str) -> Self:
        """Of doors that were just opened; `address` is where the hospital reaches us."""
        return cls(**doors.settings_for(address))


class DoorsIn(Wire):
    """Which doors; left out: all."""

    channels: Annotated[list[Channel], Field(max_length=10)] = Field(default=[])


class RevokeIn(DoorsIn):
    """Which keys."""

    keep_newest: Flag = Field(default=False, description="Revoke only what a rotation left behind.")


class RevokedOut(BaseModel):
    """Keys that open nothing any more, by their public parts."""

    facility_id: str
    revoked: list[str]


class ImportedRowOut(BaseModel):
    """A row of the ministry's listing."""

    id_t_tt: str
    id_tt: str
    ruang: str
    observed_at: datetime = Field(description="`tglupdate` of the listing; where it has none, that of its newest row.")
    age_days: int
    outcome: Outcome = Field(description="`late`: newer figures of this row were known and stay.")
    warnings: list[str] = Field(description="As `code: detail`.")

    @classmethod
    def of(cls, imported: Imported, row: ImportedRow) -> Self:
        """As the domain has it."""
        return cls(
            id_t_tt=row.said.id_t_tt,
            id_tt=row.said.id_tt,
            ruang=cleaned(row.said.ruang or ""),
            observed_at=row.observed_at,
            age_days=imported.age_days(row),
            outcome=row.receipt.outcome,
            warnings=[f"{warning.code}: {warning.detail}" for warning in row.receipt.warnings],
        )


class UnimportedRowOut(BaseModel):
    """A row that has beds, and no id that can be taken over."""

    id_tt: str
    ruang: str


class RowsOut(BaseModel):
    """Rows that were taken over from the ministry's listing."""

    facility_id: str
    rows: int = Field(description="How many were taken over.")
    seq: int | None = Field(description="Ledger position of the last of them; null where there was none.")
    empty_types: list[str] = Field(description="Bed types (`id_tt`) that the listing has without a row.")
    without_id: list[UnimportedRowOut] = Field(description="Not taken over: beds, and no usable `id_t_tt`.")
    without_type: list[str] = Field(
        description="`id_t_tt` of rows that were not taken over: unknown, and nothing says what kind of bed they are."
    )
    undated: list[str] = Field(description="`id_t_tt` of rows without a readable `tglupdate`.")
    flagged: list[ImportedRowOut] = Field(description="Rows about which something is odd.")
    older_than_30_days: list[ImportedRowOut] = Field(
        description="Rooms that may be gone. Their beds count; drop those that are."
    )

    @classmethod
    def of(cls, imported: Imported) -> Self:
        """As the domain has it."""
        return cls(
            facility_id=imported.facility_id,
            rows=len(imported.rows),
            seq=max((row.receipt.seq for row in imported.rows), default=None),
            empty_types=list(imported.empty_types),
            without_id=[
                UnimportedRowOut(id_tt=row.id_tt, ruang=cleaned(row.ruang or "")) for row in imported.without_id
            ],
            without_type=[row.id_t_tt for row in imported.without_type],
            undated=[row.said.id_t_tt for row in imported.rows if not row.is_dated],
            flagged=[ImportedRowOut.of(imported, row) for row in imported.rows if row.receipt.warnings],
            older_than_30_days=[ImportedRowOut.of(imported, row) for row in imported.older_than_30_days],
        )


class DroppedRowOut(BaseModel):
    """A row that was ended."""

    facility_id: str
    id_t_tt: str
    seq: int


class DifferenceOut(BaseModel):
    """Where a door says otherwise than the one that counts."""

    group: BedGroup | None = Field(description="Null: the whole house.")
    said: TotalsOut
    counting: TotalsOut

    @classmethod
    def of(cls, found: Difference) -> Self:
        """The board's figures."""
        return cls(group=found.group, said=TotalsOut(**said(found.said)), counting=TotalsOut(**said(found.counting)))


class ComparedChannelOut(ChannelOut):
    """What one door says, and where that is not what counts."""

    age_seconds: int = Field(description="Since its newest observation.")
    differences: list[DifferenceOut]


class ChannelsOut(BaseModel):
    """All doors by which a facility ever spoke, side by side (*perbandingan kanal*)."""

    facility_id: str
    counting_channel: Channel | None
    pinned_channel: Channel | None = Field(description="The door that an officer chose, if one did.")
    position: int
    as_of: datetime
    channels: list[ComparedChannelOut]

    @classmethod
    def of(cls, figures: FacilityFigures, *, position: int, as_of: datetime) -> Self:
        """The board's figures."""
        found = differences(figures)
        return cls(
            facility_id=figures.facility.facility_id,
            counting_channel=figures.counting_channel.channel,
            pinned_channel=figures.facility.counting_channel,
            position=position,
            as_of=as_of,
            channels=[
                ComparedChannelOut(
                    **dict(ChannelOut.of(channel, channel.lines)),
                    age_seconds=max(0, int((as_of - channel.observed_at).total_seconds())),
                    differences=[DifferenceOut.of(each) for each in found[channel.channel]],
                )
                for channel in figures.channels
            ],
        )


class MessageOut(BaseModel):
    """A message that the facility's software sent, and what became of it."""

    received_at: datetime
    channel: Channel
    request: str = Field(description="Method and path.")
    outcome: MessageOutcome
    status: int = Field(description="Of the HTTP answer.")
    detail: str | None = Field(description="What is odd, or why it was refused.")
    clock_skew_seconds: int | None = Field(description="How far the sender's clock is ahead; null where it sent none.")
    address: str | None = Field(description="Where it came from.")
    request_id: str
    seq: int | None = Field(description="Its place in the ledger.")

    @classmethod
    def of(cls, message: Message) -> Self:
        """As it was noted."""
        return cls(**{name: getattr(message, name) for name in cls.model_fields})


class RejectedOut(BaseModel):
    """Requests that named the facility and showed no valid credential, by address and hour."""

    address: str = Field(description="An IPv4 address, an IPv6 /64, or `others` where there were too many.")
    hour: datetime = Field(description="When the hour began.")
    count: int
    last_at: datetime

    @classmethod
    def of(cls, counted: RejectedRequests) -> Self:
        """As it was counted."""
        return cls(**{name: getattr(counted, name) for name in cls.model_fields})


class MessagesOut(BaseModel):
    """The last messages of a facility, newest first."""

    facility_id: str
    messages: list[MessageOut]
    rejected: list[RejectedOut] = Field(
        description="Requests without a valid credential: a wrong password, or strangers. Newest hour first."
    )


class WaitingOut(BaseModel):
    """A row that a door could not place."""

    row_id: str
    channel: Channel
    received_at: datetime
    times: int = Field(description="How often it came.")
    said: dict[str, Any] = Field(description="What was last said of it.")

    @classmethod
    def of(cls, waiting: HeldRow) -> Self:
        """As it was kept, its room as text for people."""
        kept = {name: getattr(waiting, name) for name in cls.model_fields}
        room = waiting.said.get("ruang")
        return cls(**kept | {"said": {**waiting.said, "ruang": room and cleaned(room)}})


class WaitingsOut(BaseModel):
    """Rows that wait for an officer."""

    facility_id: str
    waiting: list[WaitingOut]


class CompleteIn(Wire):
    """What a waiting row is."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"id_tt": "24"}]})

    id_tt: Annotated[str, Field(pattern=r"^[0-9]{1,3}$")] = Field(description="The ministry's bed type.")
    ruang: Annotated[Text, Field(max_length=255)] | None = Field(default=None, description="Left out: as it was said.")
    covid: Flag | None = Field(default=None, description="Left out: as it was said, or not known.")
