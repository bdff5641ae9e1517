"""What one would write first, to measure beside: a report is one transaction of one request, through the ORM.

The same content and the same promise as the service's (answered after the commit, a retry counts once, the key is
checked), in three plain tables; no ledger chain, no order of commits, no roll-ups, no rules beyond the shape.
Run: WRITER_URL=postgresql+asyncpg://... uvicorn tests.bench.report_writers:app
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, HTTPException, Request
from pydantic import BaseModel, Field
from sqlalchemy import BigInteger, DateTime, ForeignKey, Integer, UniqueConstraint, event, select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

KEY = "Bearer benchmark"
CONNECTIONS = 18

Number = BigInteger().with_variant(Integer, "sqlite")
When = DateTime(timezone=True)


class Base(DeclarativeBase):
    """The three tables."""


class ReportRow(Base):
    """What was said, and by which id."""

    __tablename__ = "report"
    __table_args__ = (UniqueConstraint("facility_id", "report_id"),)

    id: Mapped[int] = mapped_column(Number, primary_key=True)
    facility_id: Mapped[str]
    report_id: Mapped[str]
    observed_at: Mapped[datetime] = mapped_column(When)
    recorded_at: Mapped[datetime] = mapped_column(When)


class SaidRow(Base):
    """One line of a report, kept for ever."""

    __tablename__ = "said"

    id: Mapped[int] = mapped_column(Number, primary_key=True)
    report: Mapped[int] = mapped_column(ForeignKey("report.id"))
    bed_type: Mapped[str]
    beds_total: Mapped[int]
    beds_occupied: Mapped[int]
    queue: Mapped[int]


class CurrentRow(Base):
    """One line as it stands."""

    __tablename__ = "current"

    facility_id: Mapped[str] = mapped_column(primary_key=True)
    bed_type: Mapped[str] = mapped_column(primary_key=True)
    beds_total: Mapped[int]
    beds_occupied: Mapped[int]
    queue: Mapped[int]
    report: Mapped[int] = mapped_column(Number)
    observed_at: Mapped[datetime] = mapped_column(When)


class Line(BaseModel):
    """The beds of one kind."""

    bed_type: str
    beds_total: int = Field(ge=0)
    beds_occupied: int = Field(ge=0)
    queue: int = Field(ge=0, default=0)


class ReportIn(BaseModel):
    """What one facility has at one moment."""

    report_id: str
    observed_at: datetime
    lines: list[Line] = Field(min_length=1, max_length=512)


class ReceiptOut(BaseModel):
    """It is on disk."""

    id: int
    repeated: bool


@asynccontextmanager
async def _lifespan(_app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    url = os.environ["WRITER_URL"]
    if url.startswith("sqlite"):
        engine = create_async_engine(url, connect_args={"timeout": 30})

        @event.listens_for(engine.sync_engine, "connect")
        def prepare(connection: Any, _record: object) -> None:
            connection.isolation_level = None
            for pragma in ("journal_mode = WAL", "synchronous = FULL"):
                connection.execute(f"PRAGMA {pragma}").close()
    else:
        engine = create_async_engine(url, pool_size=CONNECTIONS, max_overflow=0)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield {"sessions": async_sessionmaker(engine, expire_on_commit=False), "is_sqlite": url.startswith("sqlite")}
    await engine.dispose()


async def _check_key(authorization: Annotated[str | None, Header()] = None) -> None:
    if authorization != KEY:
        raise HTTPException(401)


app = FastAPI(lifespan=_lifespan)


async def _session(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.state["sessions"]() as session:
        if request.state["is_sqlite"]:
            # A deferred read that turns into a write fails with "database is locked".
            await session.execute(text("BEGIN IMMEDIATE"))
        yield session


@app.get("/ready")
async def ready() -> bool:
    """The tables are there."""
    return True


@app.post("/facilities/{facility_id}/reports", status_code=201, dependencies=[Depends(_check_key)])
async def report_beds(
    facility_id: str, body: ReportIn, session: Annotated[AsyncSession, Depends(_session)]
) -> ReceiptOut:
    """Store it, then answer."""
    same = select(ReportRow).where(ReportRow.facility_id == facility_id, ReportRow.report_id == body.report_id)
    if (known := await session.scalar(same)) is not None:
        return ReceiptOut(id=known.id, repeated=True)
    now = datetime.now(UTC)
    report = ReportRow(facility_id=facility_id, report_id=body.report_id, observed_at=body.observed_at, recorded_at=now)
    session.add(report)
    await session.flush()
    # In the order of the key, so that two reports of one facility cannot lock each other out.
    standing = select(CurrentRow).where(CurrentRow.facility_id == facility_id).order_by(CurrentRow.bed_type)
    current = {row.bed_type: row for row in await session.scalars(standing.with_for_update())}
    for line in body.lines:
        said = line.model_dump()
        session.add(SaidRow(report=report.id, **said))
        row = current.get(line.bed_type)
        if row is None:
            session.add(CurrentRow(facility_id=facility_id, report=report.id, observed_at=body.observed_at, **said))
        else:
            row.beds_total, row.beds_occupied, row.queue = line.beds_total, line.beds_occupied, line.queue
            row.report, row.observed_at = report.id, body.observed_at
    await session.commit()
    return ReceiptOut(id=report.id, repeated=False)
