"""The rows of the authorisation table: each route, what it takes, and how it answers who may."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

FACILITIES = {
    "own": "rs-a",
    "sibling": "rs-b",
    "elsewhere": "rs-e",
    "elsewhere, by its code": "sirs:3375001",
    "closed": "iso-c",
    "unknown": "rs-z",
    "unknown, by a code": "sirs:9999999",
}
AREAS = {"city": "33.74", "elsewhere": "33.75", "province": "33", "unknown": "99"}
KEYS = ("own", "sibling", "elsewhere", "closed", "unknown")

# Reliability, section 3: whose keys have a verb at all, inside of what they cover.
ROLES = {
    "report": "HDC",
    "withdraw": "HDC",
    "read": "HSDC",
    "read_history": "HDC",
    "change_site": "DC",
    "maintain_channels": "DC",
    "deposit": "HDC",
    "add_rw": "DC",
    "register": "C",
    "manage_keys": "DC",
}


@dataclass(frozen=True)
class Identity:
    """A caller: the letter of its role, and which of the objects above its scope covers."""

    role: str
    covers: frozenset[str] = frozenset()


_CITY = frozenset({"rs-a", "rs-b", "iso-c", "33.74"})
_ALL = frozenset({*FACILITIES.values(), *AREAS.values(), ""})
IDENTITIES = {
    "nobody": Identity("P"),
    "hospital": Identity("H", frozenset({"rs-a"})),
    "sibling": Identity("H", frozenset({"rs-b"})),
    "area": Identity("D", _CITY),
    "area elsewhere": Identity("D", frozenset({"rs-e", "sirs:3375001", "33.75"})),
    "nation": Identity("C", _ALL),
    "subscriber": Identity("S", _CITY),
    "revoked": Identity("revoked"),
}


@dataclass(frozen=True)
class Row:
    """One way of using a route.

    `passed`: how it answers whoever may, `closed` where the facility is closed. `unknown_takes`: the verb for what is
    not there, where that can be made; its answer then is 422, since a name is missing. `body` and `path` are made from
    the reference and the number of the caller.
    """

    route: str
    verb: str
    objects: str  # "facility", "area", "key", "nation" for what concerns everything
    passed: frozenset[int]
    closed: frozenset[int] | None = None
    body: Callable[[str], Any] | None = None
    query: Callable[[str], str] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    unknown_takes: str | None = None

    @property
    def is_stream(self) -> bool:
        return self.route.endswith("/stream")

    @property
    def method(self) -> str:
        return self.route.partition(" ")[0]

    def path(self, reference: str, caller: int) -> str:
        """The path for this object."""
        path = self.route.partition(" ")[2]
        names = {"facility_id": reference, "code": reference, "prefix": reference}
        row_id = str(34450000 + 2 * caller + (":" in reference))
        path = path.format(**names, row_id="34459999", id_t_tt=row_id, upstream="sirs", plan_id="x", seq=1)
        return path + (self.query(reference) if self.query else "")


def _row(route: str, verb: str, objects: str, *passed: int, closed: int | None = None, **more: Any) -> Row:
    return Row(route, verb, objects, frozenset(passed), None if closed is None else frozenset({closed}), **more)


def report_of(reference: str) -> dict[str, Any]:
    """A report of the morning."""
    lines = [{"bed_type": "icu", "beds_total": 5, "beds_occupied": 1}]
    return {"facility_id": reference, "observed_at": "2026-11-23T10:00:00+07:00", "lines": lines}


def ministry_rows(*ids: int) -> dict[str, Any]:
    """The ministry's listing of rows with these ids."""
    return {
        "fasyankes": [
            {"id_t_tt": str(n), "id_tt": "3", "ruang": f"R{n}", "jumlah": "12", "terpakai": "9", "covid": "0"}
            for n in ids
        ]
    }


def _one(reference: str) -> dict[str, Any]:
    return {name: value for name, value in report_of(reference).items() if name != "facility_id"}


def _correction(reference: str) -> dict[str, Any]:
    return {"reason": "x", "report": _one(reference)}


def _named(reference: str) -> dict[str, str]:
    system, _, code = reference.partition(":")
    return {system: code} if code else {"facility_id": reference}


def _key_for(scope: str, role: str) -> dict[str, str]:
    """A key of a role that the scope cannot have: refused to who may issue it, so that none is made."""
    return {"scope": scope, "name": "x", "role": role}


_KIND = {"kind": "clinic", "reason": "test"}
_AREA = {"code": "33.75", "name": "Kota Pekalongan", "level": "city", "type": "kota", "parent": "33"}
_NEW = {"facility_id": "rs-new", "kind": "hospital", "name": "New", "area_code": "99"}
_OTHER_TAG = {"if-match": '"of another document"'}
_F, _H = "/v1/facilities/{facility_id}", "/v1/hospitals/{facility_id}"

ROWS = [
    _row(f"GET {_F}", "read", "facility", 200),
    _row("GET /facility/{facility_id}", "read", "facility", 200),
    _row(f"GET {_F}/channels", "read", "facility", 200),
    _row(f"GET {_F}/messages", "read_history", "facility", 200),
    _row(f"GET {_F}/waiting", "read_history", "facility", 200),
    _row(f"GET {_F}/relay", "read_history", "facility", 200),
    _row(f"GET {_F}/reports", "read_history", "facility", 200),
    _row(f"POST {_F}/reports", "report", "facility", 201, closed=410, body=_one),
    # There is no report 1: who may withdraw one is told so. `tests/api/test_withdrawals.py` has the limits in time.
    _row(f"POST {_F}/reports/{{seq}}/void", "withdraw", "facility", 404, body=lambda _: {"reason": "x"}),
    _row(f"POST {_F}/reports/{{seq}}/correct", "withdraw", "facility", 404, body=_correction),
    _row("POST /v1/reports", "report", "facility", 201, closed=410, body=lambda ref: [report_of(ref)]),
    # Who may not is told so before any version is compared.
    _row(f"PATCH {_F}", "change_site", "facility", 412, body=lambda _: {"phone": "1"}, headers=_OTHER_TAG),
    _row(f"PATCH {_F}", "change_site", "facility", 428, body=lambda _: {"phone": "1"}),
    _row(f"PATCH {_F}", "register", "facility", 412, body=lambda _: _KIND, headers=_OTHER_TAG),
    _row(f"POST {_F}/close", "change_site", "facility", 412, headers=_OTHER_TAG),
    _row(f"POST {_F}/open", "change_site", "facility", 412, headers=_OTHER_TAG),
    _row(f"DELETE {_F}/planned/{{plan_id}}", "change_site", "facility", 412, headers=_OTHER_TAG),
    # Nor before what is said of a row.
    _row(f"POST {_F}/lines/confirm", "maintain_channels", "facility", 404, body=lambda _: {}),
    _row(f"POST {_F}/waiting/{{row_id}}", "maintain_channels", "facility", 422, body=lambda _: {"id_tt": "13"}),
    _row(f"PUT {_F}/relay/{{upstream}}", "deposit", "facility", 200, body=lambda _: {"x_rs_id": "1", "x_pass": "xy"}),
    _row(f"DELETE {_F}/relay/{{upstream}}", "deposit", "facility", 200),
    _row(f"POST {_H}/rows", "maintain_channels", "facility", 200, closed=410, body=lambda _: ministry_rows(34460000)),
    _row(f"DELETE {_H}/rows/{{id_t_tt}}", "maintain_channels", "facility", 200, closed=410),
    _row("POST /v1/hospitals", "manage_keys", "facility", 409, body=_named, unknown_takes="register"),
    _row(f"POST {_H}/rotate", "manage_keys", "facility", 201, 409),
    _row(f"POST {_H}/revoke", "manage_keys", "facility", 200, body=lambda _: {"keep_newest": True}),
    _row("POST /v1/keys", "manage_keys", "facility", 422, body=lambda ref: _key_for(f"facility:{ref}", "district")),
    _row("POST /v1/keys", "manage_keys", "area", 422, body=lambda ref: _key_for(f"area:{ref}", "hospital")),
    _row("POST /v1/keys", "manage_keys", "nation", 422, body=lambda _: _key_for("national", "hospital")),
    _row("POST /v1/keys/{prefix}/rotate", "manage_keys", "key", 201, 409),
    _row("DELETE /v1/keys/{prefix}", "manage_keys", "key", 200),
    _row("GET /v1/areas/{code}/capacity", "read", "area", 200),
    _row("GET /v1/areas/{code}/capacity/children", "read", "area", 200),
    _row("GET /v1/areas/{code}/facilities", "read", "area", 200),
    _row("GET /area/{code}", "read", "area", 200),
    _row("GET /facilities", "read", "area", 200, query=lambda ref: f"?area={ref}"),
    _row("GET /v1/areas/{code}/boundaries", "read", "area", 200),
    _row("GET /v1/beds/nearest", "read", "facility", 200, query=lambda ref: f"?facility={ref}"),
    _row("GET /v1/beds/nearest", "read", "area", 200, query=lambda ref: f"?area={ref}"),
    _row("GET /v1/areas/{code}/reporting", "read", "area", 200),
    _row("GET /v1/areas/{code}/stream", "read", "area", 200),
    _row("GET /v1/stream", "read", "area", 200, query=lambda ref: f"?area={ref}"),
    _row("POST /v1/areas/{code}/rw", "add_rw", "area", 422, body=lambda _: {"count": 1}),
    _row("GET /v1/changes", "read", "nation", 200, query=lambda _: "?wait=0"),
    _row("POST /v1/areas", "register", "nation", 201, body=lambda _: [_AREA]),
    _row("POST /v1/facilities", "register", "nation", 422, body=lambda _: [_NEW]),
]


# Without an object of somebody: for every reader (the tree of areas is the nation's public register, also where the
# figures are not), for every key, and for those who manage keys.
OF_READERS = {
    "GET /v1/areas": "",
    "GET /v1/areas/{code}": "33.74",
    "GET /v1/position": "",
    "GET /": "",
    "GET /publik": "",
}
OF_KEYS = {"POST /v1/stream-tickets": 201}
OF_KEY_MANAGERS = {"GET /v1/keys"}
# For everybody: nothing in them is of an installation's hospitals. `/metrics` and `/readyz` have tests of their own.
OPEN = {
    *(
        "GET /v1/bed-types",
        "GET /v1/display",
        "GET /problems",
        "GET /problems/{code}",
        "GET /healthz",
        "GET /readyz",
        "GET /docs",
    ),
    *("GET /redoc", "GET /docs/assets/{name}", "GET /redoc/logo-mini.svg", "GET /openapi.json"),
    # Who asks is told who it is; signing in needs a key in the body, signing out none: `tests/api/test_sessions.py`.
    *("GET /static/{digest}/{name:path}", "GET /masuk"),
    *("GET /metrics", "GET /v1/me", "POST /v1/session", "DELETE /v1/session"),
}
