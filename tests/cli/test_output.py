"""What others sent stands in what the verbs print; a terminal must not obey it. No verb prints but by `say`."""

import ast
import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app.actions.hospitals import Hospital, add_hospital
from app.actions.keys import issue_key
from app.actions.maintenance.verify import Verified
from app.actions.register_facilities import register_facilities
from app.cli import replay, upkeep
from app.domain.channels import Channel
from app.domain.ledger import START
from app.domain.message import Message, MessageOutcome
from app.domain.permissions import OPERATOR, Scope, ScopeKind
from app.protocols.sirs.held_rows import hold_row
from app.runtime.node import Node, open_node
from app.store.database import Transaction
from app.store.repositories import relay
from tests.cli.conftest import Verb
from tests.factories import FACILITIES, MORNING, build_world

SECRET_KEY = "a" * 64
# Clear the screen, set the title, a C1 sequence, a forged line, right-to-left, an isolate, nothing wide, a tag.
EVIL = "A\x1b[2J\x1b]0;x\x07\x9b1m\r\nFORGED\tB\u202eC\u2066D\u200bE\u200fF\u2028FORGED\x00\U000e0041"
UNSEEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)


@pytest.fixture
def poisoned(data_dir: Path, verb: Verb, monkeypatch: pytest.MonkeyPatch) -> Iterator[Verb]:
    """Verbs on a database in which every text of others is as bad as can be, past all that refuses it."""
    monkeypatch.setenv("BALAI_SECRET_KEY", SECRET_KEY)
    asyncio.run(_poison(f"sqlite+aiosqlite:///{data_dir / 'balai.db'}"))
    return verb


async def _poison(url: str) -> None:
    async with open_node(database_url=url, secret_keys=[SECRET_KEY]) as node:
        await build_world(node)
        named = replace(FACILITIES[0], facility_id="rs-x", name=EVIL, identifiers={"sirs": "3374999"})
        await register_facilities(node, [named], by=OPERATOR)
        await issue_key(node, scope=Scope(ScopeKind.facility, "rs-x"), by=OPERATOR, name=EVIL)
        await register_facilities(node, [replace(named, facility_id="rs-y", identifiers={"sirs": "1"})], by=OPERATOR)
        await add_hospital(node, Hospital("rs-y"), by=OPERATOR)
        said: dict[str, Any] = {"ruang": EVIL, "covid": None, "counts": {"jumlah": 1, "terpakai": 0}}
        await hold_row(node, "rs-x", "34450001", said, by=OPERATOR)
        message = Message(
            "rs-x", Channel.sirs, MORNING, EVIL, MessageOutcome.refused, 200, EVIL, 7, EVIL, "id", None
        )  # fmt: skip
        node.messages.add(message)
        node.rejections.count("rs-x", EVIL, MORNING)
        await _relay_said(node)
        await node.messages.flush()
        await node.rejections.flush()


async def _relay_said(node: Node) -> None:
    async def work(transaction: Transaction, _now: object) -> None:
        values = {
            "sealed": "x", "last_sent_at": MORNING, "last_status": 200, "last_answer": EVIL,
            "last_failure_at": MORNING, "last_failure": EVIL,
        }  # fmt: skip
        await relay.change_account(transaction.connection, ("rs-x", Channel.sirs), values)

    await node.write_queue.change(work, by=OPERATOR)


def _is_harmless(printed: str) -> bool:
    return not UNSEEN.search(printed) and not any(line.startswith("FORGED") for line in printed.splitlines())


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        (0, ("key", "list")),
        (1, ("key", "create", "--facility", EVIL)),
        (2, ("key", "create", "--national", "--name", EVIL)),
        (1, ("key", "revoke", EVIL)),
        (0, ("hospital", "list")),
        (0, ("hospital", "messages", "rs-x")),
        (1, ("hospital", "messages", EVIL)),
        (0, ("hospital", "waiting", "rs-x")),
        (1, ("hospital", "complete", "rs-x", EVIL, "--id-tt", "3")),
        (0, ("hospital", "add", "--facility-id", "rs-x", "--public-url", f"http://{EVIL}")),
        (0, ("hospital", "add", "--facility-id", "rs-x", "--json")),
        (0, ("hospital", "rotate", "rs-y")),
        (0, ("hospital", "revoke", "rs-y")),
        (0, ("relay", "show", "rs-x")),
        (0, ("relay", "withdraw", "rs-x", "sirs")),
        (2, ("seed", EVIL)),
        (2, ("serve", "--seed", EVIL)),
        (0, ("verify",)),
        (2, ("replay", "none.csv", "--key", "k", "--url", EVIL)),
    ],
)
def test_no_verb_sends_the_terminal_what_others_sent(code: int, arguments: tuple[str, ...], poisoned: Verb) -> None:
    ended = poisoned(*arguments)
    assert ended.exit_code == code, ended.output
    assert ended.output
    assert _is_harmless(ended.stdout), ascii(ended.stdout)
    if "Usage" not in ended.stderr:  # the framework's own: it repeats what the operator typed
        assert _is_harmless(ended.stderr), ascii(ended.stderr)


def test_what_they_sent_can_still_be_read(poisoned: Verb) -> None:
    assert r"A\x1b[2J" in poisoned("hospital", "messages", "rs-x").stdout
    typed = json.loads(poisoned("hospital", "add", "--facility-id", "rs-x", "--json").stdout)
    assert typed["facility_id"] == "rs-x"


def test_files_that_are_read_are_not_printed_raw(poisoned: Verb, tmp_path: Path) -> None:
    row = {
        "id_tt": "3", "tt": EVIL, "ruang": EVIL, "jumlah": "1", "terpakai": "2", "id_t_tt": "0", "tglupdate": EVIL,
    }  # fmt: skip
    rows = tmp_path / "rows.json"
    rows.write_text(json.dumps({"fasyankes": [row, {**row, "id_t_tt": "34450009", "id_tt": EVIL}]}))
    areas = tmp_path / "areas.csv"
    areas.write_text(f'code,name,level,type,parent_code\n"{EVIL}","{EVIL}","{EVIL}",,\n', encoding="utf-8")
    for arguments in (("hospital", "import-rows", str(rows), "--facility-id", "rs-a"), ("import", "areas", str(areas))):
        ended = poisoned(*arguments)
        assert ended.output
        assert _is_harmless(ended.output), ascii(ended.output)


def test_what_a_server_answers_is_not_printed_raw(
    poisoned: Verb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "reports.csv"
    file.write_text("facility_id,observed_at,bed_type,beds_total\nrs-a,2026-01-01T00:00:00Z,icu,5\n")
    problem = {"status": 422, "detail": EVIL, "errors": [{"pointer": EVIL, "detail": EVIL}]}
    for answer in ({"results": [problem]}, problem):
        status = 200 if "results" in answer else 422
        transport = httpx2.MockTransport(lambda _, said=answer, status=status: httpx2.Response(status, json=said))
        monkeypatch.setattr(
            replay, "_client", lambda *_, by=transport: httpx2.Client(transport=by, base_url="http://balai")
        )
        ended = poisoned("replay", str(file), "--key", "k")
        assert ended.exit_code == 1
        assert _is_harmless(ended.output), ascii(ended.output)


def test_differences_are_not_printed_raw(verb: Verb, monkeypatch: pytest.MonkeyPatch) -> None:
    async def found(_url: str, **_: object) -> Verified:
        return Verified([f"facility {EVIL}: the ledger says this"], START, START)

    monkeypatch.setattr(upkeep, "examine", found)
    assert _is_harmless(verb("verify").output)


def test_nothing_in_the_cli_prints_but_the_console() -> None:
    found = []
    for file in Path(replay.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if not isinstance(node, ast.Call) or file.name == "console.py":
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in {"print", "echo", "secho", "write", "writelines", "print_json"}:
                found.append(f"{file.name}:{node.lineno}")
    assert found == []
