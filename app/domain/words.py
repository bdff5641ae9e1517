"""The words of closed vocabularies."""

from enum import StrEnum


class Word(StrEnum):
    """One of a few words. It hashes as the text that it is: `Enum`'s own way is a call in each look-up of a sum."""

    __hash__ = str.__hash__
