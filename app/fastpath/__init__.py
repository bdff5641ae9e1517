"""Responses sent before the framework: cached roll-ups, and reports in plain JSON.

Each equals what its route would send; whatever is in doubt goes on to the route.
"""
