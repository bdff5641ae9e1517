"""One operation, one module, one transaction, whoever asks for it. No HTTP, no SQL.

What runs without being asked belongs in `app.runtime`.
"""
