"""What hospitals are told: every code and every class of refusal has its Indonesian sentence, and none is English."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import app
from app.domain.errors import Fault, InvalidInput, Overloaded, Refusal
from app.domain.reports.flags import FLAGS
from app.domain.reports.report import ReportWarning
from app.limits.rate_limits import Rate, Rates
from app.protocols import PROTOCOLS
from app.protocols.protocol import ForeignProtocol
from app.protocols.request_note import begin
from app.protocols.texts import REFUSALS, WARNINGS, receipt_warning_text, warning_text
from tests.conftest import Service
from tests.protocols.conftest import SIRS, Software

SOURCE = Path(app.__file__).parent
ENGLISH = {
    "a", "the", "is", "are", "not", "of", "to", "this", "that", "your", "you", "valid", "request", "allowed", "found",
    "with", "must", "and", "it", "be", "in", "was", "key", "send", "too", "many", "no", "beds", "counted", "known",
    "report", "there", "here", "large", "nothing", "stored", "again",
}  # fmt: skip


def is_indonesian(text: str) -> bool:
    words = "".join(letter if letter.isalpha() or letter == "_" else " " for letter in text.lower()).split()
    return not ENGLISH & set(words)


def warning_codes() -> set[str]:
    """Each code that the source gives to a warning."""
    found = set()
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            is_warning = isinstance(node, ast.Call) and getattr(node.func, "id", "") in {
                "ReportWarning",
                "warning_text",
            }
            if is_warning and node.args and isinstance(node.args[0], ast.Constant):
                found.add(str(node.args[0].value))
    return found


def refusals() -> Iterator[type[Refusal]]:
    """Every class of refusal in the program."""
    for module in pkgutil.walk_packages(app.__path__, "app."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    classes = [Refusal]
    while classes:
        kind = classes.pop()
        yield kind
        classes += [each for each in kind.__subclasses__() if each.__module__.startswith("app.")]


def test_every_code_of_a_warning_has_its_sentence() -> None:
    assert len(codes := warning_codes()) >= 10
    assert codes <= set(WARNINGS)
    assert set(FLAGS) <= set(WARNINGS)


@pytest.mark.parametrize("code", [*WARNINGS, "a_new_code"])
def test_a_warning_is_indonesian_and_no_client_takes_it_for_a_failure(code: str) -> None:
    told = warning_text(code, {"beds_occupied": 9, "beds_total": 8})
    assert told.startswith(f"{code}: ")
    assert told.endswith(" (terisi 9, kapasitas 8)")
    assert is_indonesian(told.partition(": ")[2]), told
    assert not [word for word in ("gagal", "error", "tidak ditemukan", "post") if word in told.lower()]


def test_a_warning_of_one_field_names_it_first() -> None:
    told = warning_text("unreadable_value", {"field": "antrian", "value": "banyak"})
    assert told == f"unreadable_value: antrian: {WARNINGS['unreadable_value']} (isinya banyak)"


def test_the_names_of_our_own_counts_are_translated() -> None:
    told = warning_text("count_dropped", {"field": "beds_total, queue"})
    assert told == f"count_dropped: kapasitas, antrean: {WARNINGS['count_dropped']}"


def test_the_english_detail_of_a_warning_does_not_leave() -> None:
    assert receipt_warning_text(ReportWarning("late", 0, "a newer figure stands")) == f"late: {WARNINGS['late']}"


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: str(protocol.channel))
def test_every_class_of_refusal_is_told_in_indonesian(protocol: ForeignProtocol) -> None:
    kinds = list(refusals())
    assert len(kinds) > 20
    scope = {"type": "http", "method": "PUT", "path": "/x", "raw_path": b"/y%20", "state": {"request_id": "r7"}}
    begin(scope)
    for kind in kinds:
        if kind.language == "id":
            continue  # said where it is raised
        refusal = kind.__new__(kind)
        Refusal.__init__(refusal, None)
        refusal.faults = ()  # type: ignore[attr-defined]
        refusal.retry_after_seconds = 3  # type: ignore[attr-defined]
        for status in (None, 413, 414, 431):
            told = protocol.sentence(scope, refusal, status)
            assert told, kind
            assert is_indonesian(told), (kind, told)
            assert told != refusal.detail, kind
            assert "{" not in told


def test_a_fault_of_the_common_rules_names_its_field_and_not_more() -> None:
    scope = {"type": "http", "method": "PUT", "path": "/x", "raw_path": b"/x", "state": {"request_id": "r7"}}
    faults = InvalidInput(Fault("#/lines/0/beds_total", "must be a whole number"), Fault("id_tt", "diperlukan"))
    assert PROTOCOLS[0].sentence(scope, faults) == "beds_total: nilai tidak dapat diterima; id_tt: diperlukan"


def test_refusals_have_a_general_sentence() -> None:
    assert Refusal in REFUSALS


async def test_a_full_house_and_a_limit_are_told_in_indonesian_and_noted(
    software: Software, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise Overloaded

    with monkeypatch.context() as patched:
        patched.setattr("app.limits.slots._take", full)
        busy = await software.client.put(SIRS, json={}, headers=software.sirs_headers)
    assert busy.status_code == 503
    service.state["rates"] = Rates(protocol=Rate(1, 1), exempt=(), clock=lambda: 0.0)
    answers = [await software.aplicares("GET", "ref/kelas") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    limited, _, full_house, *_ = await service.node.messages.last("rs-a", limit=10)
    assert (limited.status, limited.outcome) == (429, "refused")
    assert (limited.detail or "").startswith("terlalu banyak permintaan; coba lagi setelah ")
    assert (full_house.status, full_house.detail) == (503, REFUSALS[Overloaded])


async def test_a_limit_outside_all_prefixes_is_told_to_hospital_software_in_its_words(
    software: Software, service: Service
) -> None:
    service.state["rates"] = Rates(public=Rate(1, 1), exempt=(), clock=lambda: 0.0)
    answers = [await software.sirs("PUT", {}, "/Fasyankes") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [404, 429]
    [told] = answers[1].json()["fasyankes"]
    assert told["message"].startswith("Gagal: terlalu banyak permintaan")
    assert int(answers[1].headers["retry-after"]) >= 1
    last, *_ = await service.node.messages.last("rs-a", limit=10)
    assert (last.request, last.status, last.outcome) == ("PUT /Fasyankes", 429, "refused")
