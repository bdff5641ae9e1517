"""The words of closed vocabularies."""

from enum import StrEnum
from functools import cache
from typing import Self, TypeVar

W = TypeVar("W", bound="StoredEnum")


class StoredEnum(StrEnum):
    """One of a few words. It hashes as the text that it is: `Enum`'s own way is a call in each look-up of a sum."""

    __hash__ = str.__hash__

    @classmethod
    def stored(cls, text: str) -> Self:
        """The word of something stored. One that only a newer version knows stays as it is, to be written again.

        The same text is always the same object, so words can be compared by `is`.
        """
        try:
            return cls(text)
        except ValueError:
            unknown: Self = _unknown(cls, text)
            return unknown

    @property
    def is_known(self) -> bool:
        """Whether this version has the word."""
        return self.name in type(self).__members__


@cache
def _unknown(cls: type[W], text: str) -> W:
    word = str.__new__(cls, text)
    word._name_ = word._value_ = text
    return word
