r"""Characters that a screen does not show as what they are: one definition for all that is read and all that is shown.

Two kinds. Controls (C0, DEL, C1, and the line and paragraph separators) move the cursor, begin terminal sequences or
end a line. Invisible ones are direction marks, embeddings, overrides and isolates (text reads in another order than it
is stored), zero-width characters and tags (two texts look the same and are not).

Where text enters: our own API and CSV files refuse both kinds (`is_printable`); foreign protocols are cleaned
(`printable`, `cleaned`), since their senders cannot be corrected. Names that such a sender compares with what it sent
(`ruang`, `namaruang`) are kept as they came for that sender alone, in the details of its row. Where text is printed, on
a terminal or in a log, both kinds are written as escapes (`escaped`).
"""

import re

CONTROLS = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
INVISIBLE = r"\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # in a JSON schema as they are
_TAGS = "\U000e0000-\U000e007f"  # JSON schemas leave these out: JavaScript counts them as two characters
_SURROGATES = r"\ud800-\udfff"  # no characters, and no database takes them

_CONTROL = re.compile(f"[{CONTROLS}]")
_INVISIBLE = re.compile(f"[{INVISIBLE}{_TAGS}]")
_UNPRINTABLE = re.compile(f"[{CONTROLS}{INVISIBLE}{_TAGS}{_SURROGATES}]")


def is_printable(text: str) -> bool:
    """Whether a screen shows every character of it."""
    return _UNPRINTABLE.search(text) is None


def printable(text: str) -> str:
    """The text without invisible characters, and with a space for each control; otherwise as it is."""
    return _CONTROL.sub(" ", _INVISIBLE.sub("", text))


def cleaned(text: str) -> str:
    """The same for people: on one line, with single spaces between words."""
    return " ".join(printable(text).split())


def escaped(text: str) -> str:
    r"""The text with what would not be shown as Python's escapes (a TAB as `\t`)."""
    return _UNPRINTABLE.sub(_escape, text)


def escaped_lines(text: str) -> str:
    """The same for a text of ours that has several lines: its line breaks and TABs stay."""
    return "\n".join("\t".join(map(escaped, line.split("\t"))) for line in text.split("\n"))


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()
