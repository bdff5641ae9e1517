"""Build the application: settings, the node, the routes and the middleware."""

import asyncio
import os
import ssl
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypedDict

import structlog
from fastapi import Depends, FastAPI
from fastapi.routing import APIRoute
from starlette.types import ASGIApp

from app import api, protocols, web
from app.actions.stream_tickets import StreamTickets
from app.api.exports.export_slots import Exports
from app.api.http.response_cache import ResponseCache
from app.api.streaming.connection_limits import ConnectionLimits, StreamLimits
from app.api.streaming.fan_out import FanOut
from app.config import RATE_TABLE, Settings, load_settings
from app.dependencies import known_reader
from app.domain.display import Display
from app.fastpath.cached_responses import CachedResponses, FastPath
from app.fastpath.page_files import PageFiles
from app.fastpath.plain_reports import PlainReports
from app.limits.rate_limits import LocalAllowances, Rate, Rates
from app.limits.shared_table import SharedTable
from app.limits.time_slices import TimeSlices
from app.middleware.compression import Compression
from app.middleware.cross_origin import CrossOrigin, CrossOriginPolicy
from app.middleware.keep_open import KeepOpen
from app.middleware.limits import HeadAsGet, InFlight, LastResort, RequestLimits
from app.middleware.metrics import Metrics
from app.middleware.rate_limits import RateLimits
from app.middleware.sessions import RenewSessions
from app.middleware.simulated import Simulated
from app.observability import Observed, configure_logging, counts_alone
from app.protocols.request_log import ProtocolRequests
from app.runtime.board_preparer import BoardPreparer
from app.runtime.node import Node, open_node, utc_now
from app.runtime.secret_keys import check_may_be_made
from app.runtime.upstreams import Upstreams
from app.server.run import end_with_supervisor

log = structlog.get_logger("balai")

DESCRIPTION = """
How many beds a city has and how many are free, added up from what each facility reports: every hospital ward,
isolation site and RW hall. (*Ketersediaan tempat tidur, dari balai RW sampai kota, provinsi dan negara.*)

**Reading** (*membaca*) is public unless the operator says otherwise. What nobody reported is null, never zero, and
every figure says how old it is.

**Reporting** (*melapor*) needs a key: press *Authorize* and paste the one that an officer gave you. A receipt means
that the report is on disk. Sending the same report again is always safe: it is never counted twice.

Times carry an offset; counts are whole beds. Refusals are problem documents (RFC 9457): `code` is for programs and
stable, `detail` is for people, `errors` names every fault.
"""


# How long the event loop keeps the interpreter from the threads that write to SQLite and compress files. A report needs
# the lock five times: at Python's default of 5 ms it takes ten times as long beside a busy loop.
SWITCH_SECONDS = 0.0005


class State(TypedDict):
    """The contents of `request.state`."""

    node: Node
    rates: Rates
    response_cache: ResponseCache
    fast_path: FastPath | None
    connection_limits: ConnectionLimits
    slices: TimeSlices
    exports: Exports
    tickets: StreamTickets
    cross_origin: CrossOriginPolicy
    fan_out: FanOut
    stopping: asyncio.Event
    public_url: str | None
    trusted_hosts: frozenset[str]
    listen_url: str
    display: Display


def create_app(
    settings: Settings | None = None,
    *,
    clock: Callable[[], datetime] = utc_now,
    relay_trust: ssl.SSLContext | None = None,
) -> "Application":
    """The application. It opens its node at startup, so creating it is quick and reads no database.

    `relay_trust` has the certificates that the relay trusts; by default those of the machine.
    """
    chosen = settings or load_settings()
    cross_origin = CrossOriginPolicy.of(chosen.cors_origins, public_read=chosen.public_read)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[State]:
        end_with_supervisor()
        async with open_node(
            database_url=chosen.database,
            replica_url=chosen.replica,
            thresholds=chosen.thresholds,
            sizes=chosen.sizes,
            public_read=chosen.public_read,
            only_reads=chosen.only_reads,
            upstreams=Upstreams(chosen.upstreams, timedelta(hours=chosen.relay_hours), relay_trust),
            secret_keys=await secret_keys_of(chosen),
            clock=clock,
        ) as node:
            fan_out, stopping = FanOut(node), asyncio.Event()
            publishing = asyncio.create_task(fan_out.run(stopping))
            slices = TimeSlices(node.write_queue.is_busy)
            node.workers.start(BoardPreparer(node.board, slices.steps).worker)
            yield {
                "node": node,
                "rates": _rates(chosen),
                "response_cache": ResponseCache(),
                "fast_path": FastPath() if chosen.takes_fast_path else None,
                "connection_limits": ConnectionLimits(_stream_limits(chosen)),
                "slices": slices,
                "exports": Exports(),
                "tickets": StreamTickets(),
                "cross_origin": cross_origin,
                "fan_out": fan_out,
                "stopping": stopping,
                "public_url": chosen.public_url,
                "trusted_hosts": frozenset(map(str.lower, chosen.trusted_hosts)),
                "listen_url": chosen.listen_url,
                "display": chosen.display,
            }
            stopping.set()
            await publishing

    app = Application(
        title="Balai",
        summary="The beds of a city, added up. (Tempat tidur satu kota, dijumlahkan.)",
        description=DESCRIPTION,
        version="1",
        license_info={"name": "MIT", "identifier": "MIT"},
        lifespan=lifespan,
        # app/api/routes/docs.py serves the documentation pages from local files, and makes the OpenAPI document once.
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        # /v1/areas/ is not /v1/areas: behind some proxies a redirect would lose the key.
        redirect_slashes=False,
        generate_unique_id_function=operation_id,
    )
    app.is_simulated = chosen.simulated
    api.install(app)
    protocols.install(app)
    web.install(app)
    # Where figures need a key, the position and the number of reports do too.
    app.add_api_route("/metrics", Metrics().answer, include_in_schema=False, dependencies=[Depends(known_reader)])
    _add_middleware(app, chosen, cross_origin)
    return app


def _add_middleware(app: FastAPI, settings: Settings, cross_origin: CrossOriginPolicy) -> None:
    # The last one added is the outermost.
    app.add_middleware(Compression)
    if settings.takes_fast_path:
        app.add_middleware(PlainReports)
    app.add_middleware(InFlight, places=settings.in_flight_max)
    app.add_middleware(RequestLimits)
    app.add_middleware(RateLimits, waiting_max=settings.in_flight_max)
    app.add_middleware(HeadAsGet)
    app.add_middleware(RenewSessions)
    app.add_middleware(LastResort)
    app.add_middleware(ProtocolRequests)
    if cross_origin.is_open:
        app.add_middleware(CrossOrigin, policy=cross_origin)
    app.add_middleware(Observed)


async def secret_keys_of(settings: Settings) -> tuple[str, ...]:
    """The secret keys of this node; one is made where none exists and none was ever needed.

    Raises: SettingsError, OtherSecretKey, NotMigrated, Unavailable.
    """
    keys = settings.secret_keys()
    if keys or settings.only_reads:
        return keys
    await check_may_be_made(settings.database)
    return settings.make_secret_key()


class Application(FastAPI):
    """FastAPI with one layer outside its own, so that a long-lived response keeps nothing of the framework alive.

    A simulation has two more, which also see what a long-lived response sends.
    """

    is_simulated = False

    def build_middleware_stack(self) -> ASGIApp:
        """The whole middleware stack."""
        stack = KeepOpen(super().build_middleware_stack())
        return Compression(Simulated(stack)) if self.is_simulated else stack


def for_server() -> ASGIApp:
    """The application of one serving process, with logging as the settings say.

    Cached responses and the files of pages are sent outside the framework, whose first steps take longer than the
    whole response.
    """
    settings = load_settings()
    configure_logging(settings.log_format, settings.log_level)
    if counts_alone is not None:
        log.warning("no space for temporary files: /metrics of this worker has only its own counts", why=counts_alone)
    sys.setswitchinterval(SWITCH_SECONDS)
    app = create_app(settings)
    return CachedResponses(PageFiles(app)) if settings.takes_fast_path else app


def operation_id(route: APIRoute) -> str:
    """The name of the function: stable and readable in generated clients."""
    return route.name


def _rates(settings: Settings) -> Rates:
    return Rates(
        facility_key=Rate(*settings.rate_facility_key),
        area_key=Rate(*settings.rate_area_key),
        public=Rate(*settings.rate_public),
        protocol=Rate(*settings.rate_door),
        exempt=settings.rate_exempt,
        allowances=SharedTable(Path(table)) if (table := os.environ.get(RATE_TABLE)) else LocalAllowances(),
    )


def _stream_limits(settings: Settings) -> StreamLimits:
    return StreamLimits(settings.streams_max, settings.streams_per_key, settings.streams_per_address)
