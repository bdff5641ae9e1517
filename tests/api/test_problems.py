"""Refusals: every class has its status, and every answer the one form."""

import pytest

from app.api.http.problems import KINDS, Problem, kind_of, problem, send_problem
from app.domain import errors
from app.domain.errors import Fault, InvalidInput, NotFound, RateLimited, Refusal, TooLarge, Unavailable

# docs/api.md, errors.
STATUS = {
    "expired": 410,
    "uncertain": 503,
    "malformed": 400,
    "idempotency-key-invalid": 400,
    "unauthenticated": 401,
    "forbidden": 403,
    "not-found": 404,
    "method-not-allowed": 405,
    "not-acceptable": 406,
    "conflict": 409,
    "gone": 410,
    "precondition-failed": 412,
    "too-large": 413,
    "unsupported-media-type": 415,
    "invalid": 422,
    "idempotency-key-reused": 422,
    "precondition-required": 428,
    "rate-limited": 429,
    "internal": 500,
    "unavailable": 503,
    "overloaded": 503,
}

# Of a request that nobody is known to have sent.
SCOPE = {"type": "http", "method": "GET", "path": "/", "headers": [], "state": {"request_id": "id"}}


def test_every_refusal_of_the_domain_has_its_own_kind():
    domain = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, Refusal)]
    assert {each for each in domain if each is not Refusal} <= set(KINDS)


def test_codes_and_statuses_are_those_that_were_promised():
    assert {refusal.code: kind.status for refusal, kind in KINDS.items()} == STATUS


def test_a_plain_refusal_is_an_internal_error_without_details():
    told = problem(Refusal("secret"), "id")
    assert (told.status, told.code) == (500, "internal")
    assert "secret" not in told.model_dump_json()


def test_a_class_that_is_not_listed_takes_the_kind_of_its_parent():
    class Special(NotFound):
        """Something special is not there."""

    assert kind_of(Special).status == 404


def test_what_is_hidden_and_what_is_not_there_sound_alike():
    assert problem(NotFound("There is no facility 'x'."), "id") == problem(NotFound(), "id")


def test_only_so_many_faults_are_told():
    told = problem(InvalidInput(*(Fault("#", "bad") for _ in range(5_000))), "id")
    assert told.errors is not None
    assert len(told.errors) < 200
    assert "5000" in told.detail


async def test_plain_asgi_layers_send_the_same_document():
    sent = []

    async def send(message):
        sent.append(message)

    await send_problem(SCOPE, send, TooLarge("The address is too long."), status=414)
    start, body = sent
    headers = dict(start["headers"])
    assert start["status"] == 414
    assert headers[b"content-type"] == b"application/problem+json"
    assert int(headers[b"content-length"]) == len(body["body"])
    assert Problem.model_validate_json(body["body"]).instance == "id"


@pytest.mark.parametrize("refusal", [RateLimited(retry_after_seconds=3), Unavailable(retry_after_seconds=3)])
async def test_who_is_sent_away_hears_when_to_come_back_not_all_at_once(refusal):
    seconds = set()
    for _ in range(50):
        sent = []

        async def send(message, sent=sent):
            sent.append(message)

        await send_problem(SCOPE, send, refusal)
        seconds.add(int(dict(sent[0]["headers"])[b"retry-after"]))
    assert min(seconds) >= 3
    assert max(seconds) <= 6
    assert len(seconds) > 1


async def test_an_unknown_path_is_a_problem_with_the_request_id(client):
    answer = await client.get("/v1/nothing", headers={"X-Request-Id": "0123456789abcdef0123456789abcdef"})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["instance"] == answer.headers["x-request-id"]


async def test_a_wrong_method_is_told_all_that_are_allowed(client):
    answer = await client.put("/v1/areas")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, POST"


async def test_a_wrong_key_is_refused_on_public_paths_too(client):
    for value in ("Bearer nothing", "Bearer ", "Basic abc", "balai_x"):
        answer = await client.get("/v1/bed-types", headers={"Authorization": value})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_what_was_sent_is_never_repeated(officer):
    secret = "planted-secret-4711"
    answer = await officer.post(
        "/v1/facilities/rs-a/reports",
        json={"observed_at": secret, "lines": [{"bed_type": "icu", "beds_total": secret}]},
    )
    assert answer.status_code == 422
    assert secret not in answer.text


async def test_every_code_has_a_page_in_plain_words(client):
    pages = (await client.get("/problems")).json()
    assert {page["code"] for page in pages} == set(STATUS)
    for page in pages:
        assert (await client.get(page["type"])).json() == page
        assert page["meaning"].endswith(".")
        assert page["remedy"].endswith(".")
    assert (await client.get("/problems/nothing")).status_code == 404


async def test_a_bug_is_a_500_without_details(service, monkeypatch):
    def broken(_code: str) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(service.node.board, "path", broken)
    async with service.client() as client:
        answer = await client.get("/v1/areas/33")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "secret" not in answer.text
