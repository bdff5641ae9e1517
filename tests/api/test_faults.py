"""Validation errors: no message needs knowledge of the language that the service is written in."""

import importlib
import pkgutil
from datetime import UTC, datetime
from typing import get_args

import pytest
from pydantic import TypeAdapter, ValidationError
from pydantic_core.core_schema import ErrorType

from app.api import schemas
from app.api.http.validation_errors import PYTHON_WORDS, UNUSABLE, pydantic_faults
from app.api.schemas.facility import FacilityIn
from app.api.schemas.fields import Wire
from app.api.schemas.report import REQUEST_TIME

QUERY_JUNK = ["", "x", "-1", "1.5", "None", "2021-13-45T99:00:00Z", ["", "x"], ["null", "1e9"]]
JUNK = [None, True, 0, -1, 1.5, 10**30, "", "x", "2021-13-45T99:00:00Z", [], [None], [["x"]], {}, {"x": 1}, [{"x": 1}]]


def _requests() -> list[type[Wire]]:
    for module in pkgutil.iter_modules(schemas.__path__):
        importlib.import_module(f"{schemas.__name__}.{module.name}")
    found, waiting = [], Wire.__subclasses__()
    while waiting:
        found.append(waiting.pop())
        waiting += found[-1].__subclasses__()
    return sorted(set(found), key=lambda each: each.__name__)


@pytest.fixture(autouse=True)
def now():
    token = REQUEST_TIME.set(datetime(2026, 11, 25, tzinfo=UTC))
    yield
    REQUEST_TIME.reset(token)  # or the requests of later tests would have this time


def _messages(model: type[Wire], body: object) -> list[str]:
    try:
        TypeAdapter(model).validate_python(body)
    except ValidationError as error:
        return [fault.detail for fault in pydantic_faults(error.errors(include_url=False))]
    return []


def test_no_message_about_any_field_contains_python_terms():
    requests = _requests()
    assert len(requests) > 10
    told = {why for model in requests for junk in JUNK for why in _messages(model, junk)}
    for model in requests:
        for name in model.model_fields:
            values = QUERY_JUNK if model.__name__.endswith("Query") else JUNK
            told |= {why for junk in values for why in _messages(model, {name: junk})}
    assert len(told) > 20
    assert not [why for why in told if PYTHON_WORDS.search(why) or "datetime" in why]
    assert UNUSABLE not in told  # each of them says what is wanted


@pytest.mark.parametrize("value", ["accepts_sirs", 1, {"a": 1}, [1]])
def test_wrong_switches_are_told_in_plain_words(value):
    told = _messages(FacilityIn, {"switches": value})
    assert any("must be a list" in why for why in told) or value == [1]
    assert not [why for why in told if PYTHON_WORDS.search(why)]


@pytest.mark.parametrize("kind", sorted(get_args(ErrorType)))
def test_a_kind_of_error_that_no_field_has_yet_is_told_without_python_terms(kind):
    told = pydantic_faults([{"type": kind, "loc": ("body", "x"), "msg": f"Input should be a valid {kind} dictionary"}])
    assert not PYTHON_WORDS.search(told[0].detail)
