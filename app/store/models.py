"""The tables. The ledger is the source of truth; most others hold the state after its last entry, for a quick start.

Enumerations are text columns with a CHECK: a new value is then one line of a migration. The migrations add what models
cannot express: triggers that keep the ledger append-only. Longer than 300 lines, since all tables are in one module.
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
    """Aware times, stored and returned in UTC; naive times are refused. SQLite itself would return naive ones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert a value for the database. Raises: ValueError, for a naive time."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without an offset")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert a value from the database."""
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


def one_of(column: str, words: type[Any]) -> str:
    """The CHECK of a column that holds a value of an enumeration."""
    return f"{column} IN ({', '.join(repr(str(word)) for word in words)})"


class Base(DeclarativeBase):
    """The base of all tables; constraints have names, so that migrations can refer to them on both databases."""

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
    """One entry. `body` is canonical JSON as text, exactly the bytes over which `chain` was computed.

    `chain` is the SHA-256 of the entry together with the chain before it, so `verify` detects an edited row.
    The columns of a report repeat parts of its body, for queries.
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
    """The single row with the lowest version that may write (app/store/writers.py)."""

    __tablename__ = "ledger_format"
    __table_args__ = (CheckConstraint("id = 1", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    writer_version: Mapped[int]


class AreaRow(Base):
    """The current state of an area. `depth` is the number of its ancestors, so that parents can be read first."""

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
    """The current state of a facility; `seq` is the entry that last changed it.

    Shape: `switches` are separated by spaces; `planned` is the JSON list of its planned changes, as in the ledger.
    """

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
    lapsed_after_seconds: Mapped[int | None]
    line_bounds: Mapped[str | None]
    planned: Mapped[str | None]


class IdentifierRow(Base):
    """A facility's identifier in another system: unique per system, and one per system and facility."""

    __tablename__ = "identifiers"
    __table_args__ = (UniqueConstraint("facility_id", "system"),)

    system: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    facility_id: Mapped[str] = mapped_column(ForeignKey("facilities.facility_id"))


class ChannelRow(Base):
    """The current state of one channel of one facility: its newest report, its newest complete one, and its lines.

    Shape: `lines` is a JSON list of lists: ward code, bed type, ward name, when the line was observed, by which entry
        and when that was recorded, the counts in the order of `BedCount` (null for a closed line), details, if any, and
        recent values, if any (`app.domain.reports.recent_values`). Closed lines are kept, so that an older report
        cannot reopen them. `implausible` are statements of the same shape. `counting_since` and `counting_reason` are
        set on the channel that counts; if on several, the latest holds. `recorded_at` is that of the last entry about
        the channel.
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
    implausible: Mapped[str | None]
    counting_since: Mapped[datetime | None]
    counting_reason: Mapped[str | None]
    recorded_at: Mapped[datetime | None]


class CredentialRow(Base):
    """A key: its public prefix and the digest of its secret, never the secret; `sealed` is encrypted (SecretBox)."""

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
    """The fingerprint of a secret key that was used with this database; the highest number is the current one."""

    __tablename__ = "secret_keys"

    fingerprint: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)


class SignedTimeRow(Base):
    """A second (Unix time) that software signed while its clock was ahead of ours, so it may not be used again."""

    __tablename__ = "signed_times"
    __table_args__ = (Index("ix_signed_times_signed_at", "signed_at"),)

    prefix: Mapped[str] = mapped_column(primary_key=True)
    signed_at: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class MessageRow(Base):
    """One of the last messages of a facility's software over any protocol, and its result.

    `outcome` is one of accepted, flagged, refused; `seq` is its ledger position, if it has one.
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
    """The number of requests that named a facility without a valid credential, by address and hour (its start, UTC)."""

    __tablename__ = "rejected_requests"

    facility_id: Mapped[str] = mapped_column(ForeignKey("facilities.facility_id"), primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
    last_at: Mapped[datetime]


class RelayQueueRow(Base):
    """A message to relay, in the order of arrival. It contains no secrets.

    An id is never reused: a row may be replaced by a newer one while it is being sent.
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
    """A facility's account with an upstream: its credentials there, `sealed`, and the state of the relay."""

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
    """The process that may send to an upstream, and until when."""

    __tablename__ = "relay_leases"

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    until: Mapped[datetime]


class RebuildRow(Base):
    """A rebuild of the tables from the ledger, which ended at `position` at that time."""

    __tablename__ = "rebuilds"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(BigInteger)
    rebuilt_at: Mapped[datetime]


class WaitingRow(Base):
    """A held row: the last message about it (JSON), until an officer assigns a bed type."""

    __tablename__ = "waiting_rows"
    __table_args__ = (CheckConstraint(one_of("channel", Channel), "channel"),)

    facility_id: Mapped[str] = mapped_column(ForeignKey("facilities.facility_id"), primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    row_id: Mapped[str] = mapped_column(primary_key=True)
    said: Mapped[str]
    received_at: Mapped[datetime]
    times: Mapped[int]


class OutlineImportRow(Base):
    """An import of outlines, and whom to name as their source. The highest number is the newest one."""

    __tablename__ = "outline_imports"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    imported_at: Mapped[datetime]
    attribution: Mapped[str | None]


class OutlineRow(Base):
    """The outline of an area: a GeoJSON geometry, and a place inside it. Reference data: not part of the ledger."""

    __tablename__ = "outlines"

    code: Mapped[str] = mapped_column(primary_key=True)
    import_number: Mapped[int] = mapped_column(BigInteger, ForeignKey("outline_imports.number"))
    geometry: Mapped[str]
    lat: Mapped[float]
    lon: Mapped[float]
