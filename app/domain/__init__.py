"""Terms and rules of Balai, in plain Python. Nothing here waits, and nothing knows HTTP or SQL.

What only one protocol says belongs in its folder in `app.protocols`.
"""
