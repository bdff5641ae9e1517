"""ASGI layers around all routes: limits, rates, compression, cross-origin rules, metrics, refusals.

What one route or one protocol needs belongs there.
"""
