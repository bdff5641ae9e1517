"""The operator's command-line program `balai`. Exit codes: 0 done, 1 refused or different, 2 wrong usage."""

import typer

from app.cli import backup, console, hospital, keys, redate, registry, relay, replay, secrets, serve, upkeep
from app.cli.demo import command as demo

app = typer.Typer(
    cls=console.PlainErrors,
    name="balai",
    help="Bed capacity of a city, added up from the reports of each facility.",
    no_args_is_help=True,
    add_completion=False,
    # A traceback with local variables would show keys.
    pretty_exceptions_enable=False,
)
app.command()(serve.serve)
app.command()(demo.demo)
app.command(hidden=True)(demo.demo_reports)
app.command()(upkeep.migrate)
app.command()(registry.seed)
app.add_typer(registry.import_verbs, name="import", no_args_is_help=True)
app.add_typer(keys.verbs, name="key", no_args_is_help=True)
app.add_typer(hospital.verbs, name="hospital", no_args_is_help=True)
app.add_typer(relay.verbs, name="relay", no_args_is_help=True)
app.add_typer(secrets.verbs, name="secrets", no_args_is_help=True)
app.command()(replay.replay)
app.command()(upkeep.verify)
app.command()(redate.redate)
app.command()(backup.backup)
app.command()(backup.restore)
app.command()(upkeep.rebuild)
app.command()(upkeep.openapi)
