"""Terms and rules of Balai, in plain Python. Nothing here awaits, and nothing depends on HTTP or SQL.

Rules of a single protocol belong in its package in `app.protocols`.
"""
