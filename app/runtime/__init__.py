"""Components that run for the life of the process: the node, its workers, the write queue, the ledger follower.

A single operation on request belongs in `app.actions`, which this package never imports.
"""
