"""Importing outlines of areas: all of a file or none. They replace those of the same areas."""

from datetime import datetime

from app.domain.permissions import Actor, Target, Verb
from app.domain.registry.boundary_file import BoundaryFile, check_codes
from app.runtime.node import Node
from app.runtime.write_queue import seconds_for
from app.store.database import Transaction
from app.store.repositories import outlines, registry


async def import_boundaries(node: Node, file: BoundaryFile, *, by: Actor, attribution: str | None = None) -> int:
    """Store the outlines of a file, with whom to name as their source. Returns their number.

    Raises: InvalidInput, naming the areas that are not registered; NotPermitted.
    """
    node.authorise(by, Verb.register, Target())

    async def store(transaction: Transaction, now: datetime) -> int:
        connection = transaction.connection
        codes = [outline.code for outline in file.outlines]
        known = await registry.areas(connection, codes)
        check_codes(file, [code in known for code in codes])
        source = attribution or file.attribution
        await outlines.put_outlines(connection, file.outlines, attribution=source, now=now)
        return len(codes)

    return await node.write_queue.change(store, by=by, seconds=seconds_for(len(file.outlines)))
