"""The static files of the pages: in memory, compressed once, under a path with the digest of all of them.

The digest changes with any file, so browsers keep each file forever and never mix files of two versions.
"""

import hashlib
import json
import re
from functools import cache
from pathlib import Path, PurePosixPath

from app.api.http.static_documents import StaticDocument
from app.web.texts import CATALOGUES

ROOT = Path(__file__).with_name("static")
# Joined into one file in this order: a page needs all of them before its first paint, in one round trip.
STYLE_SHEETS = (
    "tokens",
    "base",
    "controls",
    "header",
    "figures",
    "tables",
    "ledger",
    "calls",
    "map",
    "area",
    "facility",
    "public",
    "sign_in",
    "states",
    "wall",
    "print",
)
JOINED = "css/app.css"
DIGEST_LENGTH = 16

_MEDIA_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
_FOREVER = {"cache-control": "public, max-age=31536000, immutable"}
# A page of another version asks for its own files, during an upgrade of several nodes: it gets ours, but keeps nothing.
_ONCE = {"cache-control": "no-cache"}
_IMPORT = re.compile(r"^(?:import|export)\b[^;]*?\bfrom\s+\"(\.[^\"]+)\";|^import\s+\"(\.[^\"]+)\";", re.MULTILINE)


def _contents() -> dict[str, bytes]:
    files = {
        path.relative_to(ROOT).as_posix(): path.read_bytes()
        for path in sorted(ROOT.rglob("*"))
        if path.suffix in _MEDIA_TYPES and path.is_file()
    }
    for name in [name for name in files if name.startswith("js/")]:
        files[name] = without_comments(files[name])
    files[JOINED] = b"\n".join(files.pop(f"css/{name}.css") for name in STYLE_SHEETS)
    for language, texts in CATALOGUES.items():
        files[f"texts/{language}.js"] = f"export default {json.dumps(dict(texts), ensure_ascii=False)};\n".encode()
    return files


def without_comments(script: bytes) -> bytes:
    """A script of ours without its comments, which are a third of it. Lines keep their numbers.

    Only whole lines: those that begin with `//`, and those from `/**` to the line that ends with `*/`.
    """
    lines, is_inside = [], False
    for line in script.split(b"\n"):
        text = line.strip()
        is_block = is_inside or (text.startswith(b"/**") and text.find(b"*/") in {-1, len(text) - 2})
        is_inside = is_block and not text.endswith(b"*/")
        lines.append(b"" if is_block or text.startswith(b"//") else line)
    return b"\n".join(lines)


_CONTENTS = _contents()


def _digest() -> str:
    hashed = hashlib.sha256()
    for name, content in sorted(_CONTENTS.items()):
        hashed.update(f"{name} {len(content)}\n".encode() + content)
    return hashed.hexdigest()[:DIGEST_LENGTH]


DIGEST = _digest()


def _documents(headers: dict[str, str]) -> dict[str, StaticDocument]:
    def document(name: str) -> StaticDocument:
        return StaticDocument(lambda: _CONTENTS[name], _MEDIA_TYPES[PurePosixPath(name).suffix], headers)

    return {name: document(name) for name in _CONTENTS}


_CURRENT, _OTHER = _documents(_FOREVER), _documents(_ONCE)


def find(digest: str, name: str) -> StaticDocument | None:
    """The file with this name; kept forever by clients that asked for this version."""
    return (_CURRENT if digest == DIGEST else _OTHER).get(name)


def url(name: str) -> str:
    """The path of a file. Raises: KeyError, for a name that is no file."""
    if name not in _CONTENTS:
        raise KeyError(name)
    return f"/static/{DIGEST}/{name}"


def size(name: str) -> int:
    """The bytes of a file. Raises: KeyError, for a name that is no file."""
    return len(_CONTENTS[name])


@cache
def modules_of(entry: str) -> tuple[str, ...]:
    """All modules that an entry module imports, directly or not, itself first. For preloading in one round trip.

    Dynamic imports are not among them.
    """
    found = [entry]
    for name in found:
        folder = PurePosixPath(name).parent
        for match in _IMPORT.finditer(_CONTENTS[name].decode()):
            imported = _joined(folder, match[1] or match[2])
            if imported not in found:
                found.append(imported)
    return tuple(found)


def _joined(folder: PurePosixPath, relative: str) -> str:
    parts: list[str] = list(folder.parts)
    for part in PurePosixPath(relative).parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)
