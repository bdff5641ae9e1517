"""Output of the command line: results on standard output, everything else on standard error, errors as sentences.

Nothing else in `app.cli` prints: these lines contain data from hospitals and clients, and a terminal interprets control
characters. Each line passes through `escaped`.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import Any, NoReturn, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from typer.core import TyperGroup

from app.actions.maintenance.backup import NotBackedUp
from app.actions.maintenance.backup_manifest import DamagedBackup
from app.actions.maintenance.rebuild import RebuildFailed
from app.cli.csv_rows import FileRefused
from app.config import Settings, SettingsError, load_settings, unknown_variables
from app.domain.errors import InvalidInput, Refusal, Unavailable
from app.domain.text import escaped, is_printable
from app.main import secret_keys_of
from app.runtime.node import Node, open_node
from app.runtime.secret_keys import OtherSecretKey
from app.store.database import WeakDurability
from app.store.ledger import EditedLedger
from app.store.maintenance.migrate import NotMigrated
from app.store.maintenance.migration_guard import MigrationRefused
from app.store.maintenance.restore import NotRestored
from app.store.maintenance.roles import RoleRefused
from app.store.maintenance.table_parts import UnreadablePart
from app.store.pooler import UnnamedPooler
from app.store.sqlite_file import FileInTheWay

REFUSED = 1
WRONG_USAGE = 2

_FORESEEN = (
    DamagedBackup,
    EditedLedger,
    FileInTheWay,
    FileRefused,
    MigrationRefused,
    NotBackedUp,
    NotMigrated,
    NotRestored,
    OtherSecretKey,
    RebuildFailed,
    Refusal,
    RoleRefused,
    UnnamedPooler,
    UnreadablePart,
    WeakDurability,
)

T = TypeVar("T")

# No automatic wrapping: a line in a log or a pipe stays one line.
_stderr = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)


class PlainErrors(TyperGroup):
    """The root command: expected errors end with a sentence and an exit code, not with a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command and report expected errors."""
        try:
            return super().invoke(ctx)
        except SettingsError as error:
            fail(*str(error).split("\n"), code=WRONG_USAGE)
        except InvalidInput as refusal:
            fail(refusal.detail, *(f"{x.pointer}: {x.detail}" for x in refusal.faults[:20]))
        except Unavailable as outage:
            # The refusal is worded for clients; the operator needs the error of the database.
            cause = str(outage.__cause__ or "").partition("\n")[0]
            fail(f"The database cannot be used now: {cause or outage.detail}")
        except _FORESEEN as error:
            fail(*str(error).split("\n"))


def out(*lines: str) -> None:
    """Print results, one per line; unprintable characters are escaped."""
    for line in lines:
        typer.echo(escaped(line))


def note(*lines: str) -> None:
    """Print other messages in the same way on standard error."""
    for line in lines:
        _stderr.print(escaped(line))


def fail(*lines: str, code: int = REFUSED) -> NoReturn:
    """Print the reason and exit with this code."""
    note(*lines)
    raise typer.Exit(code)


def shown(text: str | None) -> str | None:
    """Check a name given as an option. Raises: BadParameter, if it has unprintable characters."""
    if text is not None and not is_printable(text):
        raise typer.BadParameter("contains a line break, or a control, direction or zero-width character")
    return text


def settings(**options: Any) -> Settings:
    """Load the settings, with a warning for each unknown variable that resembles a setting."""
    found = load_settings(**options)
    for warning in unknown_variables():
        note(f"Warning: {warning}")
    return found


def database(chosen: Settings) -> str:
    """Return the URL of an existing database. Fails if SQLite would create an empty one."""
    if chosen.is_embedded and not chosen.database_file.is_file():
        fail(f"There is no database in {chosen.data_dir} yet. Run: balai migrate")
    return chosen.database


@asynccontextmanager
async def node(chosen: Settings) -> AsyncIterator[Node]:
    """Open a node on the same database; a running server sees its changes through the ledger."""
    async with open_node(
        database_url=database(chosen),
        replica_url=chosen.replica,
        thresholds=chosen.thresholds,
        sizes=chosen.sizes,
        public_read=chosen.public_read,
        secret_keys=await secret_keys_of(chosen),
    ) as opened:
        yield opened


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end and return its result."""
    return asyncio.run(work)


@contextmanager
def progress(title: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a progress bar on standard error if it is a terminal; yields a function that advances it by a number."""
    with _progress_bar() as bar:
        task = bar.add_task(title, total=total)
        yield partial(bar.advance, task)


@contextmanager
def progress_to(title: str) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar whose total may change; yields a function that takes the number done and the total."""
    with _progress_bar() as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _progress_bar() -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(compact=True),
    )
    return Progress(*columns, console=_stderr, disable=not _stderr.is_terminal)
