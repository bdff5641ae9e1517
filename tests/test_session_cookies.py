"""The session cookie: where it is used, how it is set, and which requests may change something with it."""

from typing import Any

import pytest

from app.domain.errors import NotPermitted
from app.session_cookies import check_same_site, cookie_header, is_protected, read_cookie


def scope_of(method: str = "GET", scheme: str = "https", host: str = "beds.example.go.id", **headers: str) -> Any:
    said = {"host": host, **{name.replace("_", "-"): value for name, value in headers.items()}}
    fields = [(name.encode(), value.encode()) for name, value in said.items()]
    return {"type": "http", "method": method, "scheme": scheme, "headers": fields}


def test_with_tls_the_cookie_is_of_this_host_alone() -> None:
    assert cookie_header(scope_of(), "x") == (
        b"__Host-balai=x; Path=/; Max-Age=1800; HttpOnly; SameSite=Strict; Secure"
    )
    assert b"Max-Age=0;" in cookie_header(scope_of(), "")


@pytest.mark.parametrize(
    ("scheme", "host", "is_ok"),
    [
        ("https", "beds.example.go.id", True),
        ("http", "beds.example.go.id", False),
        ("http", "10.1.2.3:8000", False),
        ("http", "localhost.example.go.id", False),
        ("http", "127.0.0.1.example.go.id", False),
        ("http", "", False),
        ("http", "localhost:8000", True),
        ("http", "127.0.0.1:8000", True),
        ("http", "[::1]:8000", True),
    ],
)
def test_without_tls_only_the_machine_itself_has_sessions(scheme: str, host: str, is_ok: bool) -> None:
    scope = scope_of(scheme=scheme, host=host, cookie="balai=x; __Host-balai=x")
    assert is_protected(scope) is is_ok
    assert read_cookie(scope) == ("x" if is_ok else None)


def test_with_tls_a_cookie_that_another_host_could_set_is_not_read() -> None:
    assert read_cookie(scope_of(cookie="balai=planted")) is None


@pytest.mark.parametrize(
    ("headers", "is_ok"),
    [
        ({"sec_fetch_site": "same-origin"}, True),
        ({"sec_fetch_site": "same-site"}, False),
        ({"sec_fetch_site": "cross-site"}, False),
        ({"sec_fetch_site": "none"}, False),
        ({"sec_fetch_site": "cross-site", "origin": "https://beds.example.go.id"}, False),
        ({"origin": "https://beds.example.go.id"}, True),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "https://beds.example.go.id.evil.example"}, False),
        ({"origin": "https://beds.example.go.id:8443"}, False),
        ({"origin": "null"}, False),
        ({"origin": "https://[broken"}, False),
        ({}, False),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_changes_are_made_only_by_pages_of_this_service(headers: dict[str, str], is_ok: bool, method: str) -> None:
    scope = scope_of(method, **headers)
    if is_ok:
        check_same_site(scope)
    else:
        with pytest.raises(NotPermitted):
            check_same_site(scope)


def test_reads_need_not_say_where_they_come_from() -> None:
    check_same_site(scope_of("GET", sec_fetch_site="cross-site"))


def test_who_says_nothing_is_no_browser() -> None:
    check_same_site(scope_of("POST"), must_be_said=False)
    with pytest.raises(NotPermitted):
        check_same_site(scope_of("POST", sec_fetch_site="cross-site"), must_be_said=False)
