"""The whole city in memory: a projection of the ledger, worth nothing by itself. Nothing here waits.

It can be thrown away and rebuilt from the ledger at any time; it never reads a clock, time comes in as `now`.
"""
