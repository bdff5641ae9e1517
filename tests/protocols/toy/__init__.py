"""A protocol as small as one can be: what a new folder in `app/protocols` needs. One message is one room.

The rest of a real one is `message`, `codes` and `examples`.
"""

from tests.protocols.toy.routes import PROTOCOL, TAG, router

__all__ = ["PROTOCOL", "TAG", "router"]
