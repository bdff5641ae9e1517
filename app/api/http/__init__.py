"""HTTP code shared by routes: problem documents, strict JSON, conditional requests, cursors, formats.

Nothing here depends on a route.
"""
