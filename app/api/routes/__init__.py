"""The routes of the native API, one module per subject. Rules and operations belong in `domain` and `actions`."""
