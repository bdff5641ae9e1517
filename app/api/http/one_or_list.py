"""Lists that may be sent as their single element: the action judges a list, the sender reads of his one object."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.domain.errors import Fault, InvalidInput

_FIRST = "#/0/"


@contextmanager
def as_sent(*, is_alone: bool) -> Iterator[None]:
    """Point into the object that was sent alone, not to its place in a list.

    Raises: InvalidInput, as it comes from within.
    """
    try:
        yield
    except InvalidInput as refused:
        if not is_alone:
            raise
        faults = [Fault(fault.pointer.replace(_FIRST, "#/", 1), fault.detail) for fault in refused.faults]
        raise InvalidInput(*faults, detail=refused.detail) from None
