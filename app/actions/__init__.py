"""One operation, one module, one transaction, for any caller. No HTTP, no SQL.

Background work belongs in `app.runtime`.
"""
