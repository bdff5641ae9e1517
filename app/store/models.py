"""The tables. The ledger is the truth; all others are what stands after its last entry, kept for a quick start.

Texts with a CHECK stand where a database would offer an enumeration: a new word is then one line of a migration.
The migrations add what a table cannot say: triggers that keep the ledger append-only.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.domain.channels import Channel
from app.domain.message import MessageOutcome
from app.domain.permissions import Role, ScopeKind
from app.domain.registry.area import AREA_DEPTH_MAX, AreaLevel
from app.domain.registry.facility import FacilityKind
from app.domain.reports.report import Outcome


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in, aware UTC out; naive times are refused. SQLite alone would give naive ones back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without an offset")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database."""
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


def one_of(column: str, words: type[Any]) -> str:
    """The CHECK of a column that holds one of an enumeration's words."""
    return f"{column} IN ({', '.join(repr(str(word)) for word in words)})"


class Base(DeclarativeBase):
    """All tables; constraints carry names, so that migrations can speak of them on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime(), str: Text(), float: Double(), int: Integer(), bool: Boolean()}  # noqa: RUF012


class LedgerRow(Base):
    """One entry. `body` is canonical JSON as text, byte for byte what `chain` was computed over.

    `chain` is the SHA-256 of the entry together with the chain before it: an edited row is found by `verify`.
    A report's own columns repeat parts of its body, to find it by.
    """

    __tablename__ = "ledger"
    __table_args__ = (
        UniqueConstraint("by", "report_id"),
        Index("ix_ledger_facility_id_seq", "facility_id", "seq"),
        CheckConstraint("seq > 0", "seq"),
        CheckConstraint(f"outcome IS NULL OR {one_of('outcome', Outcome)}", "outcome"),
        CheckConstraint("kind IN ('report', 'areas', 'facilities', 'keys')", "kind"),
        CheckConstraint(
            "(kind = 'report') = (report_id IS NOT NULL AND facility_id IS NOT NULL AND channel IS NOT NULL"
            " AND observed_at IS NOT NULL AND outcome IS NOT NULL AND digest IS NOT NULL)",
            "report",
        ),
    )

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str]
    recorded_at: Mapped[datetime]
    by: Mapped[str]
    facility_id: Mapped[str | None]
    channel: Mapped[str | None]
    report_id: Mapped[str | None]
    observed_at: Mapped[datetime | None]
    digest: Mapped[str | None] = mapped_column(String(64))
    outcome: Mapped[str | None]
    warnings: Mapped[str | None]
    body: Mapped[str]
    chain: Mapped[str] = mapped_column(String(64))


class LedgerFormatRow(Base):
    """The one row that says which nodes may write: those of this version or a newer one (app/store/writers.py)."""

    __tablename__ = "ledger_format"
    __table_args__ = (CheckConstraint("id = 1", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    writer_version: Mapped[int]


class AreaRow(Base):
    """An area as it stands. `depth` counts its ancestors, so that parents can be read first."""

    __tablename__ = "areas"
    __table_args__ = (
        Index("ix_areas_parent", "parent"),
        CheckConstraint(one_of("level", AreaLevel), "level"),
        CheckConstraint(f"depth >= 0 AND depth < {AREA_DEPTH_MAX}", "depth"),
    )

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    level: Mapped[str]
    type: Mapped[str]
    parent: Mapped[str | None] = mapped_column(ForeignKey("areas.code"))
    depth: Mapped[int]
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    more: Mapped[str | None]


class FacilityRow(Base):
    """A facility as it stands; `seq` is the entry that last changed it, `switches` are words with spaces between."""

    __tablename__ = "facilities"
    __table_args__ = (
        Index("ix_facilities_area_code", "area_code"),
        CheckConstraint(one_of("kind", FacilityKind), "kind"),
    )

    facility_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    area_code: Mapped[str] = mapped_column(ForeignKey("areas.code"))
    operated_by: Mapped[str | None]
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    phone: Mapped[str | None]
    address: Mapped[str | None]
    beds_stated: Mapped[int | None]
    counting_channel: Mapped[str | None]
    stale_after_seconds: Mapped[int | None]
    silent_after_seconds: Mapped[int | None]
    switches: Mapped[str | None]
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    more: Mapped[str | None]
    seq: Mapped[int] = mapped_column(BigInteger)


class IdentifierRow(Base):
    """A facility's name in another system: unique per system, and one per system and facility."""

    __tablename__ = "identifiers"
    __table_args__ = (UniqueConstraint("facility_id", "system"),)

    system: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    facility_id: Mapped[str] = mapped_column(ForeignKey("facilities.facility_id"))


class ChannelRow(Base):
    """What one channel of one facility says: its newest report, its newest complete one, and its lines.

    `lines` is a JSON list: ward code, bed type, ward name, when the line was observed, by which entry and when that was
    recorded, the counts as `BedCount` has them, null for a closed line, and details where there are any. Closed lines
    stay, so that an older report cannot open them.
    """

    __tablename__ = "channels"
    __table_args__ = (CheckConstraint(one_of("channel", Channel), "channel"),)

    facility_id: Mapped[str] = mapped_column(ForeignKey("facilities.facility_id"), primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    newest_observed_at: Mapped[datetime]
    newest_seq: Mapped[int] = mapped_column(BigInteger)
    newest_recorded_at: Mapped[datetime]
    complete_observed_at: Mapped[datetime | None]
    complete_seq: Mapped[int | None] = mapped_column(BigInteger)
    lines: Mapped[str]


class CredentialRow(Base):
    """A key: its public prefix and the digest of its secret, never the secret; `sealed` needs a key from elsewhere."""

    __tablename__ = "credentials"
    __table_args__ = (
        Index("ix_credentials_principal", "principal"),
        CheckConstraint(one_of("role", Role), "role"),
        CheckConstraint(one_of("scope_kind", ScopeKind), "scope_kind"),
        CheckConstraint(one_of("channel", Channel), "channel"),
    )

    prefix: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    principal: Mapped[str]
    role: Mapped[str]
    scope_kind: Mapped[str]
    scope_id: Mapped[str | None]
    name: Mapped[str]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    channel: Mapped[str | None]
    sealed: Mapped[str | None]
    seq: Mapped[int] = mapped_column(BigInteger, server_default="0")
    clock_hours: Mapped[int] = mapped_column(server_default="0")
    more: Mapped[str | None]


class SecretKeyRow(Base):
    """A secret key that was used here, by its fingerprint; the highest number is the one in use."""

    __tablename__ = "secret_keys"

    fingerprint: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)


class SignedTimeRow(Base):
    """A second (Unix time) that software signed while its clock was ahead of ours: that signature is used up."""

    __tablename__ = "signed_times"
    __table_args__ = (Index("ix_signed_times_signed_at", "signed_at"),)

    prefix: Mapped[str] = mapped_column(primary_key=True)
    signed_at: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class MessageRow(Base):
    """A message that a facility's software sent, by any door, and what became of it: the last ones of each facility.

    `outcome` is one of accepted, flagged, refused; `seq` its place in the ledger, where it has one.
    """

    __tablename__ = "messages"
    __table_args__ = (
        Index("ix_messages_facility_id_id", "facility_id", "id"),
        CheckConstraint(one_of("channel", Channel), "channel"),
        CheckConstraint(one_of("outcome", MessageOutcome), "outcome"),
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    facility_id: Mapped[str] = mapped_column(ForeignKey("facilities.facility_id"))
    channel: Mapped[str]
    received_at: Mapped[datetime]
    request: Mapped[str]
    outcome: Mapped[str]
    status: Mapped[int]
    detail: Mapped[str | None]
    clock_skew_seconds: Mapped[int | None] = mapped_column(BigInteger)
    address: Mapped[str | None]
    request_id: Mapped[str]
    seq: Mapped[int | None] = mapped_column(BigInteger)


class RejectedRequestsRow(Base):
    """How many requests named a facility without a valid credential, by address and hour (its beginning, UTC)."""

    __tablename__ = "rejected_requests"

    facility_id: Mapped[str] = mapped_column(ForeignKey("facilities.facility_id"), primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
    last_at: Mapped[datetime]


class RelayQueueRow(Base):
    """A message that is to be sent on, in the order in which they came. Nothing in it is secret.

    An id is never used twice: a row may be replaced by a newer one while it is being sent.
    """

    __tablename__ = "relay_queue"
    __table_args__ = (
        Index("ix_relay_queue_facility_id_channel_row_id", "facility_id", "channel", "row", "id"),
        CheckConstraint(one_of("channel", Channel), "channel"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    facility_id: Mapped[str] = mapped_column(ForeignKey("facilities.facility_id"))
    channel: Mapped[str]
    row: Mapped[str]
    method: Mapped[str]
    path: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime]
    attempts: Mapped[int]


class RelayAccountRow(Base):
    """A facility's account with an upstream: its credentials there, `sealed`, and how far sending on has come."""

    __tablename__ = "relay_accounts"
    __table_args__ = (CheckConstraint(one_of("channel", Channel), "channel"),)

    facility_id: Mapped[str] = mapped_column(ForeignKey("facilities.facility_id"), primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    sealed: Mapped[str | None]
    sent: Mapped[int]
    refused: Mapped[int]
    dropped: Mapped[int]
    last_sent_at: Mapped[datetime | None]
    last_status: Mapped[int | None]
    last_answer: Mapped[str | None]
    failures: Mapped[int]
    last_failure_at: Mapped[datetime | None]
    last_failure: Mapped[str | None]
    next_attempt_at: Mapped[datetime | None]


class RelayLeaseRow(Base):
    """The process that may send on to an upstream, and until when."""

    __tablename__ = "relay_leases"

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    until: Mapped[datetime]


class RebuildRow(Base):
    """A time at which the tables were made anew from the ledger, which ended at `position` then."""

    __tablename__ = "rebuilds"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(BigInteger)
    rebuilt_at: Mapped[datetime]


class WaitingRow(Base):
    """A row that a door could not place: what was last said of it (JSON), until an officer completes it."""

    __tablename__ = "waiting_rows"
    __table_args__ = (CheckConstraint(one_of("channel", Channel), "channel"),)

    facility_id: Mapped[str] = mapped_column(ForeignKey("facilities.facility_id"), primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    row_id: Mapped[str] = mapped_column(primary_key=True)
    said: Mapped[str]
    received_at: Mapped[datetime]
    times: Mapped[int]
