"""Lists that may be sent as their single element: the action checks a list, but errors point into the object sent."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.domain.errors import Fault, InvalidInput

_FIRST = "#/0/"


@contextmanager
def as_sent(*, is_alone: bool) -> Iterator[None]:
    """Rewrite pointers of errors if a single object was sent: into the object, not to index 0 of a list.

    Raises: InvalidInput, from the body of the context.
    """
    try:
        yield
    except InvalidInput as refused:
        if not is_alone:
            raise
        faults = [Fault(fault.pointer.replace(_FIRST, "#/", 1), fault.detail) for fault in refused.faults]
        raise InvalidInput(*faults, detail=refused.detail) from None
