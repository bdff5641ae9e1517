"""The authorisation table: route x identity x object, and that what is hidden is answered as what is not there.

What is expected follows from reliability, section 3, as `tests/api/authorisation_table.py` writes it down; nothing of
it is asked of the application. The routes are asked of it: one without a row fails.
"""

import ast
import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import httpx2
import pytest
from fastapi.routing import iter_route_contexts

import app
from app.actions.hospitals import Hospital, add_hospital
from app.actions.keys import issue_key, revoke_key
from app.actions.register_facilities import FacilityChange, change_facility
from app.config import Settings
from app.domain.channels import Channel
from app.domain.permissions import NATIONAL, OPERATOR, Actor, Role, Scope, ScopeKind
from app.main import create_app
from app.protocols import protocol_at
from app.protocols.sirs.import_rows import import_rows
from tests.api.authorisation_table import (
    AREAS,
    FACILITIES,
    IDENTITIES,
    KEYS,
    OF_KEY_MANAGERS,
    OF_KEYS,
    OF_READERS,
    OPEN,
    ROLES,
    ROWS,
    Row,
    ministry_rows,
)
from tests.conftest import Clock, Service
from tests.factories import build_world
from tests.sse import listening

COMMAND = Actor("command", Role.command, NATIONAL)
CODES = {"rs-a": "3374001", "rs-b": "3374002", "iso-c": "3374003", "rs-e": "3375001"}


@dataclass
class Answer:
    """What came back, without what differs between any two requests."""

    status: int
    rest: tuple[str, ...]


@dataclass
class Installation:
    """One that runs, with a client of each identity, and the keys that are objects."""

    service: Service
    is_public: bool
    keys: dict[str, str | None]
    clients: dict[str, httpx2.AsyncClient]
    prefixes: dict[str, str]

    def references(self, row: Row) -> dict[str, str]:
        """By which name the row's objects are asked for."""
        match row.objects:
            case "facility":
                return FACILITIES
            case "area":
                return AREAS
            case "key":
                return {name: self.prefixes[FACILITIES[name]] for name in KEYS}
        return {"everything": ""}

    def covered(self, who: str, row: Row, name: str) -> bool:
        """Whether the scope of the identity covers the object."""
        of = {"facility": FACILITIES, "key": FACILITIES, "area": AREAS}.get(row.objects, {})
        return of.get(name, "") in IDENTITIES[who].covers

    def expected(self, who: str, row: Row, name: str) -> frozenset[int]:
        """The statuses that the table allows."""
        role = IDENTITIES[who].role
        is_public = self.is_public and row.objects != "key"
        is_read = row.verb == "read" and is_public
        if role == "revoked" or (role == "P" and not is_read):
            return frozenset({401})
        if name.startswith("unknown"):
            if row.unknown_takes is None:
                return frozenset({404})
            if role in ROLES[row.unknown_takes]:
                return frozenset({422})
            return frozenset({403} if is_public else {404})
        covered = self.covered(who, row, name)
        if is_read or (covered and role in ROLES[row.verb]):
            return row.closed if row.closed and name == "closed" else row.passed
        return frozenset({403} if is_public or covered else {404})

    async def ask(self, who: str, row: Row, reference: str) -> Answer:
        """The answer to one cell."""
        path = row.path(reference, list(IDENTITIES).index(who))
        if row.is_stream:
            async with listening(self.service, path, key=self.keys[who]) as ear:
                return _answer(ear.status, ear.headers, ear.body)
        body = {} if row.body is None else {"json": row.body(reference)}
        answer = await self.clients[who].request(row.method, path, headers=row.headers, **body)
        if row.route == "POST /v1/reports" and answer.status_code == 200:
            [one] = answer.json()["results"]
            return _answer(201 if one["status"] == 200 else one["status"], {}, json.dumps(one).encode())
        status = answer.status_code
        if row.verb == "report" and status == 200:  # the same receipt again
            status = 201
        content = answer.content
        if reference and answer.headers.get("content-type", "").startswith("text/html"):
            for asked in (reference, quote(reference, safe="")):  # a page repeats what was asked
                content = content.replace(asked.encode(), b"")
        left_out = {"etag", "content-length"} if content != answer.content else set()
        headers = {name: value for name, value in answer.headers.items() if name not in left_out}
        return _answer(status, headers, content)


def _answer(status: int, headers: dict[str, str], body: bytes) -> Answer:
    left_out = {"x-request-id", "retry-after", "date"}
    kept = tuple(f"{name}: {value}" for name, value in sorted(headers.items()) if name not in left_out)
    return Answer(status, (*kept, re.sub(r'"instance": ?"[^"]*"', "", body.decode())))


@asynccontextmanager
async def installation(settings: Settings, clock: Clock, *, is_public: bool) -> AsyncIterator[Installation]:
    """An installation with the small world, its doors open and one facility closed."""
    chosen = settings.model_copy(update={"public_read": is_public})
    application = create_app(chosen, clock=clock)
    async with AsyncExitStack() as stack:
        state = await stack.enter_async_context(application.router.lifespan_context(application))
        service = Service(application, dict(state))
        node = service.node
        await build_world(node)
        for facility_id, code in CODES.items():
            await add_hospital(node, Hospital(facility_id, sirs=code), by=OPERATOR)
            rows = range(34450000, 34450000 + 2 * len(IDENTITIES))
            await import_rows(node, facility_id, ministry_rows(*rows), by=OPERATOR)
        prefixes = {each: node.board.keys_of_channel(each, Channel.sirs)[0].prefix for each in CODES}
        closing = node.board.facility("iso-c").seq
        await change_facility(node, "iso-c", FacilityChange(is_open=False), by=COMMAND, reason="test", if_match=closing)
        keys = {
            "nobody": None,
            "hospital": await service.key(facility="rs-a"),
            "sibling": await service.key(facility="rs-b"),
            "area": await service.key(area="33.74"),
            "area elsewhere": await service.key(area="33.75"),
            "nation": await service.key(),
            "subscriber": (
                await issue_key(node, scope=Scope(ScopeKind.area, "33.74"), role=Role.subscriber, by=OPERATOR)
            )[1],
            "revoked": await service.key(),
        }
        await revoke_key(node, str(keys["revoked"]).split("_")[1], by=OPERATOR)
        clients = {who: await stack.enter_async_context(service.client(key)) for who, key in keys.items()}
        yield Installation(service, is_public, keys, clients, {**prefixes, "rs-z": "0123456789ab"})


@pytest.mark.parametrize("is_public", [True, False], ids=["public", "private"])
async def test_the_authorisation_table(settings: Settings, clock: Clock, *, is_public: bool) -> None:
    differences = []
    async with installation(settings, clock, is_public=is_public) as there:
        for row in ROWS:
            for who in IDENTITIES:
                answers = {}
                for name, reference in there.references(row).items():
                    answers[name] = answer = await there.ask(who, row, reference)
                    if answer.status not in (allowed := there.expected(who, row, name)):
                        differences.append(f"{row.route} by {who} of {name}: {answer.status}, not {sorted(allowed)}")
                if IDENTITIES[who].role in ("P", "revoked") or (is_public and row.objects != "key"):
                    continue
                for name, answer in answers.items():
                    if not there.covered(who, row, name) and "unknown" in answers and answer != answers["unknown"]:
                        differences.append(f"{row.route} by {who}: {name} is told from unknown: {answer}")
    assert differences == []


@pytest.mark.parametrize("is_public", [True, False], ids=["public", "private"])
async def test_what_has_no_object_of_somebody(settings: Settings, clock: Clock, *, is_public: bool) -> None:
    differences = []
    async with installation(settings, clock, is_public=is_public) as there:
        for who, identity in IDENTITIES.items():
            has_key = identity.role not in ("P", "revoked")
            may_read = 200 if has_key or (is_public and identity.role == "P") else 401
            expected = dict.fromkeys(OF_READERS, may_read)
            if identity.role == "H" and not is_public:
                expected["GET /"] = 303  # to the page of its own facility
            expected |= {route: status if has_key else 401 for route, status in OF_KEYS.items()}
            manages = 200 if identity.role in ROLES["manage_keys"] else 403
            expected |= dict.fromkeys(OF_KEY_MANAGERS, manages if has_key else 401)
            for route, status in expected.items():
                method, _, path = route.partition(" ")
                answer = await there.clients[who].request(method, path.format(code=OF_READERS.get(route)))
                if answer.status_code != status:
                    differences.append(f"{route} by {who}: {answer.status_code}, not {status}")
    assert differences == []


def test_every_route_has_a_row(settings: Settings) -> None:
    routes = {
        f"{method} {path}"
        for context in iter_route_contexts(create_app(settings).routes)
        # Doors of other protocols take no key of ours; tests/protocols knows who may come in there.
        if (path := getattr(context, "path", "")) and protocol_at(path) is None
        for method in context.methods or ()
    }
    listed = {*(row.route for row in ROWS), *OF_READERS, *OF_KEYS, *OF_KEY_MANAGERS, *OPEN}
    assert routes ^ listed == set()


# Modules that look things up on the board by name, other than for a caller who named them.
LOOKING = {
    "actions/resolve.py": "the way for callers",
    **dict.fromkeys(
        ("actions/keys.py", "actions/sessions.py", "actions/stream_tickets.py", "actions/hospital_logins.py"),
        "who is the caller",
    ),
    **dict.fromkeys(("protocols/authentication.py", "protocols/aplicares/signatures.py"), "who is the caller"),
    **dict.fromkeys(
        ("runtime/write_queue.py", "runtime/record_reports.py"), "is the key still valid, the facility open"
    ),
    **dict.fromkeys(
        ("runtime/sender_clocks.py", "actions/maintenance/reseal.py", "runtime/row_ender.py"), "no caller at all"
    ),
    "runtime/planned_changes.py": "no caller at all: the permission was checked when the change was planned",
    "actions/register_facilities.py": "what a national key has just registered, and what resolve.py found before",
    "actions/update_facilities.py": "what an operator or a national key has named",
    "actions/register_areas.py": "what a national key has named",
    "api/routes/facilities.py": "the name of an area that was found before",
    "api/streaming/topics.py": "facilities that moved inside an area that was found before",
    "api/http/request_messages.py": "whether a refusal belongs among the messages of the caller's own facility",
    "cli/hospital.py": "the operator",
}


def test_no_other_way_leads_from_a_reference_to_an_object() -> None:
    root = Path(app.__file__).parent
    found = {str(file.relative_to(root)) for file in root.rglob("*.py") if _looks_up(ast.parse(file.read_text()))}
    assert {file for file in found if not file.startswith("board/")} ^ set(LOOKING) == set()


def _looks_up(tree: ast.AST) -> bool:
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"facility", "area", "area_target", "credential"}
        and "board" in ast.unparse(node.func.value)
        for node in ast.walk(tree)
    )


@pytest.fixture
async def private(settings: Settings, clock: Clock) -> AsyncIterator[Installation]:
    async with installation(settings, clock, is_public=False) as there:
        yield there


@pytest.mark.parametrize("who", ["area elsewhere", "sibling"])
@pytest.mark.parametrize("beside", [None, "rs-e", "rs-b", "rs-z"])
async def test_a_code_of_a_hidden_facility_is_answered_as_one_of_none(
    private: Installation, who: str, beside: str | None
) -> None:
    """Alone, and beside a facility that the caller may see, where it would be a clash."""
    row = next(row for row in ROWS if row.route == "POST /v1/hospitals")
    hidden, unknown = [
        await private.ask(who, replace(row, body=lambda _, code=code: {"facility_id": beside, "sirs": code}), "")
        for code in ("3374001", "9999999")
    ]
    assert hidden.status in (403, 404, 409)
    assert hidden == unknown
    assert "rs-a" not in str(hidden)


async def test_an_identifier_that_is_taken_does_not_say_by_whom(private: Installation) -> None:
    new = {"facility_id": "rs-new", "kind": "hospital", "name": "N", "area_code": "33.75"}
    answer = await private.clients["nation"].post("/v1/facilities", json=[{**new, "identifiers": {"sirs": "3374001"}}])
    assert answer.status_code == 409
    assert "rs-a" not in answer.text
