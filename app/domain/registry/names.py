"""Names of facilities as people type them: without case, accents and the many spellings of "hospital"."""

import re
import unicodedata
from dataclasses import dataclass

from app.domain.registry.facility import Facility, split_identifier

_ABBREVIATION = re.compile(r"\b(\w)\.\s?(?=\w\b)")
_APOSTROPHES = re.compile(r"['`\u2018\u2019\u02bc]")
_BETWEEN_WORDS = re.compile(r"[\W_]+")
_LEADING_ZEROS = re.compile(r"\b0+(?=\d)")
_HOSPITAL = re.compile(r"\brumah s[akit]*\b")
# What follows "RS" in a name, written out: its initials are those of the short form, such as RSUD.
_TYPE = re.compile(
    r"\brs (umum daerah|umum pusat nasional|umum pusat|umum|ibu dan anak|ibu anak|islam|jiwa daerah|jiwa|khusus"
    r"|bersalin)\b"
)
_ANY_TYPE = re.compile(r"\brs[a-z]{1,4}\b")
_CLINIC = re.compile(r"\bpkm\b")


def fold(text: str) -> str:
    """A text as it is compared: lower case, without accents and punctuation, RSUD and the like in their short form."""
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    text = text.casefold()
    if "." in text:
        text = _ABBREVIATION.sub(r"\1", text)
    text = _BETWEEN_WORDS.sub(" ", _APOSTROPHES.sub("", text)).strip()
    text = _LEADING_ZEROS.sub("", text)
    if "rumah s" in text:
        text = _HOSPITAL.sub("rs", text)
    if "rs " in text:
        text = _TYPE.sub(_initials, text)
    return _CLINIC.sub("puskesmas", text) if "pkm" in text else text


def bare(folded: str) -> str:
    """The same with one word, `rs`, for hospitals of every type."""
    return _ANY_TYPE.sub("rs", folded) if "rs" in folded else folded


def searched_text(facility: Facility) -> str:
    r"""What is searched of a facility: each of its names, its id and its identifiers, as `\n name \n`."""
    name = fold(facility.name)
    parts = dict.fromkeys([name, bare(name), *map(fold, (facility.facility_id, *facility.identifiers.values()))])
    return "\n " + " \n ".join(parts) + " \n"


@dataclass(frozen=True, slots=True)
class NameQuery:
    """A part of a name or identifier that somebody looks for: the words, and the texts of better and worse matches.

    `words` must all occur in a text of `searched_text`. Of two texts that have them, that which contains an earlier one
    of `ranks` matches better.
    """

    words: tuple[str, ...]
    ranks: tuple[str, ...]

    @classmethod
    def of(cls, q: str) -> "NameQuery":
        """The query for what was typed, also for an identifier such as `sirs:3374015`."""
        identifier = split_identifier(q.strip())
        typed = fold(q if identifier is None else identifier[1])
        plain = bare(typed)
        ranks = dict.fromkeys(
            [f"\n {typed} \n", f"\n {plain} \n", f"\n {typed}", f"\n {plain}", f" {typed}", f" {plain}"]
        )
        # The longest first: it rules out most facilities.
        words = tuple(sorted(dict.fromkeys(plain.split()), key=len, reverse=True))
        return cls(words, tuple(ranks))


def _initials(match: re.Match[str]) -> str:
    return "rs" + "".join(word[0] for word in match[1].split() if word != "dan")
