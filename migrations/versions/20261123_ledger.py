"""The first tables: the ledger, and what stands after its last entry.

Why: everything that is accepted is written once, for ever; triggers keep even ourselves from changing it.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "4761e9b15fd0"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None


SQLITE_TRIGGERS = [
    f"""
    CREATE TRIGGER ledger_no_{verb} BEFORE {verb.upper()} ON ledger
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
    """
    for verb in ("update", "delete")
]

POSTGRESQL_TRIGGERS = [
    """
    CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$
    """,
    """
    CREATE TRIGGER ledger_no_change BEFORE UPDATE OR DELETE ON ledger
    FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only()
    """,
    """
    CREATE TRIGGER ledger_no_truncate BEFORE TRUNCATE ON ledger
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()
    """,
]


def upgrade() -> None:
    op.create_table(
        "areas",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.CheckConstraint(
            "level IN ('country', 'province', 'city', 'kecamatan', 'kelurahan', 'rw')", name=op.f("ck_areas_level")
        ),
        sa.CheckConstraint("depth >= 0 AND depth < 8", name=op.f("ck_areas_depth")),
        sa.ForeignKeyConstraint(["parent"], ["areas.code"], name=op.f("fk_areas_parent")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_areas")),
    )
    with op.batch_alter_table("areas", schema=None) as batch_op:
        batch_op.create_index("ix_areas_parent", ["parent"], unique=False)

    op.create_table(
        "credentials",
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("scope_kind", sa.Text(), nullable=False),
        sa.Column("scope_id", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "role IN ('hospital', 'subscriber', 'district', 'command', 'operator')", name=op.f("ck_credentials_role")
        ),
        sa.CheckConstraint("scope_kind IN ('facility', 'area', 'national')", name=op.f("ck_credentials_scope_kind")),
        sa.PrimaryKeyConstraint("prefix", name=op.f("pk_credentials")),
    )
    with op.batch_alter_table("credentials", schema=None) as batch_op:
        batch_op.create_index("ix_credentials_principal", ["principal"], unique=False)

    op.create_table(
        "ledger",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("facility_id", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("report_id", sa.Text(), nullable=True),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("warnings", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "(kind = 'report') = (report_id IS NOT NULL AND facility_id IS NOT NULL AND channel IS NOT NULL"
            " AND observed_at IS NOT NULL AND outcome IS NOT NULL AND digest IS NOT NULL)",
            name=op.f("ck_ledger_report"),
        ),
        sa.CheckConstraint("kind IN ('report', 'areas', 'facilities', 'keys')", name=op.f("ck_ledger_kind")),
        sa.CheckConstraint("outcome IS NULL OR outcome IN ('applied', 'late')", name=op.f("ck_ledger_outcome")),
        sa.CheckConstraint("seq > 0", name=op.f("ck_ledger_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_ledger")),
        sa.UniqueConstraint("by", "report_id", name=op.f("uq_ledger_by_report_id")),
    )
    with op.batch_alter_table("ledger", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_facility_id_observed_at", ["facility_id", "observed_at"], unique=False)
        batch_op.create_index("ix_ledger_facility_id_seq", ["facility_id", "seq"], unique=False)

    op.create_table(
        "facilities",
        sa.Column("facility_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("operated_by", sa.Text(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("beds_stated", sa.Integer(), nullable=True),
        sa.Column("counting_channel", sa.Text(), nullable=True),
        sa.Column("stale_after_seconds", sa.Integer(), nullable=True),
        sa.Column("silent_after_seconds", sa.Integer(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('hospital', 'clinic', 'isolation_site', 'rw_hall')", name=op.f("ck_facilities_kind")
        ),
        sa.ForeignKeyConstraint(["area_code"], ["areas.code"], name=op.f("fk_facilities_area_code")),
        sa.PrimaryKeyConstraint("facility_id", name=op.f("pk_facilities")),
    )
    with op.batch_alter_table("facilities", schema=None) as batch_op:
        batch_op.create_index("ix_facilities_area_code", ["area_code"], unique=False)

    op.create_table(
        "channels",
        sa.Column("facility_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("newest_observed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("newest_seq", sa.BigInteger(), nullable=False),
        sa.Column("newest_recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("complete_observed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("complete_seq", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "channel IN ('native', 'sirs', 'aplicares', 'siranap_v1', 'fhir', 'sheet', 'form')",
            name=op.f("ck_channels_channel"),
        ),
        sa.ForeignKeyConstraint(["facility_id"], ["facilities.facility_id"], name=op.f("fk_channels_facility_id")),
        sa.PrimaryKeyConstraint("facility_id", "channel", name=op.f("pk_channels")),
    )
    op.create_table(
        "identifiers",
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("facility_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["facility_id"], ["facilities.facility_id"], name=op.f("fk_identifiers_facility_id")),
        sa.PrimaryKeyConstraint("system", "value", name=op.f("pk_identifiers")),
        sa.UniqueConstraint("facility_id", "system", name=op.f("uq_identifiers_facility_id_system")),
    )
    op.create_table(
        "lines",
        sa.Column("facility_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("ward_code", sa.Text(), nullable=False),
        sa.Column("bed_type", sa.Text(), nullable=False),
        sa.Column("ward_name", sa.Text(), nullable=True),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beds_total", sa.Integer(), nullable=True),
        sa.Column("beds_occupied", sa.Integer(), nullable=True),
        sa.Column("beds_blocked", sa.Integer(), nullable=True),
        sa.Column("beds_available", sa.Integer(), nullable=True),
        sa.Column("beds_preparing", sa.Integer(), nullable=True),
        sa.Column("beds_planned", sa.Integer(), nullable=True),
        sa.Column("queue", sa.Integer(), nullable=True),
        sa.Column("occupied_suspected", sa.Integer(), nullable=True),
        sa.Column("occupied_confirmed", sa.Integer(), nullable=True),
        sa.Column("available_male", sa.Integer(), nullable=True),
        sa.Column("available_female", sa.Integer(), nullable=True),
        sa.Column("available_is", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "available_is IS NULL OR available_is IN ('reported', 'derived')", name=op.f("ck_lines_available_is")
        ),
        sa.CheckConstraint(
            "channel IN ('native', 'sirs', 'aplicares', 'siranap_v1', 'fhir', 'sheet', 'form')",
            name=op.f("ck_lines_channel"),
        ),
        sa.CheckConstraint(
            "beds_total >= 0 AND beds_occupied >= 0 AND beds_available >= 0 AND beds_blocked >= 0",
            name=op.f("ck_lines_counts"),
        ),
        sa.CheckConstraint(
            "closed = (beds_total IS NULL AND beds_occupied IS NULL AND beds_available IS NULL)",
            name=op.f("ck_lines_closed"),
        ),
        sa.ForeignKeyConstraint(["facility_id"], ["facilities.facility_id"], name=op.f("fk_lines_facility_id")),
        sa.PrimaryKeyConstraint("facility_id", "channel", "ward_code", "bed_type", name=op.f("pk_lines")),
    )

    for trigger in SQLITE_TRIGGERS if op.get_context().dialect.name == "sqlite" else POSTGRESQL_TRIGGERS:
        op.execute(trigger)


def downgrade() -> None:
    op.drop_table("lines")
    op.drop_table("identifiers")
    op.drop_table("channels")
    with op.batch_alter_table("facilities", schema=None) as batch_op:
        batch_op.drop_index("ix_facilities_area_code")

    op.drop_table("facilities")
    with op.batch_alter_table("ledger", schema=None) as batch_op:
        batch_op.drop_index("ix_ledger_facility_id_seq")
        batch_op.drop_index("ix_ledger_facility_id_observed_at")

    op.drop_table("ledger")
    with op.batch_alter_table("credentials", schema=None) as batch_op:
        batch_op.drop_index("ix_credentials_principal")

    op.drop_table("credentials")
    with op.batch_alter_table("areas", schema=None) as batch_op:
        batch_op.drop_index("ix_areas_parent")

    op.drop_table("areas")
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP FUNCTION ledger_is_append_only()")
