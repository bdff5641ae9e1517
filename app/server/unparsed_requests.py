"""Input that the HTTP parser rejects: recorded, and under a foreign protocol refused in its envelope.

Old programs send a header with a space in its name, a lower-case method, a length that is not a number. Their users see
nothing but the response, so it says what is wrong; and if the credential is readable, the request appears in the
messages of its hospital. The same applies to keys of our own API.
"""

import re
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from starlette.types import Scope

from app.api.http.request_messages import note_unread
from app.domain.errors import Refusal, TooLarge
from app.observability import REQUEST_ID_HEADER, new_request_id
from app.protocols import protocol_at
from app.protocols.lenient_parsing import excerpt
from app.protocols.protocol import NotReadable, collapsed
from app.protocols.request_log import protocol_by_headers, record_message
from app.protocols.request_note import begin

FIELDS_READ_MAX = 128

_FIRST_LINE = re.compile(rb"(\S+)[ \t]+(\S.*?)(?:[ \t]+HTTP/\S*)?[ \t]*")
_GOOD_FIRST_LINE = re.compile(rb"[A-Z]+ \S+ HTTP/1\.[01]")
_GOOD_FIELD = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\x00-\x08\x0a-\x1f\x7f]*")
_LENGTH = re.compile(rb"content-length:[ \t]*[0-9]+[ \t]*", re.IGNORECASE)


def answer_unread(
    head: bytes, status: int, detail: str, *, client: tuple[str, int] | None, state: dict[str, Any], is_recorded: bool
) -> bytes | None:
    """Build the complete response to a request of which only `head` is known; None outside foreign protocols.

    `is_noted`: the application also has this request and records it. `detail`: the reason, in English.
    """
    lines = head.split(b"\n")
    first_line = lines[0].rstrip(b"\r")
    first = _FIRST_LINE.fullmatch(first_line)
    method, target = (first[1], first[2]) if first else (first_line, b"")
    scope = _build_scope(method, target, lines[1:], client, state)
    protocol = protocol_at(collapsed(scope["path"])) if first else None
    if protocol is None:
        if not is_recorded and "node" in state:
            _record_outside_prefixes(scope, status, detail)
        return None
    note = begin(scope)
    scope["path"] = protocol.tidy_path(collapsed(scope["path"]))
    refusal: Refusal = TooLarge() if status in {414, 431} else NotReadable(_describe_fault(lines))
    response = protocol.refusal(scope, refusal, status=status, http_status=status)
    if not is_recorded and "node" in state:
        record_message(scope, protocol, note, status)
    fields = [
        *response.raw_headers,
        (REQUEST_ID_HEADER, scope["state"]["request_id"].encode()),
        (b"x-content-type-options", b"nosniff"),
    ]
    fields = [field for field in fields if field[0] != b"connection"]
    written = b"".join(b"%b: %b\r\n" % field for field in fields)
    start = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n".encode()
    return start + written + b"connection: close\r\n\r\n" + bytes(response.body)


def _record_outside_prefixes(scope: Scope, status: int, detail: str) -> None:
    """Record a request outside all prefixes, by a key of our own API or the headers of a protocol."""
    note_unread(scope, status, detail)
    protocol = protocol_by_headers(scope)
    if protocol is not None:
        note = begin(scope)
        note.refused = detail
        record_message(scope, protocol, note, status)


def _build_scope(
    method: bytes, target: bytes, lines: list[bytes], client: tuple[str, int] | None, state: dict[str, Any]
) -> Scope:
    raw_path = target.partition(b"?")[0]
    if not raw_path.startswith(b"/"):  # http://host/path, as to a proxy
        raw_path = b"/" + raw_path.partition(b"://")[2].partition(b"/")[2]
    headers = []
    for line in lines[:FIELDS_READ_MAX]:
        name, colon, value = line.partition(b":")
        if not line.strip():
            break
        if colon:
            headers.append((name.strip().lower(), value.strip()))
    return {
        "type": "http",
        "method": method.decode("latin-1"),
        "path": unquote(raw_path.decode("latin-1")),
        "raw_path": raw_path,
        "query_string": b"",
        "headers": headers,
        "client": client,
        "state": {**state, "request_id": new_request_id().decode()},
    }


def _describe_fault(lines: list[bytes]) -> str:
    """Name the first line that is not HTTP, without its value, which may be a secret."""
    reason = "permintaan ini bukan HTTP yang benar"
    if not _GOOD_FIRST_LINE.fullmatch(lines[0].rstrip(b"\r")):
        return f"{reason}: baris pertama harus METODE alamat HTTP/1.1, metode dengan huruf besar, alamat tanpa spasi"
    for number, line in enumerate(lines[1:], start=2):
        field = line.rstrip(b"\r")
        if not field.strip():
            break
        is_length = field.lower().startswith(b"content-length")
        if not (_LENGTH if is_length else _GOOD_FIELD).fullmatch(field):
            name = field.partition(b":")[0].decode("latin-1") if b":" in field else "(tanpa titik dua)"
            return f"{reason}: baris {number}, header «{excerpt(name)}»"
    return f"{reason}; periksa panjang isi (Content-Length) dan Transfer-Encoding"
