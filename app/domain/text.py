r"""Control and invisible characters: one definition for all text that is read and all text that is printed.

There are two kinds. Controls (C0, DEL, C1, and the line and paragraph separators) move the cursor, start terminal
sequences or end a line. Invisible characters are direction marks, embeddings, overrides and isolates (the text reads in
a different order than it is stored), zero-width characters and tags (two different texts look the same).

Input: our own API and CSV files refuse both kinds (`is_printable`); text of foreign protocols is cleaned (`printable`,
`cleaned`), since their senders cannot be corrected. Names that such a sender compares with what it sent (`ruang`,
`namaruang`) are stored unchanged for that sender only, in the details of its row. Output: on a terminal or in a log,
both kinds are written as escapes (`escaped`).
"""

import re

CONTROLS = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
INVISIBLE = r"\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # also used in JSON schemas
_TAGS = "\U000e0000-\U000e007f"  # not in JSON schemas: JavaScript counts each as two characters
_SURROGATES = r"\ud800-\udfff"  # not characters; no database stores them

_CONTROL = re.compile(f"[{CONTROLS}]")
_INVISIBLE = re.compile(f"[{INVISIBLE}{_TAGS}]")
_UNPRINTABLE = re.compile(f"[{CONTROLS}{INVISIBLE}{_TAGS}{_SURROGATES}]")


def is_printable(text: str) -> bool:
    """Whether the text has no control or invisible characters."""
    return _UNPRINTABLE.search(text) is None


def printable(text: str) -> str:
    """The text without invisible characters, and with a space in place of each control."""
    return _CONTROL.sub(" ", _INVISIBLE.sub("", text))


def cleaned(text: str) -> str:
    """The printable text on one line, with single spaces between words."""
    return " ".join(printable(text).split())


def escaped(text: str) -> str:
    r"""The text with control and invisible characters as Python escapes (a TAB as `\t`)."""
    return _UNPRINTABLE.sub(_escape, text)


def escaped_lines(text: str) -> str:
    """The escaped text with its line breaks and TABs kept. For texts of this service that have several lines."""
    return "\n".join("\t".join(map(escaped, line.split("\t"))) for line in text.split("\n"))


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()
