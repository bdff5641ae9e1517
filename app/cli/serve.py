"""`balai serve`: from an empty folder to a running server, and the first steps for a new user."""

import contextlib
import errno
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from typing import Annotated

import typer

from app.cli import console, keys
from app.cli.registry import check_place, missing_of_semarang, seed_semarang
from app.cli.upkeep import migrate_database
from app.config import RATE_TABLE, Settings
from app.limits import shared_table
from app.main import secret_keys_of
from app.observability import METRICS_FOLDER, configure_logging
from app.server.run import listen, run
from app.shared_files import shared_folder
from app.store.database import Database
from app.store.maintenance.migrate import check_migrated
from app.store.repositories import credentials

SAMPLE_FACILITY = "rs-3374010"
SAMPLE_AREA = "33.74"
# A folder with this file has the figures of a demo (`app/cli/demo/folder.py`).
DEMO_MARK = "demo.json"


def serve(
    *,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 picks a free one.")] = None,
    workers: Annotated[int | None, typer.Option(help="Number of server processes.")] = None,
    seed: Annotated[str | None, typer.Option(help="Registry to load if it is missing: semarang.")] = None,
    first_key: Annotated[bool, typer.Option("--first-key", help="At the first start, create and show a key.")] = False,
    no_migrate: Annotated[bool, typer.Option("--no-migrate", help="Do not migrate the database.")] = False,
) -> None:
    """Serve the API until Ctrl+C or SIGTERM. Sets up the database first; repeating it loses nothing."""
    settings = console.settings(host=host, port=port, workers=workers)
    _check_no_demo(settings)
    if seed is not None:
        check_place(seed)
    listener = open_listener(settings)
    if settings.only_reads:
        # Tables, registry and keys are replicated from the primary.
        no_migrate, seed, first_key = True, None, False
    if not no_migrate:
        console.run(migrate_database(settings))
    if not settings.only_reads:
        console.run(secret_keys_of(settings))  # created before the workers start, or fails now
    key = console.run(_prepare(settings, seed=seed, first_key=first_key))
    banner = _format_banner(
        format_url(listener), key, is_seeded=seed is not None, wants_key=first_key, only_reads=settings.only_reads
    )
    raise typer.Exit(serve_until_stopped(settings, listener, banner))


def _check_no_demo(settings: Settings) -> None:
    """Fail if a real server would serve the figures of a demo."""
    if settings.is_embedded and not settings.simulated and (settings.data_dir / DEMO_MARK).exists():
        console.fail(
            f"{settings.data_dir} holds a demo with invented figures. Set BALAI_DATA_DIR to another folder, or start "
            "the demo: balai demo"
        )


def serve_until_stopped(settings: Settings, listener: socket.socket, banner: str) -> int:
    """Print the banner and serve; return the exit status."""
    console.out(*banner.split("\n"))
    sys.stdout.flush()
    _allow_many_connections()
    with _share_files(settings.workers):
        return run(
            listener,
            workers=settings.workers,
            stop_seconds=settings.stop_seconds,
            trusted_proxies=settings.trusted_proxies,
        )


def open_listener(settings: Settings) -> socket.socket:
    """Set up signals and the log, and listen. Fails with a sentence, if the address is not available."""
    # uvicorn raises the signal again after a clean shutdown; without this the exit code would report a crash.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    configure_logging(settings.log_format, settings.log_level)
    try:
        return listen(settings.host, settings.port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            console.fail(
                f"Port {settings.port} of {settings.host} is taken, perhaps by another Balai. "
                "Stop it, or choose another port with --port."
            )
        console.fail(f"Cannot listen on {settings.host} port {settings.port}: {error.strerror or error}.")


async def _prepare(settings: Settings, *, seed: str | None, first_key: bool) -> str | None:
    """Check the database, create what is requested and missing; return the key, if one was created."""
    database = Database(console.database(settings))
    try:
        await database.check_durability()
        async with database.reading() as connection:
            await check_migrated(connection)
        wants_seed = seed is not None and any(await missing_of_semarang(database))
        wants_key = first_key and not await _has_keys(database)
    finally:
        await database.close()
    if not wants_seed and not wants_key:
        return None
    async with console.node(settings) as node:
        if wants_seed:
            await seed_semarang(node)
        return await keys.first_key(node) if wants_key else None


async def _has_keys(database: Database) -> bool:
    async with database.reading() as connection:
        return bool(await credentials.load_all(connection))


def format_url(listener: socket.socket) -> str:
    """Return the address to type into a browser on this machine."""
    host, port = listener.getsockname()[:2]
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - read, not bound: the banner needs an address to type
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _format_banner(address: str, key: str | None, *, is_seeded: bool, wants_key: bool, only_reads: bool) -> str:
    parts = [f"Balai serves on {address}\n\n  Command center:     {address}/\n  API documentation:  {address}/docs"]
    if only_reads:
        parts.append("  It reads a replica and accepts no reports. (Only BALAI_REPLICA_URL is set.)")
    if key is not None:
        parts.append(f"  Your national key, shown only once:\n\n    {key}")
        if is_seeded:
            parts.append(_format_example(address, key))
    elif wants_key:
        parts.append("  The first key was shown at the first start. To create another:  balai key create --national")
    parts.append("  Press Ctrl+C to stop.\n")
    return "\n\n".join(parts)


def _format_example(address: str, key: str) -> str:
    return f"""  Send a first report, then query the city:

    curl -sSw '\\n' {address}/v1/facilities/{SAMPLE_FACILITY}/reports \\
      -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' \\
      -d '{{"observed_at": "'$(date -u +%Y-%m-%dT%H:%M:%SZ)'", "lines": [{{"bed_type": "icu_ventilator", \
"beds_total": 12, "beds_occupied": 9, "queue": 2}}]}}'

    curl -sSw '\\n' {address}/v1/areas/{SAMPLE_AREA}/capacity"""


def _allow_many_connections() -> None:
    """Raise the limit of open files to the hard limit: a single client can exhaust the usual soft limit of 1,024."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 - not available on Windows, which has no such limit

        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@contextlib.contextmanager
def _share_files(workers: int) -> Iterator[None]:
    """Create the files that workers share for metrics and rate limits, and name them in the environment."""
    if workers == 1:
        yield
        return
    with contextlib.ExitStack() as kept:
        try:
            folder = kept.enter_context(shared_folder())
            table = folder / "rate-limits"
            shared_table.create(table)
        except OSError as error:
            console.fail(
                f"Several workers need a few MiB for temporary files in {tempfile.gettempdir()}: "
                f"{error.strerror}. Free some space, set TMPDIR to another folder, or use --workers 1."
            )
        os.environ[METRICS_FOLDER] = str(folder)
        os.environ[RATE_TABLE] = str(table)
        yield
