"""What routes share about HTTP: problem documents, strict JSON, conditional requests, cursors, formats.

Nothing here knows a route.
"""
