"""ASGI middleware around all routes: limits, rate limits, compression, CORS, metrics, refusals.

Code for a single route or protocol belongs there.
"""
