"""Terms and rules of Balai, in plain Python. Nothing here awaits, and nothing depends on HTTP or SQL.

Rules of a single protocol belong in its folder in `app.protocols`, except what actions and the runtime need too
(signatures, relay).
"""
