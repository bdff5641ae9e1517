"""One verb, one module, one transaction. No HTTP, no SQL."""
