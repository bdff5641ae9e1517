"""What one client may use of what all share: rates, slots, bytes of bodies, time of the event loop.

docs/limits.md lists every limit. Limits of one protocol, of the write queue or of streams stay with those.
"""
