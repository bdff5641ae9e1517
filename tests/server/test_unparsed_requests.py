"""What is not HTTP, as hospital software sends it: any bytes are answered in the protocol's form, or left alone."""

import json
import random

import pytest

from app.server.unparsed_requests import answer_unread

PARTS = [
    b"POST", b"post", b" ", b"\t", b"/fo/index.php/Fasyankes", b"/aplicaresws", b"/sirsservice/", b"http://h/fo/x",
    b"?a=b", b" HTTP/1.1", b"\r\n", b"\n", b":", b"X-rs-id: 1", b"x-cons-id : 2", b"\x00", b"\xff\xfe", b"%",
    b"%zz%ff%00", b"\x1b[31m", b"Content-Length: x", b"//", b"\\", b"\xc2\xa0", b"Transfer-Encoding: chunked",
]  # fmt: skip


def answered(head: bytes, status: int = 400) -> tuple[bytes, dict[str, object]] | None:
    """Head and JSON of the answer; None where there is none."""
    answer = answer_unread(head, status, "not HTTP", client=("127.0.0.1", 1), state={}, is_recorded=False)
    if answer is None:
        return None
    top, _, body = answer.partition(b"\r\n\r\n")
    return top, json.loads(body)


def test_any_bytes_are_answered_in_the_form_of_the_protocol_or_left_alone() -> None:
    chance, found = random.Random(20260612), 0
    for _ in range(5_000):
        head = b"".join(chance.choice(PARTS) for _ in range(chance.randint(0, 14)))
        answer = answered(head, chance.choice([400, 414, 431]))
        if answer is None:
            continue
        found += 1
        top, body = answer
        assert b"\r\nconnection: close" in top
        assert top.count(b"connection:") == 1
        assert b"content-type: application/json" in top
        assert not set(top) & {0, 0x1B}
        assert "Gagal" in json.dumps(body)
    assert found > 300


@pytest.mark.parametrize(
    "head", [b"", b"\x16\x03\x01\x02\x00", b"GET /v1/areas HTTP/1.1\r\nx y: 1", b"POST\r\n", b"/fo"]
)
def test_what_is_under_no_protocol_is_left_alone(head: bytes) -> None:
    assert answered(head) is None


def test_no_value_of_a_header_is_told() -> None:
    answer = answered(b"PUT /fo/index.php/Fasyankes HTTP/1.1\r\nX-pass : rahasia\r\n\r\n")
    assert answer is not None
    assert "rahasia" not in json.dumps(answer[1])
    assert "X-pass" in json.dumps(answer[1])
