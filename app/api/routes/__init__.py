"""The routes of the native API, one module per subject, which makes this folder larger than others.

Rules and operations belong in `domain` and `actions`.
"""
