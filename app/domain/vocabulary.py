"""The base class of closed vocabularies that are stored as text."""

from enum import StrEnum
from functools import cache
from typing import Self, TypeVar

W = TypeVar("W", bound="StoredEnum")


class StoredEnum(StrEnum):
    """An enumeration stored as text. It hashes like `str`: the hash of `Enum` costs a Python call in every look-up."""

    __hash__ = str.__hash__

    @classmethod
    def stored(cls, text: str) -> Self:
        """The member for a stored text. A value that only a newer version knows is kept, to be written again unchanged.

        The same text always gives the same object, so members can be compared by `is`.
        """
        try:
            return cls(text)
        except ValueError:
            unknown: Self = _unknown(cls, text)
            return unknown

    @property
    def is_known(self) -> bool:
        """Whether this version knows the member."""
        return self.name in type(self).__members__


@cache
def _unknown(cls: type[W], text: str) -> W:
    member = str.__new__(cls, text)
    member._name_ = member._value_ = text
    return member
