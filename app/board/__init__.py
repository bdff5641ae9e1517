"""All areas and facilities in memory: a projection of the ledger. Nothing here awaits.

It can be discarded and rebuilt from the ledger at any time. It never reads a clock: time is passed in as `now`.
"""
